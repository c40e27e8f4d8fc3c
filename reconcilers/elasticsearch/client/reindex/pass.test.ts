import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { partSince } from './pass.ts'

const shards = (...last: readonly number[]) => ({ last, sure: last, bytes: 0, history: '' })

it('a pass begins at the lowest number of the shards that changed', () => {
  assert.deepEqual(partSince(shards(10, 20), [10, 15]), { above: 15, operations: 5 })
  assert.deepEqual(partSince(shards(12, 20), [10, 15]), { above: 10, operations: 12 })
  assert.deepEqual(partSince(shards(10, 20), [10, 20]).operations, 0)
  assert.deepEqual(partSince(shards(10, 20), undefined), { above: undefined, operations: 32 })
  assert.deepEqual(partSince(shards(-1), undefined), { above: undefined, operations: 0 })
})

it('no operation since is left out, whichever shard it is of', () => {
  const shard = fc.tuple(fc.integer({ min: -1, max: 60 }), fc.integer({ min: -1, max: 60 }))
  fc.assert(
    fc.property(fc.array(shard, { minLength: 1, maxLength: 6 }), (all) => {
      const last = all.map(([a, b]) => Math.max(a, b))
      const reached = all.map(([a, b]) => Math.min(a, b))
      const { above, operations } = partSince(shards(...last), reached)
      const missed = reached.some((to, shard) => (last[shard] ?? -1) > to && to < (above ?? -1))
      assert.ok(!missed)
      assert.ok(operations >= last.reduce((sum, number, shard) => sum + number - (reached[shard] ?? 0), 0))
    }),
  )
})
