import type { Change } from '../../../src/core/resource.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import type { Outcome, ServerInfo, ServiceClient, Verdict } from '../../../src/reconcile/service-client.ts'
import type { Topic } from '../normalize.ts'
import type { KafkaSettings } from '../settings.ts'
import { apis } from './apis.ts'
import { applyChanges } from './apply.ts'
import { Cluster } from './cluster.ts'
import { listTopics, observeTopics } from './observe.ts'
import type { Call } from './steps.ts'
import { validateChanges } from './validate.ts'
import { releaseOf } from './release.ts'

/** Kafka, by its own protocol. Everything is asked of one long-lived connection; only deletions look at each broker. */
export class KafkaClient implements ServiceClient<Topic> {
  readonly #cluster: Cluster
  readonly #timeoutMs: number

  constructor(settings: KafkaSettings, fence?: Fence) {
    this.#cluster = new Cluster(settings, fence)
    this.#timeoutMs = settings.KAFKA_REQUEST_TIMEOUT
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    const { clusterId } = await this.#cluster.call(apis.metadata, [[], false, false], signal)
    const { metadataLevel } = await this.#cluster.broker(signal)
    return { version: releaseOf(metadataLevel), clusterId: clusterId ?? '' }
  }

  async list(_type: string, signal: AbortSignal): Promise<readonly string[]> {
    return listTopics(this.#cluster, signal)
  }

  async observe(_type: string, names: readonly string[], signal: AbortSignal): Promise<readonly Topic[]> {
    return observeTopics(this.#cluster, names, signal)
  }

  async validate(changes: readonly Change<Topic>[], signal: AbortSignal): Promise<readonly Verdict[]> {
    return validateChanges(changes, this.#call(signal))
  }

  async apply(changes: readonly Change<Topic>[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return applyChanges(changes, this.#call(signal))
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }

  #call(signal: AbortSignal): Call {
    return { cluster: this.#cluster, timeoutMs: this.#timeoutMs, validateOnly: false, signal }
  }
}
