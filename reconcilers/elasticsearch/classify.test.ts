import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Change, FieldChange } from '../../src/core/resource.ts'
import { type ShownOptions, shownIndex, updateOf } from '../../test/support/search-index.ts'
import { classifyIndex } from './classify.ts'
import { buildingAlias } from './markers.ts'
import type { Index } from './resource.ts'
import type { WrittenIndex } from './schema.ts'

interface Case {
  readonly when: string
  readonly shown?: ShownOptions
  readonly written: WrittenIndex
  /** What this ConfigMap wrote before. */
  readonly made?: WrittenIndex
  /** Class → the paths in it. */
  readonly parts: Readonly<Record<string, readonly string[]>>
  readonly reason?: RegExp
}

const keyword = { type: 'keyword' }
const text = { type: 'text' }
const shownFields = (properties: object, more: object = {}): ShownOptions => ({
  mappings: { properties, ...more },
})
const fields = (properties: object): WrittenIndex => ({ mappings: { properties } })
const set = (settings: object, more: object = {}): WrittenIndex => ({ settings, ...more }) as WrittenIndex
const folded = { analysis: { analyzer: { folded: { type: 'custom', tokenizer: 'standard' } } } }
const foldedPaths = [
  'settings.index.analysis.analyzer.folded.tokenizer',
  'settings.index.analysis.analyzer.folded.type',
]
const building = {
  'orders-000001': { aliases: { [buildingAlias('0123456789ab', 'orders')]: {} }, mappings: {}, settings: {} },
}

