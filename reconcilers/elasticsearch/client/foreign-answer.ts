import { ReconcileError } from '../../../src/errors.ts'
import { refusalOf } from './failures.ts'
import { plainText } from './failures.ts'
import type { Try } from '../../../src/client/retry.ts'
import { own } from '../../../src/core/json.ts'

/** An answer as it came: whoever sent it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** Statuses after which the same request can be answered otherwise a moment later. */
const passing = new Set([429, 502, 503, 504])

/**
 * What an answer is worth. Elasticsearch marks every one of its own (X-Elastic-Product); what an ingress or a proxy in front of it
 * says is not the server's word on the request, except that the request is too large for it.
 */
export function answerOf(raw: RawAnswer, where: string): Try {
  const { status, headers } = raw
  const body = raw.body === '' ? undefined : raw.body
  const retryAfterMs = seconds(headers['retry-after'])
  if (status === 401) return { error: refusedUser(body, where), passing: false }
  if (isOwn(raw) || status === 413 || status === 414 || status === 431) {
    return { answer: { status, body }, passing: passing.has(status), retryAfterMs }
  }
  return { error: foreignFailure(raw, where), passing: passing.has(status), retryAfterMs }
}

export function notElasticsearch(where: string): ReconcileError {
  return new ReconcileError(
    'NotSupportedByServer',
    `${where} answers, but not as Elasticsearch 7.14 or later (the response header X-Elastic-Product is missing): let ELASTICSEARCH_URL name Elasticsearch itself, or let the proxy before it pass that header`,
  )
}

function isOwn({ headers, body }: RawAnswer): boolean {
  return 'x-elastic-product' in headers || own(body, 'error') !== undefined
}

function refusedUser(body: unknown, where: string): ReconcileError {
  const words = refusalOf({ status: 401, body })?.message ?? ''
  return new ReconcileError('AuthenticationFailed', `${where} refuses the credentials: ${words}`)
}

function foreignFailure({ status, headers, body }: RawAnswer, where: string): ReconcileError {
  const said = typeof body === 'string' ? plainText(body) : ''
  const words = said === '' ? '' : ` ("${said}")`
  if (status < 400) {
    const to = typeof headers['location'] === 'string' ? ` to ${withoutQuery(headers['location'])}` : ''
    return new ReconcileError(
      'ServiceUnreachable',
      `${where} redirects${to} (status ${status}): ELASTICSEARCH_URL does not name Elasticsearch itself`,
    )
  }
  const reason = status === 403 || status === 407 ? 'AuthorizationFailed' : 'ServiceUnreachable'
  return new ReconcileError(
    reason,
    `${where}: something in front of Elasticsearch answered with status ${status}${words}; check the ingress or proxy, and ELASTICSEARCH_URL`,
  )
}

function withoutQuery(location: string): string {
  return location.replace(/[?#].*$/s, '')
}

/** `Retry-After` in seconds; its other form, a date, is not sent by what we talk to. */
function seconds(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,4}$/.test(header) ? Number(header) * 1_000 : undefined
}
