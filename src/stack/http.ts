import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps } from 'node:https'
import { text } from 'node:stream/consumers'

/** How to speak to a server without the client under test. */
export interface HttpAccess {
  /** `http://127.0.0.1:9200`; with a path, all paths are below it. */
  readonly url: string
  /** PEM texts. */
  readonly ca?: string | undefined
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined
  /** Sent as `Bearer`. */
  readonly token?: string | undefined
  /** `name:password`. */
  readonly auth?: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON; text where it was none. */
  readonly body: unknown
}

export interface HttpRequest {
  readonly method: string
  /** Begins with a slash. */
  readonly path: string
  /** Sent as JSON; URLSearchParams as a form; a text as it is. */
  readonly body?: unknown
  /** Of a text. Default: `text/plain`. */
  readonly kind?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One request on a connection of its own. Throws what Node throws when there is no answer. */
export async function ask(
  access: HttpAccess,
  { method, path, body, kind: ofText, headers = {} }: HttpRequest,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { content, kind } = written(body, ofText)
  const { token, auth, ca, certificate } = access
  const options = {
    method,
    agent: false as const,
    headers: {
      ...headers,
      ...(content === undefined ? {} : { 'content-type': kind }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(auth === undefined ? {} : { auth }),
    ...(ca === undefined ? {} : { ca }),
    ...certificate,
    ...(signal === undefined ? {} : { signal }),
  }
  const { origin, pathname } = new URL(access.url)
  const url = new URL(`${pathname === '/' ? '' : pathname}${path}`, origin)
  const made = url.protocol === 'https:' ? overHttps(url, options, resolve) : overHttp(url, options, resolve)
  made.once('error', reject)
  made.end(content)
  const answer = await promise
  return { status: answer.statusCode ?? 0, body: parsed(await text(answer)) }
}

/** Whether a GET of this path is answered with 200 by now. */
export async function serves(access: HttpAccess, path: string, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(access, { method: 'GET', path }, signal).catch(() => undefined)
  return answer?.status === 200
}

function written(
  body: unknown,
  ofText = 'text/plain',
): { readonly content: string | undefined; readonly kind: string } {
  if (body instanceof URLSearchParams)
    return { content: body.toString(), kind: 'application/x-www-form-urlencoded' }
  if (typeof body === 'string') return { content: body, kind: ofText }
  return { content: body === undefined ? undefined : JSON.stringify(body), kind: 'application/json' }
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return words
  }
}
