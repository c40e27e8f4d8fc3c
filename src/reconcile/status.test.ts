import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaDesk, many } from '../../test/support/kafka-desk.ts'

const orders = { partitions: 2, config: { 'retention.ms': '1000' } }

describe('status', () => {
  it('is written twice by a pass that changes something, and never by one that does not', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    assert.equal(desk.saves, 2)
    const state = desk.state('doc')
    await desk.reconcile('doc')
    assert.equal(desk.saves, 2)
    assert.equal(desk.state('doc'), state)
  })

  it('is written once where nothing can be changed, and not again', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders }, { policy: 'observe-only' })
    await desk.reconcile('doc')
    await desk.reconcile('doc')
    assert.equal(desk.saves, 1)
  })

  it('speaks of the document it has seen', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    assert.equal(desk.state('doc').observedHash, desk.documents.get('team/doc')?.hash)
  })

  it('has the three conditions of kstatus, whose times move only with their status', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    const first = desk.state('doc').conditions
    assert.deepEqual(
      first.map(({ type, status }) => `${type}=${status}`),
      ['Ready=True', 'Reconciling=False', 'Stalled=False'],
    )
    desk.elapsed += 60_000
    desk.topics('doc', { orders: { ...orders, partitions: 1 } })
    await desk.reconcile('doc')
    const second = desk.state('doc').conditions
    assert.deepEqual(
      second.map(({ type, status }) => `${type}=${status}`),
      ['Ready=False', 'Reconciling=False', 'Stalled=True'],
    )
    assert.equal(second[1]?.lastTransitionTime, first[1]?.lastTransitionTime)
    assert.notEqual(second[2]?.lastTransitionTime, first[2]?.lastTransitionTime)
  })

  it('whose stamp has to wait is looked at again then, also where a person is needed', async () => {
    for (const [partitions, stamped] of [
      [2, 'done'],
      [1, 'terminal'],
    ] as const) {
      const desk = new KafkaDesk()
      desk.topics('doc', { orders })
      await desk.reconcile('doc')
      desk.topics('doc', { orders: { ...orders, partitions } })
      desk.stampAfter = 700
      assert.deepEqual(await desk.reconcile('doc'), { kind: 'requeueAfter', ms: 700 })
      desk.stampAfter = undefined
      assert.equal((await desk.reconcile('doc')).kind, stamped)
    }
  })

  const bad = { partitions: 'three' }
  const texts: readonly {
    readonly says: string
    readonly documents: readonly Readonly<Record<string, object>>[]
    readonly ready: string
    readonly reason: string
    readonly message: RegExp
    readonly summary: string
  }[] = [
    {
      says: 'all is as written',
      documents: [{ orders, users: {} }],
      ready: 'True',
      reason: 'Succeeded',
      message: /^as written$/,
      summary: '2 ready',
    },
    {
      says: 'nothing is written',
      documents: [{}],
      ready: 'True',
      reason: 'Succeeded',
      message: /^as written$/,
      summary: '0 ready',
    },
    {
      says: 'one bad entry makes the whole not Ready',
      documents: [{ orders, users: bad }],
      ready: 'False',
      reason: 'InvalidDocument',
      message: /^users: users\.partitions: partitions must be a whole number/,
      summary: '1 ready, 1 invalid',
    },
    {
      says: 'a rule that refuses gives its own code',
      documents: [{ orders }, { orders: { partitions: 1 }, users: {} }],
      ready: 'False',
      reason: 'PartitionsDecrease',
      message: /^orders: the topic has 2 partitions/,
      summary: '1 ready, 1 refused',
    },
    {
      says: 'different refusals share a reason, and three names are shown',
      documents: [
        { orders, __a: {}, __b: {}, __c: {} },
        { orders: { partitions: 1 }, __a: {}, __b: {}, __c: {} },
      ],
      ready: 'False',
      reason: 'ChangesRefused',
      message: /^__a: .+; __b: .+; __c: .+ \(\+1 more\)$/,
      summary: '0 ready, 4 refused',
    },
    {
      says: 'the gravest comes first',
      documents: [{ __a: {}, users: bad }],
      ready: 'False',
      reason: 'InvalidDocument',
      message: /^users: /,
      summary: '0 ready, 1 invalid, 1 refused',
    },
    {
      says: 'orphans are counted and do not keep from Ready',
      documents: [{ orders, users: {}, more: {} }, { orders }],
      ready: 'True',
      reason: 'Succeeded',
      message: /^as written$/,
      summary: '1 ready, 2 orphans',
    },
  ]
  for (const { says, documents, ready, reason, message, summary } of texts) {
    it(`in words: ${says}`, async () => {
      const desk = new KafkaDesk()
      for (const document of documents) {
        desk.topics('doc', document)
        await desk.reconcile('doc')
      }
      const state = desk.state('doc')
      assert.deepEqual([state.ready, state.reason, state.summary], [ready, reason, summary])
      assert.match(state.message, message)
    })
  }

  it('counts an entry once that is invalid and another’s besides', async () => {
    const desk = new KafkaDesk()
    desk.topics('first', { orders }, {}, 1)
    await desk.reconcile('first')
    desk.topics('second', { orders: bad, users: {} }, {}, 2)
    await desk.reconcile('second')
    assert.match(desk.state('second').summary, /^1 ready, /)
  })

  it('counts nothing as ready that could not be sent', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {} })
    desk.server.inject({ method: 'apply', kind: 'fail' })
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    const { ready, reason, summary } = desk.state('doc')
    assert.deepEqual([ready, reason, summary], ['Unknown', 'ServiceUnreachable', '0 ready, 2 pending'])
  })

  it('keeps what was last seen while the service is away', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, __a: {} })
    await desk.reconcile('doc')
    const before = desk.state('doc')
    desk.server.down = true
    assert.equal((await desk.reconcile('doc')).kind, 'retryable')
    const { ready, resources, summary, plan, inventory } = desk.state('doc')
    assert.deepEqual(
      [ready, resources, summary, plan],
      ['Unknown', before.resources, before.summary, before.plan],
    )
    assert.equal(inventory, before.inventory)
  })
})

