import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalSetting, flatSettings, isInjected, isPrivateSetting } from './settings-text.ts'

const flat = (written: unknown) => ({ ...flatSettings(written).settings })
const issues = (written: unknown) =>
  flatSettings(written).issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

const spellings: readonly unknown[] = [
  { number_of_shards: 3, refresh_interval: '60s', hidden: true },
  { number_of_shards: '3', refresh_interval: '1m', hidden: 'true' },
  { 'index.number_of_shards': 3, 'index.refresh_interval': '60000ms', 'index.hidden': true },
  { index: { number_of_shards: 3n, refresh_interval: ' 60 S ', hidden: true } },
  { index: { number_of_shards: 3 }, refresh_interval: '1m', 'index.hidden': 'true' },
  { index: { number_of_shards: 3 }, number_of_shards: '3', refresh_interval: ['60s'], hidden: [true] },
]

/** Pairs that mean one value under the key, and pairs that do not. */
const same: readonly (readonly [string, unknown, unknown])[] = [
  ['refresh_interval', '60s', '1m'],
  ['refresh_interval', '0s', '0'],
  ['refresh_interval', 0, '0ms'],
  ['gc_deletes', '24h', '1d'],
  ['translog.sync_interval', '5 s', '5000ms'],
  ['search.slowlog.threshold.query.warn', '1000000micros', '1s'],
  ['unassigned.node_left.delayed_timeout', '90m', '5400S'],
  ['translog.flush_threshold_size', '1024kb', '1mb'],
  ['translog.flush_threshold_size', '1G', '1024mb'],
  ['merge.policy.max_merged_segment', '5120MB', '5gb'],
  ['sort.field', ['a'], 'a'],
  ['sort.order', 'asc, desc', ['asc', 'desc']],
  ['query.default_field', 'title,body', ['title', 'body']],
  ['analysis.analyzer.x.filter', ['lowercase'], 'lowercase'],
]
const different: readonly (readonly [string, unknown, unknown])[] = [
  ['refresh_interval', '1m', '1M'],
  ['refresh_interval', '-1', '0'],
  ['refresh_interval', '60', '60s'],
  ['refresh_interval', '1.5s', '1500ms'],
  ['translog.flush_threshold_size', '1m', '60s'],
  ['routing.allocation.require.rack', '1d', '24h'],
  ['lifecycle.name', '7d', '168h'],
  ['default_pipeline', '60s', '1m'],
  ['analysis.filter.x.stopwords', ['1m'], ['60s']],
  ['analysis.filter.x.synonyms', ['a, b'], ['a', 'b']],
  ['analysis.filter.x.synonyms', ['a, b'], 'a, b'],
  ['analysis.filter.x.stopwords', [], ''],
  ['analysis.char_filter.x.mappings', [' a=>b'], 'a=>b'],
  ['sort.field', ['a', 'b'], ['b', 'a']],
  ['codec', 'best_compression', 'Best_Compression'],
]

describe('settings', () => {
  for (const spelling of spellings) {
    it(`are one, however they are spelled: ${JSON.stringify(spelling, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each))}`, () => {
      assert.deepEqual(issues(spelling), [])
      assert.deepEqual(flat(spelling), {
        'index.number_of_shards': '3',
        'index.refresh_interval': '1m',
        'index.hidden': 'true',
      })
    })
  }

  for (const [key, one, other] of same) {
    it(`${key}: ${JSON.stringify(one)} and ${JSON.stringify(other)} are one value`, () => {
      assert.deepEqual(flat({ [key]: one }), flat({ [key]: other }))
    })
  }
  for (const [key, one, other] of different) {
    it(`${key}: ${JSON.stringify(one)} and ${JSON.stringify(other)} are two values`, () => {
      assert.notDeepEqual(flat({ [key]: one }), flat({ [key]: other }))
    })
  }

  it('stay exact beyond 2^53, and keep __proto__ as a name', () => {
    const written: unknown = JSON.parse(
      '{"analysis":{"filter":{"__proto__":{"type":"stop"},"constructor":{"type":"stop"}}}}',
    )
    assert.deepEqual(flat({ 'mapping.field_name_length.limit': 9223372036854775807n }), {
      'index.mapping.field_name_length.limit': '9223372036854775807',
    })
    assert.deepEqual(Object.keys(flatSettings(written).settings), [
      'index.analysis.filter.__proto__.type',
      'index.analysis.filter.constructor.type',
    ])
  })

  it('have no prototype, so that a key named like a member of Object is only there when it is written', () => {
    assert.equal('toString' in flatSettings({ a: 1 }).settings, false)
  })

  it('that are nothing are no settings', () => {
    assert.deepEqual(flat({}), {})
    assert.deepEqual(flat({ index: {} }), {})
    assert.deepEqual(flat({ index: { translog: {} } }), {})
  })
})

