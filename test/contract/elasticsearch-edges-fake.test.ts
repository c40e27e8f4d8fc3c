import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WireAnswer } from '../../reconcilers/elasticsearch/client/wire.ts'
import { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import { ServerRefusal } from '../../reconcilers/elasticsearch/fake-refusal.ts'
import { createFake } from '../../reconcilers/elasticsearch/fake.ts'
import { own } from '../../src/core/json.ts'
import { Crash } from '../support/desk.ts'
import { ElasticsearchDesk } from '../support/elasticsearch-desk.ts'

const orders = {
  settings: { number_of_replicas: 0, refresh_interval: '60s' },
  mappings: { properties: { id: { type: 'keyword' } } },
}
const movable = { ...orders, 'on-incompatible': 'reindex' }
const moved = { ...movable, mappings: { properties: { id: { type: 'text' } } } }

/** Pauses of the client take no time. */
const time = { sleep: async () => undefined }

function open(server = new FakeCluster()): {
  readonly server: FakeCluster
  readonly desk: ElasticsearchDesk
} {
  return { server, desk: new ElasticsearchDesk(() => createFake({ server, time }).client) }
}

/** So many documents, refreshed; more than a few thousand are copied by tasks of the server. */
function fill(server: FakeCluster, name: string, count: number): void {
  const lines = Array.from({ length: count }, (_, id) => `{"index":{"_id":"${id}"}}\n{"id":"v${id}"}\n`)
  server.ask('POST', `/${name}/_bulk?refresh=true`, lines.join(''))
}

function refused(status: number, type: string, reason: string): WireAnswer {
  return new ServerRefusal(type, reason, { status }).toAnswer()
}

describe('a server in trouble (fake)', () => {
  const troubles: readonly (readonly [string, WireAnswer, string, RegExp])[] = [
    [
      'is asked later when it rejects for want of room (429)',
      refused(429, 'es_rejected_execution_exception', 'rejected execution of it'),
      'ServiceBusy',
      /rejected execution/,
    ],
    [
      'is asked later when a circuit breaker trips',
      refused(429, 'circuit_breaking_exception', '[parent] Data too large'),
      'ServiceBusy',
      /Data too large/,
    ],
    [
      'is asked later without a master',
      refused(503, 'master_not_discovered_exception', 'no master'),
      'ServiceUnhealthy',
      /no master/,
    ],
    [
      'is asked later when the master is slow',
      refused(503, 'process_cluster_event_timeout_exception', 'failed to process cluster event'),
      'ServiceTimeout',
      /failed to process/,
    ],
    [
      'is waited for when it forbids, and the privilege is named',
      refused(
        403,
        'security_exception',
        'action [indices:admin/create] is unauthorized, this action is granted by [create_index]',
      ),
      'AuthorizationFailed',
      /create_index/,
    ],
    [
      'is not believed when a proxy answers for it',
      { status: 502, body: '<html><title>502 Bad Gateway</title></html>' },
      'ServiceUnhealthy',
      /502 Bad Gateway/,
    ],
  ]
  for (const [sentence, answer, reason, words] of troubles) {
    void it(`${sentence}; the other indices go on`, async () => {
      const { server, desk } = open()
      server.inject({ method: 'PUT', path: '/orders', times: Infinity, kind: 'answer', answer })
      desk.indices('d', { orders, users: orders })
      assert.equal((await desk.converge('d')).kind, 'retryable')
      assert.deepEqual(desk.unready('d'), [`orders: failed ${reason}`])
      assert.match(desk.said('d'), words)
      assert.equal(server.indices.has('users'), true)
      server.heal()
      assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    })
  }

  void it('says who is not let in (401), and changes nothing', async () => {
    const { server, desk } = open()
    server.inject({ times: Infinity, kind: 'answer', answer: { status: 401, body: undefined } })
    desk.indices('d', { orders })
    assert.equal((await desk.converge('d')).kind, 'retryable')
    assert.equal(desk.state('d').reason, 'AuthenticationFailed')
    assert.deepEqual(server.writes(), [])
  })

  void it('does not take an index that it may not see for one that is not there', async () => {
    const { server, desk } = open()
    server.ask('PUT', '/orders', {})
    server.invisible.add('orders')
    desk.indices('d', { orders })
    assert.equal((await desk.converge('d')).kind, 'retryable')
    assert.equal(desk.state('d').reason, 'AuthorizationFailed')
    assert.match(desk.state('d').message, /view_index_metadata/)
    assert.deepEqual(server.writes(), [])
  })

  void it('is not touched once it is another cluster than before', async () => {
    const { server, desk } = open()
    desk.indices('d', { orders })
    await desk.converge('d')
    const writes = server.writes().length
    server.clusterId = 'another-cluster-000000'
    desk.indices('d', { orders: { ...orders, settings: { refresh_interval: '1s' } } })
    assert.equal((await desk.converge('d')).kind, 'terminal')
    assert.equal(desk.state('d').reason, 'WrongCluster')
    assert.equal(server.writes().length, writes)
  })

  void it('with a full disk or a red index gets no copy, and makes it once it is well', async () => {
    const { server, desk } = open()
    desk.indices('d', { orders: movable })
    await desk.converge('d')
    fill(server, 'orders', 3)
    desk.indices('d', { orders: moved })
    server.ask('PUT', '/orders/_settings', { 'index.blocks.read_only_allow_delete': true })
    assert.equal((await desk.converge('d')).kind, 'retryable')
    assert.deepEqual(desk.unready('d'), ['orders: failed StorageFull'])
    server.ask('PUT', '/orders/_settings', { 'index.blocks.read_only_allow_delete': null })
    const index = server.indices.get('orders-000001')
    assert.ok(index)
    index.health = 'red'
    assert.equal((await desk.converge('d')).kind, 'retryable')
    assert.deepEqual(desk.unready('d'), ['orders: failed ServiceUnhealthy'])
    assert.deepEqual([...server.indices.keys()], ['orders-000001'])
    index.health = undefined
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    assert.deepEqual([...(server.indices.get('orders-000002')?.aliases.keys() ?? [])], ['orders'])
  })
})

describe('a large ConfigMap (fake)', () => {
  void it('500 indices in nearly 1 MiB are one request each to make, ten to look at, and none to leave as they are', async () => {
    const { server, desk } = open()
    const shared = Object.fromEntries(
      Array.from({ length: 28 }, (_, field) => [
        `a-field-with-a-long-name-${field}`,
        { type: 'keyword', ignore_above: 512 },
      ]),
    )
    const entry = (index: number) => ({
      ...orders,
      mappings: { properties: { ...shared, [`own-${index}`]: { type: 'long' } } },
    })
    const entries = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`index-${index}`, entry(index)]),
    )
    assert.ok(JSON.stringify(entries).length > 950_000)
    desk.indices('d', entries)
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    assert.equal(server.writes().length, 500)
    const [writes, reads, version] = [server.writes().length, server.reads().length, server.stateVersion]
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    assert.deepEqual([server.writes().length - writes, server.stateVersion - version], [0, 0])
    assert.ok(server.reads().length - reads <= 11, `${server.reads().length - reads} requests`)
  })
})

