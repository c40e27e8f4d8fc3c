import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, equal } from '../../src/core/canonical.ts'
import { objectOf, toJsonObject } from '../../src/core/json.ts'
import { mappingFields, mappingSubset } from './mapping-fields.ts'
import type { JsonObject } from './resource.ts'

/** From text, so that a member `__proto__` is one. */
const json = (text: string): JsonObject => toJsonObject(JSON.parse(text))
const plain = (value: unknown): unknown => JSON.parse(canonicalJson(value))
const fieldsOf = (mappings: JsonObject) => plain(mappingFields(mappings))

const keyword = { type: 'keyword' }

describe('mappings as fields', () => {
  it('have root parameters, definitions without their children, sub-fields and runtime fields', () => {
    const mappings = toJsonObject({
      dynamic: 'strict',
      _meta: { team: 'search' },
      runtime: { day: { type: 'keyword', script: 'x' }, 'a.b': { type: 'long' } },
      properties: {
        title: { type: 'text', analyzer: 'english', fields: { raw: { type: 'keyword', ignore_above: 256 } } },
        user: { dynamic: 'false', properties: { name: keyword, address: { properties: { city: keyword } } } },
        lines: { type: 'nested', properties: { article: keyword } },
        labels: { type: 'object' },
      },
    })
    assert.deepEqual(fieldsOf(mappings), {
      'mappings.dynamic': 'strict',
      'mappings._meta': { team: 'search' },
      'mappings.runtime.day': { type: 'keyword', script: 'x' },
      'mappings.runtime.a.b': { type: 'long' },
      'mappings.properties.title': { type: 'text', analyzer: 'english' },
      'mappings.properties.title.fields.raw': { type: 'keyword', ignore_above: 256 },
      'mappings.properties.user': { type: 'object', dynamic: 'false' },
      'mappings.properties.user.name': keyword,
      'mappings.properties.user.address': { type: 'object' },
      'mappings.properties.user.address.city': keyword,
      'mappings.properties.lines': { type: 'nested' },
      'mappings.properties.lines.article': keyword,
      'mappings.properties.labels': { type: 'object' },
    })
  })

  it('may be called like a parameter or like a member of Object', () => {
    const mappings = json(`{"properties": {
      "__proto__": {"type": "keyword"},
      "constructor": {"properties": {"__proto__": {"type": "long"}}},
      "properties": {"properties": {"properties": {"type": "keyword"}, "fields": {"type": "keyword"}}},
      "fields": {"type": "text", "fields": {"fields": {"type": "keyword"}}},
      "type": {"type": "keyword"},
      "enabled": {"properties": {"type": {"type": "keyword"}, "dynamic": {"type": "boolean"}}}
    }}`)
    assert.deepEqual([...mappingFields(mappings).keys()].sort(), [
      'mappings.properties.__proto__',
      'mappings.properties.constructor',
      'mappings.properties.constructor.__proto__',
      'mappings.properties.enabled',
      'mappings.properties.enabled.dynamic',
      'mappings.properties.enabled.type',
      'mappings.properties.fields',
      'mappings.properties.fields.fields.fields',
      'mappings.properties.properties',
      'mappings.properties.properties.fields',
      'mappings.properties.properties.properties',
      'mappings.properties.type',
    ])
  })

  const same: readonly (readonly [string, string, string])[] = [
    [
      'a dotted name and objects inside each other',
      '{"properties":{"a.b.c":{"type":"long"}}}',
      '{"properties":{"a":{"properties":{"b":{"properties":{"c":{"type":"long"}}}}}}}',
    ],
    [
      'a dotted name beside the object that it lies in',
      '{"properties":{"a.b":{"type":"long"},"a":{"type":"object","dynamic":false}}}',
      '{"properties":{"a":{"dynamic":"false","properties":{"b":{"type":"long"}}}}}',
    ],
    [
      'an object with and without its type',
      '{"properties":{"a":{"type":"object","properties":{"b":{"type":"long"}}}}}',
      '{"properties":{"a":{"properties":{"b":{"type":"long"}}}}}',
    ],
    [
      'an object with enabled alone',
      '{"properties":{"a":{"enabled":false}}}',
      '{"properties":{"a":{"type":"object","enabled":false}}}',
    ],
    [
      'no fields as a list',
      '{"properties":{"a":{"properties":[]}}}',
      '{"properties":{"a":{"type":"object"}}}',
    ],
    ['no properties at all', '{"properties":{}}', '{}'],
    ['dynamic as a boolean', '{"dynamic":false}', '{"dynamic":"false"}'],
    [
      'dynamic as a boolean, in an object',
      '{"properties":{"a":{"dynamic":true}}}',
      '{"properties":{"a":{"dynamic":"true"}}}',
    ],
    [
      'copy_to as a text',
      '{"properties":{"a":{"type":"keyword","copy_to":"b"}}}',
      '{"properties":{"a":{"type":"keyword","copy_to":["b"]}}}',
    ],
    [
      'a pattern as a list of one',
      '{"dynamic_templates":[{"t":{"match":["x*"],"path_unmatch":["y"],"mapping":{"type":"keyword"}}}]}',
      '{"dynamic_templates":[{"t":{"match":"x*","path_unmatch":"y","mapping":{"type":"keyword"}}}]}',
    ],
    [
      'another order of members',
      '{"dynamic":"strict","properties":{"b":{"type":"long","index":false},"a":{"type":"ip"}}}',
      '{"properties":{"a":{"type":"ip"},"b":{"index":false,"type":"long"}},"dynamic":"strict"}',
    ],
  ]
  for (const [what, one, other] of same) {
    it(`are the same with ${what}`, () => assert.deepEqual(fieldsOf(json(one)), fieldsOf(json(other))))
  }

  const different: readonly (readonly [string, string, string])[] = [
    ['dynamic strict and false', '{"dynamic":"strict"}', '{"dynamic":false}'],
    [
      'dynamic true and no dynamic, in an object',
      '{"properties":{"a":{"dynamic":true}}}',
      '{"properties":{"a":{"type":"object"}}}',
    ],
    [
      'dynamic templates in another order',
      '{"dynamic_templates":[{"t":{"mapping":{"type":"long"}}},{"u":{"mapping":{"type":"ip"}}}]}',
      '{"dynamic_templates":[{"u":{"mapping":{"type":"ip"}}},{"t":{"mapping":{"type":"long"}}}]}',
    ],
    ['nested and object', '{"properties":{"a":{"type":"nested"}}}', '{"properties":{"a":{"type":"object"}}}'],
  ]
  for (const [what, one, other] of different) {
    it(`differ with ${what}`, () => assert.notDeepEqual(fieldsOf(json(one)), fieldsOf(json(other))))
  }

  it('keep dotted names as they are where objects are off', () => {
    const names = [
      '{"subobjects":false,"properties":{"a.b":{"type":"long"},"a":{"type":"ip"}}}',
      '{"properties":{"o":{"subobjects":false,"properties":{"a.b":{"type":"long"}}}}}',
    ]
    assert.deepEqual(
      names.map((text) => [...mappingFields(json(text)).keys()]),
      [
        ['mappings.subobjects', 'mappings.properties.a.b', 'mappings.properties.a'],
        ['mappings.properties.o', 'mappings.properties.o.a.b'],
      ],
    )
  })

  it('show apart what the server learns from documents', () => {
    const mappings = toJsonObject({
      properties: {
        v: { type: 'dense_vector', dims: 3, similarity: 'cosine' },
        s: { type: 'semantic_text', inference_id: 'e5', model_settings: { dimensions: 3 } },
        c: { type: 'constant_keyword', value: 'prod' },
        k: { type: 'keyword', dims: 3 },
      },
    })
    assert.deepEqual(fieldsOf(mappings), {
      'mappings.properties.v': { type: 'dense_vector', similarity: 'cosine' },
      'mappings.properties.v.dims': 3,
      'mappings.properties.s': { type: 'semantic_text', inference_id: 'e5' },
      'mappings.properties.s.model_settings': { dimensions: 3 },
      'mappings.properties.c': { type: 'constant_keyword' },
      'mappings.properties.c.value': 'prod',
      'mappings.properties.k': { type: 'keyword', dims: 3 },
    })
  })
})

