import assert from 'node:assert/strict'
import { gunzipSync, gzipSync } from 'node:zlib'
import { test } from 'node:test'
import { sha256 } from '../core/canonical.ts'
import type { Inventory, InventoryEntry } from '../core/inventory.ts'
import { keyOf, type Json } from '../core/resource.ts'
import type { ResourceStatus, State } from '../reconcile/state.ts'
import { sameInventory } from '../core/inventory.ts'
import { readInventory, writeInventory } from './inventory-document.ts'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { readState, writeState, type StateDocument } from './state-document.ts'

function inventoryOf(...entries: readonly InventoryEntry[]): Inventory {
  return new Map(entries.map((entry) => [keyOf(entry), entry]))
}

const entry: InventoryEntry = {
  type: 'topics',
  name: '__proto__',
  id: 'id-1',
  fields: new Map<string, Json>([
    ['__proto__', 'x'],
    ['partitions', 6],
    ['config.cleanup.policy', ['compact', 'delete']],
  ]),
  intended: new Map<string, Json>([['partitions', 12]]),
  deletable: true,
}

const full: State = {
  ready: 'False',
  reason: 'ChangesHeld',
  message: 'a: deletion is held — naïve 😀',
  observedHash: 'hash-1',
  clusterId: 'cluster-1',
  reconciledAt: '2026-11-20T10:00:00Z',
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'ChangesHeld',
      message: 'm',
      lastTransitionTime: '2026-11-20T10:00:00Z',
    },
  ],
  summary: '1 ready, 1 held',
  resources: [{ type: 'topics', name: 'a', state: 'held', reason: 'TopicHoldsRecords', message: 'm' }],
  plan: { hash: '0123456789ab', text: '- a\n', changes: [{ action: 'delete', name: 'a' }] },
  history: [
    {
      digest: 'd',
      reason: 'Applied',
      message: 'm',
      created: 1,
      updated: 0,
      deleted: 0,
      first: 'f',
      last: 'l',
      count: 2,
    },
  ],
  approval: { hash: '0123456789ab', remaining: ['x'] },
  inventory: inventoryOf(entry, { type: 'topics', name: 'b', fields: new Map(), deletable: false }),
}

const bare: State = {
  ...full,
  clusterId: undefined,
  reconciledAt: undefined,
  conditions: [],
  resources: [],
  plan: undefined,
  history: [],
  approval: undefined,
  inventory: new Map(),
}

function stored(document: StateDocument): ConfigMap {
  const metadata = { name: 'topics-status', namespace: 'team', uid: 'u', resourceVersion: '1' }
  const object = readConfigMap(JSON.parse(JSON.stringify({ metadata, ...document })))
  assert.ok(object)
  return object
}

for (const [what, state] of [
  ['full', full],
  ['bare', bare],
] as const) {
  test(`a ${what} state comes back as it was written`, () => {
    assert.deepEqual(readState(stored(writeState(state))), state)
  })
}

test('every key is there in every state, so that server-side apply owns them all', () => {
  assert.deepEqual(Object.keys(writeState(full).data), Object.keys(writeState(bare).data))
})

