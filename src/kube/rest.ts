import { Agent as HttpAgent, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { ReconcileError } from '../errors.ts'
import { codeOf, dateOf, isUnknownCertificate, parseAnswer, retryAfterOf, statusOf } from './answer.ts'
import { systemClock, type Clock } from '../reconcile/clock.ts'
import type { Fence } from '../reconcile/fence.ts'
import type { KubeConnection } from './connection.ts'
import { exchange, readBody, toError } from './exchange.ts'
import { KubeError, hasStatus, say, targetOf, type Target } from './kube-error.ts'
import { LineSplitter } from './line-splitter.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  /** Default `application/json`; see `contentTypes`. */
  readonly contentType?: string
  readonly signal: AbortSignal
  /** Milliseconds for the whole exchange; default 30 s. */
  readonly timeoutMs?: number
}

export interface KubeResponse<T> {
  readonly status: number
  readonly body: T
  /** The API server's clock, whole seconds. */
  readonly date: Date | undefined
}

export interface KubeStream {
  readonly path: string
  readonly query?: Query
  /** The only way to end it from this side; the reason is thrown. */
  readonly signal: AbortSignal
  /** The head has come with status 200. */
  readonly onOpen?: () => void
  /** Some bytes have come; called before `onLine`. */
  readonly onChunk?: () => void
  /** A whole line without its end. What it throws ends the stream and is thrown. */
  readonly onLine: (line: string) => void
}

export interface KubeClientOptions {
  readonly clock?: Clock
  readonly maxBodyBytes?: number
  readonly maxLineBytes?: number
  readonly userAgent?: string
  /** For metrics: HTTP status, 0 where there was no answer; seconds to the end of the answer (to its head for a watch). */
  readonly onRequest?: (verb: string, resource: string, status: number, seconds: number) => void
  /** Nothing is sent once it has closed, and what is under way ends. */
  readonly fence?: Fence
}

/** Server-side apply and JSON merge patch; JSON is YAML too. */
export const contentTypes = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
} as const

