import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ReconcileError } from '../../../src/errors.ts'
import { creationOf, removalOf } from '../../../test/support/changes.ts'
import { failure } from '../../../test/support/failure.ts'
import { normalizeDashboard } from '../dashboard-normalize.ts'
import { dashboardSchema } from '../dashboard-schema.ts'
import { FakeGrafana } from '../fake.ts'
import { normalizeAlertRule, normalizeDatasource, normalizeFolder } from '../normalize.ts'
import { type GrafanaResource, grafanaTypes } from '../resource.ts'
import { alertRuleSchema, datasourceSchema } from '../schema.ts'
import { GrafanaClient, type GrafanaClientOptions } from './grafana-client.ts'

const soon = () => AbortSignal.timeout(20_000)
const folder = (name: string, parent?: string) =>
  normalizeFolder(name, { title: name, ...(parent !== undefined && { parent }) })

const rule = (name: string) =>
  normalizeAlertRule(
    name,
    alertRuleSchema.parse({
      folder: 'kafka',
      group: 'health',
      rule: {
        title: name,
        condition: 'A',
        for: '5m',
        data: [
          {
            refId: 'A',
            relativeTimeRange: { from: 600, to: 0 },
            datasourceUid: 'prometheus',
            model: { refId: 'A', expr: 'up == 0' },
          },
        ],
      },
    }),
  )
const dashboard = (name: string) =>
  normalizeDashboard(
    name,
    dashboardSchema.parse({
      folder: 'kafka',
      definition: {
        title: name,
        schemaVersion: 39,
        panels: [{ id: 1, type: 'text', datasource: { type: 'prometheus', uid: 'prometheus' } }],
      },
    }),
  )
const datasource = normalizeDatasource(
  'prometheus',
  datasourceSchema.parse({ type: 'prometheus', url: 'http://prometheus:9090' }),
)

/** One of each type, each in need of the one before. */
const four: readonly GrafanaResource[] = [
  rule('lag'),
  dashboard('overview'),
  datasource,
  folder('kafka', 'platform'),
  folder('platform'),
]

