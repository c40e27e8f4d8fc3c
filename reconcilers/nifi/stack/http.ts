import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps } from 'node:https'
import { text } from 'node:stream/consumers'

/** How to speak to a NiFi without the client under test. */
export interface HttpAccess {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string
  /** PEM texts. */
  readonly ca?: string | undefined
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined
  /** A token of `POST /access/token`. */
  readonly token?: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON; text where it was none. */
  readonly body: unknown
}

export interface HttpRequest {
  readonly method: string
  /** Below `/nifi-api`: `/flow/about`. */
  readonly path: string
  /** Sent as JSON; URLSearchParams as a form; a text as it is. */
  readonly body?: unknown
}

/** One request on a connection of its own. Throws what Node throws when there is no answer. */
export async function ask(
  access: HttpAccess,
  { method, path, body }: HttpRequest,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { content, kind } = written(body)
  const { token, ca, certificate } = access
  const options = {
    method,
    agent: false as const,
    headers: {
      ...(content === undefined ? {} : { 'content-type': kind }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(ca === undefined ? {} : { ca }),
    ...certificate,
    ...(signal === undefined ? {} : { signal }),
  }
  const url = new URL(`/nifi-api${path}`, access.url)
  const made = url.protocol === 'https:' ? overHttps(url, options, resolve) : overHttp(url, options, resolve)
  made.once('error', reject)
  made.end(content)
  const answer = await promise
  return { status: answer.statusCode ?? 0, body: parsed(await text(answer)) }
}

function written(body: unknown): { readonly content: string | undefined; readonly kind: string } {
  if (body instanceof URLSearchParams)
    return { content: body.toString(), kind: 'application/x-www-form-urlencoded' }
  if (typeof body === 'string') return { content: body, kind: 'text/plain' }
  return { content: body === undefined ? undefined : JSON.stringify(body), kind: 'application/json' }
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return words
  }
}
