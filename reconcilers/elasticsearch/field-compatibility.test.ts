import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '../../src/core/resource.ts'
import { incompatibility, rootIncompatibility } from './field-compatibility.ts'

type Case = readonly [what: string, before: Json | undefined, after: Json | undefined, why?: string]

const of =
  (type: string) =>
  (more: Readonly<Record<string, Json>> = {}): Json => ({ type, ...more })
const keyword = of('keyword')
const text = of('text')
const vector = (type: string, more: Readonly<Record<string, Json>> = {}): Json => ({
  type: 'dense_vector',
  index_options: { type, ...more },
})
const join = (relations: Json): Json => ({ type: 'join', relations })

/** Only a part: test/integration/elasticsearch-compatibility.test.ts asks a real server about the types that it has. */
const cases: readonly Case[] = [
  ['a new field', undefined, keyword()],
  ['the same field', keyword({ store: true }), keyword({ store: true })],
  ['a parameter and its default', text(), text({ analyzer: 'default' })],
  ['the same the other way', text({ analyzer: 'default', search_analyzer: 'a' }), text()],
  ['ignore_above is reset', keyword({ ignore_above: 5 }), keyword()],
  ['another type', text(), keyword(), 'its type cannot change from text to keyword'],
  [
    'an object becomes a nested',
    of('object')(),
    of('nested')(),
    'its type cannot change from object to nested',
  ],
  ['a field goes', keyword(), undefined, 'a field cannot be removed from an index'],
  [
    'an analyzer',
    text({ analyzer: 'a' }),
    text({ analyzer: 'b', search_analyzer: 'c' }),
    'analyzer cannot change from "a" to "b"',
  ],
  [
    'two parameters',
    keyword({ index: false }),
    keyword({ doc_values: false }),
    'doc_values cannot change from the default to false and index cannot change from false to the default',
  ],
  ['norms off', text(), text({ norms: false })],
  ['norms on', text({ norms: false }), text(), 'norms cannot be turned on'],
  ['norms on, of a keyword', keyword(), keyword({ norms: true }), 'norms cannot be turned on'],
  ['dynamic of an object', of('object')({ dynamic: 'false' }), of('object')({ dynamic: 'strict' })],
  [
    'dynamic of an object is no longer written',
    of('object')({ dynamic: 'false' }),
    of('object')(),
    'dynamic stays "false" until another value is written',
  ],
  [
    'enabled of an object is no longer written',
    of('object')({ enabled: false }),
    of('object')(),
    'enabled cannot change from false to the default',
  ],
  ['what an alias stands for', of('alias')({ path: 'a' }), of('alias')({ path: 'b' })],
  ['what the server learned', 8, 16, 'it cannot change from 8 to 16'],
  ['what the server has not learned yet', undefined, 16],
  ['a vector gets smaller numbers', vector('hnsw'), vector('bbq_hnsw')],
  ['a vector gets a graph', vector('flat'), vector('int8_hnsw', { m: 4 })],
  ['a vector loses its graph', vector('hnsw'), vector('flat'), 'index_options cannot go from hnsw to flat'],
  [
    'a vector gets larger numbers',
    vector('int4_hnsw'),
    vector('int8_hnsw'),
    'index_options cannot go from int4_hnsw to int8_hnsw',
  ],
  ['a graph gets more connections', vector('hnsw', { m: 16 }), vector('int8_hnsw', { m: 32 })],
  [
    'a graph gets fewer',
    vector('hnsw', { m: 32 }),
    vector('int8_hnsw', { m: 16 }),
    'm of index_options cannot become smaller',
  ],
  ['a first confidence_interval', vector('int8_hnsw'), vector('int8_hnsw', { confidence_interval: 0.9 })],
  [
    'any confidence_interval without a graph',
    vector('int8_flat', { confidence_interval: 0.9 }),
    vector('int8_flat'),
  ],
  [
    'another confidence_interval',
    vector('int8_hnsw', { confidence_interval: 0.9 }),
    vector('int8_hnsw', { confidence_interval: 0.99 }),
    'confidence_interval of index_options cannot change',
  ],
  ['index_options of a vector that had none', of('dense_vector')(), vector('flat')],
  ['none of them', vector('flat'), of('dense_vector')(), 'index_options cannot be taken away'],
  [
    'a way of indexing that is not known here',
    vector('bbq_disk'),
    vector('bbq_hnsw'),
    'index_options cannot go from bbq_disk to bbq_hnsw',
  ],
  [
    'something new within one way',
    vector('bbq_hnsw', { on_disk_rescore: true }),
    vector('bbq_hnsw'),
    'on_disk_rescore of index_options is not known to be changeable in an existing index',
  ],
  [
    'a relation is added',
    join({ question: 'answer' }),
    join({ question: ['answer', 'comment'], answer2: 'vote' }),
  ],
  [
    'a relation is taken away',
    join({ question: ['answer', 'comment'] }),
    join({ question: 'answer' }),
    'relations can only get new members',
  ],
  [
    'a child gets another parent',
    join({ question: 'answer' }),
    join({ question: 'answer', thread: 'question' }),
    'relations can only get new members',
  ],
  ['search_inference_id', of('semantic_text')(), of('semantic_text')({ search_inference_id: 'e5' })],
  [
    'inference_id',
    of('semantic_text')({ inference_id: 'elser' }),
    of('semantic_text')({ inference_id: 'e5' }),
    'inference_id cannot change from "elser" to "e5"',
  ],
  ['coerce of a scaled_float', of('scaled_float')(), of('scaled_float')({ coerce: false })],
  [
    'search_analyzer as you type',
    of('search_as_you_type')(),
    of('search_as_you_type')({ search_analyzer: 'a' }),
  ],
  [
    'a parameter that is not known here',
    keyword({ sparkle: 1 }),
    keyword({ sparkle: 2 }),
    'sparkle is not known to be changeable in an existing index',
  ],
  [
    'a parameter named like what every object has',
    keyword(),
    JSON.parse('{"type": "keyword", "__proto__": 1}') as Json,
    '__proto__ is not known to be changeable in an existing index',
  ],
  [
    'a type that is named like what every object has',
    of('constructor')(),
    of('constructor')({ constructor: 1 }),
    'constructor is not known to be changeable in an existing index',
  ],
]