const bad: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['a text', 'number_of_shards=1', [': must be a map from setting to value']],
  ['null', null, [': must be a map from setting to value']],
  ['a list', [{ a: 1 }], [': must be a map from setting to value']],
  ['a group that is a value', { index: 3 }, ['index: must be a map from setting to value']],
  [
    'null as a value',
    { index: { refresh_interval: null } },
    ['index.refresh_interval: must not be null; to return to the default, leave the key out'],
  ],
  [
    'a list of maps',
    { 'analysis.filter': [{ type: 'stop' }] },
    ['analysis.filter: is a list of texts, numbers or booleans; it cannot hold a map, a list or null'],
  ],
  [
    'a list with null',
    { 'query.default_field': ['a', null] },
    ['query.default_field: is a list of texts, numbers or booleans; it cannot hold a map, a list or null'],
  ],
  [
    'one setting in two spellings with two values',
    { 'index.number_of_shards': 3, index: { number_of_shards: 4 } },
    [
      'index.number_of_shards: is written twice with different values: index.number_of_shards is "3"; keep one',
    ],
  ],
  ...[
    'uuid',
    'index.version.created',
    'creation_date',
    'provided_name',
    'history.uuid',
    'resize.source.name',
  ].map(
    (key) =>
      [
        `the private ${key}`,
        { [key]: 'x' },
        [`${key}: is kept by Elasticsearch itself and cannot be set; leave it out`],
      ] as const,
  ),
  ...[0, -1, 1025, '0', 'three', 1.5, '3.0', ' 3', true, '1e2', '99999999999'].map(
    (value) =>
      [
        `number_of_shards ${JSON.stringify(value)}`,
        { number_of_shards: value },
        [`number_of_shards: must be a whole number from 1 to 1,024; ${JSON.stringify(String(value))} is not`],
      ] as const,
  ),
  [
    'number_of_replicas -1',
    { index: { number_of_replicas: -1 } },
    ['index.number_of_replicas: must be a whole number of at least 0; "-1" is not'],
  ],
  [
    'a range as number_of_replicas',
    { number_of_replicas: '1-all' },
    ['number_of_replicas: is a number; the range "1-all" belongs to auto_expand_replicas'],
  ],
  [
    'number_of_replicas beside auto_expand_replicas',
    { number_of_replicas: 1, 'index.auto_expand_replicas': '0-1' },
    [
      'number_of_replicas: cannot stand beside auto_expand_replicas "0-1", which sets it; keep one of the two',
    ],
  ],
  [
    'several at once',
    { uuid: 'x', number_of_shards: 0, codec: null },
    [
      'codec: must not be null; to return to the default, leave the key out',
      'uuid: is kept by Elasticsearch itself and cannot be set; leave it out',
      'number_of_shards: must be a whole number from 1 to 1,024; "0" is not',
    ],
  ],
]

