// Only what it hands on from @elastic/transport: the bundle takes the one for the other (package.json), and leaves out 400 API
// methods, the helpers and Apache Arrow, 10 MB of a process at rest.
import { ClusterConnectionPool, Serializer, Transport, errors } from '@elastic/elasticsearch'
import type { ConnectionOptions } from '@elastic/elasticsearch'
import { unlessAborted } from '../../../src/client/abort.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { ElasticsearchSettings } from '../settings.ts'
import { connectionFailure } from './connection-failures.ts'
import { readCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { ElasticConnection } from './elastic-connection.ts'
import { parseExactly } from './exact-json.ts'
import { answerOf, notElasticsearch } from './foreign-answer.ts'
import type { RawAnswer } from './foreign-answer.ts'
import { insist } from '../../../src/client/retry.ts'
import type { Try } from '../../../src/client/retry.ts'
import type { Wire, WireAnswer, WireRequest } from './wire.ts'

/** Asks each major version that is supported for the answers of version 8, as the vendor's own client of version 8 does. */
const versionEight = (type: string) => `application/vnd.elasticsearch+${type}; compatible-with=8`

/** The vendor's transport with the TLS files that its connections were made with. */
interface Session {
  readonly fingerprint: string
  readonly transport: Transport
  /** Why the last connection that failed did: the vendor's errors keep the words and drop the code. */
  lastFailure: Error | undefined
}

/** Every answer with an error status is the caller's to read; the vendor would make an exception of it. */
const errorStatuses = Array.from({ length: 300 }, (_, index) => 300 + index)

/** Elasticsearch through the vendor's transport: connections, nodes, product check. Retries, timeouts and reasons are ours. */
export class ElasticWire implements Wire {
  readonly #settings: ElasticsearchSettings
  readonly #fence: Fence | undefined
  readonly #where: string
  readonly #closing = new AbortController()
  #session: Session | undefined

  /** Nothing is opened and no file is read before the first request. */
  constructor(settings: ElasticsearchSettings, fence?: Fence) {
    this.#settings = settings
    this.#fence = fence
    this.#where = settings.ELASTICSEARCH_URL.map((url) => new URL(url).host).join(', ')
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    both.throwIfAborted()
    return insist(() => this.#try(request, both), request.once === true, both)
  }

  async close(): Promise<void> {
    this.#closing.abort(new ReconcileError('Aborted', 'the client is closed'))
    const session = this.#session
    this.#session = undefined
    await session?.transport.connectionPool.empty()
  }

  async #try(request: WireRequest, signal: AbortSignal): Promise<Try> {
    const timeoutMs = request.timeoutMs ?? this.#settings.ELASTICSEARCH_REQUEST_TIMEOUT
    const limit = new AbortController()
    const timer = setTimeout(
      () => limit.abort(new ReconcileError('ServiceTimeout', this.#silence(timeoutMs))),
      timeoutMs,
    )
    const both = AbortSignal.any([signal, limit.signal])
    try {
      const credentials = await unlessAborted(readCredentials(this.#settings), both)
      const session = this.#open(credentials)
      this.#fence?.check()
      both.throwIfAborted()
      return await unlessAborted(this.#exchange(session, request, credentials, both), both)
    } finally {
      clearTimeout(timer)
    }
  }

  async #exchange(
    session: Session,
    { method, path, query, body, opaqueId }: WireRequest,
    { authorization }: Credentials,
    signal: AbortSignal,
  ): Promise<Try> {
    const params = {
      method,
      path,
      ...(query && { querystring: { ...query } }),
      ...(body !== undefined && (typeof body === 'string' ? { bulkBody: body } : { body })),
    }
    const options = {
      signal,
      meta: true as const,
      maxRetries: 0,
      ignore: errorStatuses,
      redaction: { type: 'remove' as const },
      ...(opaqueId !== undefined && { opaqueId }),
      ...(authorization !== undefined && { headers: { authorization } }),
    }
    try {
      const {
        statusCode,
        headers,
        body: answer,
      } = await session.transport.request(
        // The vendor types a body as a plain object or text; ours are parsed JSON.
        params as Parameters<Transport['request']>[0],
        options,
      )
      return answerOf({ status: statusCode, headers, body: answer } satisfies RawAnswer, this.#where)
    } catch (error) {
      signal.throwIfAborted()
      return this.#failed(error, session)
    }
  }

  /** The vendor's errors hold the request, so none of them becomes a cause: only words go on. */
  #failed(error: unknown, session: Session): Try {
    if (!(error instanceof Error)) throw error
    if (error instanceof errors.ProductNotSupportedError)
      return { error: notElasticsearch(this.#where), passing: false }
    if (error instanceof errors.DeserializationError) {
      const words = `${this.#where} answered with what is no JSON: ${error.message}`
      return { error: new ReconcileError('ServiceUnreachable', words), passing: true }
    }
    if (!(error instanceof errors.ConnectionError) && !(error instanceof errors.NoLivingConnectionsError)) {
      throw new ReconcileError('InternalError', `${this.#where}: ${error.name}: ${error.message}`)
    }
    const socket = session.lastFailure?.message === error.message ? session.lastFailure : error
    const failure = connectionFailure(socket, this.#where)
    return { error: failure, passing: failure.reason === 'ServiceUnreachable' }
  }

  /** The transport for these files; where they changed, a new one, while the old one ends what it has begun. */
  #open({ fingerprint, tls }: Credentials): Session {
    if (this.#session?.fingerprint === fingerprint) return this.#session
    this.#session?.transport.connectionPool.empty().catch(() => undefined)
    const session: Session = {
      fingerprint,
      transport: this.#transport(tls, (error) => (session.lastFailure = error)),
      lastFailure: undefined,
    }
    this.#session = session
    return session
  }

  #transport(tls: Credentials['tls'], note: (error: Error) => void): Transport {
    class Connection extends ElasticConnection {
      constructor(options: ConnectionOptions) {
        super(options, note)
      }
    }
    // A node that failed is left out for a minute, without a ping of its own.
    const pool = new ClusterConnectionPool({ Connection, resurrectStrategy: 'optimistic' })
    pool.addConnection(this.#settings.ELASTICSEARCH_URL.map((url) => ({ url: new URL(url), tls })))
    return new Transport({
      connectionPool: pool,
      serializer: new ExactSerializer(),
      productCheck: 'Elasticsearch',
      headers: { 'user-agent': 'infometis-elasticsearch' },
      vendoredHeaders: {
        jsonContentType: versionEight('json'),
        ndjsonContentType: versionEight('x-ndjson'),
        accept: `${versionEight('json')},text/plain`,
      },
      maxRetries: 0,
      // Ours ends with the whole answer read, theirs with its first line; 0 is none.
      requestTimeout: 0,
      redaction: { type: 'remove' },
    })
  }

  #silence(timeoutMs: number): string {
    return `${this.#where} did not answer within ${Math.round(timeoutMs / 100) / 10} s`
  }
}

class ExactSerializer extends Serializer {
  /** `never` is what fits the vendor's promise to return whatever a caller says; our callers read the answer as unknown. */
  override deserialize(json: string): never {
    try {
      return parseExactly(json) as never
    } catch (error) {
      throw new errors.DeserializationError(error instanceof Error ? error.message : String(error), '')
    }
  }
}
