import { Agent, request } from 'node:http'

/** Any answer of the server; `body` is parsed JSON, or text where it was none. */
export interface HttpAnswer {
  readonly status: number
  readonly body: unknown
}

type Headers = Readonly<Record<string, string>>

const requestMs = 120_000

/** A service's HTTP without anything around it, on connections that stay open. */
export class BareHttp {
  readonly #agent: Agent
  readonly #url: URL
  readonly #signal: AbortSignal
  readonly #headers: Headers

  /** Paths are below that of `url`. `connections` at most, so many requests at a time. `headers` go with each. */
  constructor(url: string, signal: AbortSignal, connections = 1, headers: Headers = {}) {
    this.#headers = headers
    this.#url = new URL(url)
    this.#signal = signal
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  close(): void {
    this.#agent.destroy()
  }

  /** The answer, whatever its status. A text is sent as newline-delimited JSON. */
  async ask(method: string, path: string, body?: unknown, more: Headers = {}): Promise<HttpAnswer> {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json'
    const ofBody =
      text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }
    const headers = { ...this.#headers, ...ofBody, ...more }
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
    const { hostname, port, pathname } = this.#url
    const below = pathname.replace(/\/$/, '')
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(requestMs)])
    const sent = request(
      { hostname, port, method, path: below + path, headers, agent: this.#agent, signal },
      (response) => {
        const read = async (): Promise<HttpAnswer> => {
          const answer = Buffer.concat(await response.toArray()).toString('utf8')
          const isJson = response.headers['content-type']?.includes('json') === true && answer !== ''
          return { status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer }
        }
        read().then(resolve, reject)
      },
    )
    sent.once('error', reject)
    sent.end(text)
    return promise
  }

  /** The body of an answer that says yes; throws for any other. */
  async must(method: string, path: string, body?: unknown, more: Headers = {}): Promise<unknown> {
    const answer = await this.ask(method, path, body, more)
    if (answer.status < 300) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`)
  }
}