const good: readonly (readonly [string, unknown])[] = [
  ['number_of_shards "3"', { number_of_shards: '3' }],
  ['number_of_shards 3.0, which is 3', { number_of_shards: 3.0 }],
  ['number_of_shards 1024', { number_of_shards: 1024 }],
  ['number_of_replicas "0"', { number_of_replicas: '0' }],
  [
    'number_of_replicas beside auto_expand_replicas false',
    { number_of_replicas: 1, auto_expand_replicas: false },
  ],
  ['refresh_interval -1', { refresh_interval: -1 }],
  ['a setting that only the server may know', { 'vendor.thing': 'x' }],
  ['one setting in two spellings with one value', { 'index.codec': 'default', index: { codec: 'default' } }],
]

describe('wrong settings', () => {
  for (const [what, written, expected] of bad) {
    it(`are named with their place: ${what}`, () => assert.deepEqual(issues(written), expected))
  }
  for (const [what, written] of good) {
    it(`are not ${what}`, () => assert.deepEqual(issues(written), []))
  }
})

describe('what people do not write', () => {
  it('is private, or added by the server itself', () => {
    const tier = 'index.routing.allocation.include._tier_preference'
    assert.equal(isPrivateSetting('index.uuid'), true)
    assert.equal(isPrivateSetting('index.version.created'), true)
    assert.equal(isPrivateSetting('index.number_of_shards'), false)
    assert.equal(isPrivateSetting(tier), false)
    assert.equal(isInjected(tier, 'data_content'), true)
    assert.equal(isInjected(tier, 'data_hot'), false)
    assert.equal(isInjected('index.number_of_replicas', '1'), false)
  })
})

describe('for any settings', () => {
  const names = fc.constantFrom(
    'a',
    'b',
    'refresh_interval',
    'translog',
    'sync_interval',
    'sort',
    'field',
    '__proto__',
  )
  const values = fc.oneof(
    fc.constantFrom('60s', '1m', '0', '-1', '1kb', '', 'a,b', ' a'),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.constantFrom('a', 'a,b', '', '60s'), { maxLength: 3 }),
  )
  const keys = fc.uniqueArray(
    fc.array(names, { minLength: 1, maxLength: 4 }).map((path) => path.join('.')),
    {
      maxLength: 6,
    },
  )
  const settings = keys.chain((each) => fc.tuple(...each.map((key) => fc.tuple(fc.constant(key), values))))

  it('nested and flat spellings are one, with and without "index."', () => {
    fc.assert(
      fc.property(settings, (entries) => {
        const bare = flatSettings(
          new Map(entries.map(([key, value]) => [key, value])).entries().reduce(put, fresh()),
        )
        const prefixed = flatSettings(
          entries.reduce((into, [key, value]) => put(into, [`index.${key}`, value]), fresh()),
        )
        const nested = flatSettings(
          entries.reduce((into, [key, value]) => nest(into, key.split('.'), value), fresh()),
        )
        assert.deepEqual(prefixed.settings, bare.settings)
        if (!collides(entries.map(([key]) => key))) assert.deepEqual(nested.settings, bare.settings)
      }),
    )
  })

  it('a canonical value is its own canonical value', () => {
    fc.assert(
      fc.property(settings, (entries) => {
        for (const [key, value] of Object.entries(flatSettings(Object.fromEntries(entries)).settings)) {
          assert.deepEqual(canonicalSetting(key, value), value)
        }
      }),
    )
  })

  const fresh = () => Object.create(null) as Record<string, unknown>
  const put = (into: Record<string, unknown>, [key, value]: readonly [string, unknown]) => {
    into[key] = value
    return into
  }
  const nest = (into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown) => {
    if (rest.length === 0) return put(into, [first, value])
    const below = into[first]
    const group = typeof below === 'object' && below !== null && !Array.isArray(below) ? below : fresh()
    into[first] = nest(group as Record<string, unknown>, rest, value)
    return into
  }
  /** A value and a group cannot both stand under one name in the nested spelling. */
  const collides = (all: readonly string[]) =>
    all.some((key) => all.some((other) => other.startsWith(`${key}.`)))
})
