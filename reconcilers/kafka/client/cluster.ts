import type { API } from '@platformatic/kafka'
import { ReconcileError } from '../../../src/errors.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { KafkaSettings } from '../settings.ts'
import { unlessAborted } from '../../../src/client/abort.ts'
import { apis } from './apis.ts'
import { Broker } from './broker.ts'
import type { Address } from './broker.ts'
import { readCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'

/** How long credentials that a broker refused are not shown to it again: a wrong password must not lock the account. */
const refusedMs = 10_000

/** A connection, or one being made, with what it was made with. */
interface Shared {
  readonly fingerprint: string
  readonly connected: Promise<Broker>
}

/**
 * The way to a Kafka cluster: one long-lived connection to any of its brokers (in KRaft each forwards what is for the
 * controller), made when first needed and again when it broke or when a mounted file changed.
 */
export class Cluster {
  readonly #settings: KafkaSettings
  readonly #fence: Fence | undefined
  readonly #closing = new AbortController()
  #broker: Shared | undefined
  #refused:
    { readonly fingerprint: string; readonly until: number; readonly error: ReconcileError } | undefined
  /** The address that answered last is asked first. */
  #addresses: readonly Address[]

  constructor(settings: KafkaSettings, fence?: Fence) {
    this.#settings = settings
    this.#fence = fence
    this.#addresses = settings.KAFKA_BOOTSTRAP_SERVERS
  }

  /**
   * One request to any broker. A connection that turns out to be broken is made anew once: every request this client
   * makes can be made twice (creating what exists, deleting what is gone and setting what is set are all done).
   */
  async call<Args extends unknown[], Answer>(
    candidates: readonly API<Args, Answer>[],
    args: Args,
    signal: AbortSignal,
  ): Promise<Answer> {
    const ask = async (broker: Broker): Promise<Answer> => {
      this.#fence?.check()
      return broker.call(candidates, args, signal)
    }
    const broker = await this.broker(signal)
    try {
      return await ask(broker)
    } catch (error) {
      const lost = error instanceof ReconcileError && error.reason === 'ServiceUnreachable'
      if (!lost || broker.usable) throw error
      return await ask(await this.broker(signal))
    }
  }

  /** A broker to talk to. The connection is shared by all callers; each waits no longer than its own signal. */
  async broker(signal: AbortSignal): Promise<Broker> {
    signal.throwIfAborted()
    const credentials = await unlessAborted(readCredentials(this.#settings), signal)
    if (this.#refused?.fingerprint === credentials.fingerprint && performance.now() < this.#refused.until) {
      throw this.#refused.error
    }
    const current = this.#broker
    if (current?.fingerprint === credentials.fingerprint) {
      const broker = await unlessAborted(current.connected, signal)
      if (broker.usable) return broker
    }
    // Another caller may have begun to connect meanwhile.
    const next = this.#broker === current ? undefined : this.#broker
    const entry = next ?? this.#replace(this.#bootstrap(credentials), credentials.fingerprint)
    return await unlessAborted(entry.connected, signal)
  }

  /** From now on another broker is asked: the one that is the controller, as clusters with ZooKeeper need it. */
  async moveToController(signal: AbortSignal): Promise<void> {
    const { brokers, controllerId } = await this.call(apis.metadata, [[], false, false], signal)
    const controller = brokers.find(({ nodeId }) => nodeId === controllerId)
    const broker = await this.broker(signal)
    if (controller === undefined || broker.where === `${controller.host}:${controller.port}`) return
    const credentials = await readCredentials(this.#settings)
    this.#replace(this.#connect(controller, credentials), credentials.fingerprint)
    await this.broker(signal)
  }

  /** A connection to one given broker (a leader, a coordinator) for as long as `use` runs. */
  async withBroker<T>(
    address: Address,
    signal: AbortSignal,
    use: (broker: Broker) => Promise<T>,
  ): Promise<T> {
    const credentials = await readCredentials(this.#settings)
    const both = AbortSignal.any([signal, this.#closing.signal])
    const broker = await this.#connect(address, credentials, both)
    try {
      return await use(broker)
    } finally {
      broker.destroy()
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new ReconcileError('Aborted', 'the client is closed'))
    this.#drop()
  }

  #replace(connected: Promise<Broker>, fingerprint: string): Shared {
    this.#drop()
    const entry = { fingerprint, connected }
    this.#broker = entry
    // A failure is for whoever waits; the next caller tries afresh.
    connected.catch(() => {
      if (this.#broker === entry) this.#broker = undefined
    })
    return entry
  }

  #drop(): void {
    const old = this.#broker
    this.#broker = undefined
    old?.connected.then(
      (broker) => broker.destroy(),
      () => undefined,
    )
  }

  /** Tries one address after another. Refused credentials end it: every address would count as one more attempt. */
  async #bootstrap(credentials: Credentials): Promise<Broker> {
    const failures: ReconcileError[] = []
    for (const address of this.#addresses) {
      try {
        const broker = await this.#connect(address, credentials)
        this.#addresses = [address, ...this.#addresses.filter((each) => each !== address)]
        return broker
      } catch (error) {
        if (!(error instanceof ReconcileError) || ['AuthenticationFailed', 'Aborted'].includes(error.reason))
          throw error
        failures.push(error)
      }
    }
    const reason =
      failures.find((each) => each.reason !== 'ServiceUnreachable')?.reason ?? 'ServiceUnreachable'
    throw new ReconcileError(reason, failures.map(({ message }) => message).join('; '), {
      cause: failures[0],
    })
  }

  async #connect(address: Address, credentials: Credentials, signal = this.#closing.signal): Promise<Broker> {
    try {
      return await Broker.connect(address, credentials, this.#settings.KAFKA_REQUEST_TIMEOUT, signal)
    } catch (error) {
      if (error instanceof ReconcileError && error.reason === 'AuthenticationFailed') {
        const until = performance.now() + refusedMs
        this.#refused = { fingerprint: credentials.fingerprint, until, error }
      }
      throw error
    }
  }
}
