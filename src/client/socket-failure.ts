/**
 * What sockets, name resolution and TLS say when they fail, in words that are the same for every service. The codes are those of Node's
 * `errors` and `tls` documentation.
 */
const words: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was reset'],
  ['EHOSTUNREACH', 'there is no route to it'],
  ['ENETUNREACH', 'there is no route to it'],
  ['ETIMEDOUT', 'it does not answer'],
])
/** A listener that expects something else says so by hanging up. */
const hangsUp = new Set(['ECONNRESET', 'EPIPE'])

/** Why nothing could be sent. `hint`: what may be wrong where the other side hangs up. Undefined: not a code of a connection. */
export function unreachableWords(code: string, hint: string): string | undefined {
  const plain = words.get(code)
  return plain !== undefined && hangsUp.has(code) ? `${plain}; ${hint}` : plain
}

/** The name of the host was not found, or could not be asked for. */
export function isUnresolved(code: string): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

/** OpenSSL's verification errors as Node names them, and its alerts. */
export function isTls(code: string): boolean {
  return /^(ERR_(TLS|SSL|OSSL)_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO$)/.test(code)
}

/** OpenSSL's message is one long trace; the reason in it is what a person needs. */
export function tlsReason(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message.trim()
}
