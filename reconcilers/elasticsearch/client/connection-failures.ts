import { isTls, isUnresolved, tlsReason, unreachableWords } from '../../../src/client/socket-failure.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'

/** A listener that speaks TLS hangs up on one who does not. */
const hint = 'if this lasts, ELASTICSEARCH_URL may say http:// where the server speaks TLS'

const plainHttp = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'])

/** Why no connection came about, or why it broke. `where` is the host, or the hosts; `error` the socket's own. */
export function connectionFailure(error: Error, where: string): ReconcileError {
  const code = codeOf(error)
  const [reason, message] = diagnose(error, code)
  const named = code === '' || message.includes(code) ? message : `${message} (${code})`
  return new ReconcileError(reason, `${where}: ${named}`)
}

function diagnose(error: Error, code: string): readonly [Reason, string] {
  if (isUnresolved(code)) return ['ServiceUnreachable', 'the name cannot be resolved']
  if (isTls(code) || /SSL routines|SSL alert/.test(error.message)) return ['TlsFailed', tlsWords(error, code)]
  const plain = unreachableWords(code, hint)
  if (plain !== undefined) return ['ServiceUnreachable', plain]
  if (/other side closed|socket hang up|closed/i.test(error.message))
    return ['ServiceUnreachable', `the connection was closed; ${hint}`]
  return ['ServiceUnreachable', `the connection failed: ${error.message}`]
}

/** Of several addresses of one host each has failed: any of them tells why. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return inner instanceof Error ? codeOf(inner) : ''
}

function tlsWords(error: Error, code: string): string {
  if (plainHttp.has(code)) return 'it does not speak TLS; ELASTICSEARCH_URL may have to say http://'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another host: ${error.message.replace(/^.*altnames: /, '')}`
  if (/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code))
    return `its certificate is signed by no authority of ELASTICSEARCH_CA_FILE: ${error.message}`
  if (code.startsWith('ERR_OSSL_'))
    return `a file of ELASTICSEARCH_CA_FILE, ELASTICSEARCH_CERT_FILE or ELASTICSEARCH_KEY_FILE cannot be used: ${tlsReason(error)}`
  return tlsReason(error)
}
