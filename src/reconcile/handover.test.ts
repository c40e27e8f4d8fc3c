import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk } from '../../test/support/kafka-desk.ts'

const orders = { partitions: 3, config: { 'retention.ms': '1000' } }

/** `orders` was made by `old`, and now stands in `new`; `old` deletes what it no longer writes. */
async function moved(): Promise<KafkaDesk> {
  const desk = new KafkaDesk()
  desk.topics('old', { orders, stays: {} }, { policy: 'sync' }, 1)
  await desk.converge('old')
  desk.topics('new', { orders }, { policy: 'sync' }, 2)
  desk.topics('old', { stays: {} }, { policy: 'sync' }, 1)
  return desk
}

async function settled(desk: KafkaDesk): Promise<void> {
  assert.deepEqual([...desk.state('new').inventory.keys()], ['topics/orders'])
  assert.deepEqual([...desk.state('old').inventory.keys()], ['topics/stays'])
  assert.deepEqual([desk.state('new').ready, desk.state('old').ready], ['True', 'True'])
  const saves = desk.saves
  await desk.reconcile('old')
  await desk.reconcile('new')
  assert.equal(desk.saves, saves)
}

describe('a name that moves from one ConfigMap to another', () => {
  for (const order of [
    ['old', 'new', 'old'],
    ['new', 'old'],
    ['old', 'old', 'new', 'old'],
  ]) {
    it(`is handed over and never deleted (${order.join(', then ')})`, async () => {
      const desk = await moved()
      const id = desk.server.topic('orders')?.id
      for (const name of order) assert.deepEqual(await desk.reconcile(name), { kind: 'done' })
      assert.equal(desk.server.topic('orders')?.id, id)
      await settled(desk)
    })
  }

  it('asks for the giver to be looked at again', async () => {
    const desk = await moved()
    await desk.reconcile('new')
    assert.ok(desk.requeued.has('team/old'))
  })

  it('keeps the right to delete it, and what was applied before', async () => {
    const desk = await moved()
    await desk.reconcile('new')
    const entry = desk.state('new').inventory.get('topics/orders')
    assert.equal(entry?.deletable, true)
    assert.equal(entry.fields.get('config.retention.ms'), '1000')
    desk.server.setConfigs('orders', new Map([['retention.ms', '1']]))
    await desk.reconcile('new')
    assert.equal(desk.applied().at(-1)?.cause, 'drift')
  })

  it('is in one inventory at least, whenever the process dies', async () => {
    const desk = await moved()
    await desk.reconcile('old')
    await desk.restart()
    assert.ok(desk.state('old').inventory.has('topics/orders'), 'not given up before it is taken')
    await desk.reconcile('new')
    await desk.restart()
    await desk.reconcile('old')
    await settled(desk)
  })

  it('is taken over from a ConfigMap that is gone, whose state then goes too', async () => {
    const desk = new KafkaDesk()
    desk.topics('old', { orders }, { policy: 'sync' })
    await desk.converge('old')
    desk.remove('old')
    desk.topics('new', { orders })
    await desk.reconcile('new')
    assert.ok(desk.requeued.has('team/old'))
    assert.deepEqual(await desk.reconcile('old'), { kind: 'done' })
    assert.equal(desk.states.has('team/old'), false)
    assert.deepEqual(desk.names(), ['orders'])
  })
})

describe('two ConfigMaps that name one topic', () => {
  it('the one that holds it keeps it, though the other is older', async () => {
    const desk = new KafkaDesk()
    desk.topics('holder', { orders }, {}, 2)
    await desk.converge('holder')
    desk.topics('older', { orders: { partitions: 9 } }, {}, 1)
    assert.equal((await desk.reconcile('older')).kind, 'terminal')
    assert.equal(desk.state('older').message, 'orders: is owned by team/holder')
    assert.deepEqual(await desk.reconcile('holder'), { kind: 'done' })
    assert.equal(desk.server.topic('orders')?.partitions, 3)
  })

  it('the other entries of the one that waits go on', async () => {
    const desk = new KafkaDesk()
    desk.topics('first', { orders }, {}, 1)
    desk.topics('second', { orders, mine: {} }, {}, 2)
    await desk.reconcile('second')
    assert.deepEqual(desk.names(), ['mine'])
    assert.equal(desk.state('second').summary, '1 ready, 1 conflict')
  })

  it('sync deletes nothing that another ConfigMap owns', async () => {
    const desk = new KafkaDesk()
    desk.topics('first', { orders }, {}, 1)
    desk.topics('second', { orders, mine: {} }, { policy: 'sync' }, 2)
    await desk.reconcile('first')
    await desk.reconcile('second')
    desk.topics('second', { mine: {} }, { policy: 'sync' }, 2)
    assert.deepEqual(await desk.reconcile('second'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['mine', 'orders'])
  })
})
