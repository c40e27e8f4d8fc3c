import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { closeAtOnce, listenOnLoopback, portOf } from '../support/loopback.ts'

/** A proxy before an HTTP service that counts what goes through: `GET /{names}` → how often. */
export class RequestCounter {
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  readonly #target: URL
  #counts = new Map<string, number>()

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer))
  }

  static async open(target: string): Promise<RequestCounter> {
    const counter = new RequestCounter(target)
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
    const what = `${method} ${routeOf(url)}`
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

/** The path without its names: what begins with an underscore is the API's own word. */
function routeOf(url: string): string {
  const [path = ''] = url.split('?')
  return path.replaceAll(/\/[^_/][^/]*/g, '/{names}')
}
