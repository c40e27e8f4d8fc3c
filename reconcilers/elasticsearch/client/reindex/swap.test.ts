import assert from 'node:assert/strict'
import { it } from 'node:test'
import { siteOf } from './site.ts'
import type { SiteIndex } from './site.ts'
import { swapActions } from './swap.ts'

const building = 'infometis-building-0123456789ab-orders'
const keepUntil = Date.UTC(2026, 10, 21, 10, 15)
const rollback = 'infometis-rollback-orders-until-20261121T101500Z'
const options = { onIncompatible: 'reindex', maxWriteBlock: 1, keepOldIndex: 1 } as const
const wish = { name: 'orders', sourceId: 's', target: 'orders-000002', building, options }

function index(name: string, aliases: Readonly<Record<string, unknown>>): SiteIndex {
  const [only] = siteOf('orders', { [name]: { aliases, settings: { 'index.uuid': name } } }).indices
  assert.ok(only)
  return only
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

const target = index('orders-000002', { [building]: {} })
const off = (of: string, alias: string) => ({ remove: { index: of, alias, must_exist: true } })
const permits = [building, 'infometis-copied-orders', 'infometis-swap-orders'].map((alias) =>
  off('orders-000002', alias),
)

it('a swap moves the name and every alias with its flags, takes every mark, and leaves a rollback point', () => {
  const readers = { filter: { term: { open: true } }, search_routing: 'a', is_hidden: true }
  const source = index('orders-000001', {
    orders: { is_write_index: true },
    readers,
    'infometis-blocked-orders': { is_hidden: true },
  })
  assert.deepEqual(plain(swapActions({ wish, source, target, clone: undefined, marked: true, keepUntil })), [
    ...permits,
    off('orders-000001', 'orders'),
    off('orders-000001', 'readers'),
    off('orders-000001', 'infometis-blocked-orders'),
    { add: { index: 'orders-000001', alias: rollback, is_hidden: true } },
    { add: { is_write_index: true, index: 'orders-000002', alias: 'orders' } },
    { add: { ...readers, index: 'orders-000002', alias: 'readers' } },
  ])
})

it('a concrete index gives its name to the alias in the same request, and its clone is the rollback point', () => {
  const source = index('orders', { readers: {}, 'infometis-blocked-orders': {} })
  const clone = index('orders-000000', { 'infometis-clone-orders': {} })
  assert.deepEqual(plain(swapActions({ wish, source, target, clone, marked: true, keepUntil })), [
    ...permits,
    { remove_index: { index: 'orders' } },
    off('orders-000000', 'infometis-clone-orders'),
    { add: { index: 'orders-000000', alias: rollback, is_hidden: true } },
    { add: { is_write_index: true, index: 'orders-000002', alias: 'orders' } },
    { add: { index: 'orders-000002', alias: 'readers' } },
  ])
})

it('an index that somebody else blocked carries no mark of ours that could be taken', () => {
  const source = index('orders-000001', { orders: {} })
  const actions = JSON.stringify(
    swapActions({ wish, source, target, clone: undefined, marked: false, keepUntil }),
  )
  assert.ok(!actions.includes('infometis-blocked'))
})
