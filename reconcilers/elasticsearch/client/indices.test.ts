import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { commonPrefix } from './definitions.ts'
import { chunksOf } from './indices.ts'
import { isExactName, isIndexName, pathPart } from './requests.ts'

describe('names in requests', () => {
  it('go in chunks whose paths the server takes, each name in one of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme' })), (names) => {
        const chunks = chunksOf(names)
        assert.deepEqual(chunks.flat(), names)
        for (const chunk of chunks) {
          const path = chunk.map((name) => `${pathPart(name)},${pathPart(name)}-0*`).join(',')
          assert.ok(chunk.length <= 50 && (path.length <= 3_500 || chunk.length === 1), `${path.length}`)
        }
      }),
    )
  })
  it('1,000 short ones make 20 requests', () => {
    assert.equal(chunksOf(Array.from({ length: 1_000 }, (_, index) => `orders-${index}`)).length, 20)
  })
  for (const name of ['', '*', 'a*', 'a,b', '-a', '_all', '<a-{now/d}>', '..', 'other:a', 'a b'])
    it(`"${name}" is no index`, () => assert.equal(isIndexName(name), false))
  for (const name of ['orders', '.hidden', 'a.b', '__proto__'.slice(2), 'größe', '日本'])
    it(`"${name}" is one`, () => assert.equal(isIndexName(name), true))
  it('of definitions may hold what the server does not read as several', () => {
    assert.deepEqual(['a b', 'logs@custom', 'a*', 'a,b', ''].map(isExactName), [
      true,
      true,
      false,
      false,
      false,
    ])
  })
  it('share a beginning, which is never half a character', () => {
    assert.equal(commonPrefix(['orders-a', 'orders-b', 'orders']), 'orders')
    assert.equal(commonPrefix(['a', 'b']), '')
    assert.equal(commonPrefix(['x']), 'x')
    assert.equal(commonPrefix(['x😀', 'x😁']), 'x')
  })
})
