import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from '../../src/core/canonical.ts'
import { parseDocument } from '../../src/kube/document.ts'
import { canonicalAliases } from './aliases.ts'
import { toJsonObject } from '../../src/core/json.ts'
import { canonicalIndex, normalizeIndex, toWrittenIndex } from './normalize.ts'
import { observeIndex, shownIndices } from './observe-index.ts'
import type { Index, IndexBody } from './resource.ts'
import { indexSchema } from './schema.ts'
import { flatSettings } from './settings-text.ts'

const plain = (value: unknown): unknown => JSON.parse(canonicalJson(value))
const fieldsOf = (index: Index | undefined) => plain(index?.fields)

/** One entry of a document as people write it, in YAML. */
function desired(text: string, name = 'a'): Index {
  const { entries, issues } = parseDocument(`entry: ${text}`, 'indices.yaml')
  assert.deepEqual(issues, [])
  return normalizeIndex(name, indexSchema.parse(entries?.get('entry')))
}

/** The `template` of an answer of `_simulate`, as a client hands it on. */
function spelled(template: {
  readonly settings?: unknown
  readonly mappings?: unknown
  readonly aliases?: unknown
}): IndexBody {
  return {
    settings: flatSettings(template.settings ?? {}).settings,
    mappings: toJsonObject(template.mappings),
    aliases: canonicalAliases(template.aliases),
  }
}

const same: readonly (readonly [string, readonly string[]])[] = [
  [
    'settings',
    [
      '{settings: {number_of_shards: 3, refresh_interval: 60s}}',
      '{settings: {index: {number_of_shards: "3", refresh_interval: 1m}}}',
      '{settings: {"index.number_of_shards": 3.0, index: {refresh_interval: 60000ms}}}',
    ],
  ],
  [
    'mappings',
    [
      '{mappings: {dynamic: false, properties: {a.b: {type: keyword, copy_to: c}}}}',
      '{mappings: {dynamic: "false", properties: {a: {type: object, properties: {b: {copy_to: [c], type: keyword}}}}}}',
    ],
  ],
  [
    'aliases',
    [
      '{aliases: {p: {routing: 1, is_hidden: false, filter: {}}}}',
      '{aliases: {p: {index_routing: "1", search_routing: "1"}}}',
      '{aliases: {p: {routing: "1", search_routing: 1}}}',
    ],
  ],
  [
    'nothing',
    [
      '{}',
      '{settings: {}, mappings: {}, aliases: {}}',
      '{mappings: {properties: []}}',
      '{settings: {index: {}}}',
    ],
  ],
  ['the alias of its own name', ['{}', '{aliases: {a: {}}}', '{aliases: {a: {is_write_index: true}}}']],
]

const different: readonly (readonly [string, string, string])[] = [
  [
    'no writes through an alias, and no word about it',
    '{aliases: {p: {is_write_index: false}}}',
    '{aliases: {p: {}}}',
  ],
  ['a filter on the alias of its own name', '{aliases: {a: {filter: {term: {x: 1}}}}}', '{}'],
  ['routing for search alone', '{aliases: {p: {search_routing: "1"}}}', '{aliases: {p: {routing: "1"}}}'],
]

describe('what is written', () => {
  for (const [what, spellings] of same) {
    for (const [at, spelling] of spellings.entries()) {
      it(`is one in every spelling of ${what} (${at + 1})`, () =>
        assert.deepEqual(fieldsOf(desired(spelling)), fieldsOf(desired(spellings[0] ?? ''))))
    }
  }
  for (const [what, one, other] of different) {
    it(`differs: ${what}`, () => assert.notDeepEqual(fieldsOf(desired(one)), fieldsOf(desired(other))))
  }

  it('becomes flat fields, a body to send, and options', () => {
    const index = desired(
      '{settings: {number_of_shards: 3}, mappings: {properties: {t: {type: text}}}, aliases: {p: {routing: 7}}, on-incompatible: reindex, max-write-block: 1m30s, keep-old-index: 3d}',
    )
    assert.deepEqual(fieldsOf(index), {
      'settings.index.number_of_shards': '3',
      'mappings.properties.t': { type: 'text' },
      'aliases.p': { index_routing: '7', search_routing: '7' },
    })
    assert.deepEqual(plain(index.body), {
      settings: { 'index.number_of_shards': '3' },
      mappings: { properties: { t: { type: 'text' } } },
      aliases: { p: { index_routing: '7', search_routing: '7' } },
    })
    assert.deepEqual(index.options, {
      onIncompatible: 'reindex',
      maxWriteBlock: 90_000,
      keepOldIndex: 259_200_000,
    })
    assert.deepEqual(desired('{}').options, {
      onIncompatible: 'hold',
      maxWriteBlock: 30_000,
      keepOldIndex: 86_400_000,
    })
  })

  it('keeps __proto__ as a name, and integers beyond 2^53 as text', () => {
    const index = desired(
      '{mappings: {properties: {__proto__: {type: long, null_value: 9007199254740993}}, _meta: {constructor: 1}}, aliases: {__proto__: {}}}',
    )
    assert.equal(
      JSON.stringify(index.body),
      '{"settings":{},"mappings":{"properties":{"__proto__":{"type":"long","null_value":"9007199254740993"}},"_meta":{"constructor":1}},"aliases":{"__proto__":{}}}',
    )
    assert.deepEqual([...index.fields.keys()].sort(), [
      'aliases.__proto__',
      'mappings._meta',
      'mappings.properties.__proto__',
    ])
  })
})

