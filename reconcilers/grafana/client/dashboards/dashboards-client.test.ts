import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { at, textAt } from '../../../../src/core/members.ts'
import { own } from '../../../../src/core/json.ts'
import type { Sought } from '../../../../src/reconcile/service-client.ts'
import { creationOf } from '../../../../test/support/changes.ts'
import { failure } from '../../../../test/support/failure.ts'
import { normalizeDashboard } from '../../dashboard-normalize.ts'
import { dashboardSchema } from '../../dashboard-schema.ts'
import { FakeGrafana, type FakeOptions } from '../../fake.ts'
import { type Dashboard, type GrafanaResource, isOfType } from '../../resource.ts'
import { GrafanaClient } from '../grafana-client.ts'

const soon = () => AbortSignal.timeout(20_000)

const base = '/apis/dashboard.grafana.app'
const all = /\/dashboards$/
const one = /\/dashboards\/[^/]+$/

function definition(title: string, datasource = 'prometheus'): object {
  const panel = {
    ...{ id: 1, type: 'timeseries', title: 'Messages in', gridPos: { h: 8, w: 12, x: 0, y: 0 } },
    datasource: { type: 'prometheus', uid: datasource },
    targets: [{ refId: 'A', expr: 'rate(messages_total[5m])' }],
  }
  return { title, schemaVersion: 41, panels: [panel] }
}

const newer = {
  title: 'Newer',
  elements: {
    'panel-1': {
      kind: 'Panel',
      spec: {
        ...{ id: 1, title: 'Memory', description: '', links: [] },
        data: { kind: 'QueryGroup', spec: { queries: [], transformations: [], queryOptions: {} } },
        vizConfig: { kind: 'VizConfig', group: 'text', version: '', spec: { options: {}, fieldConfig: {} } },
      },
    },
  },
  layout: { kind: 'GridLayout', spec: { items: [] } },
}

function dashboard(name: string, more: Readonly<Record<string, unknown>> = {}): Dashboard {
  return normalizeDashboard(name, dashboardSchema.parse({ definition: definition(name), ...more }))
}

function isDashboard(each: GrafanaResource): each is Dashboard {
  return isOfType('dashboards', each)
}

