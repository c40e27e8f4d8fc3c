import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import {
  type Passed,
  TappedWire,
  converge,
  plannedChange,
  reconcileIndex,
} from '../../../../test/support/reindexing.ts'
import { FakeCluster } from '../../fake-cluster.ts'
import { FakeWire } from '../../fake-wire.ts'
import type { WrittenIndex } from '../../schema.ts'
import { ElasticsearchClient } from '../elasticsearch-client.ts'
import type { WireRequest } from '../wire.ts'

const text: WrittenIndex = {
  settings: { number_of_replicas: 0 },
  mappings: { properties: { text: { type: 'text' } } },
  'on-incompatible': 'reindex',
}
const keyword: WrittenIndex = { ...text, mappings: { properties: { text: { type: 'keyword' } } } }

/** A fake cluster with an index `orders` of some documents. */
async function desk({ documents = 20, server = new FakeCluster(), before = text } = {}) {
  const tapped = new TappedWire(new FakeWire(server))
  let now = Date.UTC(2026, 10, 21)
  const time = { now: () => now, sleep: async () => Promise.resolve() }
  const client = new ElasticsearchClient(tapped, time)
  await converge(client, 'orders', before)
  const lines = Array.from({ length: documents }, (_, n) => `{"index":{"_id":"d${n}"}}\n{"text":"t${n}"}`)
  server.ask('POST', '/orders/_bulk', `${lines.join('\n')}\n`)
  server.ask('POST', '/orders/_refresh')
  return {
    server,
    tapped,
    client,
    pass: async (wish = keyword) => reconcileIndex(client, 'orders', wish, text),
    converge: async (wish = keyword) => converge(client, 'orders', wish, { made: text }),
    restarted: () => new ElasticsearchClient(tapped, time),
    later: (ms: number) => {
      now += ms
    },
    names: () => [...server.indices.keys()].sort(),
    aliases: (index: string) =>
      Object.keys(answered(server, `/${index}/_alias`)[index]?.aliases ?? {}).sort(),
  }
}

function answered(server: FakeCluster, path: string): Record<string, { readonly aliases?: object }> {
  return server.ask('GET', path).body as Record<string, { readonly aliases?: object }>
}

function assertFailed(outcome: Passed | Outcome | undefined, reason: string, words: RegExp): void {
  assert.ok(outcome?.state === 'failed', JSON.stringify(outcome))
  assert.equal(outcome.reason, reason)
  assert.match(outcome.message, words)
}

function count(server: FakeCluster, name: string): unknown {
  server.ask('POST', `/${name}/_refresh`)
  return (server.ask('GET', `/${name}/_count`).body as { readonly count: unknown }).count
}

const isBlock = ({ path }: WireRequest): boolean => path.endsWith('/_block/write')

describe('a gate that is shut leaves everything as it was, and says what opens it', () => {
  const gates: readonly {
    readonly gate: string
    readonly shut: (server: FakeCluster) => void
    readonly reason: string
    readonly words: RegExp
  }[] = [
    {
      gate: 'health',
      shut: (server) => {
        server.health = 'red'
      },
      reason: 'ServiceUnhealthy',
      words: /orders-000001 is red/,
    },
    {
      gate: 'allocation',
      shut: (server) => {
        const persistent = { 'cluster.routing.allocation.enable': 'primaries' }
        server.ask('PUT', '/_cluster/settings', { persistent })
      },
      reason: 'ServiceUnhealthy',
      words: /allocation\.enable is "primaries"/,
    },
    {
      gate: 'flood stage',
      shut: (server) => {
        server.ask('PUT', '/orders-000001/_settings', { 'index.blocks.read_only_allow_delete': true })
      },
      reason: 'StorageFull',
      words: /ran out of disk space/,
    },
    {
      gate: 'read-only',
      shut: (server) => {
        server.ask('PUT', '/orders-000001/_settings', { 'index.blocks.read_only': true })
      },
      reason: 'ServiceUnhealthy',
      words: /no alias of it can be moved/,
    },
    {
      gate: 'disk',
      shut: (server) => {
        server.disk = { total: 1_000_000, available: 3_000 }
      },
      reason: 'StorageFull',
      words: /needs .* free on the data nodes/,
    },
  ]
  for (const { gate, shut, reason, words } of gates) {
    it(gate, async () => {
      const { pass, server, names } = await desk()
      shut(server)
      assertFailed(await pass(), reason, words)
      assert.deepEqual(names(), ['orders-000001'])
    })
  }

  it('a server that cannot reindex', async () => {
    const { pass, names } = await desk({ server: new FakeCluster({ lacks: ['reindex'] }) })
    assertFailed(await pass(), 'NotSupportedByServer', /_reindex/)
    assert.deepEqual(names(), ['orders-000001'])
  })

  it('an index that does not keep its documents', async () => {
    const before = {
      ...text,
      mappings: { _source: { enabled: false }, properties: { text: { type: 'text' } } },
    }
    const after = { ...before, settings: { number_of_replicas: 0, number_of_shards: 2 } }
    const { client, names } = await desk({ before, documents: 0 })
    assertFailed(await reconcileIndex(client, 'orders', after, before), 'ServiceUnhealthy', /_source/)
    assert.deepEqual(names(), ['orders-000001'])
  })
})

