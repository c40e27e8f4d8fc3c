import axios from 'axios'
import { type LookupAddress, lookup } from 'node:dns'
import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'

/** What goes over the wire. */
export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** With its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly content: string | undefined
}

export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** An answer as it came: whoever sent it. */
export interface RawAnswer {
  readonly status: number
  readonly contentType: string
  readonly location: string
  readonly retryAfter: string
  readonly text: string
}

/** What a failed request says of itself: an error's code and words, without the request in it. */
export interface SocketFailure {
  readonly code: string
  readonly message: string
  readonly reason?: string
}

export type Exchange =
  | { readonly raw: RawAnswer; readonly failure?: never }
  | { readonly failure: SocketFailure; readonly raw?: never }

/** The code of an answer that is larger than we hold. */
export const tooLarge = 'INFOMETIS_TOO_LARGE'

/** Bytes of one answer: some ten times the largest definition that a ConfigMap could hold, defaults included. */
const mostBytes = 64 * 1024 * 1024

/** Shorter than servers keep an idle connection (NiFi: 30 s), and than most intervals: at rest there is none. */
const idleMs = 15_000

/** Connections of our own to one server: no proxy of the environment, no redirects, no cookies, answers of any status as text. */
export class HttpConnection {
  readonly #agent: Agent

  constructor(baseUrl: string, tls: TlsFiles) {
    const options = { keepAlive: true, timeout: idleMs, scheduling: 'lifo' as const, lookup: sameFirst }
    this.#agent = baseUrl.startsWith('https:')
      ? new TlsAgent({ ...options, ...tls, rejectUnauthorized: true })
      : new Agent(options)
  }

  /** Throws the signal's reason. Errors of the vendor hold the request with its credentials, so that only words go on. */
  async exchange({ method, url, headers, content }: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    try {
      const {
        status,
        headers: told,
        data,
      } = await axios.request<string>({
        adapter: 'http',
        method,
        url,
        headers,
        data: content,
        signal,
        httpAgent: this.#agent,
        httpsAgent: this.#agent,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: mostBytes,
        maxBodyLength: Infinity,
        responseType: 'text',
        transformRequest: [(text: unknown) => text],
        transformResponse: [(text: unknown) => text],
        validateStatus: () => true,
      })
      const header = (name: string) => {
        const value: unknown = told[name]
        return typeof value === 'string' ? value : ''
      }
      return {
        raw: {
          status,
          contentType: header('content-type'),
          location: header('location'),
          retryAfter: header('retry-after'),
          text: data,
        },
      }
    } catch (error) {
      signal.throwIfAborted()
      return { failure: failureOf(error) }
    }
  }

  /** Ends what is idle; what is under way ends by its own signal. */
  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets))
      sockets?.forEach((socket) => socket.destroy())
  }
}

function failureOf(error: unknown): SocketFailure {
  if (!(error instanceof Error)) return { code: '', message: 'unknown' }
  if (error.message.startsWith('maxContentLength')) {
    return { code: tooLarge, message: `the answer is larger than ${mostBytes / 1024 / 1024} MiB` }
  }
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : undefined
  return { code, message: cause.message, ...(reason !== undefined && { reason }) }
}

/**
 * A name with several addresses is asked in the same order each time, so that one node answers everything as long as it is there:
 * what a node does asynchronously, and the tokens that it gives, are often known to it alone.
 */
const sameFirst: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first, ...others] = error === null ? addresses.toSorted(byAddress) : []
    if (first === undefined) callback(error ?? new Error(`${hostname} has no address`), '', 4)
    else if (options.all === true) callback(null, [first, ...others])
    else callback(null, first.address, first.family)
  })
}

function byAddress(a: LookupAddress, b: LookupAddress): number {
  return a.family - b.family || (a.address < b.address ? -1 : 1)
}