/** The numbers are those of the edge cases that the anchors list. */
const cases: readonly Case[] = [
  {
    when: '34 a field is added at the root, in an object and in a nested',
    shown: shownFields({ user: { properties: { id: keyword } }, lines: { type: 'nested' } }),
    written: fields({
      email: keyword,
      user: { properties: { name: text } },
      lines: { type: 'nested', properties: { sku: keyword } },
    }),
    parts: {
      'in place': [
        'mappings.properties.email',
        'mappings.properties.lines.sku',
        'mappings.properties.user.name',
      ],
    },
    reason: /^email, lines\.sku, user\.name: new$/,
  },
  {
    when: '35 a sub-field is added',
    shown: shownFields({ title: text }),
    written: fields({ title: { ...text, fields: { raw: keyword } } }),
    parts: { 'in place': ['mappings.properties.title.fields.raw'] },
  },
  {
    when: '36 ignore_above is changed',
    shown: shownFields({ code: { ...keyword, ignore_above: 10 } }),
    written: fields({ code: { ...keyword, ignore_above: 20 } }),
    parts: { 'in place': ['mappings.properties.code'] },
    reason: /^code: updatable$/,
  },
  {
    when: '36 ignore_above is no longer written: the field is reset',
    shown: shownFields({ code: { ...keyword, ignore_above: 10 } }),
    written: fields({ code: keyword }),
    made: fields({ code: { ...keyword, ignore_above: 10 } }),
    parts: { 'in place': ['mappings.properties.code'] },
  },
  ...(
    [
      ['analyzer', text, { ...text, analyzer: 'simple' }],
      ['format', { type: 'date' }, { type: 'date', format: 'yyyy' }],
      ['null_value', keyword, { ...keyword, null_value: 'none' }],
      ['index', keyword, { ...keyword, index: false }],
      ['doc_values', keyword, { ...keyword, doc_values: false }],
    ] as const
  ).map(([parameter, before, after]): Case => ({
    when: `37 ${parameter} is changed`,
    shown: shownFields({ f: before }),
    written: fields({ f: after }),
    parts: { reindex: ['index', 'mappings.properties.f'] },
    reason: new RegExp(`^f: ${parameter} cannot change from the default to `),
  })),
  {
    when: '37 dims are changed',
    shown: shownFields({ v: { type: 'dense_vector', dims: 8 } }),
    written: fields({ v: { type: 'dense_vector', dims: 16 } }),
    parts: { reindex: ['index', 'mappings.properties.v.dims'] },
    reason: /^v\.dims: it cannot change from 8 to 16$/,
  },
  {
    when: '38 a text becomes a keyword, and its sub-field goes along',
    shown: shownFields({ title: text }),
    written: fields({ title: { ...keyword, fields: { words: text } }, other: keyword }),
    parts: {
      'in place': ['mappings.properties.other'],
      reindex: ['index', 'mappings.properties.title', 'mappings.properties.title.fields.words'],
    },
    reason: /title: its type cannot change from text to keyword; title\.fields\.words: goes with title$/,
  },
  {
    when: '38 an object becomes a nested',
    shown: shownFields({ lines: { properties: { sku: keyword } } }),
    written: fields({ lines: { type: 'nested', properties: { sku: keyword } } }),
    parts: { reindex: ['index', 'mappings.properties.lines'] },
    reason: /from object to nested/,
  },
  {
    when: '38 a leaf becomes an object, with what is in it',
    shown: shownFields({ user: keyword }),
    written: fields({ user: { properties: { name: text } } }),
    parts: { reindex: ['index', 'mappings.properties.user', 'mappings.properties.user.name'] },
  },
  {
    when: '38 a field is added below a leaf that is not written itself',
    shown: shownFields({ user: keyword }),
    written: { mappings: { subobjects: true, properties: { 'user.name': text } } },
    parts: {
      reindex: ['index', 'mappings.properties.user', 'mappings.properties.user.name', 'mappings.subobjects'],
    },
  },
  {
    when: 'a field with a dot is added beside its leaf where objects are not made of dots',
    shown: shownFields({ user: keyword }, { subobjects: false }),
    written: { mappings: { subobjects: false, properties: { 'user.name': text } } },
    parts: { 'in place': ['mappings.properties.user.name'] },
  },
  {
    when: '39 a dynamic setting is no longer written',
    shown: { settings: { 'index.refresh_interval': '30s' } },
    written: {},
    made: set({ refresh_interval: '30s' }),
    parts: { 'in place': ['settings.index.refresh_interval'] },
  },
  {
    when: '39 a static setting is no longer written',
    shown: { settings: { 'index.codec': 'best_compression' } },
    written: {},
    made: set({ codec: 'best_compression' }),
    parts: { reopen: ['settings.index.codec'] },
  },
  {
    when: '39 a final setting is no longer written, which leaves it to the index',
    shown: { settings: { 'index.number_of_shards': '3' } },
    written: set({ refresh_interval: '5s' }),
    made: set({ number_of_shards: 3 }),
    parts: { 'in place': ['settings.index.refresh_interval'] },
  },
  {
    when: '40 a static and a dynamic setting are changed',
    written: set({ codec: 'best_compression', refresh_interval: '5s' }),
    parts: { 'in place': ['settings.index.refresh_interval'], reopen: ['settings.index.codec'] },
    reason:
      /^index\.refresh_interval: dynamic \| index\.codec: static, only changed while the index is closed$/,
  },
  {
    when: '41 an analyzer and codec are changed',
    written: set({ codec: 'best_compression', ...folded }),
    parts: { reopen: [...foldedPaths, 'settings.index.codec'] },
  },
  {
    when: '41 an analyzer is changed where a new index may be made',
    written: set(folded, { 'on-incompatible': 'reindex' }),
    parts: { reindex: ['index', ...foldedPaths] },
    reason: /nobody out/,
  },
  {
    when: 'a new field names a new analyzer: it waits with it, a plain one does not',
    written: {
      settings: folded,
      mappings: { properties: { body: { ...text, analyzer: 'folded' }, id: keyword } },
    },
    parts: {
      'in place': ['mappings.properties.id'],
      reopen: ['mappings.properties.body', ...foldedPaths],
    },
    reason: /body: goes with index\.analysis\.analyzer\.folded/,
  },
  {
    when: 'a template for new fields names a new analyzer',
    written: {
      settings: folded,
      mappings: { dynamic_templates: [{ all: { mapping: { ...text, analyzer: 'folded' } } }] },
    },
    parts: { reopen: ['mappings.dynamic_templates', ...foldedPaths] },
  },
  {
    when: 'a new field names an analyzer that the index has, and which is changed',
    shown: {
      settings: {
        'index.analysis.analyzer.folded.type': 'custom',
        'index.analysis.analyzer.folded.tokenizer': 'whitespace',
      },
    },
    written: { settings: folded, mappings: { properties: { body: { ...text, analyzer: 'folded' } } } },
    parts: {
      'in place': ['mappings.properties.body'],
      reopen: ['settings.index.analysis.analyzer.folded.tokenizer'],
    },
  },
  {
    when: 'an alias field and what it stands for wait for one analyzer',
    written: {
      settings: folded,
      mappings: {
        properties: { body: { ...text, analyzer: 'folded' }, content: { type: 'alias', path: 'body' } },
      },
    },
    parts: { reopen: ['mappings.properties.body', 'mappings.properties.content', ...foldedPaths] },
  },
  ...([3, 6, 4] as const).map((shards): Case => ({
    when: `42 the number of shards is changed to ${shards}`,
    shown: { settings: { 'index.number_of_shards': '2' } },
    written: set({ number_of_shards: shards }),
    parts: { reindex: ['index', 'settings.index.number_of_shards'] },
    reason: /^index\.number_of_shards: fixed when an index is created$/,
  })),
  {
    when: '43 the limit of fields is raised with the fields',
    written: { settings: { 'mapping.total_fields.limit': 2000 }, mappings: { properties: { a: keyword } } },
    parts: { 'in place': ['mappings.properties.a', 'settings.index.mapping.total_fields.limit'] },
  },
  {
    when: '44 replicas beyond what the cluster holds: the server says so',
    written: set({ number_of_replicas: 9 }),
    parts: { 'in place': ['settings.index.number_of_replicas'] },
  },
  {
    when: 'a setting that nobody here knows: the server decides',
    written: set({ 'brand.new': 1 }),
    parts: { 'in place': ['settings.index.brand.new'] },
  },
  {
    when: 'a parameter that nobody here knows',
    shown: shownFields({ f: { type: 'patterned_text', speed: 1 } }),
    written: fields({ f: { type: 'patterned_text', speed: 2 } }),
    parts: { reindex: ['index', 'mappings.properties.f'] },
    reason: /^f: speed is not known to be changeable in an existing index$/,
  },
  {
    when: 'aliases, runtime fields and root parameters are changed',
    shown: { mappings: { dynamic: 'strict', runtime: { day: keyword } }, aliases: { old: {} } },
    written: {
      mappings: { dynamic: false, _meta: { team: 'a' }, runtime: { week: { type: 'long' } } },
      aliases: { shop: {} },
    },
    made: { mappings: { runtime: { day: keyword } }, aliases: { old: {} } },
    parts: {
      'in place': [
        'aliases.old',
        'aliases.shop',
        'mappings._meta',
        'mappings.dynamic',
        'mappings.runtime.day',
        'mappings.runtime.week',
      ],
    },
    reason: /^old, shop: alias; _meta: new \(\+3 more\)$/,
  },
  {
    when: '_source, _routing and subobjects are changed',
    shown: { mappings: { properties: { a: keyword } } },
    written: { mappings: { _source: { enabled: false }, _routing: { required: true }, subobjects: false } },
    parts: { reindex: ['index', 'mappings._routing', 'mappings._source', 'mappings.subobjects'] },
  },
  {
    when: '50 the index was made again by auto-create, with mappings guessed from documents',
    shown: shownFields({ code: { ...text, fields: { keyword: { ...keyword, ignore_above: 256 } } } }),
    written: fields({ code: keyword }),
    made: fields({ code: keyword }),
    parts: { reindex: ['index', 'mappings.properties.code'] },
  },
  {
    when: 'a write block is wished beside a new type',
    shown: shownFields({ code: text }),
    written: { settings: { 'blocks.write': true }, ...fields({ code: keyword }) },
    parts: { 'in place': ['settings.index.blocks.write'], reindex: ['index', 'mappings.properties.code'] },
  },
  {
    when: '62 the wish behind an unfinished reindex is taken back',
    shown: { ...shownFields({ code: text }), beside: building },
    written: fields({ code: text }),
    made: fields({ code: text }),
    parts: { 'in place': ['index'] },
    reason: /^the unfinished reindex into orders-000001 is given up$/,
  },
  {
    when: '62 it is taken back and something else is wished',
    shown: { ...shownFields({ code: text }), beside: building },
    written: { settings: { refresh_interval: '5s' } },
    made: {},
    parts: { 'in place': ['index', 'settings.index.refresh_interval'] },
    reason: /^the unfinished reindex into orders-000001 is given up; index\.refresh_interval: dynamic$/,
  },
  {
    when: '62 the reindex goes on: it is not given up as well',
    shown: { ...shownFields({ code: text }), beside: building },
    written: { settings: { refresh_interval: '5s' }, ...fields({ code: keyword }) },
    made: {},
    parts: {
      'in place': ['settings.index.refresh_interval'],
      reindex: ['index', 'mappings.properties.code'],
    },
  },
  {
    when: '16 fields are named like what every object has',
    written: fields(
      JSON.parse('{"__proto__": {"type": "keyword"}, "constructor": {"type": "keyword"}}') as object,
    ),
    parts: { 'in place': ['mappings.properties.__proto__', 'mappings.properties.constructor'] },
  },
]