describe('what belongs to somebody else', () => {
  it('an index under the planned name is left alone: another name is planned', async () => {
    const { client, server, names } = await desk()
    const change = await plannedChange(client, 'orders', keyword, text)
    assert.ok(change)
    server.ask('PUT', '/orders-000002', { settings: { number_of_replicas: 0 } })
    const [outcome] = await client.apply([change], AbortSignal.timeout(5_000))
    assertFailed(outcome, 'ChangesFailed', /orders-000002 was made by somebody else/)
    await converge(client, 'orders', keyword, { made: text })
    assert.deepEqual(names(), ['orders-000001', 'orders-000002', 'orders-000003'])
  })

  it('an unfinished copy that somebody put to use is not deleted', async () => {
    const { client, server, pass, names } = await desk({ documents: 5_000 })
    server.manual = true
    assert.equal((await pass()).state, 'pending')
    server.ask('POST', '/_aliases', { actions: [{ add: { index: 'orders-000002', alias: 'in-use' } }] })
    assertFailed(await reconcileIndex(client, 'orders', text), 'ChangesFailed', /uses it by the alias in-use/)
    assert.ok(names().includes('orders-000002'))
  })

  it('a write block that was there before stays on the old index, and is on the new one', async () => {
    const { server, converge: all } = await desk()
    server.ask('PUT', '/orders-000001/_block/write')
    const passed = await all()
    assert.equal(passed.at(-1)?.state, 'converged')
    const { body } = server.ask('GET', '/orders-0*/_settings?flat_settings=true')
    for (const { settings } of Object.values(body as Record<string, { settings: Record<string, string> }>)) {
      assert.equal(settings['index.blocks.write'], 'true')
    }
    assert.equal(count(server, 'orders'), 20)
  })
})

