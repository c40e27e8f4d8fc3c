import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Desk } from '../../../../test/support/desk.ts'
import { FakeGrafana, type ProfileName } from '../../fake.ts'
import { GrafanaReconciler } from '../../reconciler.ts'
import type { GrafanaResource } from '../../resource.ts'
import { GrafanaClient } from '../grafana-client.ts'

const base = '/apis/dashboard.grafana.app'
const one = (name: string, version = 'v0alpha1') => `${base}/${version}/namespaces/default/dashboards/${name}`

function panel(id: number, title: string): object {
  return { id, title, type: 'text', gridPos: { h: 8, w: 12, x: 0, y: 0 }, options: { content: title } }
}

function classic(title: string, ...panels: readonly object[]): Readonly<Record<string, unknown>> {
  return { title, schemaVersion: 30, panels }
}

/** What people have, in three forms; Grafana keeps only the first as it is. */
const entries = {
  plain: { folder: 'kafka', definition: classic('Plain', panel(1, 'In')) },
  migrated: {
    definition: {
      apiVersion: 'dashboard.grafana.app/v1beta1',
      kind: 'Dashboard',
      spec: classic('Migrated', { ...panel(1, 'In'), datasource: 'Prometheus' }),
    },
  },
  newer: {
    definition: {
      title: 'Newer',
      elements: {
        'panel-1': {
          kind: 'Panel',
          spec: {
            ...{ id: 1, title: 'In', description: '', links: [] },
            data: { kind: 'QueryGroup', spec: { queries: [], transformations: [], queryOptions: {} } },
            vizConfig: {
              kind: 'VizConfig',
              group: 'text',
              version: '',
              spec: { options: {}, fieldConfig: {} },
            },
          },
        },
      },
      layout: { kind: 'GridLayout', spec: { items: [] } },
    },
  },
}

