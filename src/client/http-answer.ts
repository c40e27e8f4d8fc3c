import { shortened } from '../core/text.ts'
import { ReconcileError } from '../errors.ts'
import type { RawAnswer } from './http-connection.ts'
import type { HttpService } from './http-service.ts'
import type { Try } from './retry.ts'

/** Statuses after which the same request can be answered otherwise a moment later. */
const passing = new Set([429, 502, 503, 504])

/**
 * What an answer is worth. A service's own are JSON or plain text; a page is of what stands in front of it, or of its web server
 * before the service itself saw the request. 401 is the caller's to read.
 */
export function answerOf(raw: RawAnswer, service: HttpService, where: string): Try {
  const { status } = raw
  const again = { passing: passing.has(status), retryAfterMs: seconds(raw.retryAfter) }
  if (status >= 300 && status < 400) return { error: redirected(raw, service, where), passing: false }
  // Of this one request alone, whoever refuses it: any other may go on.
  if (isPage(raw) && status === 413) return { answer: { status, body: titleOf(raw.text) }, passing: false }
  if (isPage(raw)) return { error: foreign(raw, service, where), ...again }
  const body = bodyOf(raw)
  if (body === broken) return { error: cutOff(where), passing: true }
  return { answer: { status, body }, ...again }
}

const broken = Symbol('broken')

function bodyOf({ contentType, text }: RawAnswer): unknown {
  if (text === '') return undefined
  if (!/\bjson\b/.test(contentType)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return broken
  }
}

function cutOff(where: string): ReconcileError {
  return new ReconcileError(
    'ServiceUnreachable',
    `${where} answered with what is no JSON, or not the whole of it`,
  )
}

export function isPage({ contentType, text }: RawAnswer): boolean {
  return (
    contentType.includes('html') || (!contentType.includes('json') && /^\s*<(!doctype|html)\b/i.test(text))
  )
}

function foreign(raw: RawAnswer, service: HttpService, where: string): ReconcileError {
  const own = service.page?.(raw, where)
  if (own !== undefined) return own
  const { status } = raw
  const { title, prefix, place } = service
  const words = titleOf(raw.text)
  if (status < 400 || status === 404) {
    return new ReconcileError(
      'NotSupportedByServer',
      `${where} answers with a page (status ${status}, "${words}"), not as ${title}: ${prefix}_URL ${place}`,
    )
  }
  return new ReconcileError(
    status === 403 || status === 407 ? 'AuthorizationFailed' : 'ServiceUnreachable',
    `${where}: something in front of ${title} answered with status ${status} ("${words}"); check the ingress or proxy, and ${prefix}_URL`,
  )
}

function redirected(raw: RawAnswer, service: HttpService, where: string): ReconcileError {
  const own = service.page?.(raw, where)
  if (own !== undefined) return own
  const { status, location } = raw
  const to = location === '' ? '' : ` to ${location.replace(/[?#].*$/s, '')}`
  return new ReconcileError(
    'NotSupportedByServer',
    `${where} redirects${to} (status ${status}): ${service.prefix}_URL does not name ${service.title} itself`,
  )
}

/** A page as one line: its title, or its text. */
export function titleOf(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]
  const text = title ?? page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  return shortened(text.replace(/\s+/g, ' ').trim(), 200)
}

/** `Retry-After` in seconds; its other form, a date, is not sent by what we talk to. */
function seconds(header: string): number | undefined {
  return /^\d{1,4}$/.test(header) ? Number(header) * 1_000 : undefined
}
