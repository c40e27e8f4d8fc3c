import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ReconcileError } from '../errors.ts'
import type { Report } from './health.ts'

/** What the three pages show, asked for at each request. */
export interface Pages {
  readonly health: () => Report
  readonly ready: () => Report
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

interface Page {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const json = 'application/json; charset=utf-8'
/** Probes and one or two scrapers: whoever comes beyond these waits in the backlog. */
const connections = 64
const requestMs = 5_000

/** `/health`, `/ready` and `/metrics` for kubelet and Prometheus. It reads no body and serves nothing else. */
export class HttpServer {
  readonly #server: Server
  readonly #pages: Pages

  constructor(pages: Pages) {
    this.#pages = pages
    const limits = {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      keepAliveTimeout: requestMs,
      maxHeaderSize: 8_192,
    }
    this.#server = createServer(limits, (request, response) => void this.#serve(request, response))
    this.#server.maxConnections = connections
  }

  /** Resolves with the port once it listens; throws InvalidConfiguration when it is taken or not allowed. */
  async listen(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#server.once('error', reject)
    this.#server.listen(port, host, () => resolve(undefined))
    try {
      await promise
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new ReconcileError(
        'InvalidConfiguration',
        `HTTP_PORT ${port} on ${host} cannot be used: ${why}`,
        { cause },
      )
    }
    this.#server.removeListener('error', reject)
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends answers under way and idle connections alike: a scraper that keeps its connection must not hold up a shutdown. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#server.close(() => resolve(undefined))
    this.#server.closeAllConnections()
    await promise
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.#page(request).catch((error: unknown): Page => {
      const why = error instanceof Error ? error.message : String(error)
      return { status: 500, contentType: json, text: line({ error: why }) }
    })
    // A body is never read; the connection ends with the answer instead of waiting for it.
    if (
      request.headers['content-length'] !== undefined ||
      request.headers['transfer-encoding'] !== undefined
    ) {
      response.shouldKeepAlive = false
    }
    const headers = { 'content-type': page.contentType, 'content-length': Buffer.byteLength(page.text) }
    const allow = page.status === 405 ? { allow: 'GET, HEAD' } : {}
    response.writeHead(page.status, { ...headers, ...allow, 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : page.text)
  }

  async #page(request: IncomingMessage): Promise<Page> {
    const path = (request.url ?? '').split('?', 1)[0]
    const render = this.#renderer(path)
    if (render === undefined)
      return { status: 404, contentType: json, text: line({ error: 'not found', paths }) }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, contentType: json, text: line({ error: 'only GET and HEAD are answered' }) }
    }
    return await render()
  }

  #renderer(path: string | undefined): (() => Promise<Page>) | undefined {
    switch (path) {
      case '/health':
        return async () => reportPage(this.#pages.health())
      case '/ready':
        return async () => reportPage(this.#pages.ready())
      case '/metrics':
        return async () => ({ status: 200, ...(await this.#pages.metrics()) })
      default:
        return undefined
    }
  }
}

const paths = ['/health', '/ready', '/metrics']

function reportPage(report: Report): Page {
  return { status: report.ok ? 200 : 503, contentType: json, text: line(report) }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
