import { shortened } from '../../../src/core/text.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { wordsOf } from './failures.ts'
import type { Try } from '../../../src/client/retry.ts'

/** An answer as it came: whoever sent it. */
export interface RawAnswer {
  readonly status: number
  readonly contentType: string
  readonly location: string
  readonly retryAfter: string
  readonly text: string
}

/** Statuses after which the same request can be answered otherwise a moment later. */
const passing = new Set([429, 502, 503, 504])

/**
 * What an answer is worth. NiFi's own are JSON or plain text; a page is of what stands in front of it, or of NiFi's web server
 * before NiFi itself saw the request. 401 is the caller's to read.
 */
export function answerOf(raw: RawAnswer, where: string): Try {
  const { status } = raw
  const again = { passing: passing.has(status), retryAfterMs: seconds(raw.retryAfter) }
  if (status >= 300 && status < 400) return { error: redirected(raw, where), passing: false }
  if (isPage(raw)) return { error: foreign(raw, where), ...again }
  const body = bodyOf(raw)
  if (body === broken) return { error: cutOff(where), passing: true }
  return { answer: { status, body }, ...again }
}

/** NiFi does not take the token or the certificate, or nobody who may come in was named. */
export function refusedUser(raw: RawAnswer, where: string, login: boolean): ReconcileError {
  const words = isPage(raw) ? titleOf(raw.text) : wordsOf({ status: raw.status, body: raw.text })
  const way = login
    ? ''
    : '; set NIFI_USERNAME_FILE and NIFI_PASSWORD_FILE, or NIFI_CERT_FILE and NIFI_KEY_FILE'
  return new ReconcileError(
    'AuthenticationFailed',
    `${where} refuses the credentials${words === '' ? '' : `: ${words}`}${way}`,
  )
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

function isPage({ contentType, text }: RawAnswer): boolean {
  return (
    contentType.includes('html') || (!contentType.includes('json') && /^\s*<(!doctype|html)\b/i.test(text))
  )
}

function foreign(raw: RawAnswer, where: string): ReconcileError {
  const { status } = raw
  const words = titleOf(raw.text)
  if (/invalid SNI/i.test(raw.text)) {
    return new ReconcileError(
      'TlsFailed',
      `${where}: NiFi’s certificate does not name this host (invalid SNI): let NIFI_URL say a name that is in it`,
    )
  }
  if (/invalid host header/i.test(raw.text)) {
    return new ReconcileError(
      'ServiceUnreachable',
      `${where}: NiFi does not know itself by this name: add the host of NIFI_URL to nifi.web.proxy.host`,
    )
  }
  if (status < 400 || status === 404) {
    return new ReconcileError(
      'NotSupportedByServer',
      `${where} answers with a page (status ${status}, "${words}"), not as NiFi: NIFI_URL must be where /nifi-api is, without /nifi and with the path of a proxy`,
    )
  }
  return new ReconcileError(
    status === 403 || status === 407 ? 'AuthorizationFailed' : 'ServiceUnreachable',
    `${where}: something in front of NiFi answered with status ${status} ("${words}"); check the ingress or proxy, and NIFI_URL`,
  )
}

function redirected({ status, location }: RawAnswer, where: string): ReconcileError {
  const to = location === '' ? '' : ` to ${location.replace(/[?#].*$/s, '')}`
  return new ReconcileError(
    'NotSupportedByServer',
    `${where} redirects${to} (status ${status}): NIFI_URL does not name NiFi itself`,
  )
}

/** A page as one line: its title, or its text. */
function titleOf(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]
  const text = title ?? page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  return shortened(text.replace(/\s+/g, ' ').trim(), 200)
}

/** `Retry-After` in seconds; its other form, a date, is not sent by what we talk to. */
function seconds(header: string): number | undefined {
  return /^\d{1,4}$/.test(header) ? Number(header) * 1_000 : undefined
}
