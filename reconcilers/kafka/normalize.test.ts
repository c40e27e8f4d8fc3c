import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalConfig } from './config-types.ts'
import { normalizeTopic, observeTopic, toWrittenTopic } from './normalize.ts'
import type { TopicReading } from './normalize.ts'
import { topicSchema } from './schema.ts'

const sameValues: readonly [string, string, string][] = [
  ['cleanup.policy', 'compact, delete', 'compact,delete'],
  ['cleanup.policy', 'delete,compact', 'compact,delete'],
  ['cleanup.policy', ' delete ', 'delete'],
  ['retention.ms', ' 86400000 ', '86400000'],
  ['retention.ms', '+5', '5'],
  ['retention.ms', '007', '7'],
  ['retention.ms', '-1', '-1'],
  ['flush.messages', '9223372036854775807', '9223372036854775807'],
  ['min.cleanable.dirty.ratio', '0.50', '0.5'],
  ['min.cleanable.dirty.ratio', '1.0E-5', '0.00001'],
  ['preallocate', 'TRUE', 'true'],
  ['preallocate', ' False ', 'false'],
]

const otherValues: readonly [string, string, string][] = [
  ['retention.ms', '86400000', '86400001'],
  ['flush.messages', '9223372036854775807', '9223372036854775806'],
  ['cleanup.policy', 'compact', 'compact,delete'],
  ['compression.type', 'LZ4', 'lz4'],
  ['message.timestamp.type', 'createtime', 'CreateTime'],
  ['vendor.setting', '1', '01'],
  ['vendor.setting', 'a, b', 'a,b'],
]

const unreadable: readonly [string, string][] = [
  ['retention.ms', '1e9'],
  ['retention.ms', 'a week'],
  ['retention.ms', ''],
  ['preallocate', 'yes'],
  ['min.cleanable.dirty.ratio', 'half'],
]

describe('a config value', () => {
  for (const [key, one, other] of sameValues) {
    it(`${key}: "${one}" and "${other}" are one value`, () => {
      assert.equal(canonicalConfig(key, one), canonicalConfig(key, other))
    })
  }
  for (const [key, one, other] of otherValues) {
    it(`${key}: "${one}" and "${other}" are two values`, () => {
      assert.notEqual(canonicalConfig(key, one), canonicalConfig(key, other))
    })
  }
  for (const [key, text] of unreadable) {
    it(`${key}: "${text}" stays as it is, for the broker to refuse`, () => {
      assert.equal(canonicalConfig(key, text), text)
    })
  }
})

describe('what is written', () => {
  it('becomes flat fields; what is not written is not there', () => {
    const written = topicSchema.parse({
      partitions: 6,
      config: { 'retention.ms': 1e9, preallocate: true, 'min.cleanable.dirty.ratio': 0.5 },
    })
    assert.deepEqual(Object.fromEntries(normalizeTopic('a', written).fields), {
      partitions: 6,
      'config.retention.ms': '1000000000',
      'config.preallocate': 'true',
      'config.min.cleanable.dirty.ratio': '0.5',
    })
    assert.equal(normalizeTopic('a', {}).fields.size, 0)
  })

  for (const name of ['__proto__', 'constructor', 'toString']) {
    it(`may be a topic named ${name}`, () => {
      const topic = normalizeTopic(name, { partitions: 1 })
      assert.equal(topic.name, name)
      assert.deepEqual([...topic.fields], [['partitions', 1]])
    })
  }
})

function reading(partial: Partial<TopicReading>): TopicReading {
  return { name: 'a', id: 'id-1', partitions: [{ leader: true, replicas: 1 }], configs: [], ...partial }
}

const partitionsWith = (...replicas: number[]) => replicas.map((each) => ({ leader: true, replicas: each }))

const replications: readonly [string, readonly number[], number][] = [
  ['the same everywhere', [3, 3, 3], 3],
  ['the commonest, when one partition differs', [3, 2, 3], 3],
  ['the commonest, while a few partitions are being moved', [6, 3, 3], 3],
  ['the smaller of two equally common ones', [3, 6], 3],
]

describe('what is observed', () => {
  it('shows effective values, and which of them are set on the topic', () => {
    const topic = observeTopic(
      reading({
        configs: [
          { name: 'retention.ms', value: '1000', source: 1, sensitive: false },
          { name: 'min.insync.replicas', value: '1', source: 3, sensitive: false },
          { name: 'segment.bytes', value: '1073741824', source: 4, sensitive: false },
          { name: 'cleanup.policy', value: 'delete', source: 5, sensitive: false },
        ],
      }),
    )
    assert.deepEqual(Object.fromEntries(topic.fields), {
      partitions: 1,
      'replication-factor': 1,
      'config.retention.ms': '1000',
      'config.min.insync.replicas': '1',
      'config.segment.bytes': '1073741824',
      'config.cleanup.policy': 'delete',
    })
    assert.deepEqual([...(topic.explicit ?? [])], ['config.retention.ms'])
    assert.equal(topic.id, 'id-1')
  })

  it('never shows a sensitive value', () => {
    const configs = [
      { name: 'vendor.password', value: 'hunter2', source: 1, sensitive: true },
      { name: 'vendor.token', value: null, source: 1, sensitive: true },
    ]
    const topic = observeTopic(reading({ configs }))
    assert.deepEqual([...topic.fields.keys()], ['partitions', 'replication-factor'])
    assert.deepEqual([...(topic.explicit ?? [])], [])
  })

  for (const [what, replicas, factor] of replications) {
    it(`has as replication factor ${what}`, () => {
      const topic = observeTopic(reading({ partitions: partitionsWith(...replicas) }))
      assert.equal(topic.fields.get('replication-factor'), factor)
    })
  }

  it('keeps its fields when partitions have no leader, and says so besides', () => {
    const partitions = [...partitionsWith(1, 1), { leader: false, replicas: 1 }]
    const topic = observeTopic(reading({ partitions }))
    assert.equal(topic.fields.get('partitions'), 3)
    assert.equal(topic.unavailable, '1 of 3 partitions have no leader')
    assert.equal(observeTopic(reading({})).unavailable, undefined)
  })

  it('gives the same canonical value again when a value changes and changes back', () => {
    const value = (text: string) =>
      observeTopic(
        reading({ configs: [{ name: 'retention.ms', value: text, source: 1, sensitive: false }] }),
      ).fields.get('config.retention.ms')
    assert.deepEqual(['1', ' 2', '1'].map(value), ['1', '2', '1'])
  })
})

describe('import', () => {
  const configs = [
    { name: 'retention.ms', value: '1000', source: 1, sensitive: false },
    { name: 'leader.replication.throttled.replicas', value: '0:1', source: 1, sensitive: false },
    { name: 'cleanup.policy', value: 'delete', source: 5, sensitive: false },
  ]

  it('writes partitions, replication factor and what is set on the topic, without defaults and throttles', () => {
    const observed = observeTopic(reading({ configs }))
    const written = toWrittenTopic(observed)
    assert.deepEqual(written, { partitions: 1, 'replication-factor': 1, config: { 'retention.ms': '1000' } })
  })

  it('gives a document whose plan is empty', () => {
    const observed = observeTopic(reading({ configs }))
    const desired = normalizeTopic('a', topicSchema.parse(toWrittenTopic(observed)))
    for (const [path, value] of desired.fields) assert.equal(observed.fields.get(path), value, path)
  })

  it('leaves internal topics out', () => {
    assert.equal(toWrittenTopic(observeTopic(reading({ name: '__consumer_offsets' }))), undefined)
  })
})
