import type { Json, Resource } from '../../src/core/resource.ts'
import { canonicalConfig } from './config-types.ts'
import type { WrittenTopic } from './schema.ts'

/** A topic with flat fields: `partitions`, `replication-factor` (numbers) and `config.<key>` (strings). */
export interface Topic extends Resource {
  readonly type: 'topics'
}

/** What a broker says of one topic, free of any client's types. */
export interface TopicReading {
  readonly name: string
  readonly id: string
  readonly partitions: readonly { readonly leader: boolean; readonly replicas: number }[]
  readonly configs: readonly ConfigReading[]
}

/** `source` is the protocol's ConfigSource; 1 is the topic itself. A sensitive value arrives as null. */
export interface ConfigReading {
  readonly name: string
  readonly value: string | null
  readonly source: number
  readonly sensitive: boolean
}

/** DYNAMIC_TOPIC_CONFIG. On 4.x min.insync.replicas reads as 3 (a cluster default) although nobody set it. */
const setOnTopic = 1

/** Topics that Kafka and its companions keep for themselves; `__` is their common mark. */
export function isInternal(name: string): boolean {
  return name.startsWith('__')
}

/** Written → desired: only what is written. */
export function normalizeTopic(name: string, written: WrittenTopic): Topic {
  const fields = new Map<string, Json>()
  if (written.partitions !== undefined) fields.set('partitions', written.partitions)
  const replicationFactor = written['replication-factor']
  if (replicationFactor !== undefined) fields.set('replication-factor', replicationFactor)
  for (const [key, value] of Object.entries(written.config ?? {})) {
    fields.set(`config.${key}`, canonicalConfig(key, String(value)))
  }
  return { type: 'topics', name, fields }
}

/** Broker → observed: effective values, with `explicit` for what is set on the topic. Sensitive values never appear. */
export function observeTopic(reading: TopicReading): Topic {
  const fields = new Map<string, Json>([
    ['partitions', reading.partitions.length],
    ['replication-factor', commonReplicationFactor(reading.partitions)],
  ])
  const explicit = new Set<string>()
  for (const config of reading.configs) {
    if (config.sensitive || config.value === null) continue
    const { path, value } = shared(config.name, config.value)
    fields.set(path, value)
    if (config.source === setOnTopic) explicit.add(path)
  }
  const leaderless = reading.partitions.filter(({ leader }) => !leader).length
  const topic: Topic = { type: 'topics', name: reading.name, id: reading.id, fields, explicit }
  if (leaderless === 0) return topic
  return { ...topic, unavailable: `${leaderless} of ${reading.partitions.length} partitions have no leader` }
}

/** Most topics have the defaults, so one text for each serves thousands of topics. Only the latest value of a key is kept. */
const latest = new Map<string, { readonly path: string; readonly text: string; readonly value: string }>()

function shared(key: string, text: string): { readonly path: string; readonly value: string } {
  const known = latest.get(key)
  if (known?.text === text) return known
  const entry = { path: known?.path ?? `config.${key}`, text, value: canonicalConfig(key, text) }
  latest.set(key, entry)
  return entry
}

/**
 * Partitions can differ (a reassignment under way, or one made by hand). The commonest value is the topic's; of two
 * equally common ones the smaller, because a partition that is being moved lists old and new replicas together.
 */
function commonReplicationFactor(partitions: TopicReading['partitions']): number {
  const counts = new Map<number, number>()
  for (const { replicas } of partitions) counts.set(replicas, (counts.get(replicas) ?? 0) + 1)
  const ranked = [...counts].sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b)
  return ranked[0]?.[0] ?? 0
}

/** Observed → what a person would write: partitions, replication factor, and the configs set on the topic. */
export function toWrittenTopic(observed: Topic): WrittenTopic | undefined {
  if (isInternal(observed.name)) return undefined
  const config = [...(observed.explicit ?? [])]
    .filter((path) => !path.endsWith('.replication.throttled.replicas'))
    .sort()
    .map((path) => [path.slice('config.'.length), textOf(observed.fields.get(path))] as const)
  return {
    partitions: Number(observed.fields.get('partitions')),
    'replication-factor': Number(observed.fields.get('replication-factor')),
    ...(config.length > 0 && { config: Object.fromEntries(config) }),
  }
}

/** Config fields are strings by construction; anything else would be a fault of ours. */
function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw new TypeError('a config field is not a string')
  return value
}
