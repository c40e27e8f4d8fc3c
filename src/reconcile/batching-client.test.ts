import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFake } from '../../reconcilers/kafka/fake.ts'
import { normalizeTopic } from '../../reconcilers/kafka/normalize.ts'
import { BatchingClient } from './batching-client.ts'

const never = new AbortController().signal
const minute = 60_000

function shared() {
  const { client, server } = createFake()
  return { client: new BatchingClient(client, minute), server }
}

describe('a batching client', () => {
  it('makes one call of many, for each kind of call', async () => {
    const { client, server } = shared()
    for (const name of ['a', 'b', 'c']) server.create(name)
    const observed = await Promise.all(
      ['a', 'b', 'missing', 'c'].map((name) => client.observe('topics', [name], never)),
    )
    assert.deepEqual(
      observed.map((found) => found.map(({ name }) => name)),
      [['a'], ['b'], [], ['c']],
    )
    await Promise.all([
      client.ping(never),
      client.ping(never),
      client.list('topics', never),
      client.list('topics', never),
    ])
    const change = {
      action: 'create',
      type: 'topics',
      name: 'd',
      cause: 'written',
      fields: [],
      desired: normalizeTopic('d', {}),
    } as const
    const outcomes = await Promise.all([client.apply([change], never), client.validate?.([change], never)])
    assert.deepEqual(
      outcomes.map((each) => each?.length),
      [1, 1],
    )
    const methods = server.requests.map(({ method }) => method)
    assert.deepEqual(methods.sort(), ['apply', 'list', 'observe', 'ping', 'validate'])
  })

  it('asks for a name once that several want', async () => {
    const { client, server } = shared()
    server.create('a')
    const found = await Promise.all([
      client.observe('topics', ['a'], never),
      client.observe('topics', ['a'], never),
    ])
    assert.deepEqual(
      found.map(([first]) => first?.name),
      ['a', 'a'],
    )
    assert.deepEqual(server.requests[0]?.names, ['a'])
  })

  it('offers no call that the client does not have', () => {
    const { client } = shared()
    assert.equal(client.canonical, undefined)
    assert.notEqual(client.validate, undefined)
  })

  it('passes the service’s own spelling on, where there is one', async () => {
    const { client } = createFake()
    const spelling = new BatchingClient(
      {
        ...bare(client),
        canonical: async (all) => all.toReversed().map((desired) => ({ ok: true, desired })),
      },
      minute,
    )
    const [first, second] = [normalizeTopic('a', {}), normalizeTopic('b', {})]
    assert.deepEqual(await spelling.canonical?.([first, second], never), [
      { ok: true, desired: second },
      { ok: true, desired: first },
    ])
    assert.equal(spelling.validate, undefined)
  })
})

function bare(client: ReturnType<typeof createFake>['client']) {
  return {
    ping: client.ping.bind(client),
    list: client.list.bind(client),
    observe: client.observe.bind(client),
    apply: client.apply.bind(client),
    close: client.close.bind(client),
  }
}
