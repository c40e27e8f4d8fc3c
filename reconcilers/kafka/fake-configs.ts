import { BrokerRefusal } from './broker-refusal.ts'
import { canonicalConfig } from './config-types.ts'

/** What a topic config is, to the broker. `source` is where its default comes from (ConfigSource of the protocol). */
interface ConfigFacts {
  readonly value: string
  readonly source: number
  readonly atLeast?: number
  readonly type: 'INT' | 'LONG' | 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'LIST'
  readonly oneOf?: readonly string[]
}

const inherited = 5
const long = (value: string, atLeast: number): ConfigFacts => ({
  value,
  source: inherited,
  type: 'LONG',
  atLeast,
})
const int = (value: string, atLeast: number): ConfigFacts => ({
  value,
  source: inherited,
  type: 'INT',
  atLeast,
})
const boolean: ConfigFacts = { value: 'false', source: inherited, type: 'BOOLEAN' }
const endless = '9223372036854775807'
const codecs = ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer']

/** Topic configs of Kafka 4.3 with a fresh broker's defaults, as DescribeConfigs shows them; an integration test compares. */
export const brokerDefaults: ReadonlyMap<string, ConfigFacts> = new Map<string, ConfigFacts>([
  ['cleanup.policy', { value: 'delete', source: inherited, type: 'LIST', oneOf: ['compact', 'delete'] }],
  ['compression.gzip.level', int('-1', -1)],
  ['compression.lz4.level', int('9', 1)],
  ['compression.type', { value: 'producer', source: inherited, type: 'STRING', oneOf: codecs }],
  ['compression.zstd.level', int('3', -131072)],
  ['delete.retention.ms', long('86400000', 0)],
  ['file.delete.delay.ms', long('60000', 0)],
  ['flush.messages', long(endless, 1)],
  ['flush.ms', long(endless, 0)],
  ['follower.replication.throttled.replicas', { value: '', source: inherited, type: 'LIST' }],
  ['index.interval.bytes', int('4096', 0)],
  ['leader.replication.throttled.replicas', { value: '', source: inherited, type: 'LIST' }],
  ['local.retention.bytes', long('-2', -2)],
  ['local.retention.ms', long('-2', -2)],
  ['max.compaction.lag.ms', long(endless, 1)],
  ['max.message.bytes', int('1048588', 0)],
  ['message.timestamp.after.max.ms', long('3600000', 0)],
  ['message.timestamp.before.max.ms', long(endless, 0)],
  [
    'message.timestamp.type',
    { value: 'CreateTime', source: inherited, type: 'STRING', oneOf: ['CreateTime', 'LogAppendTime'] },
  ],
  ['min.cleanable.dirty.ratio', { value: '0.5', source: inherited, type: 'DOUBLE', atLeast: 0 }],
  ['min.compaction.lag.ms', long('0', 0)],
  // 3: a default of the whole cluster, although nobody set it (4.0 and later).
  ['min.insync.replicas', { ...int('1', 1), source: 3 }],
  ['preallocate', boolean],
  ['remote.log.copy.disable', boolean],
  ['remote.log.delete.on.disable', boolean],
  ['remote.storage.enable', boolean],
  ['retention.bytes', long('-1', -1)],
  ['retention.ms', long('604800000', -1)],
  ['segment.bytes', int('1073741824', 1_048_576)],
  ['segment.index.bytes', int('10485760', 4)],
  ['segment.jitter.ms', long('0', 0)],
  ['segment.ms', long('604800000', 1)],
  ['unclean.leader.election.enable', boolean],
])

/** The value as the broker shows it; throws its refusal when the value or the key is none. */
export function readConfig(key: string, text: string): string {
  const facts = brokerDefaults.get(key)
  if (facts === undefined) throw new BrokerRefusal('INVALID_CONFIG', `Unknown topic config name: ${key}`)
  const flaw = findFlaw(facts, text)
  if (flaw !== undefined) {
    throw new BrokerRefusal('INVALID_CONFIG', `Invalid value ${text} for configuration ${key}: ${flaw}`)
  }
  return key === 'cleanup.policy' ? words(text).join(',') : canonicalConfig(key, text)
}

function findFlaw(facts: ConfigFacts, text: string): string | undefined {
  const { type, oneOf } = facts
  if (type === 'BOOLEAN') {
    return /^(true|false)$/i.test(text.trim()) ? undefined : 'Expected value to be either true or false'
  }
  if (type !== 'LIST' && type !== 'STRING') return findNumberFlaw(facts, text.trim())
  const known = oneOf === undefined || words(text).every((word) => oneOf.includes(word))
  return known ? undefined : `String must be one of: ${oneOf.join(', ')}`
}

function findNumberFlaw({ type, atLeast }: ConfigFacts, text: string): string | undefined {
  const isNumber = type === 'DOUBLE' ? Number.isFinite(Number(text)) : fits(text, type === 'INT' ? 31n : 63n)
  if (!isNumber || text === '') return `Not a number of type ${type}`
  return atLeast !== undefined && Number(text) < atLeast ? `Value must be at least ${atLeast}` : undefined
}

function fits(text: string, bits: bigint): boolean {
  if (!/^[+-]?\d{1,30}$/.test(text)) return false
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= -(2n ** bits) && value < 2n ** bits
}

function words(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim())
}
