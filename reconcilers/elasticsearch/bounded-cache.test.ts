import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BoundedCache } from './bounded-cache.ts'

describe('a bounded cache', () => {
  it('forgets what was not used for longest, by weight', () => {
    const cache = new BoundedCache<number>(10)
    cache.set('a', 1, 4)
    cache.set('b', 2, 4)
    assert.equal(cache.get('a'), 1)
    cache.set('c', 3, 4)
    assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3])
  })
  it('keeps nothing that is heavier than the whole, and counts a value once', () => {
    const cache = new BoundedCache<number>(10)
    cache.set('a', 1, 11)
    assert.equal(cache.size, 0)
    for (let times = 0; times < 5; times += 1) cache.set('a', times, 6)
    cache.set('b', 2, 4)
    assert.deepEqual([cache.get('a'), cache.get('b')], [4, 2])
  })
})
