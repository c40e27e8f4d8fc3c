import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change } from '../../../src/core/resource.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Reason } from '../../../src/errors.ts'
import { creationOf } from '../../../test/support/changes.ts'
import { ServerRefusal } from '../fake-refusal.ts'
import { normalizeDefinition, normalizeIndex } from '../normalize.ts'
import { observeIndex, shownIndices } from '../observe-index.ts'
import type { Index, SearchResource } from '../resource.ts'
import { ElasticsearchClient } from './elasticsearch-client.ts'
import type { Wire, WireAnswer, WireRequest } from './wire.ts'

const signal = new AbortController().signal
const ok: WireAnswer = { status: 200, body: { acknowledged: true, shards_acknowledged: true } }
const unknownApi: WireAnswer = {
  status: 400,
  body: { error: 'no handler found for uri [/x] and method [GET]' },
}

function refused(type: string, reason: string, status = 400): WireAnswer {
  return new ServerRefusal(type, reason, { status }).toAnswer()
}

/** A wire that answers as told and keeps what was sent. Undefined: 200 and nothing to say. */
function scripted(
  reply: (request: WireRequest) => WireAnswer | Error | undefined,
  now: () => number = Date.now,
): {
  readonly client: ElasticsearchClient
  readonly sent: WireRequest[]
} {
  const sent: WireRequest[] = []
  const wire: Wire = {
    async send(request) {
      sent.push(request)
      await Promise.resolve()
      const answer = reply(request) ?? ok
      if (answer instanceof Error) throw answer
      return answer
    },
    async close() {
      await Promise.resolve()
    },
  }
  return { client: new ElasticsearchClient(wire, { now }), sent }
}

function root(version: string, uuid: string): WireAnswer {
  return { status: 200, body: { version: { number: version }, cluster_uuid: uuid } }
}

function index(name: string): Index {
  return normalizeIndex(name, { settings: { priority: 3 } })
}

function simulated(request: WireRequest): WireAnswer | undefined {
  return request.path === '/_index_template/_simulate'
    ? { status: 200, body: { template: { settings: { index: { priority: '3' } } } } }
    : undefined
}

function paths(sent: readonly WireRequest[]): readonly string[] {
  return sent.map(({ method, path }) => `${method} ${path}`)
}

describe('asked who answers', () => {
  it('takes GET / where it is there', async () => {
    const { client, sent } = scripted(() => root('8.19.2', 'u'))
    assert.deepEqual(await client.ping(signal), { version: '8.19.2', clusterId: 'u' })
    assert.deepEqual(paths(sent), ['GET /'])
  })
  it('looks for it again once the way to the server was lost: another one may answer', async () => {
    let mode = 'modules'
    const { client, sent } = scripted(({ path }) => {
      if (mode === 'down') return new ReconcileError('ServiceUnreachable', 'gone')
      if (mode === 'whole') return root('9.0.0', 'v')
      if (path === '/') return unknownApi
      return path === '/_nodes/_local'
        ? { status: 200, body: { nodes: { n: { version: '8.1.0' } } } }
        : { status: 200, body: { cluster_uuid: 'u' } }
    })
    assert.deepEqual(await client.ping(signal), { version: '8.1.0', clusterId: 'u' })
    mode = 'down'
    await assert.rejects(client.ping(signal), { reason: 'ServiceUnreachable' })
    mode = 'whole'
    assert.deepEqual(await client.ping(signal), { version: '9.0.0', clusterId: 'v' })
    assert.equal(sent.at(-1)?.path, '/')
  })
  it('says that a cluster without a master has not formed', async () => {
    const { client } = scripted(() => root('8.19.2', '_na_'))
    await assert.rejects(client.ping(signal), { reason: 'ServiceUnhealthy' })
  })
})