describe('a reindex under way (fake)', () => {
  /** At the end of a pass that left the copy to tasks of the server. */
  async function underway(): Promise<{ server: FakeCluster; desk: ElasticsearchDesk }> {
    const { server, desk } = open()
    desk.indices('d', { orders: movable })
    await desk.converge('d')
    fill(server, 'orders', 4_500)
    server.manual = true
    desk.indices('d', { orders: moved })
    const result = await desk.reconcile('d')
    assert.equal(result.kind, 'requeueAfter')
    assert.deepEqual(desk.unready('d'), ['orders: pending Progressing'])
    assert.equal(server.tasks.size > 0, true)
    return { server, desk }
  }

  const documents = (server: FakeCluster, name: string) => server.indices.get(name)?.live().length

  void it('tells how far it is, and is done in the end', async () => {
    const { server, desk } = await underway()
    server.step()
    await desk.reconcile('d')
    assert.match(desk.said('d'), /copying .* documents/)
    server.manual = false
    assert.deepEqual(await desk.converge('d', 60), { kind: 'done' })
    assert.equal(documents(server, 'orders-000002'), 4_500)
    assert.deepEqual([...(server.indices.get('orders-000002')?.aliases.keys() ?? [])], ['orders'])
    assert.equal(server.indices.get('orders-000001')?.settings.get('index.blocks.write'), 'true')
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    assert.deepEqual(desk.unready('d'), ['orders-000001: orphan Orphaned'])
  })

  void it('of a wish that is taken back is given up: the copy goes, the index takes writes', async () => {
    const { server, desk } = await underway()
    desk.indices('d', { orders: movable })
    server.manual = false
    assert.deepEqual(await desk.converge('d', 60), { kind: 'done' })
    assert.deepEqual([...server.indices.keys()], ['orders-000001'])
    assert.deepEqual([...(server.indices.get('orders-000001')?.aliases.keys() ?? [])], ['orders'])
    assert.equal(server.ask('PUT', '/orders/_doc/new', { id: 'x' }).status, 201)
  })

  void it('of a wish that changes is begun anew for the new one', async () => {
    const { server, desk } = await underway()
    const third = {
      ...movable,
      settings: { ...orders.settings, number_of_shards: 2 },
      mappings: { properties: { id: { type: 'wildcard' } } },
    }
    desk.indices('d', { orders: third })
    server.manual = false
    assert.deepEqual(await desk.converge('d', 60), { kind: 'done' })
    const bearer = [...server.indices.values()].find(({ aliases }) => aliases.has('orders'))
    assert.equal(bearer?.shards, 2)
    assert.equal(bearer.live().length, 4_500)
    const unfinished = [...server.indices.values()].filter(({ aliases }) =>
      [...aliases.keys()].some((alias) => alias.includes('-building-')),
    )
    assert.deepEqual(unfinished, [])
  })

  void it('of a ConfigMap that is deleted stops there: the index keeps serving, and the copy goes when the entry is back', async () => {
    const { server, desk } = await underway()
    desk.remove('d')
    await desk.reconcile('d')
    assert.equal(desk.state('d').reason, 'SourceGone')
    server.manual = false
    await desk.reconcile('d')
    assert.deepEqual([...(server.indices.get('orders-000001')?.aliases.keys() ?? [])], ['orders'])
    assert.equal(server.ask('PUT', '/orders/_doc/new', { id: 'x' }).status, 201)
    desk.indices('d', { orders: movable })
    assert.deepEqual(await desk.converge('d', 60), { kind: 'done' })
    assert.deepEqual([...server.indices.keys()], ['orders-000001'])
  })

  void it('whose tasks died with their node is made again', async () => {
    const { server, desk } = await underway()
    server.step()
    server.loseTasks()
    server.manual = false
    const result = await desk.converge('d', 60)
    assert.deepEqual(result.kind === 'retryable' ? await desk.converge('d', 60) : result, { kind: 'done' })
    assert.equal(documents(server, 'orders-000002'), 4_500)
  })

  void it('whose document does not fit ends with the server’s words and leaves nothing', async () => {
    const { server, desk } = open()
    desk.indices('d', { orders: movable })
    await desk.converge('d')
    fill(server, 'orders', 20)
    desk.indices('d', { orders: { ...movable, mappings: { properties: { id: { type: 'long' } } } } })
    assert.equal((await desk.converge('d')).kind, 'terminal')
    assert.match(desk.said('d'), /failed to parse field \[id\] of type \[long\]/)
    assert.deepEqual([...server.indices.keys()], ['orders-000001'])
    assert.equal(server.ask('PUT', '/orders/_doc/new', { id: 'x' }).status, 201)
  })
})

