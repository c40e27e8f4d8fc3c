import { ReconcileError } from '../errors.ts'
import { unlessAborted } from './abort.ts'
import {
  HttpConnection,
  type HttpRequest,
  type RawAnswer,
  type TlsFiles,
  tooLarge,
} from './http-connection.ts'
import { connectionFailure, isUnsent } from './http-failure.ts'
import type { HttpService } from './http-service.ts'
import type { HttpWireRequest } from './http-wire.ts'
import { type Try, insist } from './retry.ts'
import type { WireAnswer } from './wire-answer.ts'

export interface HttpWayParts {
  readonly service: HttpService
  /** http or https, without a slash at the end. */
  readonly url: string
  /** Milliseconds that a request may take where it says nothing else. */
  readonly timeoutMs: number
  /** Looked at right before each request. */
  readonly fence?: { check(): void } | undefined
}

/** Files of TLS; `fingerprint` differs when any of them does. */
export interface HttpTls {
  readonly tls: TlsFiles
  readonly fingerprint: string
}

/** The way to one server over HTTP: connections that follow their TLS files, the fence, time limits, and words for what fails. */
export class HttpWay {
  readonly #parts: HttpWayParts
  readonly where: string
  readonly #closing = new AbortController()
  #open: { readonly fingerprint: string; readonly connection: HttpConnection } | undefined

  /** Nothing is opened before the first request. */
  constructor(parts: HttpWayParts) {
    this.#parts = parts
    this.where = new URL(parts.url).host
  }

  /** Aborts when this is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** A request, tried again while that may help and does no harm, each try within its time limit; until this is closed. */
  async send(
    { method, once, timeoutMs }: Pick<HttpWireRequest, 'method' | 'once' | 'timeoutMs'>,
    signal: AbortSignal,
    attempt: (limited: AbortSignal) => Promise<Try>,
  ): Promise<WireAnswer> {
    const both = AbortSignal.any([signal, this.closing])
    both.throwIfAborted()
    // What a POST creates, a second one creates again.
    const isOnce = once === true || method === 'POST'
    return insist(() => this.within(timeoutMs, both, attempt), isOnce, both)
  }

  /** One request and its answer, whatever that says; a Try where there was none. Throws the signal's reason, and the fence's. */
  async exchange(tls: HttpTls, request: HttpRequest, signal: AbortSignal): Promise<RawAnswer | Try> {
    this.#parts.fence?.check()
    signal.throwIfAborted()
    const exchange = this.#connection(tls).exchange(request, signal)
    const { raw, failure } = await unlessAborted(exchange, signal)
    if (raw !== undefined) return raw
    const { service } = this.#parts
    if (failure.code === tooLarge) {
      const words = `${this.where}: ${failure.message}: ${request.method} ${new URL(request.url).pathname}`
      return { error: new ReconcileError('NotSupportedByServer', words), passing: false }
    }
    const error = connectionFailure(failure, service, this.where)
    // An answer that was lost may have been of something done: only what reads is asked again.
    const harmless = request.method === 'GET' || isUnsent(failure.code)
    return { error, passing: error.reason === 'ServiceUnreachable' && harmless }
  }

  /** The work with a time limit of its own; throws ServiceTimeout. */
  async within<T>(
    timeoutMs = this.#parts.timeoutMs,
    signal: AbortSignal,
    work: (limited: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = new AbortController()
    const late = `${this.where} did not answer within ${Math.round(timeoutMs / 100) / 10} s`
    const timer = setTimeout(() => limit.abort(new ReconcileError('ServiceTimeout', late)), timeoutMs)
    try {
      return await work(AbortSignal.any([signal, limit.signal]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends what is under way, and every connection. */
  close(): void {
    this.#closing.abort(new ReconcileError('Aborted', 'the client is closed'))
    this.#disconnect()
  }

  /** Ends what is idle; what is under way ends by its own signal. */
  #disconnect(): void {
    this.#open?.connection.close()
    this.#open = undefined
  }

  /** The connections for these files; where they changed, new ones. */
  #connection({ fingerprint, tls }: HttpTls): HttpConnection {
    if (this.#open?.fingerprint === fingerprint) return this.#open.connection
    this.#disconnect()
    const connection = new HttpConnection(this.#parts.url, tls)
    this.#open = { fingerprint, connection }
    return connection
  }
}

/** A request of a wire as it goes over HTTP: its query in the URL, its body as JSON. */
export function httpRequest(
  base: string,
  request: Pick<HttpWireRequest, 'method' | 'path' | 'query' | 'body' | 'headers'>,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  const { method, path, query = {}, body } = request
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const tail = search.size === 0 ? '' : `?${search.toString()}`
  return {
    method,
    url: `${base}${path}${tail}`,
    headers: {
      accept: 'application/json, text/plain',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
      ...request.headers,
    },
    content: body === undefined ? undefined : JSON.stringify(body),
  }
}
