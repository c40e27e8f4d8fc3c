/**
 * How Kafka reads each topic config (`TopicConfig` and `LogConfig`, 3.9 to 4.3), so that two spellings of one value compare
 * as one. A key that is not here is compared as it is written.
 */
type ConfigType = 'integer' | 'decimal' | 'boolean' | 'list'

const integers = [
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.zstd.level',
  'delete.retention.ms',
  'file.delete.delay.ms',
  'flush.messages',
  'flush.ms',
  'index.interval.bytes',
  'local.retention.bytes',
  'local.retention.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.difference.max.ms',
  'min.compaction.lag.ms',
  'min.insync.replicas',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
]
const booleans = [
  'message.downconversion.enable',
  'preallocate',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'remote.storage.enable',
  'unclean.leader.election.enable',
]

const configTypes: ReadonlyMap<string, ConfigType> = new Map<string, ConfigType>([
  ...integers.map((key) => [key, 'integer'] as const),
  ...booleans.map((key) => [key, 'boolean'] as const),
  ['min.cleanable.dirty.ratio', 'decimal'],
  ['cleanup.policy', 'list'],
])

const canonical: Readonly<Record<ConfigType, (text: string) => string>> = {
  integer: (text) => (/^[+-]?\d{1,30}$/.test(text) ? BigInt(text.replace(/^\+/, '')).toString() : text),
  decimal: (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? String(Number(text)) : text),
  boolean: (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() : text),
  list: (text) => [...new Set(text.split(',').map((item) => item.trim()))].sort().join(','),
}

/** One text for all spellings of a value. What cannot be read as the key's type is left alone: the broker refuses it in its own words. */
export function canonicalConfig(key: string, text: string): string {
  const type = configTypes.get(key)
  return type === undefined ? text : canonical[type](text.trim())
}
