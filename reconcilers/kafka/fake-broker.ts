import { createHash } from 'node:crypto'
import { BrokerRefusal } from './broker-refusal.ts'
import { brokerDefaults, readConfig } from './fake-configs.ts'
import type { TopicReading } from './normalize.ts'

/** A topic as the fake broker keeps it. */
export interface FakeTopic {
  readonly id: string
  partitions: number
  replicationFactor: number
  /** What is set on the topic itself, as it was sent. */
  readonly config: Map<string, string>
  records: number
  /** Partitions that have no leader for now. */
  leaderless: number
}

/** What a topic can be made of; the rest is the broker's default (one partition, one replica, no records). */
export interface FakeTopicOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly config?: Readonly<Record<string, string>>
  readonly records?: number
}

/** Kafka's state and its real constraints. Tests use it as the second writer, and to look at what became of a plan. */
export class FakeBroker {
  readonly clusterId: string
  readonly brokers: number
  readonly #topics = new Map<string, FakeTopic>()
  readonly #groups = new Map<string, ReadonlySet<string>>()
  #made = 0

  constructor(options: { readonly clusterId?: string; readonly brokers?: number } = {}) {
    this.clusterId = options.clusterId ?? 'fake-kafka-cluster-id0'
    this.brokers = options.brokers ?? 3
  }

  names(): readonly string[] {
    return [...this.#topics.keys()]
  }

  topic(name: string): Readonly<FakeTopic> | undefined {
    return this.#topics.get(name)
  }

  create(name: string, options: FakeTopicOptions = {}): void {
    this.checkCreate(name, options)
    this.#made += 1
    this.#topics.set(name, {
      id: topicId(this.#made),
      partitions: options.partitions ?? 1,
      replicationFactor: options.replicationFactor ?? 1,
      config: new Map(Object.entries(options.config ?? {})),
      records: options.records ?? 0,
      leaderless: 0,
    })
  }

  checkCreate(name: string, { partitions = 1, replicationFactor = 1, config = {} }: FakeTopicOptions): void {
    if (this.#topics.has(name))
      throw new BrokerRefusal('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
    const other = this.names().find((each) => each.replaceAll('.', '_') === name.replaceAll('.', '_'))
    if (other !== undefined) {
      throw new BrokerRefusal(
        'INVALID_TOPIC_EXCEPTION',
        `Topic '${name}' collides with existing topic: ${other}`,
      )
    }
    if (partitions < 1) {
      throw new BrokerRefusal(
        'INVALID_PARTITIONS',
        'Number of partitions was set to an invalid non-positive value.',
      )
    }
    if (replicationFactor > this.brokers) {
      throw new BrokerRefusal(
        'INVALID_REPLICATION_FACTOR',
        `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached because only ${this.brokers} broker(s) are registered or some brokers have all their log directories cordoned.`,
      )
    }
    for (const [key, value] of Object.entries(config)) checkConfig(key, value)
  }

  delete(name: string): void {
    if (!this.#topics.delete(name)) throw unknownTopic()
  }

  /** Same name, same shape, another topic: its id differs and its records are gone. */
  recreate(name: string): void {
    const { partitions, replicationFactor, config } = this.#known(name)
    this.delete(name)
    this.create(name, { partitions, replicationFactor, config: Object.fromEntries(config) })
  }

  setPartitions(name: string, count: number): void {
    this.checkPartitions(name, count)
    this.#known(name).partitions = count
  }

  checkPartitions(name: string, count: number): void {
    const { partitions } = this.#known(name)
    if (count === partitions) {
      throw new BrokerRefusal('INVALID_PARTITIONS', `Topic already has ${partitions} partition(s).`)
    }
    if (count < partitions) {
      const words = `The topic ${name} currently has ${partitions} partition(s); ${count} would not be an increase.`
      throw new BrokerRefusal('INVALID_PARTITIONS', words)
    }
  }

  /** `undefined` removes the key from the topic, as the operation DELETE does. */
  setConfigs(name: string, configs: ReadonlyMap<string, string | undefined>): void {
    this.checkConfigs(name, configs)
    const { config } = this.#known(name)
    for (const [key, value] of configs) {
      if (value === undefined) config.delete(key)
      else config.set(key, value)
    }
  }

  checkConfigs(name: string, configs: ReadonlyMap<string, string | undefined>): void {
    this.#known(name)
    for (const [key, value] of configs) checkConfig(key, value)
  }

  setRecords(name: string, records: number): void {
    this.#known(name).records = records
  }

  setLeaderless(name: string, partitions: number): void {
    this.#known(name).leaderless = partitions
  }

  /** Only another tool can do this: moving replicas. */
  setReplicationFactor(name: string, replicationFactor: number): void {
    this.#known(name).replicationFactor = replicationFactor
  }

  /** A consumer group with members on these topics; none ends it. */
  setGroup(group: string, topics: readonly string[]): void {
    this.#groups.set(group, new Set(topics))
  }

  groupsOf(topic: string): readonly string[] {
    return [...this.#groups].filter(([, topics]) => topics.has(topic)).map(([group]) => group)
  }

  read(name: string): TopicReading | undefined {
    const topic = this.#topics.get(name)
    if (topic === undefined) return undefined
    const partitions = Array.from({ length: topic.partitions }, (_, index) => ({
      leader: index >= topic.leaderless,
      replicas: topic.replicationFactor,
    }))
    const inherited = [...brokerDefaults].filter(([key]) => !topic.config.has(key))
    const configs = [
      ...inherited.map(([key, { value, source }]) => ({ name: key, value, source, sensitive: false })),
      ...[...topic.config].map(([key, value]) => ({
        name: key,
        value: readConfig(key, value),
        source: 1,
        sensitive: false,
      })),
    ]
    return { name, id: topic.id, partitions, configs }
  }

  #known(name: string): FakeTopic {
    const topic = this.#topics.get(name)
    if (topic === undefined) throw unknownTopic()
    return topic
  }
}

function unknownTopic(): BrokerRefusal {
  return new BrokerRefusal('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
}

function checkConfig(key: string, value: string | undefined): void {
  if (!brokerDefaults.has(key)) throw new BrokerRefusal('INVALID_CONFIG', `Unknown topic config name: ${key}`)
  if (value !== undefined) readConfig(key, value)
}

/** Ids in the protocol's textual form, the same in every run. */
function topicId(serial: number): string {
  const hex = createHash('sha256').update(String(serial)).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
