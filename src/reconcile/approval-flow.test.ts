import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk, many } from '../../test/support/kafka-desk.ts'

const orders = { partitions: 1, config: { 'retention.ms': '1000' } }

/** `orders` holds records and is no longer written, under sync. */
async function heldDelete(
  more: Readonly<Record<string, object>> = {},
): Promise<{ desk: KafkaDesk; hash: string }> {
  const desk = new KafkaDesk()
  desk.topics('doc', { orders, stays: {}, ...more }, { policy: 'sync' })
  await desk.converge('doc')
  for (const name of ['orders', ...Object.keys(more)]) desk.server.setRecords(name, 5)
  desk.topics('doc', { stays: {} }, { policy: 'sync' })
  const result = await desk.reconcile('doc')
  assert.equal(result.kind === 'terminal' && result.error.reason, 'ChangesHeld')
  return { desk, hash: desk.state('doc').plan?.hash ?? '' }
}

describe('approving', () => {
  it('lets a held deletion through, once', async () => {
    const { desk, hash } = await heldDelete()
    assert.match(hash, /^[0-9a-f]{12}$/)
    assert.deepEqual(desk.unready('doc'), ['orders: held DeletesData'])
    assert.match(desk.state('doc').message, new RegExp(`^orders: .*5 records \\[approve: ${hash}\\]$`))
    assert.equal(desk.state('doc').summary, '1 ready, 1 held')

    desk.topics('doc', { stays: {} }, { policy: 'sync', approve: hash })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['stays'])
    assert.deepEqual(desk.state('doc').approval, { hash, remaining: [] })
    assert.equal(desk.state('doc').plan, undefined)
  })

  it('does not reach the topic of that name that somebody makes again', async () => {
    const { desk, hash } = await heldDelete()
    const written = { policy: 'sync', approve: hash } as const
    desk.topics('doc', { stays: {} }, written)
    await desk.reconcile('doc')
    desk.topics('doc', { stays: {}, orders }, written)
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    desk.server.setRecords('orders', 5)
    desk.topics('doc', { stays: {} }, written)
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.names(), ['orders', 'stays'])
    assert.notEqual(desk.state('doc').plan?.hash, hash)
  })

  it('of another hash changes nothing', async () => {
    const { desk } = await heldDelete()
    desk.topics('doc', { stays: {} }, { policy: 'sync', approve: '000000000000' })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.names(), ['orders', 'stays'])
  })

  it('is void once something else is held besides', async () => {
    const { desk, hash } = await heldDelete({ more: {} })
    desk.topics('doc', { stays: {}, more: {} }, { policy: 'sync' })
    await desk.reconcile('doc')
    const smaller = desk.state('doc').plan?.hash
    assert.notEqual(smaller, hash)
    desk.topics('doc', { stays: {} }, { policy: 'sync', approve: smaller })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.deepEqual(desk.names(), ['more', 'orders', 'stays'])
  })

  it('does not depend on how many records there are by now', async () => {
    const { desk, hash } = await heldDelete()
    desk.server.setRecords('orders', 6)
    await desk.reconcile('doc')
    assert.equal(desk.state('doc').plan?.hash, hash)
  })

  it('survives a lost answer and a restart', async () => {
    const { desk, hash } = await heldDelete({ more: {} })
    desk.topics('doc', { stays: {} }, { policy: 'sync', approve: hash })
    desk.server.inject({ method: 'apply', kind: 'fail', after: 1 })
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    assert.equal(desk.names().length, 2)
    await desk.restart()
    assert.deepEqual(await desk.converge('doc'), { kind: 'done' })
    assert.deepEqual(desk.names(), ['stays'])
  })

  it('writes nothing under observe-only', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.server.setConfigs('orders', new Map([['retention.ms', '9000']]))
    await desk.reconcile('doc')
    const approve = desk.state('doc').plan?.hash
    assert.deepEqual(desk.unready('doc'), ['orders: held RetentionShortened'])
    desk.topics('doc', { orders }, { policy: 'observe-only', approve })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.equal(desk.server.topic('orders')?.config.get('retention.ms'), '9000')
  })

  it('of one field goes out in one request with what needs no approval', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.converge('doc')
    desk.server.setConfigs('orders', new Map([['retention.ms', '9000']]))
    await desk.reconcile('doc')
    const approve = desk.state('doc').plan?.hash
    desk.topics('doc', { orders: { ...orders, partitions: 2 } }, { approve })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    const change = desk.applied().at(-1)
    assert.deepEqual(
      change?.fields.map(({ path }) => path),
      ['config.retention.ms', 'partitions'],
    )
    assert.deepEqual(desk.state('doc').approval, { hash: approve, remaining: [] })
    assert.equal(desk.server.topic('orders')?.config.get('retention.ms'), '1000')
    assert.equal(desk.server.topic('orders')?.partitions, 2)
  })
})

describe('the brake', () => {
  it('holds what one ConfigMap asks for at once, and hands over to an approval', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(20), { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', many(13), { policy: 'sync' })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.equal(desk.names().length, 20)
    assert.equal(desk.state('doc').reason, 'DeletionBrake')
    desk.topics('doc', many(13), { policy: 'sync', approve: desk.state('doc').plan?.hash })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.names().length, 13)
  })

  it('sums over ConfigMaps for 10 minutes', async () => {
    const desk = new KafkaDesk()
    desk.topics('one', many(20), { policy: 'sync' })
    desk.topics('two', many(20, 100), { policy: 'sync' })
    await desk.converge('one')
    await desk.converge('two')
    desk.topics('one', many(14), { policy: 'sync' })
    assert.deepEqual(await desk.converge('one'), { kind: 'done' })
    desk.topics('two', many(14, 100), { policy: 'sync' })
    assert.equal((await desk.reconcile('two')).kind, 'terminal')
    assert.match(
      desk.state('two').message,
      /6 deletions or replacements at once \(6 more in the last 10 minutes\)/,
    )
    assert.equal(desk.names().length, 34)
    desk.elapsed += 10 * 60_000
    assert.deepEqual(await desk.reconcile('two'), { kind: 'done' })
    assert.equal(desk.names().length, 28)
  })

  it('does not close on deletions that failed and are tried again', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(30), { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', many(22), { policy: 'sync' })
    for (let attempt = 0; attempt < 3; attempt += 1) {
      desk.server.inject({ method: 'apply', kind: 'fail' })
      assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    }
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.names().length, 22)
  })

  it('is raised for one ConfigMap by max-deletes', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(20), { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', many(5), { policy: 'sync', maxDeletes: 15 })
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.names().length, 5)
  })

  it('closes for one ConfigMap by max-deletes 0', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(2), { policy: 'sync' })
    await desk.converge('doc')
    desk.topics('doc', many(1), { policy: 'sync', maxDeletes: 0 })
    assert.equal((await desk.reconcile('doc')).kind, 'terminal')
    assert.equal(desk.names().length, 2)
  })
})