describe('a field of an existing index', () => {
  for (const [what, before, after, why] of cases) {
    it(`${why === undefined ? 'can' : 'cannot'} get: ${what}`, () => {
      assert.equal(incompatibility(before, after), why)
    })
  }

  it('shows no long value', () => {
    const why = incompatibility(keyword({ normalizer: 'n'.repeat(1_000) }), keyword())
    assert.ok(why !== undefined && why.length < 150)
  })
})

describe('a parameter at the root of the mappings', () => {
  const roots: readonly (readonly [string, Json | undefined, Json | undefined, string?])[] = [
    ['dynamic', undefined, 'strict'],
    ['_meta', { a: 1 }, { b: 1 }],
    ['dynamic_templates', [{ a: {} }], []],
    ['_size', undefined, { enabled: true }],
    ['date_detection', false, undefined, 'it stays false until another value is written'],
    ['_routing', undefined, { required: true }, 'it is fixed once an index has a mapping'],
    ['subobjects', undefined, 'false', 'it is fixed once an index has a mapping'],
    [
      '_source',
      undefined,
      { enabled: false },
      'it does not change in an existing index, whose documents are kept by it',
    ],
    ['__proto__', undefined, 1, 'it is not known to be changeable in an existing index'],
  ]
  for (const [parameter, before, after, why] of roots) {
    it(`${why === undefined ? 'can' : 'cannot'} change: ${parameter}`, () => {
      assert.equal(rootIncompatibility(parameter, before, after), why)
    })
  }
})