test('an inventory has one text, whatever the order it was made in, and no time in its gzip header', () => {
  const entries = [...full.inventory.values()]
  const one = writeInventory(inventoryOf(...entries))
  const two = writeInventory(inventoryOf(...entries.toReversed()))
  assert.equal(one.gz, two.gz)
  assert.deepEqual([...Buffer.from(one.gz, 'base64').subarray(4, 10)], [0, 0, 0, 0, 0, 255])
  assert.match(
    gunzipSync(Buffer.from(one.gz, 'base64')).toString(),
    /^\[\{"type":"topics","name":"__proto__"/,
  )
})

test('what is being replaced comes back as it was written, in one text whatever the order of its parts', () => {
  const replaces = { name: '__proto__', id: 'left', of: 'old' }
  const inventory = inventoryOf({ ...entry, replaces })
  assert.deepEqual(readState(stored(writeState({ ...full, inventory }))).inventory, inventory)
  const turned = inventoryOf({ ...entry, replaces: { of: 'old', id: 'left', name: '__proto__' } })
  assert.equal(writeInventory(turned).digest, writeInventory(inventory).digest)
  const bareName = inventoryOf({ ...entry, replaces: { name: 'a-1' } })
  assert.deepEqual(readState(stored(writeState({ ...full, inventory: bareName }))).inventory, bareName)
})

test('the edition that was taken comes back with its spelling', () => {
  const inventory = inventoryOf({
    ...entry,
    spelled: new Map([['a', 1]]),
    spelledBy: '13.2',
    edition: '1741',
  })
  assert.deepEqual(readState(stored(writeState({ ...full, inventory }))).inventory, inventory)
})

test('an inventory whose replaced resource has no name is refused', () => {
  const text = '[{"type":"topics","name":"a","deletable":true,"replaces":{"id":"x"},"fields":{}}]'
  assert.throws(() => readInventory(gzipSync(text).toString('base64'), sha256(text)), /replaces has no name/)
})

test('two inventories are the same when their entries are, in whatever order', () => {
  const entries = [...full.inventory.values()]
  const same = inventoryOf(
    ...entries.map((each) => ({ ...each, fields: new Map([...each.fields].toReversed()) })).toReversed(),
  )
  assert.equal(sameInventory(full.inventory, same), true)
  for (const change of [
    { id: 'id-2' },
    { deletable: false },
    { fields: new Map<string, Json>([['partitions', 7]]) },
    { intended: new Map<string, Json>() },
  ]) {
    assert.equal(
      sameInventory(full.inventory, inventoryOf(...entries.slice(1), { ...entry, ...change })),
      false,
      Object.keys(change)[0],
    )
  }
})

test('what is long is cut, and the count of what was left out is told', () => {
  const many = Array.from({ length: 250 }, (_, i): ResourceStatus => ({
    type: 'topics',
    name: `t-${i}`,
    state: 'failed',
    reason: 'RejectedByServer',
    message: 'é'.repeat(900),
  }))
  const plan = { hash: undefined, text: 'x'.repeat(200_000), changes: many }
  const { data } = writeState({ ...full, message: '😀'.repeat(600), resources: many, plan })
  assert.ok(Buffer.byteLength(data['message'] ?? '') <= 1_024)
  assert.match(data['message'] ?? '', /😀…$/)
  const { resources, omitted } = JSON.parse(data['resources.json'] ?? '') as {
    resources: ResourceStatus[]
    omitted: number
  }
  assert.deepEqual([resources.length, omitted], [200, 50])
  assert.ok(Buffer.byteLength(resources[0]?.message ?? '') <= 1_024)
  assert.equal((JSON.parse(data['plan.json'] ?? '') as { omitted: number }).omitted, 50)
  assert.ok(Buffer.byteLength(data['plan.txt'] ?? '') <= 128 * 1_024)
})

const damaged: readonly {
  readonly what: string
  readonly change: (document: StateDocument) => StateDocument
  readonly says: RegExp
}[] = [
  {
    what: 'no inventory',
    change: ({ data }) => ({ data, binaryData: {} }),
    says: /inventory\.json\.gz is missing/,
  },
  {
    what: 'an inventory that is not gzip',
    change: ({ data }) => ({ data, binaryData: { 'inventory.json.gz': 'AAAA' } }),
    says: /header/,
  },
  {
    what: 'another inventory than its digest says',
    change: ({ data }) => ({ data, binaryData: { 'inventory.json.gz': writeInventory(new Map()).gz } }),
    says: /digest/,
  },
  {
    what: 'another version',
    change: ({ data, binaryData }) => ({ data: { ...data, stateVersion: '2' }, binaryData }),
    says: /stateVersion is "2"/,
  },
  {
    what: 'an approval that is none',
    change: ({ data, binaryData }) => ({ data: { ...data, 'approval.json': '{"hash": 1}' }, binaryData }),
    says: /approval/,
  },
  {
    what: 'JSON that is none',
    change: ({ data, binaryData }) => ({ data: { ...data, 'history.json': '[' }, binaryData }),
    says: /history\.json is not JSON/,
  },
]

for (const { what, change, says } of damaged) {
  test(`a state with ${what} is unreadable, with the name of its object, and never an empty inventory`, () => {
    assert.throws(
      () => readState(stored(change(writeState(full)))),
      (error: Error) => {
        assert.match(error.message, /^the state in ConfigMap team\/topics-status cannot be read: /)
        assert.match(error.message, says)
        return 'reason' in error && error.reason === 'StateUnreadable'
      },
    )
  })
}
