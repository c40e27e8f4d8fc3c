import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { closeAtOnce, listenOnLoopback, portOf } from '../support/loopback.ts'

/** What was asked for by a path, without its names: `/{names}/_settings`. */
export type RouteOf = (path: string) => string

/** A proxy before an HTTP service that counts what goes through: `GET /{names}` → how often. */
export class RequestCounter {
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  readonly #target: URL
  readonly #routeOf: RouteOf
  #counts = new Map<string, number>()

  private constructor(target: string, routeOf: RouteOf) {
    this.#target = new URL(target)
    this.#routeOf = routeOf
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer))
  }

  static async open(target: string, routeOf: RouteOf): Promise<RequestCounter> {
    const counter = new RequestCounter(target, routeOf)
    await listenOnLoopback(counter.#server)
    return counter
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`
  }

  /** What went through since it was last asked, by method and what was asked for. */
  take(): ReadonlyMap<string, number> {
    const counts = this.#counts
    this.#counts = new Map()
    return counts
  }

  async close(): Promise<void> {
    const closed = closeAtOnce(this.#server)
    this.#agent.destroy()
    await closed
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = incoming
    const [path = ''] = url.split('?')
    const what = `${method} ${this.#routeOf(path)}`
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
    const { hostname, port } = this.#target
    const options = { hostname, port, method, path: url, headers, agent: this.#agent }
    const onwards = request(options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    onwards.once('error', () => answer.destroy())
    incoming.pipe(onwards)
  }
}
