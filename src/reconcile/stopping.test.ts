import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReconcileError } from '../errors.ts'
import { Desk } from '../../test/support/desk.ts'
import { KafkaDesk } from '../../test/support/kafka-desk.ts'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { FakeServer, createFake } from '../../reconcilers/kafka/fake.ts'

const orders = { partitions: 3, config: { 'retention.ms': '1000' } }

describe('suspending', () => {
  it('by annotation leaves the service alone and says so', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders }, { suspend: true })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    const { ready, reason, message } = desk.state('doc')
    assert.deepEqual([ready, reason, message], ['Unknown', 'Suspended', 'suspended by infometis.io/suspend'])
    assert.deepEqual(desk.calls(), { save: 1 })
  })

  it('by infometis-control stops everything, and ends as it began', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    desk.suspended = true
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.match(desk.state('doc').message, /infometis-control/)
    assert.deepEqual(desk.names(), [])
    desk.suspended = false
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.deepEqual([desk.names(), desk.state('doc').ready], [['orders'], 'True'])
  })

  it('while a plan is being made stops short of the service, and forgets no intent', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    desk.tap = ({ what }, moment) => {
      if (what === 'save' && moment === 'after') desk.suspended = true
    }
    await desk.reconcile('doc')
    assert.deepEqual([desk.state('doc').reason, desk.names()], ['Suspended', []])
    assert.ok(desk.state('doc').inventory.get('topics/orders')?.intended)
    desk.tap = () => undefined
    desk.suspended = false
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['orders'])
  })
})

describe('a ConfigMap that is gone', () => {
  it('keeps its inventory and everything it made, also under sync', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {} }, { policy: 'sync' })
    await desk.converge('doc')
    desk.remove('doc')
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    const { ready, reason, message, inventory } = desk.state('doc')
    assert.deepEqual([ready, reason], ['Unknown', 'SourceGone'])
    assert.equal(message, 'the ConfigMap is gone; the 2 resources it made are kept')
    assert.deepEqual([...inventory.keys()], ['topics/orders', 'topics/users'])
    assert.deepEqual(desk.names(), ['orders', 'users'])
    const saves = desk.saves
    await desk.reconcile('doc')
    assert.equal(desk.saves, saves)
  })

  it('is as it was when it comes back, and drift is still known as drift', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.remove('doc')
    await desk.reconcile('doc')
    desk.server.setConfigs('orders', new Map([['retention.ms', '1']]))
    desk.topics('doc', { orders })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.applied().at(-1)?.cause, 'drift')
  })

  it('becomes nothing when it made nothing', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', {})
    await desk.converge('doc')
    assert.ok(desk.states.has('team/doc'))
    desk.remove('doc')
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.states.has('team/doc'), false)
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
  })
})

describe('a document that cannot be read', () => {
  it('keeps its claims, asks nothing of the service and deletes nothing', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders }, { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', undefined, { policy: 'sync' })
    desk.topics('other', { orders })
    desk.steps.length = 0
    const result = await desk.reconcile('doc')
    assert.equal(result.kind, 'terminal')
    assert.deepEqual(desk.calls(), { save: 1 })
    assert.match(desk.state('doc').message, /topics\.yaml \(line 1\): is not YAML/)
    await desk.reconcile('other')
    assert.deepEqual(desk.unready('other'), ['orders: conflict ResourceConflict'])
    assert.deepEqual(desk.names(), ['orders'])
  })

  it('keeps its claims over a restart', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.topics('doc', undefined)
    await desk.restart()
    desk.topics('other', { orders: { partitions: 9 } })
    await desk.reconcile('other')
    assert.equal(desk.state('other').reason, 'ResourceConflict')
    assert.equal(desk.server.topic('orders')?.partitions, 3)
  })

  it('of a type that the service does not know is invalid, and says what it knows', async () => {
    const desk = new KafkaDesk()
    desk.write('doc', 'indices', { orders })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.match(desk.state('doc').message, /has the config type "indices"; kafka knows topics/)
  })

  for (const [what, document] of [
    ['empty', {}],
    ['full of entries that are all invalid', { orders: { partitions: 'three' } }],
  ] as const) {
    it(`because it is ${what} never deletes everything under sync`, async () => {
      const desk = new KafkaDesk()
      desk.topics('doc', { a: {}, b: {} }, { policy: 'sync' })
      await desk.converge('doc')
      desk.topics('doc', document, { policy: 'sync' })
      assert.equal((await desk.reconcile('doc')).kind, 'terminal')
      assert.deepEqual(desk.names(), ['a', 'b'])
      assert.ok(desk.unready('doc').includes('a: held EmptyDocument'))
    })
  }

  it('is still empty when an entry went to another ConfigMap', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { a: {}, b: {}, c: {} }, { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('other', { a: {} })
    desk.topics('doc', {}, { policy: 'sync' })
    await desk.reconcile('doc')
    assert.deepEqual(desk.names(), ['a', 'b', 'c'])
  })
})

