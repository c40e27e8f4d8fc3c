import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk } from '../../test/support/kafka-desk.ts'

const orders = { partitions: 1, config: { 'retention.ms': '1000' } }
const rejected = { config: { 'no.such.key': '1' } }

function retention(desk: KafkaDesk): string | undefined {
  return desk.server.topic('orders')?.config.get('retention.ms')
}

describe('adopt', () => {
  it('without it, what was there and differs is held, and never deleted by us', async () => {
    const desk = new KafkaDesk()
    desk.server.create('orders', { config: { 'retention.ms': '5' } })
    desk.topics('doc', { orders }, { policy: 'sync' })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.unready('doc'), ['orders: held AdoptionDiffers'])
    assert.equal(desk.state('doc').inventory.size, 0)
    desk.topics('doc', { other: {} }, { policy: 'sync' })
    await desk.converge('doc')
    assert.deepEqual(desk.names(), ['orders', 'other'])
  })

  it('without it, an approval changes what was there and gives no right to delete it', async () => {
    const desk = new KafkaDesk()
    desk.server.create('orders', { config: { 'retention.ms': '5' } })
    desk.topics('doc', { orders, other: {} }, { policy: 'sync' })
    await desk.reconcile('doc')
    const approve = desk.state('doc').plan?.hash
    desk.topics('doc', { orders, other: {} }, { policy: 'sync', approve })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(retention(desk), '1000')
    desk.topics('doc', { other: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['orders', 'other'])
    assert.deepEqual([...desk.state('doc').inventory.keys()], ['topics/other'])
  })

  it('without it, what was there and is equal is let go when no longer written', async () => {
    const desk = new KafkaDesk()
    desk.server.create('orders')
    desk.topics('doc', { orders: {}, other: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    desk.topics('doc', { other: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['orders', 'other'])
    assert.deepEqual(desk.unready('doc'), [])
  })

  it('with it, what was there becomes as written and ours', async () => {
    const desk = new KafkaDesk()
    desk.server.create('orders', { config: { 'retention.ms': '5' } })
    desk.topics('doc', { orders, other: {} }, { adopt: true, policy: 'sync' })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(retention(desk), '1000')
    desk.topics('doc', { other: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['other'])
  })

  it('that the service refused leaves no claim: the next difference is held again', async () => {
    const desk = new KafkaDesk()
    desk.server.create('orders', { config: { 'retention.ms': '5' } })
    desk.topics('doc', { orders: { config: { 'retention.ms': '7', 'no.such.key': '1' } } }, { adopt: true })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.equal(desk.state('doc').inventory.size, 0)
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    assert.deepEqual(desk.unready('doc'), ['orders: held AdoptionDiffers'])
  })
})

describe('what somebody deletes and makes again', () => {
  it('is kept right, and is theirs once it is no longer written', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, other: {} }, { policy: 'sync' })
    await desk.converge('doc')
    desk.server.delete('orders')
    desk.server.create('orders', { config: { 'retention.ms': '5' } })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.equal(retention(desk), '1000')
    desk.topics('doc', { other: {} }, { policy: 'sync' })
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['orders', 'other'])
  })
})

describe('allow', () => {
  it('lifts the named rule for this ConfigMap', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.server.setConfigs('orders', new Map([['retention.ms', '9000']]))
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    desk.topics('doc', { orders }, { allow: new Set(['RetentionShortened']) })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(retention(desk), '1000')
  })

  it('lifts what only the service can judge, too, and nothing beside it', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {}, stays: {} }, { policy: 'sync' })
    await desk.converge('doc')
    desk.server.setRecords('orders', 5)
    desk.server.setGroup('readers', ['users'])
    desk.topics('doc', { stays: {} }, { policy: 'sync', allow: new Set(['DeletesData']) })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.names(), ['stays', 'users'])
    assert.deepEqual(desk.unready('doc'), ['users: held TopicInUse'])
  })
})

describe('ignore', () => {
  it('leaves the field to somebody else, and Git’s later word is written and not drift', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders }, { ignore: ['config.retention.ms'] })
    await desk.converge('doc')
    desk.server.setConfigs('orders', new Map([['retention.ms', '9000']]))
    const shorter = { ...orders, config: { 'retention.ms': '10' } }
    desk.topics('doc', { orders: shorter }, { ignore: ['orders:config.*'] })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(retention(desk), '9000')
    desk.topics('doc', { orders: shorter })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.applied().at(-1)?.cause, 'written')
    assert.equal(retention(desk), '10')
  })

  it('does not make a removed key forgotten', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.topics('doc', { orders: { partitions: 1 } }, { ignore: ['config.*'] })
    await desk.converge('doc')
    assert.equal(retention(desk), '1000')
    desk.topics('doc', { orders: { partitions: 1 } })
    await desk.converge('doc')
    assert.equal(retention(desk), undefined)
  })
})

describe('a change that the service rejected', () => {
  const asked = (desk: KafkaDesk) => (desk.calls()['validate'] ?? 0) + (desk.calls()['apply'] ?? 0)

  it('is not sent again for 10 minutes, and its words stay in status', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders: rejected })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    const [before, saves] = [asked(desk), desk.saves]
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual([asked(desk), desk.saves], [before, saves])
    assert.match(desk.state('doc').message, /no\.such\.key/)
    desk.elapsed += 10 * 60_000
    await desk.reconcile('doc')
    assert.ok(asked(desk) > before)
  })

  it('is tried again at once when written changes', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders: rejected })
    await desk.reconcile('doc')
    desk.topics('doc', { orders })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
  })

  it('is tried again by reconcile-at, once', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders: rejected })
    await desk.reconcile('doc')
    const before = asked(desk)
    desk.topics('doc', { orders: rejected }, { reconcileAt: 'now' })
    await desk.reconcile('doc')
    const after = asked(desk)
    assert.ok(after > before)
    assert.equal(desk.state('doc').reconciledAt, 'now')
    await desk.reconcile('doc')
    assert.equal(asked(desk), after)
  })

  it('that apply alone finds out is remembered as well', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    desk.tap = ({ what }, moment) => {
      if (what === 'apply' && moment === 'before' && desk.server.topic('or_ders') === undefined)
        desk.server.create('or_ders')
    }
    desk.topics('doc', { 'or.ders': {} })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.unready('doc'), ['or.ders: refused RejectedByServer'])
    assert.equal(desk.state('doc').inventory.size, 0)
    const before = desk.calls()['apply']
    await desk.reconcile('doc')
    assert.equal(desk.calls()['apply'], before)
  })
})