describe('dashboards from pass to pass', () => {
  let grafana: FakeGrafana
  let desk: Desk<GrafanaResource>

  function start(profile: ProfileName = '13.3'): void {
    grafana = new FakeGrafana({ profile })
    grafana.seed.folder('kafka')
    grafana.seed.folder('mine')
    desk = new Desk<GrafanaResource>(new GrafanaReconciler(), () => new GrafanaClient(grafana.wire()))
  }
  beforeEach(() => {
    start()
  })

  async function converge(): Promise<void> {
    assert.deepEqual(await desk.converge('boards'), { kind: 'done' }, JSON.stringify(desk.unready('boards')))
  }

  /** Requests of a pass: lists, dashboards that were read, writes. */
  async function cost(): Promise<readonly [number, number, number]> {
    const [reads, writes] = [grafana.reads().length, grafana.writes().length]
    await converge()
    const since = grafana.reads().slice(reads)
    const lists = since.filter(({ path }) => path.endsWith('/dashboards'))
    const looks = since.filter(({ path }) => /\/dashboards\/(uid\/)?[^/]+$/.test(path))
    return [lists.length, looks.length, grafana.writes().length - writes]
  }

  function save(
    name: string,
    change: (spec: Readonly<Record<string, unknown>>) => object,
    version?: string,
  ): void {
    const path = one(name, version)
    const body = grafana.ask('GET', path).body as { readonly spec: Readonly<Record<string, unknown>> }
    assert.equal(grafana.ask('PUT', path, { ...body, spec: change(body.spec) }).status, 200)
  }

  for (const profile of ['12.4', '13.0', '13.3'] as const) {
    it(`nothing is written and nothing read where nothing happens, however Grafana ${profile} spells it`, async () => {
      start(profile)
      desk.write('boards', 'dashboards', entries)
      await converge()
      const saves = desk.saves
      for (let pass = 1; pass <= 5; pass += 1) assert.deepEqual(await cost(), [1, 0, 0])
      await desk.restart()
      assert.deepEqual(await cost(), [1, 0, 0], 'nor after a restart')
      assert.equal(desk.saves, saves)
    })
  }

  it('nor by the older API, where each is read', async () => {
    start('api-only')
    const { plain } = entries
    desk.write('boards', 'dashboards', { plain, other: { definition: classic('Other') } })
    await converge()
    for (let pass = 1; pass <= 3; pass += 1) assert.deepEqual(await cost(), [0, 2, 0])
  })

  it('a dashboard that somebody saved as it was is read once, and then known', async () => {
    desk.write('boards', 'dashboards', entries)
    await converge()
    save('migrated', (spec) => spec, 'v1')
    assert.deepEqual(await cost(), [1, 1, 0])
    assert.deepEqual(await cost(), [1, 0, 0])
  })

  it('what a person adds is kept with his name, and taken back, in each form', async () => {
    desk.write('boards', 'dashboards', entries)
    await converge()
    save('plain', (spec) => ({ ...spec, panels: [...(spec['panels'] as object[]), panel(7, 'Mine')] }))
    save('migrated', (spec) => ({ ...spec, refresh: '5s' }), 'v1')
    save('newer', (spec) => ({ ...spec, description: 'Mine' }), 'v2')
    assert.deepEqual((await cost()).slice(0, 1), [1])
    assert.deepEqual(
      desk.originals.map(({ resource, by }) => [resource, by]),
      ['migrated', 'newer', 'plain'].map((name) => [`dashboards/${name}`, 'user:ada']),
    )
    assert.match(desk.originals[2]?.text ?? '', /"Mine"/)
    const { dashboards } = grafana.state.data
    assert.deepEqual(
      JSON.parse(JSON.stringify(dashboards.get('plain')?.spec)),
      classic('Plain', panel(1, 'In')),
    )
    assert.equal(dashboards.get('migrated')?.spec['refresh'], undefined)
    assert.notEqual(dashboards.get('newer')?.spec['description'], 'Mine')
    assert.deepEqual(await cost(), [1, 0, 0])
  })

  it('one that was moved by hand is moved back, and stays the same one', async () => {
    desk.write('boards', 'dashboards', entries)
    await converge()
    const before = grafana.state.data.dashboards.get('plain')
    const body = grafana.ask('GET', one('plain')).body as {
      readonly metadata: { readonly annotations: object }
    }
    const annotations = { ...body.metadata.annotations, 'grafana.app/folder': 'mine' }
    grafana.ask('PUT', one('plain'), { ...body, metadata: { ...body.metadata, annotations } })
    assert.equal(grafana.state.data.dashboards.get('plain')?.folder, 'mine')
    await converge()
    const after = grafana.state.data.dashboards.get('plain')
    assert.deepEqual([after?.folder, after?.uid], ['kafka', before?.uid])
  })

  it('who manages it is put back where a person took that away', async () => {
    desk.write('boards', 'dashboards', { plain: entries.plain })
    await converge()
    const body = grafana.ask('GET', one('plain')).body as { readonly metadata: object }
    const annotations = { 'grafana.app/folder': 'kafka' }
    grafana.ask('PUT', one('plain'), { ...body, metadata: { ...body.metadata, annotations } })
    await converge()
    const kept = grafana.state.data.dashboards.get('plain')?.annotations ?? {}
    assert.equal(kept['grafana.app/managerId'], 'infometis')
  })

  it('what is ignored is a person’s, also when Git says something new of the rest', async () => {
    const controls = { ignore: ['plain:refresh', 'plain:panels.7'] }
    desk.write('boards', 'dashboards', { plain: entries.plain }, { controls })
    await converge()
    save('plain', (spec) => ({
      ...{ ...spec, refresh: '5s' },
      panels: [...(spec['panels'] as object[]), panel(7, 'Mine')],
    }))
    assert.deepEqual(await cost(), [1, 1, 0])
    const plain = { ...entries.plain, definition: classic('New', panel(1, 'In')) }
    desk.write('boards', 'dashboards', { plain }, { controls })
    await converge()
    const { title, refresh, panels } = grafana.state.data.dashboards.get('plain')?.spec ?? {}
    assert.deepEqual([title, refresh], ['New', '5s'])
    assert.equal(Array.isArray(panels) && panels.length, 2)
  })

  it('a Grafana with an empty database is filled again', async () => {
    desk.write('boards', 'dashboards', entries)
    await converge()
    grafana.empty()
    grafana.seed.folder('kafka')
    await converge()
    assert.deepEqual([...grafana.state.data.dashboards.keys()].sort(), ['migrated', 'newer', 'plain'])
    assert.deepEqual(await cost(), [1, 0, 0])
  })

  it('an older database that was put back is brought to what is written', async () => {
    desk.write('boards', 'dashboards', { plain: entries.plain })
    await converge()
    const older = grafana.snapshot()
    desk.write('boards', 'dashboards', { plain: { ...entries.plain, definition: classic('New') } })
    await converge()
    grafana.restore(older)
    await converge()
    assert.equal(grafana.state.data.dashboards.get('plain')?.spec['title'], 'New')
  })

  it('another release of Grafana, newer or older, keeps it ours; the newer API learns who manages it', async () => {
    start('api-only')
    desk.write('boards', 'dashboards', { plain: entries.plain })
    await converge()
    for (const profile of ['12.4', '13.3', '12.4'] as const) {
      grafana.profile = profile
      await converge()
      const { uid, annotations } = grafana.state.data.dashboards.get('plain') ?? {}
      assert.ok(uid !== undefined && annotations !== undefined)
      assert.equal(annotations['grafana.app/managedBy'], 'kubectl')
      assert.deepEqual(await cost(), [1, 0, 0])
    }
    desk.write('boards', 'dashboards', {}, { controls: { policy: 'sync' } })
    await desk.converge('boards')
    assert.deepEqual(desk.unready('boards'), ['plain: held EmptyDocument'], 'still ours to delete')
  })

  it('what is no longer written is kept for good before it is deleted', async () => {
    desk.write('boards', 'dashboards', entries)
    await converge()
    const { plain, migrated } = entries
    desk.write('boards', 'dashboards', { plain, migrated }, { controls: { policy: 'sync' } })
    await converge()
    assert.deepEqual(
      desk.originals.map(({ resource }) => resource),
      ['dashboards/newer'],
    )
    assert.equal(grafana.state.data.dashboards.has('newer'), false)
    assert.match(
      desk.originals[0]?.text ?? '',
      /^\{"apiVersion":"dashboard\.grafana\.app\/v2","kind":"Dashboard"/,
    )
  })

  it('a dashboard of a tool with a record of its own stays as it is', async () => {
    grafana.seed.dashboard('plain', { manager: { kind: 'terraform', id: 'x' } })
    desk.write('boards', 'dashboards', { plain: entries.plain, ours: { definition: classic('Ours') } })
    await desk.converge('boards')
    assert.deepEqual(desk.unready('boards'), ['plain: refused ForeignManager'])
    assert.equal(grafana.state.data.dashboards.get('ours')?.spec['title'], 'Ours')
    assert.equal(grafana.state.data.dashboards.get('plain')?.spec['title'], 'plain')
  })

  it('a dashboard waits for its folder, and comes as soon as that is there', async () => {
    const late = { folder: 'late', definition: classic('Late') }
    desk.write('boards', 'dashboards', { late })
    await desk.converge('boards', 2)
    assert.deepEqual(desk.unready('boards'), ['late: waiting DependencyMissing'])
    assert.equal(grafana.writes().length, 0)
    grafana.seed.folder('late')
    await converge()
    assert.equal(grafana.state.data.dashboards.get('late')?.folder, 'late')
  })
})
