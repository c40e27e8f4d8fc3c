import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../src/core/canonical.ts'
import { observeIndex, shownIndices } from './observe-index.ts'

const keyword = { type: 'keyword' }
const plain = (value: unknown): unknown => JSON.parse(canonicalJson(value))

function shownAs(
  parts: {
    readonly aliases?: object
    readonly mappings?: object
    readonly settings?: object
    readonly data_stream?: string
  } = {},
) {
  const settings = {
    'index.uuid': 'u1',
    'index.number_of_shards': '1',
    'index.number_of_replicas': '1',
    ...parts.settings,
  }
  return { aliases: {}, mappings: {}, ...parts, settings }
}

const observe = (name: string, answer: unknown) => observeIndex(name, shownIndices(answer))
const facts = (name: string, answer: unknown) => observe(name, answer)?.facts

/** What 8.19.21 answers for a generation, after a document with a vector. */
const real = {
  'real-000001': {
    aliases: {
      'infometis-blocked-real': { is_hidden: true },
      real: { is_write_index: true },
      shown: { filter: { term: { day: '2026-11-20' } }, index_routing: '1', search_routing: '1' },
    },
    mappings: {
      dynamic: 'strict',
      _meta: { v: 1 },
      runtime: { week: keyword },
      properties: {
        labels: { type: 'object', dynamic: 'true' },
        title: { type: 'text', fields: { raw: { type: 'keyword', ignore_above: 256 } }, analyzer: 'x' },
        user: { properties: { name: { type: 'keyword', copy_to: ['title'] } } },
        vector: { type: 'dense_vector', dims: 3, index: true, similarity: 'cosine' },
      },
    },
    settings: {
      'index.analysis.analyzer.x.filter': ['lowercase'],
      'index.analysis.analyzer.x.tokenizer': 'standard',
      'index.creation_date': '1795261087853',
      'index.number_of_replicas': '0',
      'index.number_of_shards': '1',
      'index.provided_name': 'real-000001',
      'index.query.default_field': ['title', 'body'],
      'index.refresh_interval': '60s',
      'index.routing.allocation.include._tier_preference': 'data_content',
      'index.uuid': 'WW9IeP1TT_WNxQGv-OerrA',
      'index.version.created': '8537000',
    },
  },
}

