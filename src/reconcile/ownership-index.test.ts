import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk } from '../../test/support/kafka-desk.ts'
import { inventoryOf, made } from '../../test/support/resources.ts'
import { writtenOf } from '../../test/support/written.ts'
import { OwnershipIndex } from './ownership-index.ts'
import type { State } from './state.ts'
import type { Written } from './written.ts'

/** An index over documents and inventories that the test puts in. */
async function world() {
  const documents = new Map<string, Written>()
  const states = new Map<string, State>()
  const desk = new KafkaDesk()
  desk.topics('template', {})
  await desk.reconcile('template')
  const template = desk.state('template')
  const source = {
    read: (key: string) => documents.get(key),
    keys: () => [...documents.keys()],
    synced: () => true,
  }
  const store = {
    read: (key: string) => states.get(key),
    keys: () => [...states.keys()],
    save: async () => undefined,
    remove: async () => undefined,
    summarize: async () => undefined,
    keep: async () => undefined,
    announce: () => undefined,
  }
  const index = new OwnershipIndex(source, store)
  return {
    index,
    write: (name: string, names: readonly string[] | undefined, createdAt = 0) => {
      const entries = names && Object.fromEntries(names.map((each) => [each, {}]))
      documents.set(`team/${name}`, writtenOf(name, 'topics', entries, { createdAt }))
      return index.refresh(`team/${name}`)
    },
    remove: (name: string) => {
      documents.delete(`team/${name}`)
      return index.refresh(`team/${name}`)
    },
    hold: (name: string, names: readonly string[]) => {
      states.set(`team/${name}`, { ...template, inventory: inventoryOf(...names.map((each) => made(each))) })
      return index.refresh(`team/${name}`)
    },
    restarted: (order: readonly string[]) => {
      const again = new OwnershipIndex(source, store)
      for (const name of order) again.refresh(`team/${name}`)
      return again
    },
  }
}

describe('who owns a resource', () => {
  it('is nobody while nobody names or holds it', async () => {
    const { index } = await world()
    assert.equal(index.owner('topics/a'), undefined)
    assert.equal(index.holder('topics/a'), undefined)
  })
  it('between new claims is the older ConfigMap', async () => {
    const { index, write } = await world()
    write('younger', ['a'], 2)
    write('older', ['a'], 1)
    assert.equal(index.owner('topics/a'), 'team/older')
  })
  it('between claims of one age is the first by name', async () => {
    const { index, write } = await world()
    write('b', ['a'], 1)
    write('a', ['a'], 1)
    assert.equal(index.owner('topics/a'), 'team/a')
  })
  it('is the one whose inventory has it, as long as it names it', async () => {
    const { index, write, hold } = await world()
    write('holder', ['a'], 2)
    hold('holder', ['a'])
    write('older', ['a'], 1)
    assert.equal(index.owner('topics/a'), 'team/holder')
    write('holder', [], 2)
    assert.equal(index.owner('topics/a'), 'team/older')
    assert.equal(index.holder('topics/a'), 'team/holder')
  })
  it('is the one whose inventory has it when nobody names it', async () => {
    const { index, write, hold } = await world()
    write('holder', [])
    hold('holder', ['a'])
    assert.equal(index.owner('topics/a'), 'team/holder')
  })
  it('is the one whose inventory has it though its document cannot be read', async () => {
    const { index, write, hold } = await world()
    write('holder', ['a'], 2)
    hold('holder', ['a'])
    write('older', ['a'], 1)
    write('holder', undefined, 2)
    assert.equal(index.owner('topics/a'), 'team/holder')
  })
  it('is still the one that named it, when its document can no longer be read', async () => {
    const { index, write } = await world()
    write('first', ['a'], 1)
    write('second', ['a'], 2)
    write('first', undefined, 1)
    assert.equal(index.owner('topics/a'), 'team/first')
  })
  it('is another one once the ConfigMap that holds it is gone', async () => {
    const { index, write, hold, remove } = await world()
    write('holder', ['a'], 1)
    hold('holder', ['a'])
    write('next', ['a'], 2)
    remove('holder')
    assert.equal(index.owner('topics/a'), 'team/next')
  })
  it('is not told by the type of another resource', async () => {
    const { index, write } = await world()
    write('doc', ['a'])
    assert.equal(index.owner('indices/a'), undefined)
  })
  for (const order of [
    ['giver', 'taker'],
    ['taker', 'giver'],
  ]) {
    it(`during a handover is the taker, after a restart too (read ${order.join(', then ')})`, async () => {
      const { write, hold, restarted } = await world()
      write('giver', [], 1)
      hold('giver', ['a'])
      write('taker', ['a'], 2)
      hold('taker', ['a'])
      const index = restarted(order)
      assert.deepEqual([index.owner('topics/a'), index.holder('topics/a')], ['team/taker', 'team/taker'])
    })
  }
})

describe('refreshing the index', () => {
  it('names the others whose standing may have changed', async () => {
    const { write, hold, remove } = await world()
    assert.deepEqual(write('first', ['a', 'b'], 1), [])
    assert.deepEqual(write('second', ['a'], 2), ['team/first'])
    hold('first', ['a'])
    assert.deepEqual(write('first', ['b'], 1), ['team/second'])
    write('first', ['a'], 1)
    assert.deepEqual(remove('first'), ['team/second'])
  })
  it('counts what all inventories hold', async () => {
    const { index, hold } = await world()
    hold('one', ['a', 'b'])
    hold('two', ['c'])
    assert.equal(index.inventorySize, 3)
    hold('one', ['b'])
    assert.equal(index.inventorySize, 2)
    hold('two', [])
    assert.equal(index.inventorySize, 1)
  })
})
