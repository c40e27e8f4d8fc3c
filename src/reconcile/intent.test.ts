import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk } from '../../test/support/kafka-desk.ts'
import { DepotDesk } from '../../test/support/depot-desk.ts'
import { Crash } from '../../test/support/desk.ts'

const orders = { partitions: 1, config: { 'retention.ms': '1000' } }
const longer = { ...orders, config: { 'retention.ms': '2000' } }

describe('an intent', () => {
  it('is durable before apply, and says Progressing', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {} })
    const seen: unknown[] = []
    desk.tap = ({ what }, moment) => {
      if (what !== 'apply' || moment !== 'before') return
      const { ready, reason, message, summary, inventory } = desk.state('doc')
      seen.push([ready, reason, message, summary, [...inventory.keys()]])
    }
    await desk.reconcile('doc')
    const keys = ['topics/orders', 'topics/users']
    assert.deepEqual(seen, [['Unknown', 'Progressing', 'applying 2 changes', '0 ready, 2 pending', keys]])
  })

  it('that cannot be kept stops the pass before the service is touched', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    desk.tap = ({ what }) => {
      if (what === 'save') throw new Crash('no API server')
    }
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    assert.deepEqual(desk.names(), [])
  })

  it('makes what a lost answer made ours, though Git moved on in the meantime', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, stays: {} }, { policy: 'sync' })
    desk.loseAnswer()
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    desk.topics('doc', { orders: longer, stays: {} }, { policy: 'sync' })
    desk.server.inject({ method: 'apply', kind: 'fail' })
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' }, 'it is not taken for somebody else’s')
    desk.topics('doc', { stays: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['stays'])
  })

  it('does not claim what somebody else made under the name in the same moment', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, stays: {} }, { policy: 'sync' })
    desk.tap = ({ what }, moment) => {
      if (what === 'apply' && moment === 'before')
        desk.server.create('orders', { config: { 'retention.ms': '5' } })
      if (what === 'observe' && moment === 'after') desk.elapsed += 6_000
    }
    await desk.reconcile('doc')
    desk.tap = () => undefined
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.unready('doc'), ['orders: held AdoptionDiffers'])
    desk.topics('doc', { stays: {} }, { policy: 'sync' })
    await desk.converge('doc')
    assert.deepEqual(desk.names(), ['orders', 'stays'])
  })

  it('ends when Git takes the entry back before anything was made', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, stays: {} }, { policy: 'sync' })
    desk.server.inject({ method: 'apply', kind: 'fail' })
    await desk.reconcile('doc')
    desk.topics('doc', { stays: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual([...desk.state('doc').inventory.keys()], ['topics/stays'])
  })
})

describe('what the service accepted and does not show', () => {
  /** The service answers as it did before, until told otherwise. */
  function stale(desk: KafkaDesk, name: string): () => void {
    const { server } = desk
    const before = server.read(name)
    const read = server.read.bind(server)
    server.read = (of) => (of === name ? before : read(of))
    return () => {
      server.read = read
    }
  }

  it('is looked for again and not verified after 5 s', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    stale(desk, 'orders')
    desk.topics('doc', { orders: longer })
    desk.tap = ({ what }, moment) => {
      if (what === 'observe' && moment === 'after') desk.elapsed += 2_000
    }
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'requeueAfter', ms: 1_000 })
    assert.deepEqual(desk.unready('doc'), ['orders: pending NotVerified'])
    assert.equal(desk.state('doc').ready, 'Unknown')
    assert.ok((desk.calls()['observe'] ?? 0) > 4, 'more than one look after apply')
  })

  it('is sent again as Git’s wish, never as the correction of drift', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders: longer })
    await desk.converge('doc')
    const clear = stale(desk, 'orders')
    desk.topics('doc', { orders })
    desk.tap = ({ what }, moment) => {
      if (what === 'observe' && moment === 'after') desk.elapsed += 6_000
    }
    await desk.reconcile('doc')
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'requeueAfter', ms: 1_000 })
    assert.equal(desk.applied().at(-1)?.cause, 'written')
    clear()
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
  })

  it('is not forgotten when it is a deletion', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, stays: {} }, { policy: 'sync' })
    await desk.converge('doc')
    stale(desk, 'orders')
    desk.topics('doc', { stays: {} }, { policy: 'sync' })
    desk.tap = ({ what }, moment) => {
      if (what === 'observe' && moment === 'after') desk.elapsed += 6_000
    }
    await desk.reconcile('doc')
    assert.ok(desk.state('doc').inventory.has('topics/orders'))
  })
})

describe('an intent that only deletes', () => {
  async function toDelete(controls: Parameters<KafkaDesk['topics']>[2] = {}): Promise<KafkaDesk> {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {}, stays: {} }, { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', { stays: {} }, { policy: 'sync', ...controls })
    return desk
  }

  it('says Progressing before apply, though the inventory is as before', async () => {
    const desk = await toDelete()
    const seen: string[] = []
    desk.tap = ({ what }, moment) => {
      if (what === 'apply' && moment === 'before') seen.push(desk.state('doc').reason)
    }
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.deepEqual(seen, ['Progressing'])
  })

  it('keeps its approval before apply: killed after half of it, the other half needs no other', async () => {
    const desk = await toDelete()
    for (const name of ['orders', 'users']) desk.server.setRecords(name, 5)
    await desk.reconcile('doc')
    const approve = desk.state('doc').plan?.hash
    desk.topics('doc', { stays: {} }, { policy: 'sync', approve })
    desk.server.inject({ method: 'apply', kind: 'fail', after: 1 })
    let dead = false
    desk.tap = ({ what }) => {
      if (dead) throw new Crash('killed')
      dead = what === 'apply'
    }
    await desk.reconcile('doc')
    assert.equal(desk.names().length, 2)
    await desk.restart()
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['stays'])
  })
})

describe('the note of a client', () => {
  async function noted(note: string): Promise<DepotDesk> {
    const desk = new DepotDesk()
    desk.boxes({ crate: { size: 1 } })
    await desk.converge('boxes')
    desk.depot.note = note
    desk.boxes({ crate: { size: 2, free: true } })
    await desk.converge('boxes')
    return desk
  }

  it('is one line of at most 200 characters in history, Event and log', async () => {
    const desk = await noted(`first\nsecond ${'😀'.repeat(200)}`)
    const message = desk.state('boxes').history[0]?.message ?? ''
    assert.match(message, /^replaced 1 \(crate — first second (😀)+…\)$/u)
    assert.ok(message.length <= 'replaced 1 (crate — )'.length + 200)
    assert.equal(desk.announced.at(-1)?.message, message)
    assert.ok(JSON.stringify(desk.logged).includes('"note":"first second '))
    assert.ok(!JSON.stringify(desk.logged).includes('first\\nsecond'))
  })

  it('stands behind the fields of an update', async () => {
    const desk = await noted('x')
    desk.depot.note = 'the lid was off for 0.2 s'
    desk.boxes({ crate: { size: 2, free: true, lid: 'oak' } })
    await desk.converge('boxes')
    assert.equal(
      desk.state('boxes').history[0]?.message,
      'updated 1 (crate: lid — the lid was off for 0.2 s)',
    )
  })
})
