import { ReconcileError } from '../errors.ts'
import type { Reason } from '../errors.ts'
import type { SocketFailure } from './http-connection.ts'
import type { HttpService } from './http-service.ts'
import { isTls, isUnresolved, unreachableWords } from './socket-failure.ts'

const plainHttp = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** No connection came about, so that nobody has got anything. */
export function isUnsent(code: string): boolean {
  return isUnresolved(code) || code === 'ECONNREFUSED' || code.endsWith('UNREACH')
}

/** Why no connection came about, or why it broke. `where` is the host. */
export function connectionFailure(
  failure: SocketFailure,
  service: HttpService,
  where: string,
): ReconcileError {
  const [reason, message] = diagnose(failure, service)
  const { code } = failure
  const named = code === '' || message.includes(code) ? message : `${message} (${code})`
  return new ReconcileError(reason, `${where}: ${named}`)
}

function diagnose({ code, message, reason }: SocketFailure, service: HttpService): readonly [Reason, string] {
  const hint = hangUp(service)
  if (isUnresolved(code)) return ['ServiceUnreachable', 'the name cannot be resolved']
  if (isTls(code) || /SSL routines|SSL alert/.test(message))
    return ['TlsFailed', tlsWords({ code, message, ...(reason !== undefined && { reason }) }, service)]
  const plain = unreachableWords(code, hint)
  if (plain !== undefined) return ['ServiceUnreachable', plain]
  if (/socket hang up|closed|aborted/i.test(message))
    return ['ServiceUnreachable', `the connection was closed; ${hint}`]
  return ['ServiceUnreachable', `the connection failed: ${message}`]
}

/** A listener that speaks TLS hangs up on one who does not; and one that wants a certificate on one who has none. */
function hangUp({ title, prefix }: HttpService): string {
  return `if this lasts, ${prefix}_URL may say http:// where ${title} speaks TLS, or ${title} may want a client certificate`
}

function tlsWords({ code, message, reason }: SocketFailure, { prefix }: HttpService): string {
  if (plainHttp.has(code)) return `it does not speak TLS; ${prefix}_URL may have to say http://`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another host: ${message.replace(/^.*altnames: /, '')}`
  if (/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code))
    return `its certificate is signed by no authority of ${prefix}_CA_FILE: ${message}`
  const words = reason ?? message.trim()
  if (code.startsWith('ERR_OSSL_'))
    return `a file of ${prefix}_CA_FILE, ${prefix}_CERT_FILE or ${prefix}_KEY_FILE cannot be used: ${words}`
  return words
}