describe('the client of Grafana', () => {
  let grafana: FakeGrafana
  let client: GrafanaClient
  const connect = (options: Partial<GrafanaClientOptions> = {}) => new GrafanaClient(grafana.wire(), options)
  beforeEach(() => {
    grafana = new FakeGrafana()
    client = connect()
  })
  const create = async (...desired: readonly GrafanaResource[]) =>
    client.apply(
      desired.map((each) => creationOf(each)),
      soon(),
    )

  it('says which Grafana it speaks to', async () => {
    assert.deepEqual(await client.ping(soon()), { version: '13.3.0', clusterId: 'default/Main Org.' })
  })

  it('makes, sees and deletes what is of any type, in the order of its needs', async () => {
    const outcomes = await create(...four)
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      four.map(() => 'done'),
      JSON.stringify(outcomes),
    )
    const seen = await Promise.all(
      grafanaTypes.map(async (type) => {
        const names = four.filter((each) => each.type === type).map(({ name }) => name)
        assert.deepEqual((await client.list(type, soon())).toSorted(), names.toSorted())
        return client.observe(type, names, soon())
      }),
    )
    assert.equal(seen.flat().length, four.length)
    const leaving = seen.flat().map((each) => removalOf(each))
    const gone = await client.apply(leaving, soon())
    assert.deepEqual(
      gone.map(({ state }) => state),
      leaving.map(() => 'done'),
      JSON.stringify(gone),
    )
    for (const type of grafanaTypes) assert.deepEqual(await client.list(type, soon()), [])
  })

  it('knows a datasource that it has just made, though it had a list without it a moment before', async () => {
    client = connect({ now: () => 0 })
    const warnings = async (...desired: readonly GrafanaResource[]) =>
      (await create(...desired)).flatMap((outcome) => {
        assert.ok(outcome.state === 'done' && outcome.shown !== undefined, JSON.stringify(outcome))
        return outcome.shown.warnings ?? []
      })
    await create(folder('kafka'))
    assert.deepEqual(await warnings(rule('early'), dashboard('early')), [
      'query A asks the datasource "prometheus", which is not there',
      'it names the datasource prometheus, which is not there',
    ])
    await create(datasource)
    assert.deepEqual(await warnings(rule('late'), dashboard('late')), [])
  })

  it('answers for each of what it is asked, and makes nothing of types that are not there', async () => {
    const spelled = await client.canonical(four, soon())
    assert.deepEqual(
      spelled.map((each) => each.ok && each.desired.name),
      four.map(({ name }) => name),
    )
    const changes = four.map((each) => creationOf(each))
    assert.deepEqual(
      await client.validate(changes, soon()),
      four.map(() => ({ ok: true })),
    )
    assert.deepEqual(await client.list('topics', soon()), [])
    assert.deepEqual(await client.observe('topics', ['a'], soon()), [])
    assert.deepEqual(await client.observe('folders', [], soon()), [])
  })

  it('finds out what is served once, and anew when another release answers or nothing did', async () => {
    const asked = () => grafana.requests.filter(({ path }) => path === '/apis').length
    await client.ping(soon())
    await client.ping(soon())
    await client.list('folders', soon())
    assert.equal(asked(), 1)
    grafana.profile = '12.4'
    await client.ping(soon())
    await client.list('folders', soon())
    assert.ok(grafana.requests.at(-1)?.path.startsWith('/apis/folder.grafana.app/v1beta1/'))
    assert.equal(asked(), 2)
    grafana.down = true
    assert.equal((await failure(client.list('folders', soon()))).reason, 'ServiceUnreachable')
    grafana.down = false
    await client.list('folders', soon())
    assert.equal(asked(), 3)
  })

  it('waits for the newer API while Grafana is starting, and never takes the older one instead', async () => {
    grafana.starting = true
    assert.equal((await failure(client.ping(soon()))).reason, 'ServiceUnreachable')
    assert.equal((await failure(create(folder('a')))).reason, 'ServiceUnreachable')
    assert.deepEqual(grafana.writes(), [])
    grafana.starting = false
    assert.equal((await create(folder('a')))[0]?.state, 'done')
    assert.ok(grafana.writes().every(({ path }) => path.startsWith('/apis/')))
  })

  it('leaves to the next call what does not fit into a turn, and does at least one', async () => {
    let now = 0
    client = connect({ now: () => (now += 1_000), limits: { healthMs: 0, turnMs: 0 } })
    const outcomes = await create(folder('c', 'b'), folder('b', 'a'), folder('a'))
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      ['pending', 'pending', 'done'],
    )
    assert.deepEqual(outcomes[0], { state: 'pending', message: 'waits for its turn: 1 of 3 were looked at' })
  })

  it('tells each change what kept it, and throws where nothing answers at all', async () => {
    grafana.inject({
      method: 'POST',
      kind: 'answer',
      answer: { status: 403, body: { message: 'No.', title: 'Access denied' } },
    })
    const outcomes = await create(folder('a'), folder('b'))
    assert.deepEqual(
      outcomes.map((each) => (each.state === 'failed' ? each.reason : each.state)).toSorted(),
      ['AuthorizationFailed', 'done'],
    )
    grafana.down = true
    assert.equal((await failure(create(folder('c')))).reason, 'ServiceUnreachable')
  })

  it('tells what was done before nothing answered any more, and tries none of the rest', async () => {
    await client.ping(soon())
    grafana.inject({
      method: 'POST',
      kind: 'fail',
      nth: 2,
      times: Infinity,
      error: new ReconcileError('ServiceUnreachable', 'nothing listens there'),
    })
    const outcomes = await create(folder('a'), folder('b', 'a'), folder('c', 'b'))
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.state === 'failed' ? outcome.reason : outcome.state)),
      ['done', 'ServiceUnreachable', 'ServiceUnreachable'],
    )
    assert.equal(grafana.writes().length, 2)
  })

  it('works on several at a time where they cannot meet, and on no more than six', async () => {
    await client.ping(soon())
    let [busy, most] = [0, 0]
    const under: FakeGrafana['tap'] = ({ method }, moment) => {
      if (method !== 'POST') return
      busy += moment === 'before' ? 1 : -1
      most = Math.max(most, busy)
    }
    grafana.tap = under
    await create(...Array.from({ length: 20 }, (_, index) => folder(`f-${index}`)))
    assert.equal(most, 6)
  })

  it('ends with its signal, whatever it is at', async () => {
    for (const start of [
      async (signal: AbortSignal) => client.ping(signal),
      async (signal: AbortSignal) => client.list('folders', signal),
      async (signal: AbortSignal) => client.apply([creationOf(folder('a'))], signal),
    ]) {
      grafana.inject({ kind: 'hang' })
      const controller = new AbortController()
      const under = start(controller.signal)
      controller.abort(new Error('stop now'))
      await assert.rejects(under, { message: 'stop now' })
      grafana.heal()
    }
  })
})