describe('the wrong cluster', () => {
  it('is refused by the setting, before anything is observed', async () => {
    const desk = new KafkaDesk()
    desk.expectedClusterId = 'production'
    await desk.restart()
    desk.topics('doc', { orders })
    const result = await desk.reconcile('doc')
    assert.equal(result.kind === 'terminal' && result.error.reason, 'WrongCluster')
    assert.match(
      desk.state('doc').message,
      /cluster fake-kafka-cluster-id0, but production is meant; nothing was changed/,
    )
    assert.deepEqual(desk.calls(), { ping: 1, save: 1 })
  })

  it('is refused by the id that the inventory was made on, and forgets nothing', async () => {
    const [first, second] = [new FakeServer({ clusterId: 'first' }), new FakeServer({ clusterId: 'second' })]
    let server = first
    const desk = new Desk(new KafkaReconciler(), () => createFake({ server }).client)
    desk.write('doc', 'topics', { orders })
    await desk.converge('doc')
    assert.equal(desk.state('doc').clusterId, 'first')
    server = second
    await desk.restart()
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual([desk.state('doc').reason, desk.state('doc').clusterId], ['WrongCluster', 'first'])
    assert.deepEqual([...desk.state('doc').inventory.keys()], ['topics/orders'])
    assert.deepEqual(second.names(), [])
    desk.expectedClusterId = 'second'
    await desk.restart()
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual([desk.state('doc').clusterId, second.names()], ['second', ['orders']])
  })

  it('is no matter for a ConfigMap that made nothing yet', async () => {
    const servers = [new FakeServer({ clusterId: 'first' }), new FakeServer({ clusterId: 'second' })]
    let index = 0
    const desk = new Desk(
      new KafkaReconciler(),
      () => createFake({ ...(servers[index] && { server: servers[index] }) }).client,
    )
    desk.write('doc', 'topics', {})
    await desk.converge('doc')
    index = 1
    await desk.restart()
    desk.write('doc', 'topics', { orders })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
  })
})

describe('stopping', () => {
  it('leaves status as it was and asks to be run again', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    const stop = new AbortController()
    desk.tap = ({ what }, moment) => {
      if (what === 'ping' && moment === 'before') stop.abort(new DOMException('stopping', 'AbortError'))
    }
    const result = await desk.reconcile('doc', stop.signal)
    assert.equal(result.kind === 'retryable' && result.error.reason, 'Aborted')
    assert.equal(desk.states.size, 0)
  })

  for (const [what, saves] of [
    ['ping', 0],
    ['list', 0],
    ['apply', 1],
  ] as const) {
    it(`during ${what}, because another replica may lead, writes no last word as a deadline does`, async () => {
      const desk = new KafkaDesk()
      desk.topics('doc', { orders })
      const lost = new AbortController()
      desk.tap = (step, moment) => {
        if (step.what === what && moment === 'before')
          lost.abort(new ReconcileError('LeadershipLost', 'another replica may lead'))
      }
      const result = await desk.reconcile('doc', lost.signal)
      assert.equal(result.kind === 'retryable' && result.error.reason, 'LeadershipLost')
      assert.deepEqual([desk.saves, desk.summaries, desk.announced], [saves, 0, []])
    })
  }
})
