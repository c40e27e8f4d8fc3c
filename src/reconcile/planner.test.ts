import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { glance, inventoryOf, made } from '../../test/support/resources.ts'
import { MemorySecrets } from '../../test/support/secrets.ts'
import { writtenOf } from '../../test/support/written.ts'
import { createFake } from '../../reconcilers/kafka/fake.ts'
import { topics } from '../../reconcilers/kafka/reconciler.ts'
import { makePlan } from './planner.ts'

const never = new AbortController().signal
const nothingKnown = {
  applies: true,
  foreign: new Set<never>(),
  approval: undefined,
  kind: 'kafka',
  secrets: new MemorySecrets(),
  now: 0,
}

describe('making a plan', () => {
  it('keeps what the ConfigMap made while it had another type', async () => {
    const { client } = createFake()
    const inventory = inventoryOf({ ...made('old'), type: 'indices' })
    const facts = { ...nothingKnown, inventory, brake: { recent: new Set<string>(), inventory: 1 } }
    const written = writtenOf('doc', 'topics', { a: {} }, { controls: { policy: 'sync' } })
    const planned = await makePlan(topics, written, client, facts, never)
    assert.ok(planned.untouchable.has('indices/old'))
    assert.deepEqual(glance(planned.plan), ['create a [] apply'])
  })

  it('never writes', async () => {
    const { client, server } = createFake()
    const facts = {
      ...nothingKnown,
      inventory: inventoryOf(),
      brake: { recent: new Set<string>(), inventory: 0 },
    }
    await makePlan(topics, writtenOf('doc', 'topics', { a: {} }), client, facts, never)
    assert.deepEqual(server.writes(), [])
    assert.deepEqual(server.names(), [])
  })

  it('tells an edition only where nothing new is written, and takes what was not read for what it was', async () => {
    const { client } = createFake()
    const sought: (string | undefined)[] = []
    const glimpsing: typeof client = {
      ...bound(client),
      observe: async (_type, names, _signal, known) => {
        sought.push(known?.get('a')?.edition)
        return names.map((name) => ({ type: 'topics', name, edition: '7', unread: true, fields: new Map() }))
      },
    }
    const entry = { ...made('a', { partitions: 3 }), edition: '7', spelled: new Map([['partitions', 3]]) }
    const facts = {
      ...nothingKnown,
      inventory: inventoryOf(entry),
      brake: { recent: new Set<string>(), inventory: 1 },
    }
    const plan = async (partitions: number, inventory = facts.inventory) => {
      const written = writtenOf('doc', 'topics', { a: { partitions } })
      const planned = await makePlan(topics, written, glimpsing, { ...facts, inventory }, never)
      return [glance(planned.plan), planned.observed.get('topics/a')?.fields.get('partitions')]
    }
    assert.deepEqual(await plan(3), [[], 3])
    assert.deepEqual(await plan(4), [['update a [partitions/written] apply'], 3])
    const intended = inventoryOf({ ...entry, intended: new Map([['partitions', 3]]) })
    await plan(3, intended)
    assert.deepEqual(sought, ['7', undefined, undefined])
  })
})

/** Methods that may be spread. */
function bound(client: ReturnType<typeof createFake>['client']) {
  return {
    ping: client.ping.bind(client),
    list: client.list.bind(client),
    apply: client.apply.bind(client),
    close: client.close.bind(client),
  }
}
