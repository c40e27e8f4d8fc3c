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
})