/** Answers of `_simulate` on 8.19.21. */
const spelledByServer = spelled({
  settings: {
    index: {
      routing: { allocation: { include: { _tier_preference: 'data_content' } } },
      refresh_interval: '60s',
      number_of_shards: '3',
      query: { default_field: 'a,b' },
      sort: { field: ['a'] },
    },
  },
  mappings: {
    dynamic: 'false',
    dynamic_templates: [{ t: { match: 'x*', mapping: { type: 'keyword' } } }],
    properties: {
      a: { type: 'keyword', copy_to: ['c'] },
      c: { type: 'text' },
      d: { properties: { e: { type: 'long' } } },
      e: { type: 'object', enabled: false },
      p: { type: 'object' },
    },
  },
  aliases: { p: { filter: { term: { a: 1 } }, is_write_index: false, is_hidden: false }, theirs: {} },
})
const sent =
  '{settings: {refresh_interval: 60s, number_of_shards: 3, "query.default_field": "a,b", sort: {field: [a]}}, mappings: {dynamic: false, dynamic_templates: [{t: {match: [x*], mapping: {type: keyword}}}], properties: {a: {type: keyword, index: true, copy_to: c}, c: {type: text}, d.e: {type: long, coerce: true}, e: {enabled: false}, p: {properties: []}}}, aliases: {p: {filter: {term: {a: 1}}, is_write_index: false}}}'

describe('desired in the server’s spelling', () => {
  it('has the mappings as the server prints them, and only the settings and aliases that were written', () => {
    const index = canonicalIndex(desired(sent), spelledByServer)
    assert.deepEqual(fieldsOf(index), {
      'settings.index.refresh_interval': '1m',
      'settings.index.number_of_shards': '3',
      'settings.index.query.default_field': ['a', 'b'],
      'settings.index.sort.field': 'a',
      'mappings.dynamic': 'false',
      'mappings.dynamic_templates': [{ t: { match: 'x*', mapping: { type: 'keyword' } } }],
      'mappings.properties.a': { type: 'keyword', copy_to: ['c'] },
      'mappings.properties.c': { type: 'text' },
      'mappings.properties.d': { type: 'object' },
      'mappings.properties.d.e': { type: 'long' },
      'mappings.properties.e': { type: 'object', enabled: false },
      'mappings.properties.p': { type: 'object' },
      'aliases.p': { filter: { term: { a: 1 } }, is_write_index: false },
    })
    assert.deepEqual(plain(index.body.mappings), plain(spelledByServer.mappings))
    assert.deepEqual(index.options, desired(sent).options)
  })

  it('keeps what the server does not show again', () => {
    const index = canonicalIndex(desired('{settings: {codec: default}, aliases: {p: {}}}'), spelled({}))
    assert.deepEqual(fieldsOf(index), { 'settings.index.codec': 'default', 'aliases.p': {} })
  })

  it('is what is observed once it is there, so that a second look changes nothing', () => {
    const index = canonicalIndex(desired(sent), spelledByServer)
    const aliases = { p: spelledByServer.aliases['p'] }
    const settings = {
      ...spelledByServer.settings,
      'index.uuid': 'u',
      'index.number_of_replicas': '1',
      'index.refresh_interval': '60s',
    }
    const observed = observeIndex(
      'a',
      shownIndices({ a: { settings, mappings: spelledByServer.mappings, aliases } }),
    )
    for (const [path, value] of index.fields)
      assert.deepEqual(plain(observed?.fields.get(path)), plain(value), path)
  })
})