describe('history', () => {
  it('has a line for each pass that changed something', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders, users: {} }, { policy: 'sync' })
    await desk.reconcile('doc')
    desk.topics('doc', { orders: { ...orders, partitions: 3 } }, { policy: 'sync' })
    await desk.reconcile('doc')
    const lines = desk
      .state('doc')
      .history.map(({ message, created, updated, deleted }) => [message, created, updated, deleted])
    assert.deepEqual(lines, [
      ['updated 1 (orders: partitions); deleted 1 (users)', 0, 1, 1],
      ['created 2 (orders, users)', 2, 0, 0],
    ])
  })

  it('counts up what happens again and again', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    for (let times = 0; times < 3; times += 1) {
      desk.server.setConfigs('orders', new Map([['retention.ms', '1']]))
      desk.elapsed += 1_000
      await desk.reconcile('doc')
    }
    const { history } = desk.state('doc')
    assert.deepEqual(
      history.map(({ count }) => count),
      [3, 1],
    )
    assert.ok((history[0]?.first ?? '') < (history[0]?.last ?? ''))
  })

  it('keeps the last 10', async () => {
    const desk = new KafkaDesk()
    for (let partitions = 1; partitions <= 12; partitions += 1) {
      desk.topics('doc', { orders: { partitions } })
      await desk.reconcile('doc')
    }
    assert.equal(desk.state('doc').history.length, 10)
  })

  it('names three and says that there are more', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(5))
    await desk.reconcile('doc')
    assert.equal(desk.state('doc').history[0]?.message, 'created 5 (t0, t1, t2, …)')
  })
})

describe('events', () => {
  const reasons = (desk: KafkaDesk) => desk.announced.splice(0).map(({ type, reason }) => `${type} ${reason}`)

  it('tell transitions and changes made, and nothing in between', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Normal Applied'])
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), [])
    desk.server.setConfigs('orders', new Map([['retention.ms', '1']]))
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Normal DriftCorrected'])
    desk.topics('doc', { orders: { ...orders, partitions: 1 } })
    await desk.reconcile('doc')
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Warning PartitionsDecrease'])
    desk.server.down = true
    await desk.reconcile('doc')
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Normal ServiceUnreachable'])
    desk.server.down = false
    desk.topics('doc', { orders })
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Normal Succeeded'])
  })

  it('do not say Applied of what was not', async () => {
    const desk = new KafkaDesk()
    desk.tap = ({ what }, moment) => {
      if (what === 'apply' && moment === 'before' && desk.server.topic('or_ders') === undefined)
        desk.server.create('or_ders')
    }
    desk.topics('doc', { 'or.ders': {} })
    await desk.reconcile('doc')
    assert.deepEqual(reasons(desk), ['Warning RejectedByServer'])
  })
})

describe('a document at its extremes', () => {
  it('may name topics like members of Object.prototype', async () => {
    const desk = new KafkaDesk()
    desk.topics(
      'doc',
      new Map(['constructor', 'toString', 'hasOwnProperty', '__proto__'].map((name) => [name, {}])),
    )
    await desk.reconcile('doc')
    assert.deepEqual(desk.names(), ['constructor', 'hasOwnProperty', 'toString'])
    assert.deepEqual(desk.unready('doc'), ['__proto__: refused InternalTopic'])
    assert.deepEqual([...desk.state('doc').inventory.keys()].sort(), [
      'topics/constructor',
      'topics/hasOwnProperty',
      'topics/toString',
    ])
  })

  it('may name 5,000 topics, in the calls that one needs', async () => {
    const desk = new KafkaDesk()
    desk.topics('doc', many(5_000))
    assert.deepEqual(await desk.reconcile('doc'), { kind: 'done' })
    assert.equal(desk.names().length, 5_000)
    const first = { ping: 1, observe: 2, list: 1, apply: 1, save: 2 }
    assert.deepEqual(desk.calls(), first)
    await desk.reconcile('doc')
    assert.deepEqual(desk.calls(), { ...first, ping: 2, observe: 3 })
  })
})