describe('what gets lost on the way', () => {
  it('a task that disappeared with its node is made again, and in the end said to be lost', async () => {
    const { server, pass } = await desk({ documents: 5_000 })
    server.manual = true
    const outcomes: Passed[] = []
    for (let times = 0; times < 10; times += 1) {
      outcomes.push(await pass())
      server.loseTasks()
    }
    assert.ok(outcomes.some((each) => each.state === 'pending' && each.message.includes('copied again')))
    assertFailed(
      outcomes.find(({ state }) => state === 'failed'),
      'ServiceUnhealthy',
      /its node left/,
    )
    server.manual = false
    for (let times = 0; (await pass()).state !== 'converged'; times += 1) assert.ok(times < 50)
    assert.equal(count(server, 'orders'), 5_000)
  })

  it('the answer of a swap: the next call sees that it happened', async () => {
    const { server, tapped, converge: all } = await desk()
    const isSwap = ({ body }: WireRequest) => JSON.stringify(body ?? '').includes('-until-')
    tapped.once(isSwap, 'after', () => {
      throw new Error('connection reset')
    })
    await assert.rejects(all(), /connection reset/)
    assert.equal((await all()).at(-1)?.state, 'converged')
    assert.equal(count(server, 'orders'), 20)
  })

  it('the history of a shard, after it was read how far the copy is: everything is copied once more', async () => {
    const { server, tapped, converge: all } = await desk()
    const both = '/orders-000001,orders-000002/_stats/docs,store'
    const copied: unknown[] = []
    let lost = false
    tapped.tap = ({ path, body }, moment) => {
      if (moment !== 'after') return
      if (path === '/_reindex' && !JSON.stringify(body).includes('max_docs')) {
        copied.push((body as { readonly source: { readonly query?: unknown } }).source.query)
        if (copied.length === 1) server.ask('PUT', '/orders/_doc/late', { text: 'late' })
      }
      if (path !== both || lost || copied.length === 0) return
      lost = true
      const shown = JSON.stringify(server.ask('GET', `${both}?level=shards`).body)
      const answer = { status: 200, body: JSON.parse(shown.replaceAll('"history-', '"restored-')) as unknown }
      server.inject({ path: /orders-000001,orders-000002\/_stats/, kind: 'answer', answer, times: 100 })
    }
    assert.equal((await all()).at(-1)?.state, 'converged')
    assert.equal(lost, true)
    assert.deepEqual(copied.slice(0, 2), [undefined, undefined])
    assert.equal(count(server, 'orders'), 21)
  })

  it('writers go on when the process is asked to stop while they are held back', async () => {
    const { server, tapped, client } = await desk()
    const stop = new AbortController()
    tapped.tap = (request, moment) => {
      if (moment === 'after' && isBlock(request)) stop.abort(new Error('stopping'))
    }
    const change = await plannedChange(client, 'orders', keyword, text)
    assert.ok(change)
    await assert.rejects(async () => client.apply([change], stop.signal), /stopping/)
    assert.equal(server.ask('PUT', '/orders/_doc/d1', { text: 'again' }).status, 200)
  })
})

describe('while writers are held back', () => {
  it('a copy that lost a document does not get the name, and is completed before it does', async () => {
    const { server, tapped, pass, later, names, aliases } = await desk()
    const counts = ({ path, body }: WireRequest) =>
      path === '/orders-000002/_search' && JSON.stringify(body ?? '').includes('"versions"')
    tapped.once(counts, 'before', () => {
      server.ask('DELETE', '/orders-000002/_doc/d3')
      server.ask('POST', '/orders-000002/_refresh')
    })
    assertFailed(
      await pass(),
      'ChangesFailed',
      /does not hold what orders-000001 holds \(19 and 20 documents\)/,
    )
    assert.deepEqual(names(), ['orders-000001', 'orders-000002'])
    assert.ok(aliases('orders-000001').includes('orders'))
    assert.equal(server.ask('PUT', '/orders/_doc/d1', { text: 'again' }).status, 200)
    for (let times = 0; (await pass()).state !== 'converged'; times += 1) {
      assert.ok(times < 20)
      later(700_000)
    }
    assert.ok(aliases('orders-000002').includes('orders'))
    assert.equal(count(server, 'orders'), 20)
    assert.equal(server.ask('GET', '/orders/_doc/d3').status, 200)
  })

  it('a clone that lost a document does not take the place of a concrete index: everything stays as it was', async () => {
    const { server, tapped, pass, names } = await desk({ before: { ...text, 'on-incompatible': 'hold' } })
    tapped.tap = ({ path }, moment) => {
      if (moment !== 'after' || !path.startsWith('/orders/_clone/')) return
      server.ask('PUT', '/orders-000000/_settings', { 'index.blocks.write': null })
      assert.equal(server.ask('DELETE', '/orders-000000/_doc/d3').status, 200)
      server.ask('POST', '/orders-000000/_refresh')
    }
    assertFailed(await pass(), 'ChangesFailed', /the clone orders-000000 does not hold what orders holds/)
    assert.deepEqual(names(), ['orders', 'orders-000001'])
    assert.equal(count(server, 'orders'), 20)
    assert.equal(server.ask('PUT', '/orders/_doc/d1', { text: 'again' }).status, 200)
  })

  const meddlers: readonly { readonly who: string; readonly write: boolean }[] = [
    { who: 'somebody lifts the block', write: false },
    { who: 'somebody lifts the block, writes and sets it again', write: true },
  ]
  for (const { who, write } of meddlers) {
    it(`${who} after the counting: the name stays, and nothing that was acknowledged is lost`, async () => {
      const { server, tapped, pass, later, aliases } = await desk()
      let meddled = () => false
      tapped.once(isBlock, 'before', () => {
        const counts = ({ path }: WireRequest) => path === '/orders-000002/_search'
        meddled = tapped.once(counts, 'after', () => {
          server.ask('PUT', '/orders-000001/_settings', { 'index.blocks.write': null })
          if (!write) return
          assert.equal(server.ask('PUT', '/orders/_doc/late', { text: 'late' }).status, 201)
          server.ask('PUT', '/orders-000001/_block/write')
        })
      })
      assertFailed(await pass(), 'ChangesFailed', /was changed by somebody else while writers were held back/)
      assert.equal(meddled(), true)
      assert.ok(aliases('orders-000001').includes('orders'))
      for (let times = 0; (await pass()).state !== 'converged'; times += 1) {
        assert.ok(times < 20)
        later(700_000)
      }
      assert.ok(aliases('orders-000002').includes('orders'))
      assert.equal(count(server, 'orders'), write ? 21 : 20)
    })
  }
})