const changeOf = ({ shown, written, made }: Case) => updateOf(shownIndex('orders', shown), written, made)

describe('what a change needs', () => {
  for (const each of cases) {
    it(each.when, () => {
      const parts = classifyIndex(changeOf(each))
      const paths = parts.map((part) => [part.class ?? '', part.fields.map(({ path }) => path)] as const)
      assert.deepEqual(Object.fromEntries(paths), each.parts)
      assert.deepEqual(
        parts.map(({ class: way }) => way),
        ['in place', 'reopen', 'reindex'].filter((way) => way in each.parts),
      )
      if (each.reason !== undefined) assert.match(parts.map((part) => part.reason).join(' | '), each.reason)
    })
  }
})

function reindexOf(
  shown: ShownOptions,
  written: WrittenIndex = fields({ code: keyword }),
  made?: WrittenIndex,
) {
  const parts = classifyIndex(updateOf(shownIndex('orders', shown), written, made))
  const found = parts.find(({ class: way }) => way === 'reindex')
  assert.ok(found !== undefined)
  return found
}

describe('a reindex', () => {
  it('replaces a concrete index, whose clone stays', () => {
    const part = reindexOf(shownFields({ code: text }), undefined, {})
    assert.equal(part.action, 'replace')
    assert.deepEqual(part.leaves, { name: 'orders-000000' })
    assert.deepEqual(part.fields[0], {
      path: 'index',
      before: 'orders',
      after: 'orders-000001',
      cause: 'written',
    })
  })

  it('replaces the index behind an alias, which stays as it is', () => {
    const part = reindexOf({ ...shownFields({ code: text }), index: 'orders-000007' })
    assert.deepEqual(part.leaves, { name: 'orders-000007', id: 'uuid-of-orders-000007' })
    const { before, after } = part.fields[0] ?? {}
    assert.deepEqual([before, after], ['orders-000007', 'orders-000008'])
  })

  it('is the same change while it runs, so that its approval holds', () => {
    const shown = { ...shownFields({ code: text }), index: 'orders-000003' }
    const target = { 'orders-000004': building['orders-000001'] }
    const before = reindexOf(shown, undefined, {})
    const during = reindexOf({ ...shown, beside: target }, undefined, {})
    assert.deepEqual(during.fields, before.fields)
    assert.equal(during.id, before.id)
  })

  it('has one cause: its own field never goes another way than the rest', () => {
    const adoption = reindexOf(shownFields({ code: text }))
    assert.deepEqual(new Set(adoption.fields.map(({ cause }) => cause)), new Set(['adoption']))
    assert.equal(adoption.cause, 'adoption')
    const drift = reindexOf(shownFields({ code: text }), undefined, fields({ code: keyword }))
    assert.deepEqual(new Set(drift.fields.map(({ cause }) => cause)), new Set(['drift']))
  })
})