describe('a reconciler that is killed (fake)', () => {
  /** A reindex from the first look to the last, with writers going on; killed at the nth moment of a request. */
  async function killedAt(moment: number, made: object): Promise<boolean> {
    const { server, desk } = open()
    desk.indices('d', { orders: made })
    await desk.converge('d')
    fill(server, 'orders', 30)
    const wanted = new Map(Array.from({ length: 30 }, (_, id) => [String(id), `v${id}`]))
    let moments = 0
    let [armed, killed, dead] = [true, false, false]
    server.tap = () => {
      // Whatever the killed process would still send (its own cleaning up) does not reach the server either.
      if (dead) throw new Crash('killed')
      write(server, wanted, moments)
      moments += 1
      if (moments <= moment || !armed) return
      killed = dead = true
      throw new Crash('killed')
    }
    desk.indices('d', { orders: moved })
    await desk.reconcile('d').catch(() => undefined)
    await desk.restart()
    armed = dead = false
    const result = await until(desk)
    server.tap = () => undefined
    assert.deepEqual(result, { kind: 'done' }, `killed at moment ${moment}`)
    const [bearer] = server.aliased('orders')
    assert.ok(bearer, `killed at moment ${moment}: nothing bears the name`)
    const found = new Map(bearer.live().map(({ id, source }) => [id, own(source, 'id')]))
    assert.deepEqual([...found].sort(), [...wanted].sort(), `killed at moment ${moment}`)
    assert.equal(bearer.settings.get('index.blocks.write'), undefined, `killed at moment ${moment}`)
    const marks = [...bearer.aliases.keys()].filter((alias) => alias.startsWith('infometis-'))
    assert.deepEqual(marks, [], `killed at moment ${moment}`)
    return killed
  }

  /** One acknowledged write: a new document, a changed one and a deleted one by turns. */
  function write(server: FakeCluster, wanted: Map<string, string>, turn: number): void {
    const id = turn % 3 === 0 ? `new-${turn}` : String(turn % 30)
    const [method, value] = turn % 3 === 2 ? (['DELETE', undefined] as const) : (['PUT', `w${turn}`] as const)
    const { status } = server.ask(
      method,
      `/orders/_doc/${id}`,
      value === undefined ? undefined : { id: value },
    )
    if (status === 403 || status === 429) return
    assert.ok(status < 300 || status === 404, `a writer got ${status}`)
    if (value === undefined) wanted.delete(id)
    else wanted.set(id, value)
  }

  async function until(desk: ElasticsearchDesk) {
    let result = await desk.converge('d', 60)
    for (let tries = 0; tries < 20 && result.kind === 'retryable'; tries += 1)
      result = await desk.converge('d', 60)
    return result
  }

  for (const [sentence, made] of [
    ['behind an alias', movable],
    ['of a concrete index that becomes an alias', orders],
  ] as const) {
    void it(
      `before and after every request of a reindex ${sentence}, loses and doubles no document`,
      { timeout: 120_000 },
      async () => {
        let moment = 0
        while (await killedAt(moment, made)) moment += 1
        assert.ok(moment > 60, `${moment} moments`)
      },
    )
  }
})
