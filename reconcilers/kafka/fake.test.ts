import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import { creationOf } from '../../test/support/changes.ts'
import { createFake } from './fake.ts'
import { normalizeTopic } from './normalize.ts'
import type { Topic } from './normalize.ts'

const signal = AbortSignal.timeout(10_000)

function create(name: string, written: Parameters<typeof normalizeTopic>[1]): Change<Topic> {
  return creationOf(normalizeTopic(name, written))
}

function update(name: string, fields: Record<string, Json | undefined>): Change<Topic> {
  const changes = Object.entries(fields).map(([path, after]): FieldChange => ({
    path,
    cause: 'written',
    ...(after !== undefined && { after }),
  }))
  return { action: 'update', type: 'topics', name, cause: 'written', fields: changes }
}

function remove(name: string, id: string | undefined): Change<Topic> {
  return {
    action: 'delete',
    type: 'topics',
    name,
    cause: 'written',
    fields: [],
    ...(id !== undefined && { id }),
  }
}

describe('the fake Kafka', () => {
  it('creates a topic, shows it with its defaults, and says what is set on the topic itself', async () => {
    const { client } = createFake()
    const [outcome] = await client.apply(
      [create('a', { partitions: 3, config: { 'retention.ms': '1000' } })],
      signal,
    )
    const [topic] = await client.observe('topics', ['a', 'missing'], signal)
    assert.equal(outcome?.state, 'done')
    assert.equal(topic?.id, outcome.id)
    assert.equal(topic?.fields.get('partitions'), 3)
    assert.equal(topic.fields.get('config.cleanup.policy'), 'delete')
    assert.deepEqual([...(topic.explicit ?? [])], ['config.retention.ms'])
  })

  it('takes creating twice, deleting twice and adding the same partitions twice as done', async () => {
    const { client, server } = createFake()
    const twice = async (change: Change<Topic>) => [
      ...(await client.apply([change], signal)),
      ...(await client.apply([change], signal)),
    ]
    const created = await twice(create('a', { partitions: 2 }))
    const grown = await twice(update('a', { partitions: 4 }))
    const deleted = await twice(remove('a', server.topic('a')?.id))
    assert.deepEqual(
      [...created, ...grown, ...deleted].map(({ state }) => state),
      Array(6).fill('done'),
    )
    assert.deepEqual(server.names(), [])
  })

  const refusals: readonly [string, Change<Topic>, RegExp][] = [
    [
      'an unknown config key',
      create('b', { config: { foo: '1' } }),
      /Unknown topic config name: foo \(INVALID_CONFIG\)/,
    ],
    [
      'a value of the wrong type',
      create('b', { config: { 'retention.ms': 'x' } }),
      /Not a number of type LONG/,
    ],
    ['a value out of range', create('b', { config: { 'retention.ms': '-5' } }), /Value must be at least -1/],
    [
      'a word that is none',
      create('b', { config: { 'cleanup.policy': 'keep' } }),
      /String must be one of: compact, delete/,
    ],
    ['more replicas than brokers', create('b', { 'replication-factor': 4 }), /only 3 broker\(s\)/],
    ['a colliding name', create('a_a', {}), /Topic 'a_a' collides with existing topic: a\.a/],
    [
      'fewer partitions',
      update('a.a', { partitions: 2 }),
      /currently has 3 partition\(s\); 2 would not be an increase/,
    ],
    [
      'a config change of no topic',
      update('none', { 'config.retention.ms': '1' }),
      /UNKNOWN_TOPIC_OR_PARTITION/,
    ],
  ]
  for (const [what, change, words] of refusals) {
    it(`refuses ${what} in validate and in apply, in the broker’s words, and does the rest`, async () => {
      const { client, server } = createFake()
      server.create('a.a', { partitions: 3 })
      const [verdict] = (await client.validate?.([change], signal)) ?? []
      const [failed, other] = await client.apply([change, create('other', {})], signal)
      assert.match(verdict?.ok === false ? verdict.message : '', words)
      assert.match(failed?.state === 'failed' ? failed.message : '', words)
      assert.equal(other?.state, 'done')
      assert.deepEqual(server.names(), ['a.a', 'other'])
    })
  }

  it('leaves a topic alone that was made anew since it was planned to be deleted', async () => {
    const { client, server } = createFake()
    server.create('a')
    const id = server.topic('a')?.id
    server.recreate('a')
    assert.deepEqual(await client.apply([remove('a', id)], signal), [{ state: 'done' }])
    assert.deepEqual(server.names(), ['a'])
  })

  it('does not delete by name when the id is not known', async () => {
    const { client, server } = createFake()
    server.create('a')
    const [outcome] = await client.apply([remove('a', undefined)], signal)
    assert.equal(outcome?.state, 'failed')
    assert.deepEqual(server.names(), ['a'])
  })

  it('fails, hangs and loses answers when told to', async () => {
    const { client, server } = createFake()
    server.inject({ method: 'apply', kind: 'fail', after: 1 })
    const changes = ['a', 'b'].map((name) => create(name, {}))
    await assert.rejects(client.apply(changes, signal), { reason: 'ServiceTimeout' })
    assert.deepEqual(server.names(), ['a'])
    server.inject({ method: 'observe', call: 2, kind: 'hang' })
    await client.observe('topics', ['a'], signal)
    await assert.rejects(client.observe('topics', ['a'], AbortSignal.timeout(10)), { name: 'TimeoutError' })
    server.down = true
    await assert.rejects(client.ping(signal), { reason: 'ServiceUnreachable' })
  })

  const guards: readonly [number, string[], string | undefined][] = [
    [0, [], undefined],
    [1, [], 'DeletesData'],
    [0, ['readers'], 'TopicInUse'],
    [2, ['readers'], 'DeletesDataInUse'],
  ]
  for (const [records, groups, code] of guards) {
    it(`answers ${code ?? 'ok'} for deleting a topic with ${records} records and ${groups.length} active groups`, async () => {
      const { client, server } = createFake()
      server.create('a', { records })
      for (const group of groups) server.setGroup(group, ['a'])
      const [verdict] = (await client.validate?.([remove('a', server.topic('a')?.id)], signal)) ?? []
      assert.equal(verdict?.ok === false ? verdict.code : undefined, code)
    })
  }

  it('serves a second client of the same server, as after a restart', async () => {
    const { client, server } = createFake()
    await client.apply([create('a', {})], signal)
    assert.deepEqual(await createFake({ server }).client.list('topics', signal), ['a'])
  })
})
