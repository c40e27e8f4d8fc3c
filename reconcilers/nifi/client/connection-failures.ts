import { isTls, isUnresolved, unreachableWords } from '../../../src/client/socket-failure.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'

/** A listener that speaks TLS hangs up on one who does not; and one that wants a certificate on one who has none. */
const hint =
  'if this lasts, NIFI_URL may say http:// where NiFi speaks TLS, or NiFi may want a client certificate'

const plainHttp = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** No connection came about, so that nobody has got anything. */
export function isUnsent(code: string): boolean {
  return isUnresolved(code) || code === 'ECONNREFUSED' || code.endsWith('UNREACH')
}

/** What a failed request says of itself: an error's code and words, without the request in it. */
export interface SocketFailure {
  readonly code: string
  readonly message: string
  readonly reason?: string
}

/** Why no connection came about, or why it broke. `where` is the host. */
export function connectionFailure(failure: SocketFailure, where: string): ReconcileError {
  const [reason, message] = diagnose(failure)
  const { code } = failure
  const named = code === '' || message.includes(code) ? message : `${message} (${code})`
  return new ReconcileError(reason, `${where}: ${named}`)
}

function diagnose({ code, message, reason }: SocketFailure): readonly [Reason, string] {
  if (isUnresolved(code)) return ['ServiceUnreachable', 'the name cannot be resolved']
  if (isTls(code) || /SSL routines|SSL alert/.test(message))
    return ['TlsFailed', tlsWords(code, message, reason)]
  const plain = unreachableWords(code, hint)
  if (plain !== undefined) return ['ServiceUnreachable', plain]
  if (/socket hang up|closed|aborted/i.test(message))
    return ['ServiceUnreachable', `the connection was closed; ${hint}`]
  return ['ServiceUnreachable', `the connection failed: ${message}`]
}

function tlsWords(code: string, message: string, reason: string | undefined): string {
  if (plainHttp.has(code)) return 'it does not speak TLS; NIFI_URL may have to say http://'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another host: ${message.replace(/^.*altnames: /, '')}`
  if (/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code))
    return `its certificate is signed by no authority of NIFI_CA_FILE: ${message}`
  const words = reason ?? message.trim()
  if (code.startsWith('ERR_OSSL_'))
    return `a file of NIFI_CA_FILE, NIFI_CERT_FILE or NIFI_KEY_FILE cannot be used: ${words}`
  return words
}