describe('what is not one index', () => {
  const two = { aliases: { orders: {} }, mappings: {}, settings: {} }
  const shown: readonly [string, ShownOptions][] = [
    ['an alias over several', { index: 'a', beside: { b: two } }],
    ['an alias that writes nowhere', { index: 'a', aliases: { orders: { is_write_index: false } } }],
  ]
  for (const [what, options] of shown) {
    it(`is left as it is: ${what}`, () => {
      const change = updateOf(shownIndex('orders', options), set({ number_of_shards: 9 }))
      assert.deepEqual(classifyIndex(change), [change])
    })
  }
})

/** A few names, so that fields meet, lie in each other and change their type. */
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'fields')
const leaf = fc.constantFrom(
  keyword,
  text,
  { type: 'long' },
  { ...keyword, ignore_above: 5 },
  { ...text, analyzer: 'simple' },
  { ...text, norms: false },
  { ...text, fields: { raw: keyword } },
)
const node = fc.oneof(
  leaf,
  fc.dictionary(name, leaf, { maxKeys: 2 }).map((properties) => ({ properties })),
)
const properties = fc.dictionary(name, node, { maxKeys: 4 })
const dynamics = fc.dictionary(
  fc.constantFrom('refresh_interval', 'number_of_replicas', 'max_result_window', 'blocks.write'),
  fc.constantFrom('1', '2', '3'),
  { minKeys: 1 },
)
const fixed = fc.dictionary(fc.constantFrom('codec', 'number_of_shards', 'mode'), fc.constantFrom('4', '5'))
const anyChange = fc
  .record({
    before: properties,
    after: properties,
    settings: fc.tuple(dynamics, fixed).map(([some, others]) => ({ ...some, ...others })),
    onIncompatible: fc.constantFrom('hold' as const, 'reindex' as const),
    unfinished: fc.boolean(),
    adopted: fc.boolean(),
  })
  .map(({ before, after, settings, onIncompatible, unfinished, adopted }): Change<Index> => {
    const shown = { ...shownFields(before), ...(unfinished ? { beside: building } : {}) }
    const observed = shownIndex('orders', { ...shown, settings: { 'index.number_of_replicas': '7' } })
    return updateOf(
      observed,
      { settings, mappings: { properties: after }, 'on-incompatible': onIncompatible },
      adopted ? undefined : {},
    )
  })

