import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, equal, mapToObject, sha256 } from './canonical.ts'
import type { Json } from './resource.ts'

describe('canonical JSON', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['sorts the keys of an object, at every depth', { b: { d: 1, c: 2 }, a: 3 }, '{"a":3,"b":{"c":2,"d":1}}'],
    ['keeps the order of an array', [2, 1, [3, 0]], '[2,1,[3,0]]'],
    ['sorts by code unit, so that no locale matters', { ä: 1, z: 2, Z: 3 }, '{"Z":3,"z":2,"ä":1}'],
    ['writes a Map as an object', new Map([['b', 1]]), '{"b":1}'],
    ['sorts the keys of a Map', new Map(Object.entries({ b: 1, a: 2 })), '{"a":2,"b":1}'],
    ['writes a bigint as an exact number', 9_223_372_036_854_775_807n, '9223372036854775807'],
    ['leaves out a member that is undefined', { a: undefined, b: null }, '{"b":null}'],
    ['leaves out a Map’s member that is undefined', new Map([['a', undefined]]), '{}'],
    ['writes undefined in an array as null', [undefined], '[null]'],
    ['writes undefined as null', undefined, 'null'],
    ['keeps "__proto__" of a Map as a key', new Map([['__proto__', 1]]), '{"__proto__":1}'],
    ['keeps "__proto__" of an object as a key', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ['escapes texts as JSON does', { 'a"b': 'c\nd' }, '{"a\\"b":"c\\nd"}'],
  ]
  for (const [sentence, value, text] of cases) {
    it(sentence, () => assert.equal(canonicalJson(value), text))
  }

  it('tells a number from the same digits as text', () => {
    assert.notEqual(canonicalJson(1), canonicalJson('1'))
  })
})

describe('equality of canonical values', () => {
  it('is that of their texts, for any two of them', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    // A copy whose keys come in another order, and what differs from it a little.
    const near = value.chain((one) => fc.tuple(fc.constant(one), fc.oneof(fc.constant(turned(one)), value)))
    fc.assert(
      fc.property(near, ([a, b]) => {
        assert.equal(equal(a, b), canonicalJson(a) === canonicalJson(b))
      }),
      { numRuns: 1_000 },
    )
  })

  it('does not see the order of keys', () => assert.ok(equal({ a: 1, b: [2] }, { b: [2], a: 1 })))
  it('sees the order of an array', () => assert.ok(!equal([1, 2], [2, 1])))
  it('tells absent from null', () => assert.ok(!equal(undefined, null)))
  it('holds between two absent values', () => assert.ok(equal(undefined, undefined)))
  it('tells 1 from "1": spellings are the normaliser’s affair', () => assert.ok(!equal(1, '1')))
})

it('hashes a text as lower-case hex sha256', () => {
  assert.equal(sha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

it('makes a Map an object without a prototype', () => {
  const object = mapToObject(new Map([['__proto__', 1]]))
  assert.equal(Object.getPrototypeOf(object), null)
  assert.deepEqual(Object.keys(object), ['__proto__'])
})

/** The same value with the keys of every object the other way round. */
function turned(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(turned)
  const members = Object.entries(value).map(([key, member]: [string, Json]) => [key, turned(member)] as const)
  return mapToObject(new Map(members.toReversed()))
}