describe('asked for the server’s spelling', () => {
  it('asks four at a time at most', async () => {
    let [running, most] = [0, 0]
    const wire: Wire = {
      async send(request) {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        return simulated(request) ?? root('8.19.2', 'u')
      },
      async close() {
        await Promise.resolve()
      },
    }
    const many = Array.from({ length: 20 }, (_, priority) =>
      normalizeIndex(`i${priority}`, { settings: { priority } }),
    )
    const spelled = await new ElasticsearchClient(wire).canonical(many, signal)
    assert.deepEqual(
      spelled.map((each) => each.ok && each.desired.name),
      many.map(({ name }) => name),
    )
    assert.equal(most, 4)
  })
  it('asks again for what was refused, and after an upgrade', async () => {
    let version = '8.19.2'
    let refuses = true
    const { client, sent } = scripted((request) => {
      if (request.path === '/') return root(version, 'u')
      return refuses ? refused('illegal_argument_exception', 'no synonyms.txt') : simulated(request)
    })
    const ask = async () => (await client.canonical([index('a')], signal)).map(({ ok: taken }) => taken)
    assert.deepEqual(await ask(), [false])
    refuses = false
    assert.deepEqual([await ask(), await ask()], [[true], [true]])
    assert.equal(sent.filter(({ path }) => path.endsWith('_simulate')).length, 2)
    version = '9.0.0'
    await client.ping(signal)
    await ask()
    assert.equal(sent.filter(({ path }) => path.endsWith('_simulate')).length, 3)
  })
  it('lets definitions pass, in their places, and asks nothing for them', async () => {
    const { client, sent } = scripted((request) => simulated(request) ?? root('8.19.2', 'u'))
    const policy = normalizeDefinition('ilm-policies')('p', { phases: {} })
    assert.deepEqual(await client.canonical([policy], signal), [{ ok: true, desired: policy }])
    assert.deepEqual(sent, [])
    const both = await client.canonical([policy, index('a'), policy], signal)
    assert.deepEqual(
      both.map((each) => each.ok && each.desired.name),
      ['p', 'a', 'p'],
    )
  })
  for (const [answer, reason] of [
    [refused('security_exception', 'unauthorized', 403), 'AuthorizationFailed'],
    [refused('circuit_breaking_exception', 'too large', 429), 'ServiceBusy'],
    [new ReconcileError('ServiceTimeout', 'late'), 'ServiceTimeout'],
  ] as const) {
    it(`throws ${reason}: the server did not look at the content`, async () => {
      const { client } = scripted((request) => (request.path === '/' ? root('8.19.2', 'u') : answer))
      await assert.rejects(client.canonical([index('a')], signal), { reason })
    })
  }
})

describe('applying changes', () => {
  it('goes one at a time, in the order given', async () => {
    let running = 0
    const order: string[] = []
    const wire: Wire = {
      async send({ path }) {
        assert.equal((running += 1), 1)
        order.push(path)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        return ok
      },
      async close() {
        await Promise.resolve()
      },
    }
    const part = normalizeDefinition('component-templates')('part', { template: {} })
    await new ElasticsearchClient(wire).apply(
      [creationOf(part), creationOf(index('b')), creationOf(index('a'))],
      signal,
    )
    assert.deepEqual(order, ['/_component_template/part', '/b', '/a'])
  })
  it('tells what failed with the server’s words, and goes on', async () => {
    const { client } = scripted(({ path }) => (path === '/b' ? refused('x', 'no') : undefined))
    assert.deepEqual(
      await client.apply(
        ['a', 'b', 'c'].map((name) => creationOf(index(name))),
        signal,
      ),
      [{ state: 'done' }, { state: 'failed', reason: 'RejectedByServer', message: 'no' }, { state: 'done' }],
    )
  })
  for (const reason of [
    'ServiceUnreachable',
    'ServiceTimeout',
    'AuthenticationFailed',
    'TlsFailed',
  ] satisfies Reason[]) {
    it(`tries no more after ${reason}, and throws it when nothing was done`, async () => {
      let calls = 0
      const gone = new ReconcileError(reason, 'gone')
      const { client, sent } = scripted(() => ((calls += 1) === 1 ? undefined : gone))
      const changes = ['a', 'b', 'c'].map((name) => creationOf(index(name)))
      assert.deepEqual(
        (await client.apply(changes, signal)).map((outcome) =>
          outcome.state === 'failed' ? outcome.reason : outcome.state,
        ),
        ['done', reason, reason],
      )
      assert.equal(sent.length, 2)
      await assert.rejects(client.apply(changes, signal), { reason })
    })
  }
  it('goes on after a busy answer of one', async () => {
    const { client, sent } = scripted(({ path }) =>
      path === '/a' ? refused('es_rejected_execution_exception', 'full', 429) : undefined,
    )
    const outcomes = await client.apply(
      ['a', 'b'].map((name) => creationOf(index(name))),
      signal,
    )
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['failed', 'done'],
    )
    assert.equal(sent.length, 2)
  })
  it('throws the signal’s reason when it is stopped', async () => {
    const controller = new AbortController()
    const { client } = scripted(() => {
      controller.abort(new Error('stop now'))
      return new ReconcileError('Aborted', 'x')
    })
    await assert.rejects(client.apply([creationOf(index('a'))], controller.signal), { message: 'stop now' })
  })
})