const withoutIndex = (all: readonly FieldChange[]) => all.filter(({ path }) => path !== 'index')
const sorted = (all: readonly FieldChange[]) => [...all].sort((a, b) => (a.path < b.path ? -1 : 1))

describe('the parts of any change', () => {
  it('hold every field once, and a reindex the field "index" besides', () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        const parts = classifyIndex(change)
        const held = parts.flatMap((part) => part.fields)
        assert.deepEqual(sorted(withoutIndex(held)), withoutIndex(change.fields))
        const reindexes = parts.some(({ action }) => action === 'replace')
        const wished = change.fields.some(({ path }) => path === 'index')
        const found = held.filter(({ path }) => path === 'index')
        assert.equal(found.length, reindexes || wished ? 1 : 0)
        assert.equal(found[0]?.after, reindexes ? 'orders-000001' : undefined)
      }),
    )
  })

  it('are of different classes, in order, none empty, each with a reason and sorted fields', () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        const parts = classifyIndex(change)
        const order = parts.map((part) => ['in place', 'reopen', 'reindex'].indexOf(part.class ?? ''))
        assert.deepEqual(
          order,
          [...new Set(order)].sort((a, b) => a - b),
        )
        for (const part of parts) {
          assert.ok(part.fields.length > 0)
          assert.ok((part.reason ?? '').length > 0)
          assert.deepEqual(part.fields, sorted(part.fields))
          assert.equal(part.action, part.class === 'reindex' ? 'replace' : 'update')
          assert.equal(part.leaves !== undefined, part.class === 'reindex')
        }
        assert.deepEqual(classifyIndex(change), parts)
      }),
    )
  })

  it('are one, in place, where only dynamic settings change', () => {
    fc.assert(
      fc.property(
        dynamics,
        fc.constantFrom('hold' as const, 'reindex' as const),
        (settings, onIncompatible) => {
          const observed = shownIndex('orders', { settings: { 'index.number_of_replicas': '7' } })
          const change = updateOf(observed, { settings, 'on-incompatible': onIncompatible }, {})
          assert.deepEqual(
            classifyIndex(change).map((part) => part.class),
            ['in place'],
          )
        },
      ),
    )
  })
})
