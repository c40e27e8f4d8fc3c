import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceKey } from '../core/resource.ts'
import type { State } from '../reconcile/state.ts'
import type { Written } from '../reconcile/written.ts'
import { tallyOf } from './tally.ts'

function state(
  ready: State['ready'],
  inventory: readonly ResourceKey[],
  notReady: readonly [string, string][],
): State {
  const resources = notReady.map(([name, state]) => ({
    type: 'topics',
    name,
    state,
    reason: `${state} it is`,
  }))
  return { ready, resources, inventory: new Map(inventory.map((key) => [key, {}])) } as unknown as State
}

function written(suspend: boolean, unit?: string): Written {
  return { controls: { suspend }, unit } as unknown as Written
}

const documents = new Map([
  ['n/a', written(false)],
  ['n/b', written(true, 'orders')],
  ['n/new', written(false, 'orders')],
])
const states = new Map([
  ['n/a', state('True', ['topics/x', 'topics/y'], [])],
  [
    'n/b',
    state(
      'False',
      ['topics/p', 'topics/q'],
      [
        ['q', 'held'],
        ['r', 'refused'],
      ],
    ),
  ],
  ['n/gone', state('Unknown', ['topics/z'], [['z', 'orphan']])],
])

function parts(suspended: boolean) {
  return {
    source: { keys: () => [...documents.keys()], read: (key: string) => documents.get(key) },
    store: { keys: () => [...states.keys()], read: (key: string) => states.get(key) },
    suspended: () => suspended,
  }
}

test('ConfigMaps are counted by ready, those without status as Unknown, those that are gone too', () => {
  assert.deepEqual(Object.fromEntries(tallyOf(parts(false)).configMaps), { True: 1, False: 1, Unknown: 2 })
})

test('the ConfigMaps of a processing unit are counted by ready, those that are in none are not', () => {
  const units = [...tallyOf(parts(false)).units].map(([unit, counts]) => [unit, Object.fromEntries(counts)])
  assert.deepEqual(units, [['orders', { True: 0, False: 1, Unknown: 1 }]])
})

test('resources are counted by state, and what the inventory has beyond those is ready', () => {
  assert.deepEqual(plain(tallyOf(parts(false))), { topics: { ready: 3, held: 1, refused: 1, orphan: 1 } })
})

test('what stands in status is counted by reason', () => {
  assert.deepEqual(Object.fromEntries(tallyOf(parts(false)).reasons), {
    'held it is': 1,
    'refused it is': 1,
    'orphan it is': 1,
  })
})

test('resources of two types are counted apart', () => {
  const two = state('True', ['topics/a', 'users/a', 'users/b'], [['a', 'held']])
  const store = { keys: () => ['n/two'], read: () => two }
  const source = { keys: () => [], read: () => undefined }
  assert.deepEqual(plain(tallyOf({ source, store, suspended: () => false })), {
    topics: { ready: 0, held: 1 },
    users: { ready: 2 },
  })
})

/** By type and state. */
function plain({ resources }: ReturnType<typeof tallyOf>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...resources].map(([type, counts]) => [type, Object.fromEntries(counts)]))
}

test('a resource with two withheld parts is one, and one that keeps what cannot be removed is ready as well', () => {
  const both = state(
    'False',
    ['topics/a', 'topics/b'],
    [
      ['a', 'held'],
      ['a', 'held'],
      ['a', 'pending'],
      ['b', 'retained'],
    ],
  )
  const store = { keys: () => ['n/both'], read: () => both }
  const source = { keys: () => [], read: () => undefined }
  assert.deepEqual(plain(tallyOf({ source, store, suspended: () => false })), {
    topics: { held: 1, pending: 1, retained: 1, ready: 1 },
  })
})

test('suspended are those that say so, or all when everything is', () => {
  assert.equal(tallyOf(parts(false)).suspended, 1)
  assert.equal(tallyOf(parts(true)).suspended, 3)
})
