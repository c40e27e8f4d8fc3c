import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { Connection, ResponseError, apiVersionsV3 } from '@platformatic/kafka'
import type { API } from '@platformatic/kafka'
import { ReconcileError } from '../../../src/errors.ts'
import { unlessAborted } from '../../../src/client/abort.ts'
import type { Credentials } from './credentials.ts'
import { failureOf } from './failures.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

interface Range {
  readonly min: number
  readonly max: number
}

/** Longer than any network needs; a dead address must not use up the reconcile's deadline. */
const connectMs = 5_000

/** One connection to one broker, with what the broker can do. Requests are answered in order; several may be under way. */
export class Broker {
  readonly where: string
  readonly #connection: Connection
  #versions: ReadonlyMap<number, Range> = new Map()
  #metadataLevel: number | undefined
  #failure: unknown

  private constructor(address: Address, credentials: Credentials, requestMs: number) {
    this.where = `${address.host}:${address.port}`
    const { tls, sasl } = credentials
    this.#connection = new Connection('infometis', {
      connectTimeout: Math.min(connectMs, requestMs),
      requestTimeout: requestMs,
      tlsServerName: isIP(address.host) === 0,
      ...(tls !== undefined && { tls }),
      ...(sasl !== undefined && { sasl }),
    })
    // Without a listener an error would end the process; the request that follows needs it to say what was wrong.
    this.#connection.on('error', (error) => {
      this.#failure = error
    })
  }

  /** Throws ReconcileError, or the signal's reason. */
  static async connect(
    address: Address,
    credentials: Credentials,
    requestMs: number,
    signal: AbortSignal,
  ): Promise<Broker> {
    const broker = new Broker(address, credentials, requestMs)
    try {
      await unlessAborted(broker.#open(address), signal)
      return broker
    } catch (error) {
      broker.destroy()
      signal.throwIfAborted()
      throw failureOf(broker.#failure ?? error, broker.where)
    }
  }

  get usable(): boolean {
    return this.#connection.isConnected()
  }

  /** `metadata.version` of the newest level this broker knows, which tells its release. */
  get metadataLevel(): number | undefined {
    return this.#metadataLevel
  }

  /**
   * One request in the newest version that both sides know. An answer whose items carry errors is an answer: they are
   * for the caller. Throws ReconcileError, or the signal's reason.
   */
  async call<Args extends unknown[], Answer>(
    candidates: readonly API<Args, Answer>[],
    args: Args,
    signal: AbortSignal,
  ): Promise<Answer> {
    signal.throwIfAborted()
    const api = this.#choose(candidates)
    try {
      return await unlessAborted(api.async(this.#connection, ...args), signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ResponseError && error['response'] !== undefined)
        return error['response'] as Answer
      throw failureOf(this.#failure ?? error, this.where)
    }
  }

  supports(candidates: readonly { readonly key: number; readonly version: number }[]): boolean {
    return candidates.some(({ key, version }) => within(this.#versions.get(key), version))
  }

  /** At once; requests under way fail. */
  destroy(): void {
    // close() first: it ends the library's own timers when the socket's end is reported.
    this.#connection.close().catch(() => undefined)
    socketOf(this.#connection)?.destroy()
  }

  async #open({ host, port }: Address): Promise<void> {
    await this.#connection.connect(host, port)
    const answer = await apiVersionsV3.api.async(this.#connection, 'infometis', '1')
    this.#versions = new Map(
      answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        apiKey,
        { min: minVersion, max: maxVersion },
      ]),
    )
    this.#metadataLevel = answer.supportedFeatures?.find(
      ({ name }) => name === 'metadata.version',
    )?.maxVersion
  }

  #choose<Args extends unknown[], Answer>(candidates: readonly API<Args, Answer>[]): API<Args, Answer> {
    const found = candidates.find(({ key, version }) => within(this.#versions.get(key), version))
    if (found !== undefined) return found
    const key = candidates[0]?.key ?? -1
    const known = this.#versions.get(key)
    const theirs = known === undefined ? 'does not know it' : `knows ${known.min} to ${known.max}`
    const ours = candidates.map(({ version }) => version).join(', ')
    throw new ReconcileError(
      'NotSupportedByServer',
      `${this.where}: API ${key} is needed in version ${ours}; the broker ${theirs}`,
    )
  }
}

/** The library's type leaves out that there is none before connect. */
function socketOf(connection: Connection): Socket | undefined {
  return connection.socket
}

function within(range: Range | undefined, version: number): boolean {
  return range !== undefined && version >= range.min && version <= range.max
}