describe('changing in place', () => {
  const shown = {
    orders: { aliases: {}, mappings: {}, settings: { 'index.uuid': 'u1', 'index.number_of_replicas': '0' } },
  }
  const observed = observeIndex('orders', shownIndices(shown)) ?? assert.fail()
  const update = (fields: Record<string, string | undefined>): Change<SearchResource> => ({
    action: 'update',
    type: 'indices',
    name: 'orders',
    id: 'u1',
    cause: 'written',
    fields: Object.entries(fields).map(([path, after]) => ({
      path,
      cause: 'written',
      ...(after !== undefined && { after }),
    })),
    desired: index('orders'),
    observed,
  })

  it('sends each class of settings by itself: limits, dynamic ones, those that reopen; and aliases last', async () => {
    const { client, sent } = scripted(() => undefined)
    const changes = update({
      'aliases.gone': undefined,
      'settings.index.codec': 'best_compression',
      'settings.index.mapping.total_fields.limit': '2000',
      'settings.index.number_of_replicas': undefined,
      'settings.index.refresh_interval': '5s',
    })
    assert.deepEqual(await client.apply([changes], signal), [{ state: 'done' }])
    assert.deepEqual(
      sent.map(({ path, query, body }) => [path, query?.['reopen'] ?? false, JSON.stringify(body)]),
      [
        ['/orders/_settings', false, '{"index.mapping.total_fields.limit":"2000"}'],
        ['/orders/_settings', false, '{"index.number_of_replicas":null,"index.refresh_interval":"5s"}'],
        ['/orders/_settings', true, '{"index.codec":"best_compression"}'],
        ['/_aliases', false, '{"actions":[{"remove":{"index":"orders","alias":"gone","must_exist":false}}]}'],
      ],
    )
  })
  it('sends dynamic settings again without those that the server will not change, and names them', async () => {
    const words =
      "Can't update non dynamic settings [[index.new.thing]] for open indices [[orders/u1]] unless"
    const { client, sent } = scripted(({ body }) =>
      JSON.stringify(body).includes('index.new.thing')
        ? refused('illegal_argument_exception', words)
        : undefined,
    )
    const changes = update({ 'settings.index.new.thing': '1', 'settings.index.refresh_interval': '5s' })
    assert.deepEqual(await client.apply([changes], signal), [
      {
        state: 'failed',
        reason: 'RejectedByServer',
        message: 'the server does not change index.new.thing of an open index',
      },
    ])
    assert.deepEqual(
      sent.at(-1)?.body,
      Object.assign(Object.create(null), { 'index.refresh_interval': '5s' }),
    )
  })
  it('gives up a copy that is no longer wanted before anything else', async () => {
    const { client, sent } = scripted(({ method }) =>
      method === 'GET' ? { status: 200, body: shown } : undefined,
    )
    await client.apply([update({ index: undefined, 'settings.index.refresh_interval': '5s' })], signal)
    assert.equal(sent[0]?.method, 'GET')
    assert.equal(sent.at(-1)?.path, '/orders/_settings')
  })
})

