import { HttpConnection, errors } from '@elastic/elasticsearch'
import type {
  ConnectionOptions,
  ConnectionRequestOptions,
  ConnectionRequestOptionsAsStream,
  ConnectionRequestParams,
  ConnectionRequestResponse,
  ConnectionRequestResponseAsStream,
} from '@elastic/elasticsearch'
import { Agent, request as httpRequest } from 'node:http'
import type { ClientRequest, RequestOptions } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { TLSSocket } from 'node:tls'
import { unlessAborted } from '../../../src/client/abort.ts'

/** Shorter than load balancers and firewalls keep an idle connection, and than most intervals: at rest there is none. */
const idleMs = 15_000

/** How long a connection may take to come about, TLS included: then another node is asked. */
const connectMs = 10_000

/**
 * The connections to one node over node:http, which a reconciler has loaded anyway: undici, the vendor's default, is 17 MB more at
 * rest. The vendor's class lets go of the signal with the first line of an answer, drops the codes of failures, waits for ever
 * where the answer is no HTTP, and closes on those who still read; so that is done here.
 */
export class ElasticConnection extends HttpConnection {
  readonly #note: (error: Error) => void
  readonly #connectMs: number
  readonly #open = new Set<Promise<unknown>>()
  /** The request that was begun last: the vendor begins one before its method returns. */
  #begun: ClientRequest | undefined

  /** `note` is told why a request failed, as the socket says it; `limitMs` is for tests. */
  constructor(options: ConnectionOptions, note: (error: Error) => void, limitMs = connectMs) {
    super({ ...options, agent: () => agentFor(options) })
    this.#note = note
    this.#connectMs = limitMs
    this.makeRequest = (args: RequestOptions | string | URL) =>
      (this.#begun = this.url.protocol === 'https:' ? httpsRequest(args) : httpRequest(args))
  }

  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>
  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse | ConnectionRequestResponseAsStream> {
    const answer = this.#ask(params, options)
    this.#open.add(answer)
    try {
      return await answer
    } finally {
      this.#open.delete(answer)
    }
  }

  /** Ends the connections once what was begun has ended: the vendor looks for that each second, and not whether an answer is whole. */
  override async close(): Promise<void> {
    await Promise.allSettled(this.#open)
    this.agent?.destroy()
  }

  async #ask(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse> {
    const signal = options.signal ?? new AbortController().signal
    const answer = super.request(params, options)
    const begun = this.#begun
    this.#begun = undefined
    let failure: Error | undefined
    const { promise: failed, reject } = Promise.withResolvers<never>()
    const fail = (error: Error) => reject((failure = error))
    begun?.once('error', fail).once('response', () => begun.off('error', fail))
    if (begun !== undefined) limitConnecting(begun, this.#connectMs)
    try {
      return await unlessAborted(Promise.race([answer, failed]), signal)
    } catch (error) {
      begun?.destroy()
      if (signal.aborted) throw new errors.RequestAbortedError('the request was aborted')
      throw this.#connectionError(failure ?? error)
    }
  }

  /** What the transport takes for a node that is gone, in the words of the socket. */
  #connectionError(error: unknown): unknown {
    // A TypeError is about what was to be sent, not about the node.
    if (!(error instanceof Error) || error instanceof TypeError) return error
    if (error instanceof errors.ElasticsearchClientError) return error
    this.#note(error)
    return new errors.ConnectionError(error.message)
  }
}

/**
 * An idle connection does not keep the process alive, and ends after `idleMs`; one in use has no limit here. Nor has their number:
 * callers ask a few things at once, and for a request that waits in an agent's queue Node opens a connection though it was given up.
 */
function agentFor({ url, tls }: ConnectionOptions): Agent {
  const options = { keepAlive: true, timeout: idleMs, scheduling: 'lifo' as const }
  return url.protocol === 'https:' ? new TlsAgent({ ...options, ...tls }) : new Agent(options)
}

function limitConnecting(request: ClientRequest, limitMs: number): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const late = Object.assign(new Error(`no connection within ${limitMs} ms`), { code: 'ETIMEDOUT' })
    const timer = setTimeout(() => request.destroy(late), limitMs)
    const end = () => clearTimeout(timer)
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', end).once('close', end)
  })
}