describe('an observed index', () => {
  const index = observe('real', real)
  const fields: Readonly<Record<string, unknown>> = {
    'aliases.shown': { filter: { term: { day: '2026-11-20' } }, index_routing: '1', search_routing: '1' },
    'mappings._meta': { v: 1 },
    'mappings.dynamic': 'strict',
    'mappings.properties.labels': { type: 'object', dynamic: 'true' },
    'mappings.properties.title': { type: 'text', analyzer: 'x' },
    'mappings.properties.title.fields.raw': { type: 'keyword', ignore_above: 256 },
    'mappings.properties.user': { type: 'object' },
    'mappings.properties.user.name': { type: 'keyword', copy_to: ['title'] },
    'mappings.properties.vector': { type: 'dense_vector', index: true, similarity: 'cosine' },
    'mappings.properties.vector.dims': 3,
    'mappings.runtime.week': keyword,
    'settings.index.analysis.analyzer.x.filter': 'lowercase',
    'settings.index.analysis.analyzer.x.tokenizer': 'standard',
    'settings.index.number_of_replicas': '0',
    'settings.index.number_of_shards': '1',
    'settings.index.query.default_field': ['title', 'body'],
    'settings.index.refresh_interval': '1m',
  }
  const injected = 'settings.index.routing.allocation.include._tier_preference'

  it('has flat fields, with what only the server sets but without what it keeps for itself', () => {
    assert.deepEqual(plain(index?.fields), { ...fields, [injected]: 'data_content', index: 'real-000001' })
  })
  it('says what a person can have set, and can take away', () => {
    const set = Object.keys(fields).filter((path) => path !== 'settings.index.number_of_shards')
    assert.deepEqual([...(index?.explicit ?? [])].sort(), set.sort())
  })
  it('says what cannot be taken out again: everything in the mappings but runtime fields', () => {
    const stays = Object.keys(fields).filter(
      (path) => path.startsWith('mappings.') && !path.includes('runtime'),
    )
    assert.deepEqual([...(index?.permanent ?? [])].sort(), stays.sort())
  })
  it('has the uuid as its id, and knows what bears its name', () => {
    assert.equal(index?.id, 'WW9IeP1TT_WNxQGv-OerrA')
    assert.deepEqual(index.facts, {
      standsFor: 'alias',
      index: 'real-000001',
      closed: false,
      lifecycle: undefined,
      unfinished: undefined,
      next: 'real-000002',
    })
  })
  it('keeps every alias in its body, the marks too: rules read them', () => {
    assert.deepEqual(Object.keys(index?.body.aliases ?? {}).sort(), [
      'infometis-blocked-real',
      'real',
      'shown',
    ])
  })
  it('is a concrete index too, under its own name; the alias is then one of its aliases', () => {
    const itself = observe('real-000001', real)
    assert.equal(itself?.facts?.standsFor, 'index')
    assert.deepEqual(plain(itself.fields.get('aliases.real')), { is_write_index: true })
  })
  it('shows an alias of its own name where that says more than that writes go here', () => {
    const answer = {
      'a-000001': shownAs({ aliases: { a: { is_write_index: true, filter: { term: { x: 1 } } } } }),
    }
    assert.deepEqual(plain(observe('a', answer)?.fields.get('aliases.a')), { filter: { term: { x: 1 } } })
  })
  it('takes another tier than the usual one for somebody’s wish', () => {
    const answer = {
      a: shownAs({ settings: { 'index.routing.allocation.include._tier_preference': 'data_hot' } }),
    }
    assert.equal(observe('a', answer)?.explicit?.has(injected), true)
  })
  it('is nothing where nothing bears the name', () => {
    assert.equal(observe('orders', real), undefined)
    for (const answer of [undefined, null, [], 'x', {}, { orders: 3 }])
      assert.equal(observe('orders', answer), undefined)
  })
  it('survives an answer that lacks everything', () => {
    assert.deepEqual(plain(observe('a', { a: {} })?.fields), { index: 'a' })
    assert.equal(observe('a', { a: {} })?.id, undefined)
  })
})

const standing: readonly (readonly [string, unknown, string | undefined, string])[] = [
  ['an index', { a: shownAs() }, 'index', 'a'],
  ['an alias over one index', { b: shownAs({ aliases: { a: {} } }) }, 'alias', 'b'],
  [
    'an alias over one index that takes the writes',
    { b: shownAs({ aliases: { a: { is_write_index: true } } }) },
    'alias',
    'b',
  ],
  [
    'an alias over one index that takes none',
    { b: shownAs({ aliases: { a: { is_write_index: false } } }) },
    'several',
    'b',
  ],
  [
    'an alias over two',
    { b: shownAs({ aliases: { a: { is_write_index: true } } }), c: shownAs({ aliases: { a: {} } }) },
    'several',
    'b',
  ],
  [
    'a data stream',
    {
      '.ds-a-2026-000001': shownAs({ data_stream: 'a' }),
      '.ds-a-2026-000002': shownAs({ data_stream: 'a' }),
    },
    'data-stream',
    '.ds-a-2026-000001',
  ],
]

describe('what bears a name', () => {
  for (const [what, answer, standsFor, index] of standing) {
    it(`can be ${what}`, () => {
      assert.equal(facts('a', answer)?.standsFor, standsFor)
      assert.equal(facts('a', answer)?.index, index)
    })
  }
  it('can be __proto__ and constructor, and is not there when it is not', () => {
    const answer: unknown = JSON.parse(
      `{"b": ${JSON.stringify(shownAs())}, "constructor": {"aliases": {"__proto__": {}}}}`,
    )
    assert.equal(facts('__proto__', answer)?.index, 'constructor')
    assert.equal(observe('toString', answer), undefined)
    assert.equal(observe('__proto__', { b: shownAs() }), undefined)
  })
})

