import type { IncomingMessage } from 'node:http'
import { ReconcileError } from '../errors.ts'
import { say, type Status, type Target } from './kube-error.ts'

/** JSON of an answer. Throws ApiServerUnreachable: what does not speak JSON is a proxy or another server. */
export function parseAnswer(target: Target, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    const message = `the answer to ${say(target)} is not JSON: is the address that of a Kubernetes API server?`
    throw new ReconcileError('ApiServerUnreachable', message, { cause })
  }
}

/** The Status object of a refusal; a body that is none (a proxy's page, plain "Unauthorized") becomes its message. */
export function statusOf(text: string): Status {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isRecord(parsed)) {
      return {
        ...(typeof parsed['code'] === 'number' ? { code: parsed['code'] } : {}),
        ...(typeof parsed['reason'] === 'string' ? { reason: parsed['reason'] } : {}),
        ...(typeof parsed['message'] === 'string' ? { message: parsed['message'] } : {}),
      }
    }
  } catch {
    // Not JSON: the text itself is all there is to say.
  }
  return text.trim() === '' ? {} : { message: text.trim().slice(0, 200) }
}

/** Retry-After in milliseconds, from seconds or an HTTP date. */
export function retryAfterOf(response: IncomingMessage): number | undefined {
  const text = response.headers['retry-after']
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text.trim())) return Number(text) * 1000
  const at = Date.parse(text)
  const now = dateOf(response)?.getTime() ?? Date.now()
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** The server's clock, whole seconds. */
export function dateOf(response: IncomingMessage): Date | undefined {
  const at = Date.parse(response.headers.date ?? '')
  return Number.isNaN(at) ? undefined : new Date(at)
}

const unknownCertificateCodes: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
])

/** The server's certificate is signed by a CA that is not ours (any more). */
export function isUnknownCertificate(thrown: unknown): boolean {
  return unknownCertificateCodes.has(codeOf(thrown) ?? '')
}

/** Node's own code of a network, TLS or HTTP parser error. */
export function codeOf(thrown: unknown): string | undefined {
  return isRecord(thrown) && typeof thrown['code'] === 'string' ? thrown['code'] : undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