describe('one after the other', () => {
  it('a reindex waits for another one of the same cluster, and goes on when that has ended', async () => {
    const { client, server, pass } = await desk({ documents: 5_000 })
    await converge(client, 'others', text)
    server.manual = true
    assert.equal((await pass()).state, 'pending')
    const waits = { state: 'pending', message: 'waits for the reindex of orders' }
    assert.deepEqual(await reconcileIndex(client, 'others', keyword, text), waits)
    server.manual = false
    assert.equal((await converge(client, 'orders', keyword, { made: text })).at(-1)?.state, 'converged')
    assert.equal((await converge(client, 'others', keyword, { made: text })).at(-1)?.state, 'converged')
  })

  it('a new process sees the task of the old one, and waits for it too', async () => {
    const { client, server, pass, restarted } = await desk({ documents: 5_000 })
    await converge(client, 'others', text)
    server.manual = true
    assert.equal((await pass()).state, 'pending')
    const outcome = await reconcileIndex(restarted(), 'others', keyword, text)
    assert.deepEqual(outcome, { state: 'pending', message: 'waits for the reindex of orders' })
  })

  it('after a write block that was given up there is a pause, longer each time, in which others have their turn', async () => {
    const { client, server, pass, tapped, later } = await desk()
    await converge(client, 'others', text)
    const refused: WireRequest[] = []
    tapped.tap = (request, moment) => {
      if (moment === 'before' && isBlock(request) && request.path.includes('orders')) refused.push(request)
    }
    const answer = {
      status: 503,
      body: { error: { type: 'master_not_discovered_exception', reason: 'none' } },
    }
    server.inject({ path: /orders-000001\/_block/, kind: 'answer', answer, times: 3 })
    assertFailed(await pass(), 'ServiceUnhealthy', /holding writers back/)
    const waiting = await pass()
    assert.ok(
      waiting.state === 'pending' && waiting.message.includes('next attempt'),
      JSON.stringify(waiting),
    )
    assert.equal((await converge(client, 'others', keyword, { made: text })).at(-1)?.state, 'converged')
    later(11_000)
    assertFailed(await pass(), 'ServiceUnhealthy', /holding writers back/)
    later(11_000)
    assert.equal((await pass()).state, 'pending')
    later(10_000)
    assertFailed(await pass(), 'ServiceUnhealthy', /holding writers back/)
    assert.equal(refused.length, 3)
    later(60_000)
    assert.equal((await pass()).state, 'done')
  })
})

it('done is told with the new uuid, and with how long writers were held back', async () => {
  const { pass, server, aliases } = await desk()
  const done = await pass()
  assert.ok(done.state === 'done')
  assert.equal(done.id, server.indices.get('orders-000002')?.uuid)
  assert.match(done.note ?? '', /^20 documents are in orders-000002; writers were held back for [\d.]+ s$/)
  assert.deepEqual(aliases('orders-000002'), ['orders'])
  assert.match(aliases('orders-000001').join(), /^infometis-rollback-orders-until-20261122T0000\d\dZ$/)
})
