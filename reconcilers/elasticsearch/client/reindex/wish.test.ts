import assert from 'node:assert/strict'
import { it } from 'node:test'
import { updateOf, shownIndex } from '../../../../test/support/search-index.ts'
import { classifyIndex } from '../../classify.ts'
import type { WrittenIndex } from '../../schema.ts'
import { wishOf } from './wish.ts'

const observed = shownIndex('orders', { index: 'orders-000001' })

function wish(written: WrittenIndex, of = observed) {
  const change = classifyIndex(updateOf(of, { 'on-incompatible': 'reindex', ...written })).at(-1)
  assert.ok(change)
  return wishOf(change)
}

it('a wish names the planned target, the index it was planned for, and its hash', () => {
  const { building, ...rest } = wish({ settings: { number_of_shards: 2 }, 'max-write-block': '5s' })
  assert.deepEqual(rest, {
    name: 'orders',
    sourceId: 'uuid-of-orders-000001',
    target: 'orders-000002',
    options: { onIncompatible: 'reindex', maxWriteBlock: 5_000, keepOldIndex: 86_400_000 },
  })
  assert.match(building, /^infometis-building-[0-9a-f]{12}-orders$/)
})

it('another wish or another source is another target; what is set at the end only is not', () => {
  const { building } = wish({ settings: { number_of_shards: 2 } })
  assert.notEqual(wish({ settings: { number_of_shards: 3 } }).building, building)
  const other = shownIndex('orders', { index: 'orders-000001', settings: { 'index.uuid': 'another' } })
  assert.notEqual(wish({ settings: { number_of_shards: 2 } }, other).building, building)
  const later = { number_of_shards: 2, refresh_interval: '5s', number_of_replicas: 2, default_pipeline: 'p' }
  assert.equal(wish({ settings: later }).building, building)
})