const mappings = toJsonObject({
  dynamic: 'strict',
  _meta: { version: 2 },
  runtime: { day: keyword, 'a.b': { type: 'long' } },
  properties: {
    title: {
      type: 'text',
      analyzer: 'english',
      fields: { raw: { type: 'keyword', ignore_above: 256 }, short: { type: 'keyword', ignore_above: 20 } },
    },
    user: { dynamic: 'false', enabled: true, properties: { name: keyword, mail: keyword } },
    lines: { type: 'nested', include_in_parent: true, dynamic: 'strict', properties: { article: keyword } },
    flat: { subobjects: 'false', dynamic: 'false', properties: { 'a.b': keyword } },
    pass: { type: 'passthrough', priority: 3, properties: { x: keyword } },
    vector: { type: 'dense_vector', similarity: 'cosine' },
  },
})

const at = (...paths: readonly string[]) => new Set(paths.map((path) => `mappings.${path}`))

const subsets: readonly (readonly [string, ReadonlySet<string>, unknown])[] = [
  ['nothing', at(), {}],
  ['a root parameter', at('dynamic'), { dynamic: 'strict' }],
  ['a runtime field with a dot', at('runtime.a.b'), { runtime: { 'a.b': { type: 'long' } } }],
  ['a runtime field that goes', at('runtime.gone'), { runtime: { gone: null } }],
  [
    'a field, with its full definition but not with sub-fields that are not meant',
    at('properties.title'),
    { properties: { title: { type: 'text', analyzer: 'english' } } },
  ],
  [
    'a sub-field, with the full definition of its field, of which an omitted parameter would be reset',
    at('properties.title.fields.raw'),
    {
      properties: {
        title: { type: 'text', analyzer: 'english', fields: { raw: { type: 'keyword', ignore_above: 256 } } },
      },
    },
  ],
  [
    'a field in an object, which keeps its own parameters',
    at('properties.user.name'),
    { properties: { user: { properties: { name: keyword } } } },
  ],
  ['an object alone', at('properties.user'), { properties: { user: { dynamic: 'false', enabled: true } } }],
  [
    'a field in a nested one, with what the server refuses to merge without',
    at('properties.lines.article'),
    { properties: { lines: { type: 'nested', include_in_parent: true, properties: { article: keyword } } } },
  ],
  [
    'a dotted field where objects are off',
    at('properties.flat.a.b'),
    { properties: { flat: { subobjects: 'false', properties: { 'a.b': keyword } } } },
  ],
  [
    'a field in a passthrough object',
    at('properties.pass.x'),
    { properties: { pass: { type: 'passthrough', priority: 3, properties: { x: keyword } } } },
  ],
  [
    'nothing for a path that is not there',
    at('properties.nowhere', 'properties.user.nowhere', 'nothing'),
    {},
  ],
]