describe('observing', () => {
  it('asks of absent names whether they may be seen, and not again where nobody can say', async () => {
    const { client, sent } = scripted(({ method }) =>
      method === 'POST' ? unknownApi : { status: 200, body: {} },
    )
    for (let times = 0; times < 3; times += 1) await client.observe('indices', ['a', 'b'], signal)
    assert.equal(sent.filter(({ path }) => path === '/_security/user/_has_privileges').length, 1)
  })
  it('does not ask of names that are no index of ours', async () => {
    const { client, sent } = scripted(() => ({ status: 200, body: {} }))
    assert.deepEqual(await client.observe('indices', ['.kibana', '*', '_all', '-a'], signal), [])
    assert.deepEqual(
      sent.map(({ path }) => path),
      ['/.kibana,.kibana-0*'],
    )
  })
  it('never takes what may not be seen for absent', async () => {
    const { client } = scripted(({ method }) =>
      method === 'POST'
        ? {
            status: 200,
            body: { index: { a: { view_index_metadata: false }, b: { view_index_metadata: true } } },
          }
        : { status: 200, body: {} },
    )
    await assert.rejects(client.observe('indices', ['a', 'b'], signal), {
      reason: 'AuthorizationFailed',
      message: /may not read index a: grant the index privilege view_index_metadata/,
    })
  })
  it('fails as a whole when the server refuses to tell', async () => {
    const { client } = scripted(() => refused('security_exception', 'unauthorized', 403))
    for (const type of ['indices', 'ingest-pipelines'])
      await assert.rejects(client.observe(type, ['a'], signal), { reason: 'AuthorizationFailed' })
    await assert.rejects(client.list('indices', signal), { reason: 'AuthorizationFailed' })
  })
  it('sees no definitions where the server has none, or none of that name', async () => {
    for (const answer of [unknownApi, { status: 404, body: {} }]) {
      const { client } = scripted(() => answer)
      assert.deepEqual(await client.observe('ilm-policies', ['a'], signal), [])
      assert.deepEqual(await client.list('ilm-policies', signal), [])
    }
  })
  it('reads pipelines and policies in the form that their API has', async () => {
    const policy = { version: 1, modified_date: 'd', policy: { phases: { hot: { actions: {} } } } }
    const { client, sent } = scripted(({ path }) => ({
      status: 200,
      body: path.startsWith('/_ilm') ? { 'p-1': policy, 'p-3': policy } : { 'p-1': { processors: [] } },
    }))
    const found = await client.observe('ilm-policies', ['p-1', 'p-2'], signal)
    assert.deepEqual(
      found.map(({ name, fields }) => [name, [...fields.keys()]]),
      [['p-1', ['phases.hot']]],
    )
    assert.equal((await client.observe('ingest-pipelines', ['p-1'], signal)).length, 1)
    assert.deepEqual(paths(sent), ['GET /_ilm/policy/p-*', 'GET /_ingest/pipeline/p-1*'])
  })
})

describe('told to make more than fits into one turn', () => {
  it('makes what it can, and says how far it came', async () => {
    let now = 0
    const { client, sent } = scripted(
      ({ method }) => {
        if (method === 'PUT') now += 9_000
        return undefined
      },
      () => now,
    )
    const changes = ['a', 'b', 'c', 'd'].map((name) => creationOf(index(name)))
    const outcomes = await client.apply(changes, signal)
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['done', 'done', 'done', 'pending'],
    )
    assert.match(JSON.stringify(outcomes[3]), /waits for its turn: 3 of 4 were made/)
    assert.deepEqual(
      sent.filter(({ method }) => method === 'PUT').map(({ path }) => path),
      ['/a', '/b', '/c'],
    )
  })
})
