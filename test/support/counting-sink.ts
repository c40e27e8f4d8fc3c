import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { closeAtOnce, listenOnLoopback } from './loopback.ts'

/** Where FlowFiles leave NiFi: an HTTP server that counts how often each path was asked for, and may let them wait. */
export class CountingSink {
  readonly #server = createServer((request, response) => this.#take(request, response))
  readonly #counts = new Map<string, number>()
  #held: ServerResponse[] | undefined
  #port = 0

  static async start(): Promise<CountingSink> {
    const sink = new CountingSink()
    sink.#port = await listenOnLoopback(sink.#server)
    return sink
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** How many different ones came. */
  get arrived(): number {
    return this.#counts.size
  }

  /** Those that came more than once. */
  get again(): readonly string[] {
    return [...this.#counts].filter(([, count]) => count > 1).map(([path]) => path)
  }

  /** From now on nothing is answered, and so nothing arrives, until `release`. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const response of held) response.end()
  }

  async close(): Promise<void> {
    await closeAtOnce(this.#server)
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const path = request.url ?? ''
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1)
    if (this.#held === undefined) response.end()
    else this.#held.push(response)
  }
}