describe('dashboards that are looked at', () => {
  let grafana: FakeGrafana
  let client: GrafanaClient

  function start(options: FakeOptions = {}): void {
    grafana = new FakeGrafana(options)
    grafana.seed.datasource('prometheus')
    grafana.seed.folder('kafka')
    client = new GrafanaClient(grafana.wire(), { now: () => 0 })
  }
  beforeEach(() => {
    start()
  })

  async function observe(
    names: readonly string[],
    sought: ReadonlyMap<string, Sought<Dashboard>> = new Map(),
  ): Promise<readonly Dashboard[]> {
    return (await client.observe('dashboards', names, soon(), sought)).filter(isDashboard)
  }

  async function look(name: string, sought: Sought<Dashboard> = {}): Promise<Dashboard> {
    const [found] = await observe([name], new Map([[name, sought]]))
    assert.ok(found, `${name} is not there`)
    return found
  }

  /** What is known of them after they were made, as the planner gives it. */
  async function made(desired: readonly Dashboard[]): Promise<Map<string, Sought<Dashboard>>> {
    const outcomes = await client.apply(
      desired.map((each) => creationOf<GrafanaResource>(each)),
      soon(),
    )
    return new Map(
      desired.map((each, index) => {
        const outcome = outcomes[index]
        assert.ok(outcome?.state === 'done' && outcome.shown !== undefined, JSON.stringify(outcome))
        const { edition, id } = outcome.shown
        assert.ok(edition !== undefined && id !== undefined)
        return [each.name, { desired: each, edition, id }]
      }),
    )
  }

  function asked(path: RegExp): number {
    return grafana.reads().filter((request) => path.test(request.path)).length
  }

  it('500 that nobody saved since cost one list, and one look at the datasources; not one is read, none written', async () => {
    const desired = Array.from({ length: 500 }, (_, index) => dashboard(`board-${index}`))
    const sought = await made(desired)
    for (let pass = 1; pass <= 3; pass += 1) {
      const [lists, reads, writes] = [asked(all), asked(one), grafana.writes().length]
      const before = grafana.reads().length
      const seen = await observe([...sought.keys()], sought)
      assert.deepEqual(
        [seen.length, asked(all) - lists, asked(one) - reads, grafana.reads().length - before],
        [500, 1, 0, 2],
      )
      assert.equal(grafana.writes().length, writes)
      assert.ok(seen.every((each) => each.unread === true && each.fields.size === 0))
      assert.deepEqual(
        seen.map(({ name, id, edition }) => [name, id, edition]),
        [...sought].map(([name, { id, edition }]) => [name, id, edition]),
      )
    }
  })

  it('a list that comes in pages is read to its end, whole objects or not', async () => {
    for (const partialMetadata of [true, false]) {
      start({ pageBytes: 1, partialMetadata })
      const sought = await made([dashboard('a'), dashboard('b'), dashboard('c')])
      const before = asked(all)
      const seen = await observe([...sought.keys()], sought)
      assert.equal(asked(all) - before, 3, 'a page for each')
      assert.deepEqual(
        seen.map(({ name, unread }) => [name, unread]),
        [
          ['a', true],
          ['b', true],
          ['c', true],
        ],
      )
    }
  })

  it('only what was saved since is read, with who saved it and when, and what he made of it', async () => {
    const sought = await made([dashboard('a'), dashboard('b', { folder: 'kafka' })])
    const path = `${base}/v0alpha1/namespaces/default/dashboards/b`
    const { body } = grafana.ask('GET', path)
    grafana.ask('PUT', path, {
      ...(body as object),
      spec: { ...definition('b'), panels: [] },
    })
    const before = asked(one)
    const [a, b] = await observe(['a', 'b'], sought)
    assert.equal(asked(one) - before, 1)
    assert.equal(a?.unread, true)
    assert.ok(b)
    assert.notEqual(b.edition, sought.get('b')?.edition)
    assert.equal(b.id, sought.get('b')?.id)
    assert.equal(b.fields.get('folder'), 'kafka')
    assert.equal(b.fields.get('edits'), 'locked')
    assert.deepEqual(b.facts?.manager, { kind: 'kubectl', id: 'infometis' })
    assert.equal(b.original?.by, 'user:ada')
    assert.match(b.original.at ?? '', /^\d{4}-\d\d-\d\dT/)
    assert.deepEqual(JSON.parse(b.original.text), {
      ...{ title: 'b', schemaVersion: 41, panels: [], uid: 'b' },
    })
    assert.equal(b.spelledBy, '13.3.0')
  })

  it('one pass that makes some lists them once for its look and its names; after a write they are listed anew', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `board-${index}`)
    assert.deepEqual(await observe(names), [])
    assert.deepEqual(await client.list('dashboards', soon()), [])
    assert.equal(asked(all), 1)
    assert.equal(asked(one), 0)
    await made([dashboard('board-1')])
    assert.deepEqual(await client.list('dashboards', soon()), ['board-1'])
    grafana.seed.dashboard('board-2')
    assert.deepEqual(await client.list('dashboards', soon()), ['board-1', 'board-2'])
  })

  it('a few of which nothing is known are read without a list', async () => {
    grafana.seed.dashboard('there')
    const seen = await observe(['there', 'gone'])
    assert.deepEqual(
      seen.map(({ name }) => name),
      ['there'],
    )
    assert.deepEqual([asked(all), asked(one)], [0, 2])
  })

  it('the id stays the number that the older API had, after Grafana got its newer one', async () => {
    start({ profile: 'api-only' })
    const sought = await made([dashboard('a')])
    const { id } = sought.get('a') ?? {}
    assert.match(id ?? '', /^\d+$/)
    grafana.profile = '13.3'
    await client.ping(soon())
    assert.equal((await look('a', { ...(id !== undefined && { id }) })).id, id)
    const { edition = '' } = await look('a')
    const [unread] = await observe(
      ['a'],
      new Map([['a', { desired: dashboard('a'), edition, ...(id !== undefined && { id }) }]]),
    )
    assert.deepEqual([unread?.unread, unread?.id], [true, id])
  })

  it('is read as it is stored, never as a conversion', async () => {
    grafana.seed.dashboard('newer', { spec: newer, version: 'v2' })
    grafana.seed.dashboard('older', { spec: { panels: [], rows: [{ title: 'r', panels: [] }] } })
    const [v2, v0] = [await look('newer'), await look('older', { desired: normalizeNewer('older') })]
    assert.deepEqual([v2.content?.model, v2.content?.version], ['v2', 'v2'])
    assert.ok(v2.fields.has('elements.panel-1'))
    assert.equal(textAt(JSON.parse(v2.original?.text ?? ''), 'apiVersion'), 'dashboard.grafana.app/v2')
    assert.equal(at(JSON.parse(v2.original?.text ?? ''), 'metadata', 'name'), 'newer')
    assert.deepEqual([v0.content?.model, v0.content?.version], ['classic', 'v0alpha1'])
    assert.ok(own(v0.content?.spec, 'rows'), 'not migrated')
  })

  it('after a downgrade it is read at what is the same, and told where there is nothing', async () => {
    grafana.seed.dashboard('newer', { spec: newer, version: 'v2' })
    grafana.seed.dashboard('future', { spec: newer, version: 'v2alpha9' })
    grafana.profile = '12.4'
    await client.ping(soon())
    const { content } = await look('newer')
    assert.deepEqual([content?.model, content?.version], ['v2', 'v2beta1'])
    const { unhealthy, unread } = await look('future')
    assert.equal(unread, true)
    assert.match(
      unhealthy ?? '',
      /dashboard "future" is stored as v2alpha9, which this Grafana does not serve/,
    )
  })

  it('one that Grafana cannot show stops no other', async () => {
    grafana.seed.dashboard('newer', { spec: newer, version: 'v2' })
    grafana.profile = 'api-only'
    await client.ping(soon())
    grafana.seed.dashboard('classic')
    const seen = await observe(['newer', 'classic'], new Map([['newer', { id: 'known' }]]))
    assert.deepEqual(
      seen.map(({ name, id, unread }) => [name, id, unread]),
      [
        ['newer', 'known', true],
        ['classic', seen[1]?.id, undefined],
      ],
    )
    assert.match(seen[0]?.unhealthy ?? '', /reading dashboard "newer": dashboard api version not supported/)
  })

  it('a Grafana that answers nobody is told as that, not as dashboards that are gone', async () => {
    const sought = await made([dashboard('a')])
    grafana.inject({ path: all, kind: 'answer', answer: { status: 503, body: 'Service Unavailable' } })
    assert.equal((await failure(observe(['a'], sought))).reason, 'ServiceUnhealthy')
    grafana.inject({ path: one, kind: 'fail', times: Infinity })
    assert.equal((await failure(observe(['a']))).reason, 'ServiceUnreachable')
  })

  it('what the list does not have and was known is looked for by name', async () => {
    const sought = await made([dashboard('a')])
    grafana.inject({ path: all, kind: 'answer', answer: { status: 200, body: { items: [] } } })
    const [a] = await observe(['a'], sought)
    assert.equal(a?.name, 'a')
  })

  it('names a datasource and a library panel that are not there, read or not, until they are', async () => {
    const shared = {
      id: 2,
      gridPos: { h: 1, w: 1, x: 0, y: 9 },
      libraryPanel: { uid: 'shared', name: 'Shared' },
    }
    const given = definition('a', 'thanos')
    const desired = dashboard('a', {
      definition: { ...given, panels: [...(own(given, 'panels') as object[]), shared] },
    })
    const sought = await made([desired])
    const words = [
      'it names the datasource thanos, which is not there',
      'it names the library panel shared, which is not there',
    ]
    assert.deepEqual((await look('a')).warnings, words)
    const [unread] = await observe(['a'], sought)
    assert.deepEqual([unread?.unread, unread?.warnings], [true, words])
    grafana.seed.datasource('other', { members: { name: 'thanos' } })
    grafana.seed.libraryPanel('shared')
    client = new GrafanaClient(grafana.wire())
    assert.equal((await look('a', sought.get('a'))).warnings, undefined)
  })

  it('says nothing of datasources that its token may not see', async () => {
    const sought = await made([dashboard('a', { definition: definition('a', 'thanos') })])
    grafana.inject({ path: '/api/datasources', kind: 'answer', answer: { status: 403, body: {} } })
    assert.equal((await look('a', sought.get('a'))).warnings, undefined)
  })

  it('takes a dashboard of version 2 for what the server does not have, before anything is sent', async () => {
    const wished = [dashboard('classic'), normalizeNewer('newer'), normalizeNewer('old', 'v2alpha1')]
    assert.ok((await client.canonical(wished, soon())).every(({ ok }) => ok))
    grafana.profile = 'api-only'
    await client.ping(soon())
    const [classic, v2] = await client.canonical(wished, soon())
    assert.equal(classic?.ok, true)
    assert.ok(v2?.ok === false)
    assert.equal(v2.code, 'NotSupportedByServer')
    assert.match(v2.message, /^Grafana 11\.6\.4 takes classic dashboards only, and this one is of version 2/)
  })

  it('by the older API each is read by name, and the list is what a search finds', async () => {
    start({ profile: 'api-only' })
    const sought = await made([dashboard('a'), dashboard('b', { folder: 'kafka' })])
    const before = grafana.reads().length
    const [a, b] = await observe(['a', 'b', 'c'], sought)
    assert.deepEqual(
      grafana
        .reads()
        .slice(before)
        .map(({ path }) => path),
      ['a', 'b', 'c'].map((uid) => `/api/dashboards/uid/${uid}`).concat('/api/datasources'),
    )
    assert.deepEqual(
      [a?.edition, b?.edition],
      ['a', 'b'].map((name) => sought.get(name)?.edition),
    )
    assert.equal(b?.fields.get('folder'), 'kafka')
    assert.equal(a?.fields.get('edits'), 'locked', 'as written: it cannot be told')
    assert.deepEqual([...(await client.list('dashboards', soon()))].sort(), ['a', 'b'])
  })
})

function normalizeNewer(name: string, version?: string): Dashboard {
  const object = { apiVersion: `dashboard.grafana.app/${version ?? ''}`, kind: 'Dashboard', spec: newer }
  return normalizeDashboard(
    name,
    dashboardSchema.parse({ definition: version === undefined ? newer : object }),
  )
}
