import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { KubeConnection } from '../../src/kube/connection.ts'
import { closeAtOnce, listenOnLoopback, portOf } from './loopback.ts'

/** One request as it came. */
export interface SeenRequest {
  readonly kind: 'list' | 'watch' | 'other'
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly token: string | undefined
}

/** Answers instead of the server; undefined leaves the request to it. */
export type Fault = (response: ServerResponse, request: SeenRequest) => void

interface StoredObject {
  readonly apiVersion: 'v1'
  readonly kind: 'ConfigMap'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly data: Readonly<Record<string, string>>
}

interface Watcher {
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

interface Happening {
  readonly version: number
  readonly before: StoredObject | undefined
  readonly after: StoredObject | undefined
  /** What the event carries: the object, or its last state under the version of its deletion. */
  readonly shown: StoredObject | undefined
}

interface Change {
  readonly labels?: Readonly<Record<string, string>>
  readonly data?: Readonly<Record<string, string>>
}

/**
 * As much of an API server as a reflector meets: ConfigMaps of one namespace, LIST with pages, WATCH with selectors, and every
 * way in which both can go wrong. History is not kept: a watch gets what happens while it is open, and what is newer than its
 * resource version when it opens.
 */
export class FakeApiServer {
  readonly requests: SeenRequest[] = []
  /** Valid bearer token; undefined takes any. */
  token: string | undefined
  version = 100
  readonly #server: Server
  #pending = 0
  readonly #objects = new Map<string, StoredObject>()
  readonly #events: Happening[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #faults: { readonly kind: SeenRequest['kind']; left: number; readonly fault: Fault }[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<FakeApiServer> {
    const server = createServer()
    const fake = new FakeApiServer(server)
    server.on('request', (request, response) => fake.#serve(request, response))
    await listenOnLoopback(server)
    return fake
  }

  async stop(): Promise<void> {
    await closeAtOnce(this.#server)
  }

  connection(token: () => string | undefined = () => this.token): KubeConnection {
    const server = new URL(`http://127.0.0.1:${portOf(this.#server)}`)
    return { server, namespace: 'team', token: async () => token() }
  }

  count(kind: SeenRequest['kind']): number {
    return this.requests.filter((request) => request.kind === kind).length
  }

  last(kind: SeenRequest['kind']): SeenRequest | undefined {
    return this.requests.filter((request) => request.kind === kind).at(-1)
  }

  /** Requests that have neither been answered nor become an open watch. */
  get unanswered(): number {
    return this.#pending - this.#watchers.size
  }

  get openWatches(): number {
    return this.#watchers.size
  }

  /** The next `times` requests of this kind get this instead. */
  fail(kind: SeenRequest['kind'], fault: Fault, times = 1): void {
    this.#faults.push({ kind, left: times, fault })
  }

  heal(): void {
    this.#faults.length = 0
  }

  /** Creates or changes; `silently` leaves the watches untold. */
  put(name: string, change: Change = {}, silently = false): StoredObject {
    const before = this.#objects.get(name)
    this.version += 1
    const after: StoredObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'team',
        uid: before?.metadata.uid ?? `uid-${this.version}`,
        resourceVersion: String(this.version),
        labels: change.labels ?? before?.metadata.labels ?? {},
      },
      data: change.data ?? before?.data ?? {},
    }
    this.#objects.set(name, after)
    if (!silently) this.#happened(before, after)
    return after
  }

  remove(name: string, silently = false): void {
    const before = this.#objects.get(name)
    this.#objects.delete(name)
    this.version += 1
    if (!silently) this.#happened(before, undefined)
  }

  /** Moves the version on without a ConfigMap changing, as every other kind of object does. */
  bookmark(): void {
    this.version += 1
    this.send({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { resourceVersion: String(this.version) } },
    })
  }

  /** One event on every open watch, selectors aside; a text goes out as it is, without a line end. */
  send(event: object | string): void {
    const line = typeof event === 'string' ? event : `${JSON.stringify(event)}\n`
    for (const { response } of this.#watchers) response.write(line)
  }

  sendBytes(bytes: Uint8Array): void {
    for (const { response } of this.#watchers) response.write(bytes)
  }

  /** The server ends the streams properly. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end()
  }

  /** The connections are torn. */
  resetWatches(): void {
    for (const { response } of this.#watchers) response.socket?.resetAndDestroy()
  }

  #happened(before: StoredObject | undefined, after: StoredObject | undefined): void {
    const shown =
      after ??
      (before && { ...before, metadata: { ...before.metadata, resourceVersion: String(this.version) } })
    const event = { version: this.version, before, after, shown }
    this.#events.push(event)
    for (const watcher of this.#watchers) this.#tell(watcher, event)
  }

  #tell({ response, query }: Watcher, { before, after, shown }: Happening): void {
    const was = before !== undefined && selects(query, before)
    const is = after !== undefined && selects(query, after)
    if (!was && !is) return
    const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED'
    response.write(`${JSON.stringify({ type, object: shown })}\n`)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake')
    const watch = url.searchParams.get('watch') === 'true'
    const list = request.method === 'GET' && url.pathname.endsWith('/configmaps')
    const kind = watch ? 'watch' : list ? 'list' : 'other'
    const token = request.headers.authorization?.replace('Bearer ', '')
    const seen: SeenRequest = {
      kind,
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      token,
    }
    this.requests.push(seen)
    this.#pending += 1
    response.once('close', () => (this.#pending -= 1))
    const fault = this.#faults.find((each) => each.kind === kind && each.left > 0)
    if (fault !== undefined) {
      fault.left -= 1
      fault.fault(response, seen)
    } else if (this.token !== undefined && token !== this.token) {
      refuse(response, 401, 'Unauthorized')
    } else if (kind === 'watch') {
      this.#watch(response, url.searchParams)
    } else if (kind === 'list') {
      this.#list(response, url.searchParams)
    } else {
      refuse(response, 404, 'not found')
    }
  }

  #list(response: ServerResponse, query: URLSearchParams): void {
    const selected = [...this.#objects.values()].filter((object) => selects(query, object))
    const from = Number(query.get('continue') ?? 0)
    const limit = Number(query.get('limit') ?? 0) || selected.length
    const next = from + limit < selected.length ? { continue: String(from + limit) } : {}
    const items = selected.slice(from, from + limit)
    answer(response, {
      kind: 'ConfigMapList',
      metadata: { resourceVersion: String(this.version), ...next },
      items,
    })
  }

  #watch(response: ServerResponse, query: URLSearchParams): void {
    const watcher = { response, query }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const event of this.#events) {
      if (event.version > Number(query.get('resourceVersion'))) this.#tell(watcher, event)
    }
    this.#watchers.add(watcher)
    response.once('close', () => this.#watchers.delete(watcher))
  }
}

/** Answers of every kind, for `fail`. */
export function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function refuse(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, message }))
}

/** `a=b`, `!a` and `metadata.name=a`: what this project uses. */
function selects(query: URLSearchParams, { metadata }: StoredObject): boolean {
  const name = query.get('fieldSelector')?.replace('metadata.name=', '')
  if (name !== undefined && name !== metadata.name) return false
  const terms = (query.get('labelSelector') ?? '').split(',').filter((term) => term !== '')
  return terms.every((term) => {
    if (term.startsWith('!')) return metadata.labels[term.slice(1)] === undefined
    const [label = '', value] = term.split('=')
    return metadata.labels[label] === value
  })
}