describe('a part of mappings', () => {
  for (const [what, paths, expected] of subsets) {
    it(`sets ${what}`, () => assert.deepEqual(plain(mappingSubset(mappings, paths)), expected))
  }

  it('leaves a field whose own change waits as the server has it, when a sub-field is added', () => {
    const current = toJsonObject({ properties: { title: { type: 'text', analyzer: 'simple' } } })
    assert.deepEqual(plain(mappingSubset(mappings, at('properties.title.fields.raw'), current)), {
      properties: {
        title: { type: 'text', analyzer: 'simple', fields: { raw: { type: 'keyword', ignore_above: 256 } } },
      },
    })
  })

  it('leaves an object whose own change waits as the server has it, when a field is added', () => {
    const current = toJsonObject({ properties: { lines: { type: 'object', properties: {} } } })
    assert.deepEqual(plain(mappingSubset(mappings, at('properties.lines.article'), current)), {
      properties: { lines: { properties: { article: keyword } } },
    })
  })

  it('keeps what the server learned, which an update without it would be refused for', () => {
    const current = toJsonObject({
      properties: { vector: { type: 'dense_vector', dims: 3, similarity: 'cosine' } },
    })
    assert.deepEqual(plain(mappingSubset(mappings, at('properties.vector'), current)), {
      properties: { vector: { type: 'dense_vector', dims: 3, similarity: 'cosine' } },
    })
  })

  it('sets a learned parameter that is written, with its whole field', () => {
    const written = toJsonObject({ properties: { v: { type: 'dense_vector', dims: 3 } } })
    assert.deepEqual(plain(mappingSubset(written, at('properties.v.dims'))), plain(written))
  })

  it('may be fields called __proto__', () => {
    const text = '{"properties":{"__proto__":{"properties":{"__proto__":{"type":"keyword"}}}}}'
    const subset = mappingSubset(json(text), at('properties.__proto__.__proto__'))
    assert.equal(JSON.stringify(subset), text)
  })
})

const names = fc.constantFrom(
  'a',
  'b',
  'properties',
  'fields',
  'type',
  'dynamic',
  'runtime',
  '__proto__',
  'constructor',
  'é',
)

function mapOf(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .uniqueArray(fc.tuple(names, values), { maxLength: 4, selector: ([name]) => name })
    .map((members) => objectOf(members))
}

const leaf = fc.record(
  {
    type: fc.constantFrom('keyword', 'text', 'long'),
    ignore_above: fc.nat(99),
    fields: mapOf(fc.record({ type: fc.constant('keyword') })),
  },
  { requiredKeys: ['type'] },
)
const { field } = fc.letrec<{ field: unknown }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record(
      { properties: mapOf(tie('field')), dynamic: fc.constantFrom('false', 'strict') },
      { requiredKeys: ['properties'] },
    ),
    fc.record(
      { type: fc.constant('nested'), include_in_root: fc.boolean(), properties: mapOf(tie('field')) },
      { requiredKeys: ['type'] },
    ),
  ),
}))
const anyMappings = fc
  .record(
    {
      dynamic: fc.constantFrom('false', 'strict'),
      properties: mapOf(field),
      runtime: mapOf(fc.record({ type: fc.constant('long') })),
    },
    { requiredKeys: ['properties'] },
  )
  .map(toJsonObject)

describe('for any mappings', () => {
  it('the part with all their fields is the whole', () => {
    fc.assert(
      fc.property(anyMappings, (all) => {
        const fields = mappingFields(all)
        assert.equal(
          canonicalJson(mappingFields(mappingSubset(all, new Set(fields.keys())))),
          canonicalJson(fields),
        )
      }),
    )
  })

  it('a part has every field that is asked for, as it is, and besides nothing but what they lie in', () => {
    fc.assert(
      fc.property(anyMappings, fc.infiniteStream(fc.boolean()), (all, coins) => {
        const fields = mappingFields(all)
        const paths = new Set([...fields.keys()].filter(() => coins.next().value))
        const part = mappingFields(mappingSubset(all, paths))
        for (const path of paths) assert.ok(equal(part.get(path), fields.get(path)), path)
        for (const path of part.keys()) {
          assert.ok(
            [...paths].some((asked) => asked === path || asked.startsWith(`${path}.`)),
            path,
          )
        }
      }),
    )
  })
})
