import {
  Connection,
  ResponseError,
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  listOffsetsV9,
  metadataV12,
} from '@platformatic/kafka'
import { waitFor } from './waiting.ts'

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly retentionMs?: number
}

const topicResource = 2
const set = 0
const requestMs = 120_000
/** As many topics per DescribeConfigs as the reconciler asks for, so that both read the same answers. */
const describeChunk = 500
/** KRaft refuses more than 10,000 records in one request. */
const createRecords = 8_000

/** The protocol without anything around it: the fewest calls that do the work, on one connection, pipelined. */
export class BareBroker {
  readonly #connection = new Connection('infometis-bench', { requestTimeout: requestMs, maxInflights: 1_000 })
  readonly #signal: AbortSignal
  #drained = 0

  private constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  static async connect(bootstrapServers: string, signal: AbortSignal): Promise<BareBroker> {
    const broker = new BareBroker(signal)
    const [, host = '', port = ''] = /^([^,]+):(\d+)/.exec(bootstrapServers) ?? []
    await broker.#connection.connect(host, Number(port))
    return broker
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  /** The fewest CreateTopics there can be, then Metadata until every partition has a leader. */
  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    const batch = Math.floor(createRecords / Math.max(...specs.map(({ partitions }) => partitions + 2)))
    for (let from = 0; from < specs.length; from += batch) {
      const topics = specs.slice(from, from + batch).map(({ name, partitions, retentionMs }) => ({
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(retentionMs) }],
      }))
      await createTopicsV7.api.async(this.#connection, topics, requestMs, false)
    }
    await this.awaitLeaders(specs)
  }

  async awaitLeaders(specs: readonly TopicSpec[]): Promise<void> {
    const wanted = new Map(specs.map(({ name, partitions }) => [name, partitions]))
    const led = async (names: readonly string[] | null): Promise<number> => {
      const topics = (await this.#metadata(names)).filter(
        ({ name, partitions }) =>
          wanted.get(name ?? '') === partitions.length && partitions.every(({ leaderId }) => leaderId >= 0),
      )
      return topics.length
    }
    const last = specs.at(-1)?.name ?? ''
    await this.#until(`${last} to have leaders`, async () => (await led([last])) === 1)
    await this.#until(`${wanted.size} topics to have leaders`, async () => (await led(null)) === wanted.size)
  }

  /**
   * Until the broker has done everything it was told. Metadata shows leaders, and no longer shows what was deleted, seconds
   * before the logs are made or removed; changes are taken in order, so a topic that is served has none before it.
   */
  async drain(): Promise<void> {
    const probe = { name: `drained-${(this.#drained += 1)}-${process.pid}`, partitions: 1 }
    await this.createTopics([probe])
    await this.#awaitServed([probe])
  }

  async #awaitServed(specs: readonly TopicSpec[]): Promise<void> {
    const topics = specs.map(({ name, partitions }) => ({
      name,
      partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
        partitionIndex,
        currentLeaderEpoch: -1,
        timestamp: -1n,
      })),
    }))
    await this.#until(`${specs.length} topics to be served`, async () =>
      listOffsetsV9.api.async(this.#connection, -1, 0, topics).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ResponseError) return false
          throw error
        },
      ),
    )
  }

  /** One DeleteTopics, by id, then Metadata until no topic of these is left. */
  async deleteTopics(ids: ReadonlyMap<string, string>): Promise<void> {
    const topics = [...ids.values()].map((topicId) => ({ name: null, topicId }))
    await deleteTopicsV6.api.async(this.#connection, topics, requestMs)
    await this.awaitGone(new Set(ids.keys()))
  }

  async awaitGone(names: ReadonlySet<string>): Promise<void> {
    const left = async (asked: readonly string[] | null): Promise<boolean> =>
      (await this.#metadata(asked)).some(({ name, errorCode }) => names.has(name ?? '') && errorCode === 0)
    const last = [...names].at(-1) ?? ''
    await this.#until(`${last} to be gone`, async () => !(await left([last])))
    await this.#until(`${names.size} topics to be gone`, async () => !(await left(null)))
  }

  /** Name → id of every topic whose name begins so. */
  async ids(prefix: string): Promise<ReadonlyMap<string, string>> {
    const topics = (await this.#metadata(null)).map(({ name, topicId }) => [name ?? '', topicId] as const)
    return new Map(topics.filter(([name]) => name.startsWith(prefix)))
  }

  /** Everything there is to know of every topic: one Metadata and ⌈n/500⌉ DescribeConfigs. Returns how many topics there are. */
  async observeAll(): Promise<number> {
    const names = (await this.#metadata(null)).map(({ name }) => name ?? '')
    const requests: Promise<unknown>[] = []
    for (let from = 0; from < names.length; from += describeChunk) {
      requests.push(this.#describe(names.slice(from, from + describeChunk), null))
    }
    await Promise.all(requests)
    return names.length
  }

  /** Topic → its retention.ms. */
  async retentions(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { results } = await this.#describe(names, ['retention.ms'])
    return new Map(results.map(({ resourceName, configs }) => [resourceName, configs[0]?.value ?? '']))
  }

  async setRetention(name: string, ms: number): Promise<void> {
    const config = { name: 'retention.ms', configOperation: set, value: String(ms) } as const
    const resource = { resourceType: topicResource, resourceName: name } as const
    await incrementalAlterConfigsV1.api.async(this.#connection, [{ ...resource, configs: [config] }], false)
  }

  async #describe(names: readonly string[], keys: readonly string[] | null) {
    const resources = names.map(
      (resourceName) =>
        ({
          resourceType: topicResource,
          resourceName,
          configurationKeys: keys === null ? null : [...keys],
        }) as const,
    )
    return describeConfigsV4.api.async(this.#connection, resources, false, false)
  }

  /** Null for all topics. For a topic that is not there the library throws, with the whole answer in hand. */
  async #metadata(names: readonly string[] | null) {
    const asked = names === null ? null : [...names]
    const answer = await metadataV12.api
      .async(this.#connection, asked, false, false)
      .catch((error: unknown) => {
        if (error instanceof ResponseError)
          return error['response'] as Awaited<ReturnType<typeof metadataV12.api.async>>
        throw error
      })
    return answer.topics
  }

  /** Every 5 ms. One topic is asked for before all are: large answers would slow the broker down. */
  async #until(what: string, ask: () => Promise<boolean>): Promise<void> {
    const wait = { what, deadlineMs: 300_000, everyMs: 5, signal: this.#signal }
    await waitFor(async () => ((await ask()) ? true : undefined), wait)
  }
}