/** `configMapPath('a')` for the list, `configMapPath('a', 'b')` for one. */
export function configMapPath(namespace: string, name?: string): string {
  const list = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

/** A thin client of the Kubernetes API: one long-lived agent, bounded answers, every failure a ReconcileError with a sentence. */
export class KubeClient {
  readonly connection: KubeConnection
  readonly #agent: HttpAgent | HttpsAgent
  readonly #clock: Clock
  readonly #maxBodyBytes: number
  readonly #maxLineBytes: number
  readonly #userAgent: string
  readonly #onRequest: KubeClientOptions['onRequest']
  readonly #fence: Fence | undefined

  constructor(connection: KubeConnection, options: KubeClientOptions = {}) {
    this.connection = connection
    const pool = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 16, scheduling: 'lifo' } as const
    this.#agent = connection.server.protocol === 'http:' ? new HttpAgent(pool) : new HttpsAgent(pool)
    this.#clock = options.clock ?? systemClock
    this.#maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024
    this.#maxLineBytes = options.maxLineBytes ?? 16 * 1024 * 1024
    this.#userAgent = options.userAgent ?? 'infometis'
    this.#onRequest = options.onRequest
    this.#fence = options.fence
  }

  /**
   * Resolves for 2xx only. Throws KubeError for any other status, ReconcileError when there is no answer, and the signal's
   * reason when it aborts. The body is the server's word: its shape is not checked here.
   */
  async request<T = unknown>(request: KubeRequest): Promise<KubeResponse<T>> {
    const target = targetOf(request.method, request.path, false)
    const timeoutMs = request.timeoutMs ?? 30_000
    const deadline = new AbortController()
    const late = new ReconcileError(
      'ApiServerUnreachable',
      `no answer to ${say(target)} within ${timeoutMs} ms`,
    )
    const cancel = this.#clock.setTimeout(() => deadline.abort(late), timeoutMs)
    const ends = [request.signal, ...(this.#fence === undefined ? [] : [this.#fence.signal])]
    const abort = (): void => deadline.abort(ends.find((each) => each.aborted)?.reason)
    if (ends.some((each) => each.aborted)) abort()
    for (const each of ends) each.addEventListener('abort', abort, { once: true })
    try {
      return await this.#attempts(target, deadline.signal, (fresh) =>
        this.#roundTrip<T>(target, { ...request, signal: deadline.signal }, fresh),
      )
    } finally {
      cancel()
      for (const each of ends) each.removeEventListener('abort', abort)
    }
  }

  /** Resolves when the server ends the stream cleanly; else throws as `request` does. It has no deadline of its own. */
  async stream(stream: KubeStream): Promise<void> {
    const target = targetOf('GET', stream.path, true)
    await this.#attempts(target, stream.signal, async (fresh) => {
      const response = await this.#open(target, { ...stream, method: 'GET' }, fresh)
      stream.onOpen?.()
      const splitter = new LineSplitter(this.#maxLineBytes)
      for await (const chunk of response as AsyncIterable<Buffer>) {
        stream.onChunk?.()
        for (const line of splitter.push(chunk)) stream.onLine(line)
      }
    })
  }

  /** Drops idle connections; a request under way ends by its own signal. */
  close(): void {
    this.#agent.destroy()
  }

  /** One more try with credentials read again: after a 401, and when the server's CA is not ours (it may have rotated). */
  async #attempts<T>(
    target: Target,
    signal: AbortSignal,
    attempt: (fresh: boolean) => Promise<T>,
  ): Promise<T> {
    try {
      return await attempt(false).catch(async (error: unknown) => {
        if (!hasStatus(error, 401) && !isUnknownCertificate(error)) throw error
        return await attempt(true)
      })
    } catch (error) {
      if (signal.aborted) throw toError(signal.reason)
      throw this.#explain(target, toError(error))
    }
  }

  async #roundTrip<T>(target: Target, request: KubeRequest, fresh: boolean): Promise<KubeResponse<T>> {
    const started = this.#clock.now()
    const response = await this.#open(target, request, fresh, started)
    const text = await readBody(response, this.#maxBodyBytes)
    this.#report(target, response.statusCode, started)
    return { status: response.statusCode ?? 0, body: parseAnswer(target, text) as T, date: dateOf(response) }
  }

  /** The head of a successful answer. Reports failures; a success is reported here only when nobody times its body. */
  async #open(
    target: Target,
    request: KubeRequest,
    fresh: boolean,
    timedFrom?: number,
  ): Promise<IncomingMessage> {
    const started = timedFrom ?? this.#clock.now()
    let response: IncomingMessage
    try {
      const outgoing = await this.#outgoing(request, fresh)
      this.#fence?.check()
      response = await exchange(outgoing)
    } catch (error) {
      this.#report(target, 0, started)
      throw error
    }
    const status = response.statusCode ?? 0
    const good = status >= 200 && status < 300
    if (!good || timedFrom === undefined) this.#report(target, status, started)
    if (good) return response
    const text = await readBody(response, 1024 * 1024)
    throw new KubeError(target, status, statusOf(text), retryAfterOf(response))
  }

  async #outgoing(request: KubeRequest, fresh: boolean): Promise<Parameters<typeof exchange>[0]> {
    const token = await this.connection.token(fresh)
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const headers: Record<string, string | number> = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
    }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json'
      headers['content-length'] = Buffer.byteLength(body)
    }
    const options: RequestOptions = { method: request.method, headers, agent: this.#agent, ...this.#tls() }
    const url = urlOf(this.connection.server, request.path, request.query ?? {})
    return { options, url, body, signal: request.signal }
  }

  /** Read anew for every request: the agent keeps sockets apart by these, so a rotated CA opens new ones. */
  #tls(): object {
    const { ca, cert, key, serverName, insecure } = this.connection
    const all = {
      ca,
      cert,
      key,
      servername: serverName,
      rejectUnauthorized: insecure === true ? false : undefined,
    }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }

  #report(target: Target, status: number | undefined, started: number): void {
    this.#onRequest?.(target.verb, target.resource, status ?? 0, (this.#clock.now() - started) / 1000)
  }

  #explain(target: Target, error: Error): Error {
    if (error instanceof ReconcileError || codeOf(error) === undefined) return error
    const message = `cannot ${say(target)}: ${this.connection.server.origin} did not answer (${error.message || codeOf(error)})`
    return new ReconcileError('ApiServerUnreachable', message, { cause: error })
  }
}

function urlOf(server: URL, path: string, query: Query): URL {
  const url = new URL(server.pathname.replace(/\/+$/, '') + path, server)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}