describe('the facts', () => {
  const building = (name: string) => ({
    aliases: { [`infometis-building-0123456789ab-${name}`]: { is_hidden: true } },
  })

  it('say that an index is closed, and which policy is in charge', () => {
    const settings = { 'index.verified_before_close': 'true', 'index.lifecycle.name': 'logs' }
    const seen = facts('a', { a: shownAs({ settings }) })
    assert.equal(seen?.closed, true)
    assert.equal(seen.lifecycle, 'logs')
    assert.equal(
      facts('a', { a: shownAs({ settings: { 'index.lifecycle.name': '' } }) })?.lifecycle,
      undefined,
    )
  })

  it('name the target of an unfinished reindex, which is the next generation as long as it is there', () => {
    const answer = {
      'a-000001': shownAs({ aliases: { a: {} } }),
      'a-000002': shownAs(building('a')),
      'a-000003': shownAs(),
    }
    const observed = observe('a', answer)
    assert.equal(observed?.facts?.unfinished, 'a-000002')
    assert.equal(observed.facts.next, 'a-000002')
    assert.equal(observed.explicit?.has('index'), true)
  })

  it('do not take the mark of another name, or on another index, for an unfinished reindex', () => {
    const answer = {
      'a-000001': shownAs({ aliases: { a: {} } }),
      'b-000001': shownAs(building('a')),
      'a-000002': shownAs(building('b')),
    }
    const observed = observe('a', answer)
    assert.equal(observed?.facts?.unfinished, undefined)
    assert.equal(observed?.explicit?.has('index'), false)
    assert.equal(observed.facts?.next, 'a-000003')
  })

  it('know the next generation of a concrete index, and of one with a clone', () => {
    assert.equal(facts('a', { a: shownAs() })?.next, 'a-000001')
    assert.equal(
      facts('a', { a: shownAs(), 'a-000000': shownAs(), 'ab-000007': shownAs() })?.next,
      'a-000001',
    )
  })
})

describe('many indices', () => {
  const mapping = {
    properties: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, keyword])),
  }
  const names = Array.from({ length: 5_000 }, (_, at) => `i-${at}`)
  const answer = () =>
    Object.fromEntries(
      names.map((name) => [
        name,
        shownAs({ mappings: structuredClone(mapping), settings: { 'index.uuid': name } }),
      ]),
    )

  it('with equal mappings share one reading of them', () => {
    const shown = shownIndices(answer())
    const [one, other] = [observeIndex('i-1', shown), observeIndex('i-2', shown)]
    assert.ok(one !== undefined && one.body.mappings === other?.body.mappings)
    assert.equal(one.permanent, other.permanent)
    assert.equal(one.fields.get('mappings.properties.f1'), other.fields.get('mappings.properties.f1'))
    assert.notEqual(one.id, other.id)
  })

  it('are looked up, never searched through', () => {
    const shown = shownIndices({ ...answer(), 'o-000001': shownAs({ aliases: { o: {} } }) })
    const opaque = {
      byName: new Opaque(shown.byName),
      byAlias: new Opaque(shown.byAlias),
      byDataStream: new Opaque(shown.byDataStream),
      generations: new Opaque(shown.generations),
      building: new Opaque(shown.building),
    }
    assert.throws(() => opaque.byName.keys(), /every key is read/)
    for (const name of [...names, 'o']) assert.equal(observeIndex(name, opaque)?.name, name)
    assert.equal(observeIndex('nowhere', opaque), undefined)
  })

  it('with different mappings do not see each other’s, even when there are more than are kept', () => {
    const many = Object.fromEntries(
      names
        .slice(0, 1_200)
        .map((name, at) => [name, shownAs({ mappings: { properties: { [`own${at}`]: keyword } } })]),
    )
    const shown = shownIndices(many)
    for (const at of [0, 1_199, 0]) {
      assert.deepEqual(
        [...(observeIndex(`i-${at}`, shown)?.permanent ?? [])],
        [`mappings.properties.own${at}`],
      )
      for (let other = 0; other < 1_200; other += 1) observeIndex(`i-${other}`, shown)
    }
  })
})

/** A map that only answers for one key. */
class Opaque<V> extends Map<string, V> {
  override entries(): never {
    throw new Error('every entry is read')
  }
  override keys(): never {
    throw new Error('every key is read')
  }
  override values(): never {
    throw new Error('every value is read')
  }
  override forEach(): never {
    throw new Error('every entry is read')
  }
  override [Symbol.iterator](): never {
    throw new Error('every entry is read')
  }
}
