import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps } from 'node:https'
import { text } from 'node:stream/consumers'

/** How to speak to a node without the client under test. */
export interface HttpAccess {
  readonly url: string
  /** PEM text. */
  readonly ca: string | undefined
  /** `name:password`. */
  readonly auth: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON; text where it was none. */
  readonly body: unknown
}

export interface HttpRequest {
  readonly method: string
  readonly path: string
  /** Sent as JSON; a text is sent as it is, as newline-delimited JSON. */
  readonly body?: unknown
}

/** One request on a connection of its own. Throws what Node throws when there is no answer. */
export async function ask(
  access: HttpAccess,
  { method, path, body }: HttpRequest,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const kind = typeof body === 'string' ? 'application/x-ndjson' : 'application/json'
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = {
    method,
    agent: false as const,
    ...(access.auth === undefined ? {} : { auth: access.auth }),
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(signal === undefined ? {} : { signal }),
    ...(sent === undefined ? {} : { headers: { 'content-type': kind } }),
  }
  const url = new URL(path, access.url)
  const made = url.protocol === 'https:' ? overHttps(url, options, resolve) : overHttp(url, options, resolve)
  made.once('error', reject)
  made.end(sent)
  const answer = await promise
  const words = await text(answer)
  return { status: answer.statusCode ?? 0, body: parsed(words) }
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return words
  }
}