const observed = (name: string, parts: object, other: object = {}) =>
  observeIndex(name, shownIndices({ [name]: parts, ...other }))

describe('import', () => {
  const settings = {
    'index.creation_date': '1',
    'index.uuid': 'u',
    'index.version.created': '8537000',
    'index.provided_name': 'a',
    'index.routing.allocation.include._tier_preference': 'data_content',
    'index.number_of_shards': '3',
    'index.number_of_replicas': '1',
    'index.mapping.total_fields.limit': '2000',
    'index.analysis.analyzer.x.filter': ['lowercase', 'asciifolding'],
    'index.analysis.analyzer.x.tokenizer': 'standard',
    'index.similarity.default.type': 'BM25',
  }
  const mappings = { dynamic: 'strict', properties: { t: { type: 'text', analyzer: 'x' } } }

  it('writes settings that a person can have set, mappings and aliases, without the marks', () => {
    const aliases = {
      p: { index_routing: '1', search_routing: '1' },
      'infometis-blocked-a': { is_hidden: true },
    }
    assert.deepEqual(plain(toWrittenIndex(observed('a', { settings, mappings, aliases }) ?? desired('{}'))), {
      settings: {
        analysis: { analyzer: { x: { filter: ['lowercase', 'asciifolding'], tokenizer: 'standard' } } },
        'mapping.total_fields.limit': '2000',
        number_of_replicas: '1',
        number_of_shards: '3',
        similarity: { default: { type: 'BM25' } },
      },
      mappings,
      aliases: { p: { index_routing: '1', search_routing: '1' } },
    })
  })

  it('gives a document whose plan is empty', () => {
    const index = observed('a', { settings, mappings, aliases: { p: { filter: { term: { x: 1 } } } } })
    assert.ok(index !== undefined)
    const again = normalizeIndex('a', indexSchema.parse(toWrittenIndex(index)))
    for (const path of index.explicit ?? []) {
      assert.deepEqual(plain(again.fields.get(path)), plain(index.fields.get(path)), path)
    }
  })

  it('leaves out the replicas that auto_expand_replicas made', () => {
    const expanded = { 'index.number_of_replicas': '0', 'index.auto_expand_replicas': '0-1' }
    assert.deepEqual(plain(toWrittenIndex(observed('a', { settings: expanded }) ?? desired('{}'))), {
      settings: { auto_expand_replicas: '0-1' },
    })
  })

  it('writes a key flat where a value stands in its way', () => {
    const odd = {
      'index.similarity.d': 'x',
      'index.similarity.d.type': 'BM25',
      'index.similarity.__proto__.type': 'BM25',
    }
    const written = toWrittenIndex(observed('a', { settings: odd }) ?? desired('{}'))
    assert.equal(
      JSON.stringify(written),
      '{"settings":{"similarity":{"__proto__":{"type":"BM25"},"d":"x"},"similarity.d.type":"BM25"}}',
    )
  })

  it('knows its own generations again, and takes another alias for somebody’s arrangement', () => {
    const alias = { aliases: { a: { is_write_index: true } } }
    const written = (index: string) =>
      toWrittenIndex(observeIndex('a', shownIndices({ [index]: alias })) ?? desired('{}'))
    assert.deepEqual(plain(written('a-000001')), { 'on-incompatible': 'reindex' })
    assert.deepEqual(plain(written('a-v1')), {})
  })

  const notForPeople: readonly (readonly [string, Index | undefined])[] = [
    ['a hidden name', observed('.kibana', {})],
    [
      'an alias over several',
      observeIndex('a', shownIndices({ b: { aliases: { a: {} } }, c: { aliases: { a: {} } } })),
    ],
    ['a data stream', observeIndex('a', shownIndices({ '.ds-a-1': { data_stream: 'a' } }))],
    ['what ILM is in charge of', observed('a', { settings: { 'index.lifecycle.name': 'l' } })],
    [
      'the target of a reindex',
      observed('a-000002', { aliases: { 'infometis-building-0123456789ab-a': {} } }),
    ],
    [
      'what a reindex left behind',
      observed('a-000001', { aliases: { 'infometis-rollback-a-until-20261120T101500Z': {} } }),
    ],
    ['the index behind the alias that bears the name', observed('a-000001', { aliases: { a: {} } })],
    ['what is desired, and was never observed', desired('{}')],
  ]
  for (const [what, index] of notForPeople) {
    it(`leaves out ${what}`, () => {
      assert.ok(index !== undefined)
      assert.equal(toWrittenIndex(index), undefined)
    })
  }
})
