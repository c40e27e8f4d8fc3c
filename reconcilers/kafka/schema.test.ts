import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { issuesOf } from '../../test/support/schema-issues.ts'
import { topicName, topicSchema } from './schema.ts'

const badNames: readonly [string, string, RegExp][] = [
  ['an empty name', '', /must not be empty/],
  ['a dot', '.', /cannot be named "\." or "\.\."/],
  ['two dots', '..', /cannot be named/],
  ['250 characters', 'a'.repeat(250), /at most 249 characters, this one has 250/],
  ['a space', 'user events', /consists of a-z, A-Z, 0-9.*"user events" does not/],
  ['a trailing space', 'user-events ', /"user-events " does not/],
  ['a slash', 'a/b', /"a\/b" does not/],
  ['an umlaut', 'kanäle', /does not/],
  ['a Cyrillic look-alike', 'оrders', /does not/],
  ['an emoji', '🔥', /does not/],
  ['a NUL', 'a\u0000b', /"a\\u0000b" does not/],
  ['a line break', 'a\nb', /"a\\nb" does not/],
]

const goodNames = [
  'a',
  'a'.repeat(249),
  'a.b',
  'a_b',
  '_schemas',
  '...',
  '__proto__',
  'constructor',
  'toString',
  'ORDERS-1',
]

describe('a topic name', () => {
  for (const [what, name, message] of badNames) {
    it(`may not be ${what}`, () => assert.match(issuesOf(topicName, name).join('; '), message))
  }
  for (const name of goodNames) {
    it(`may be ${name.slice(0, 20)} (${name.length})`, () => assert.deepEqual(issuesOf(topicName, name), []))
  }
})

const whole = (key: string, max: number, shown: string) =>
  `${key}: ${key} must be a whole number from 1 to ${max}, written without quotes; ${shown} is not`

const badTopics: readonly [string, unknown, string][] = [
  ['null', null, 'a topic is a map of partitions, replication-factor and config'],
  ['a list', [], 'a topic is a map of partitions, replication-factor and config'],
  ['a number', 6, 'a topic is a map of partitions, replication-factor and config'],
  [
    'an unknown key',
    { partition: 6 },
    '"partition" is not known here; a topic has partitions, replication-factor and config',
  ],
  [
    'the key __proto__',
    JSON.parse('{"__proto__": {"partitions": 1}}'),
    '"__proto__" is not known here; a topic has partitions, replication-factor and config',
  ],
  ['partitions in quotes', { partitions: '6' }, whole('partitions', 9999, '"6"')],
  ['half a partition', { partitions: 6.5 }, whole('partitions', 9999, '6.5')],
  ['no partitions', { partitions: 0 }, whole('partitions', 9999, '0')],
  ['-1 partitions', { partitions: -1 }, whole('partitions', 9999, '-1')],
  ['null partitions', { partitions: null }, whole('partitions', 9999, 'null')],
  ['a million partitions', { partitions: 1e6 }, whole('partitions', 9999, '1000000')],
  [
    'more partitions than a double can count',
    { partitions: 9223372036854775807n },
    whole('partitions', 9999, '9223372036854775807'),
  ],
  ['a replication factor of 0', { 'replication-factor': 0 }, whole('replication-factor', 32767, '0')],
  [
    'a replication factor in quotes',
    { 'replication-factor': '3' },
    whole('replication-factor', 32767, '"3"'),
  ],
  [
    'a replication factor beyond int16',
    { 'replication-factor': 32768 },
    whole('replication-factor', 32767, '32768'),
  ],
  ['a config that is null', { config: null }, 'config: config must be a map from config key to value'],
  [
    'a config that is a list',
    { config: ['retention.ms'] },
    'config: config must be a map from config key to value',
  ],
  [
    'a null value',
    { config: { 'retention.ms': null } },
    'config.retention.ms: a config value must not be null; to return to the default, leave the key out',
  ],
  [
    'a list as value',
    { config: { 'cleanup.policy': ['compact'] } },
    'config.cleanup.policy: a config value is a string, a number or a boolean; ["compact"] is not',
  ],
  [
    'a map as value',
    { config: { retention: { ms: 1 } } },
    'config.retention: a config value is a string, a number or a boolean; {"ms":1} is not',
  ],
  [
    'not a number as value',
    { config: { 'retention.ms': Number.NaN } },
    'config.retention.ms: a config value is a string, a number or a boolean; NaN is not',
  ],
  [
    'a key in upper case',
    { config: { 'Retention.ms': 1 } },
    'config.Retention.ms: "Retention.ms" is not a config key: keys are lower-case words joined by dots, without spaces',
  ],
  [
    'a key with a trailing space',
    { config: { 'retention.ms ': 1 } },
    'config.retention.ms : "retention.ms " is not a config key: keys are lower-case words joined by dots, without spaces',
  ],
  [
    'an empty key',
    { config: { '': 1 } },
    'config.: "" is not a config key: keys are lower-case words joined by dots, without spaces',
  ],
  [
    'the config key __proto__',
    { config: JSON.parse('{"__proto__": "1"}') as unknown },
    'config.__proto__: "__proto__" is not a config key',
  ],
  [
    'a throttle',
    { config: { 'leader.replication.throttled.replicas': '*' } },
    'config.leader.replication.throttled.replicas: throttles belong to the tool that moves replicas, which sets and removes them; leave this key out',
  ],
]

describe('a topic', () => {
  for (const [what, value, issue] of badTopics) {
    it(`refuses ${what}, and says where and what is right`, () =>
      assert.deepEqual(issuesOf(topicSchema, value), [issue]))
  }

  it('reports every issue at once', () => {
    const value = { partitions: 0, config: { A: 1, b: null } }
    assert.equal(issuesOf(topicSchema, value).length, 3)
  })

  it('keeps integers of any size exact', () => {
    const value = topicSchema.parse({ config: { 'flush.messages': 9223372036854775807n } })
    assert.deepEqual(value.config, { 'flush.messages': '9223372036854775807' })
  })

  it('accepts an entry that leaves everything to the broker', () =>
    assert.deepEqual(issuesOf(topicSchema, {}), []))

  it('has a JSON Schema for editors, with a description of every key', () => {
    const schema = z.toJSONSchema(topicSchema, { io: 'input' })
    const keys = Object.entries(schema.properties ?? {})
    assert.deepEqual(
      keys.map(([key]) => key),
      ['partitions', 'replication-factor', 'config'],
    )
    for (const [key, property] of keys) {
      assert.ok(
        typeof property === 'object' && property.description !== undefined,
        `${key} has no description`,
      )
    }
    assert.equal(schema.additionalProperties, false)
  })
})

describe('the examples', async () => {
  const folder = new URL('examples/', import.meta.url)
  for (const file of await readdir(folder)) {
    it(`${file} is valid`, async () => {
      const document: unknown = parse(await readFile(new URL(file, folder), 'utf8'))
      const entries = Object.entries(z.record(z.string(), z.unknown()).parse(document))
      for (const [name, entry] of entries) {
        assert.deepEqual([...issuesOf(topicName, name), ...issuesOf(topicSchema, entry)], [], name)
      }
      assert.ok(entries.length > 0)
    })
  }
})
