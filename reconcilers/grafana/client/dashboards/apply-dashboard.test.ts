import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { equal } from '../../../../src/core/canonical.ts'
import { own } from '../../../../src/core/json.ts'
import { at, textAt } from '../../../../src/core/members.ts'
import type { Change, FieldChange } from '../../../../src/core/resource.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { creationOf, removalOf, updateWith } from '../../../../test/support/changes.ts'
import { failure } from '../../../../test/support/failure.ts'
import { normalizeDashboard } from '../../dashboard-normalize.ts'
import { dashboardSchema } from '../../dashboard-schema.ts'
import { FakeGrafana, type FakeOptions } from '../../fake.ts'
import { type Dashboard, type GrafanaResource, isOfType } from '../../resource.ts'
import { GrafanaClient } from '../grafana-client.ts'

const soon = () => AbortSignal.timeout(20_000)

const base = '/apis/dashboard.grafana.app'
const one = (name: string, version = 'v0alpha1') => `${base}/${version}/namespaces/default/dashboards/${name}`

function panel(id: number, title: string): object {
  return { id, title, type: 'text', gridPos: { h: 8, w: 12, x: 0, y: 0 }, options: { content: title } }
}

function classic(title: string, ...panels: readonly object[]): Readonly<Record<string, unknown>> {
  return { title, schemaVersion: 41, panels }
}

const newer: Readonly<Record<string, unknown>> = {
  title: 'Newer',
  elements: {},
  layout: { kind: 'GridLayout', spec: { items: [] } },
}

function dashboard(name: string, more: Readonly<Record<string, unknown>> = {}): Dashboard {
  return normalizeDashboard(
    name,
    dashboardSchema.parse({ definition: classic('Kafka', panel(1, 'In')), ...more }),
  )
}

function isDashboard(each: GrafanaResource): each is Dashboard {
  return isOfType('dashboards', each)
}

/** The way from observed to desired, as a plan holds it. */
function updateOf(
  observed: Dashboard,
  desired: Dashboard,
  except: readonly string[] = [],
): Change<Dashboard> {
  const paths = new Set([...observed.fields.keys(), ...desired.fields.keys()])
  const fields = [...paths].flatMap((path): readonly FieldChange[] => {
    const [before, after] = [observed.fields.get(path), desired.fields.get(path)]
    if (equal(before, after) || except.includes(path)) return []
    return [
      {
        ...{ path, cause: 'written' },
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
      },
    ]
  })
  return updateWith(observed, desired, fields)
}

describe('dashboards that are written', () => {
  let grafana: FakeGrafana
  let client: GrafanaClient

  function start(options: FakeOptions = {}): void {
    grafana = new FakeGrafana(options)
    grafana.seed.folder('kafka')
    client = new GrafanaClient(grafana.wire())
  }
  beforeEach(() => {
    start()
  })

  async function apply(change: Change<Dashboard>): Promise<Outcome<Dashboard>> {
    const [outcome] = await client.apply([change], soon())
    assert.ok(outcome)
    if (outcome.state !== 'done') return outcome
    const { shown, ...rest } = outcome
    return { ...rest, ...(shown !== undefined && isDashboard(shown) && { shown }) }
  }

  async function done(change: Change<Dashboard>): Promise<Dashboard> {
    const outcome = await apply(change)
    assert.ok(outcome.state === 'done' && outcome.shown !== undefined, JSON.stringify(outcome))
    return outcome.shown
  }

  async function refused(change: Change<Dashboard>): Promise<string> {
    const outcome = await apply(change)
    assert.ok(outcome.state === 'failed', JSON.stringify(outcome))
    return `${outcome.reason}: ${outcome.message}`
  }

  async function make(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Dashboard> {
    return done(creationOf(dashboard(name, more)))
  }

  async function look(name: string): Promise<Dashboard | undefined> {
    const seen = await client.observe('dashboards', [name], soon())
    return seen.filter(isDashboard)[0]
  }

  function stored(name: string) {
    const found = grafana.state.data.dashboards.get(name)
    assert.ok(found, `${name} is not there`)
    return found
  }

  /** What a person does in Grafana's pages. */
  function save(name: string, spec: object): void {
    const { body } = grafana.ask('GET', one(name))
    assert.equal(grafana.ask('PUT', one(name), { ...(body as object), spec }).status, 200)
  }

  function sent(method: string): readonly string[] {
    return grafana
      .writes()
      .filter((request) => request.method === method)
      .map(({ path }) => path)
  }

  it('a new one is kept as it is written, says whose it is, and can be seen by everybody', async () => {
    const desired = dashboard('a')
    const shown = await done(creationOf(desired))
    assert.deepEqual(sent('POST'), [`${base}/v0alpha1/namespaces/default/dashboards`])
    const [post] = grafana.writes()
    assert.deepEqual(at(post?.body, 'metadata'), {
      name: 'a',
      annotations: {
        'grafana.app/managedBy': 'kubectl',
        'grafana.app/managerId': 'infometis',
        'grafana.app/message': 'infometis',
        'grafana.app/grant-permissions': 'default',
      },
    })
    assert.deepEqual(JSON.parse(JSON.stringify(stored('a').spec)), classic('Kafka', panel(1, 'In')))
    assert.deepEqual([...shown.fields], [...desired.fields])
    assert.equal(shown.edition, (await look('a'))?.edition)
    assert.equal(shown.id, stored('a').uid)
    assert.equal(shown.marked, true)
  })

  it('one in a folder gets the rights of that folder, and edits where they are allowed', async () => {
    const shown = await make('a', { folder: 'kafka', edits: 'allowed' })
    const annotations = at(grafana.writes()[0]?.body, 'metadata', 'annotations')
    assert.equal(own(annotations, 'grafana.app/grant-permissions'), undefined)
    assert.equal(own(annotations, 'grafana.app/managerAllowsEdits'), 'true')
    assert.deepEqual([shown.fields.get('folder'), shown.fields.get('edits')], ['kafka', 'allowed'])
  })

  for (const [profile, bare, older] of [
    ['13.3', 'v2', 'v1'],
    ['12.4', 'v2beta1', 'v1beta1'],
  ] as const) {
    it(`is written at the version that keeps it best on ${profile}`, async () => {
      start({ profile })
      const v1 = { apiVersion: 'dashboard.grafana.app/v1', kind: 'Dashboard', spec: classic('Kafka') }
      await make('bare', { definition: newer })
      await make('older', { definition: v1 })
      assert.deepEqual(
        sent('POST').map((path) => path.split('/')[3]),
        [bare, older],
      )
      assert.deepEqual([stored('bare').storedVersion, stored('older').storedVersion], [bare, older])
      assert.equal((await look('bare'))?.content?.model, 'v2')
    })
  }

  it('is made once where the answer was lost, and known again', async () => {
    const creation = creationOf(dashboard('a'))
    grafana.inject({ method: 'POST', kind: 'fail', moment: 'after' })
    assert.equal((await failure(apply(creation))).reason, 'ServiceTimeout')
    const { uid, resourceVersion } = stored('a')
    const shown = await done(creation)
    assert.deepEqual([shown.id, shown.edition], [uid, String(resourceVersion)])
    assert.equal(sent('PUT').length, 0)
  })

  it('one that somebody else made in the same moment is left to the next pass', async () => {
    grafana.seed.dashboard('a', { spec: classic('Mine') })
    assert.match(await refused(creationOf(dashboard('a'))), /^ServiceBusy: somebody saved dashboard "a"/)
    assert.equal(stored('a').spec['title'], 'Mine')
  })

  it('a change and a move keep the dashboard that it is, with what others noted on it', async () => {
    const before = await make('a')
    const annotated = stored('a')
    grafana.state.data.dashboards.set('a', {
      ...annotated,
      labels: { team: 'blue' },
      annotations: { ...annotated.annotations, 'example.org/note': 'n' },
    })
    const desired = dashboard('a', { folder: 'kafka', definition: classic('Kafka', panel(1, 'Out')) })
    const shown = await done(updateOf(before, desired))
    assert.deepEqual(sent('PUT'), [one('a')])
    const body = grafana.writes().at(-1)?.body
    assert.equal(textAt(body, 'metadata', 'resourceVersion'), String(annotated.resourceVersion))
    const now = stored('a')
    assert.deepEqual([now.uid, now.folder, now.labels], [annotated.uid, 'kafka', { team: 'blue' }])
    assert.equal(now.annotations['example.org/note'], 'n')
    assert.equal(shown.id, before.id)
    assert.notEqual(shown.edition, before.edition)
    assert.ok(grafana.writes().every(({ path }) => path.startsWith('/apis/')))
  })

  it('edits are allowed and forbidden without a new version of the dashboard', async () => {
    const before = await make('a')
    const open = await done(updateOf(before, dashboard('a', { edits: 'allowed' })))
    assert.deepEqual([open.fields.get('edits'), stored('a').generation], ['allowed', 1])
    const locked = await done(updateOf(open, dashboard('a')))
    assert.deepEqual([locked.fields.get('edits'), stored('a').generation], ['locked', 1])
  })

  it('what a person saved after the plan was made is not overwritten, but seen and kept by the next pass', async () => {
    const before = await make('a')
    save('a', classic('Kafka', panel(1, 'In'), panel(2, 'Mine')))
    const change = updateOf(before, dashboard('a', { definition: classic('New') }))
    assert.match(await refused(change), /^ServiceBusy: somebody saved dashboard "a" in this moment/)
    assert.equal(stored('a').spec['title'], 'Kafka')
    const seen = await look('a')
    assert.ok(seen)
    assert.equal(seen.original?.by, 'user:ada')
    assert.match(seen.original.text, /"Mine"/)
    assert.equal(
      (await done(updateOf(seen, dashboard('a', { definition: classic('New') })))).fields.get('title'),
      'New',
    )
  })

  it('nor what he saved between our look and our write', async () => {
    const before = await make('a')
    let saved = false
    grafana.tap = ({ method }, moment) => {
      if (method !== 'PUT' || moment !== 'before' || saved) return
      saved = true
      save('a', classic('Mine'))
    }
    const change = updateOf(before, dashboard('a', { definition: classic('New') }))
    assert.match(await refused(change), /^ServiceBusy/)
    assert.equal(stored('a').spec['title'], 'Mine')
    assert.equal(sent('PUT').length, 1)
  })

  for (const profile of ['13.3', 'api-only'] as const) {
    it(`nor taken for what Grafana made of ours where he saved right after our write, on ${profile}`, async () => {
      start({ profile })
      const before = await make('a')
      let saved = false
      grafana.tap = ({ method }, moment) => {
        if (!(method === 'PUT' || method === 'POST') || moment !== 'after' || saved) return
        saved = true
        if (profile === '13.3') save('a', classic('Mine'))
        else {
          const dashboard = { ...classic('Mine'), uid: 'a', version: 2 }
          assert.equal(grafana.ask('POST', '/api/dashboards/db', { dashboard }).status, 200)
        }
      }
      const change = updateOf(before, dashboard('a', { definition: classic('New') }))
      assert.match(await refused(change), /^ServiceBusy: somebody saved dashboard "a" in this moment/)
      assert.equal(stored('a').spec['title'], 'Mine')
    })
  }

  it('one that could not be read for the plan is not written over or deleted, but read first', async () => {
    await make('a')
    save('a', classic('Mine'))
    const broken = { status: 500, body: { message: 'no' } }
    grafana.inject({ method: 'GET', path: one('a'), kind: 'answer', answer: broken })
    const unread = await look('a')
    assert.equal(unread?.unread, true)
    const change = updateOf(unread, dashboard('a', { definition: classic('New') }))
    assert.match(await refused(change), /^ServiceBusy: .* it is looked at again/)
    assert.match(await refused(removalOf(unread)), /^ServiceBusy: .* it is looked at again/)
    assert.equal(stored('a').spec['title'], 'Mine')
    const seen = await look('a')
    assert.ok(seen)
    assert.equal(seen.original?.by, 'user:ada')
    assert.deepEqual(await apply(removalOf(seen)), { state: 'done' })
  })

  it('a conflict that nobody saved anything for is tried again, three times', async () => {
    const before = await make('a')
    const conflict = { status: 409, body: { message: 'please apply your changes to the latest version' } }
    grafana.inject({ method: 'PUT', kind: 'answer', answer: conflict, times: 2 })
    const shown = await done(updateOf(before, dashboard('a', { definition: classic('New') })))
    assert.equal(shown.fields.get('title'), 'New')
    grafana.inject({ method: 'PUT', kind: 'answer', answer: conflict, times: 3 })
    const change = updateOf(shown, dashboard('a', { definition: classic('Newest') }))
    assert.match(await refused(change), /^ServiceBusy: changing dashboard "a": please apply/)
  })

  it('a write whose answer was lost is not made twice', async () => {
    const before = await make('a')
    const change = updateOf(before, dashboard('a', { definition: classic('New') }))
    grafana.inject({ method: 'PUT', kind: 'fail', moment: 'after' })
    assert.equal((await failure(apply(change))).reason, 'ServiceTimeout')
    assert.equal((await done(change)).fields.get('title'), 'New')
    assert.equal(sent('PUT').length, 1)
  })

  it('what is ignored, or held, stays as it is there', async () => {
    const before = await make('a', { folder: 'kafka' })
    save('a', { ...classic('Kafka', panel(1, 'In')), refresh: '5s', tags: ['mine'] })
    grafana.seed.folder('other')
    const path = one('a')
    const body = grafana.ask('GET', path).body as { metadata: { annotations: object } }
    const annotations = { ...body.metadata.annotations, 'grafana.app/folder': 'other' }
    grafana.ask('PUT', path, { ...body, metadata: { ...body.metadata, annotations } })
    const seen = await look('a')
    assert.ok(seen)
    assert.notEqual(seen.edition, before.edition)
    const desired = dashboard('a', {
      folder: 'kafka',
      definition: { ...classic('New', panel(1, 'In')), tags: ['ours'] },
    })
    const shown = await done(updateOf(seen, desired, ['refresh', 'folder', 'tags']))
    assert.deepEqual(
      ['title', 'refresh', 'folder'].map((field) => shown.fields.get(field)),
      ['New', '5s', 'other'],
    )
    assert.deepEqual(stored('a').spec['tags'], ['mine'])
  })

  it('one that nobody manages becomes ours, one of a colleague in two steps', async () => {
    grafana.seed.dashboard('free', { spec: classic('Kafka', panel(1, 'In')) })
    grafana.seed.dashboard('theirs', {
      spec: classic('Kafka', panel(1, 'In')),
      manager: { kind: 'kubectl', id: 'argo' },
      annotations: { 'grafana.app/sourcePath': 'a/b.json' },
    })
    for (const name of ['free', 'theirs']) {
      const seen = await look(name)
      assert.ok(seen)
      assert.equal(seen.marked, undefined)
      const shown = await done(updateOf(seen, dashboard(name, { definition: classic('Ours') })))
      assert.deepEqual(shown.facts?.manager, { kind: 'kubectl', id: 'infometis' })
      assert.equal(stored(name).annotations['grafana.app/sourcePath'], undefined)
    }
    assert.deepEqual(sent('PUT'), [one('free'), one('theirs'), one('theirs')])
  })

  it('a dashboard is replaced by one of another model in place', async () => {
    const before = await make('a')
    const v2 = await done(updateOf(before, dashboard('a', { definition: newer })))
    assert.deepEqual([v2.content?.model, v2.id, stored('a').storedVersion], ['v2', before.id, 'v2'])
    const back = await done(updateOf(v2, dashboard('a')))
    assert.deepEqual([back.content?.model, stored('a').storedVersion], ['classic', 'v0alpha1'])
  })

  it('is deleted as it was seen, and only so', async () => {
    const before = await make('a')
    save('a', classic('Mine'))
    assert.match(await refused(removalOf(before)), /^ServiceBusy: somebody saved/)
    const seen = await look('a')
    assert.ok(seen)
    assert.deepEqual(await apply(removalOf(seen)), { state: 'done' })
    const { body } = grafana.writes().at(-1) ?? {}
    assert.deepEqual(at(body, 'preconditions'), { uid: seen.id, resourceVersion: seen.edition })
    assert.equal(own(body, 'gracePeriodSeconds'), undefined)
    assert.equal(await look('a'), undefined)
    assert.deepEqual(await apply(removalOf(seen)), { state: 'done' }, 'gone is gone')
  })

  it('what a person saves right before the deletion is not lost, and one of the same name is not ours', async () => {
    const before = await make('a')
    let saved = false
    grafana.tap = ({ method }, moment) => {
      if (method !== 'DELETE' || moment !== 'before' || saved) return
      saved = true
      save('a', classic('Mine'))
    }
    assert.match(await refused(removalOf(before)), /^ServiceBusy/)
    assert.equal(stored('a').spec['title'], 'Mine')
    grafana.ask('DELETE', one('a'))
    grafana.seed.dashboard('a', { spec: classic('Another') })
    assert.deepEqual(await apply(removalOf(before)), { state: 'done' })
    assert.equal(stored('a').spec['title'], 'Another')
  })

  it('tells why Grafana does not take it', async () => {
    const desired = dashboard('a', { folder: 'nowhere' })
    assert.equal(
      await refused(creationOf(desired)),
      'DependencyMissing: creating dashboard "a": its folder "nowhere" is not there',
    )
    const answers: readonly (readonly [number, unknown, RegExp])[] = [
      [
        422,
        {
          message: 'Dashboard.dashboard.grafana.app "a" is invalid',
          details: { causes: [{ field: 'spec.editable', message: 'Invalid value: 1' }] },
        },
        /^RejectedByServer: creating dashboard "a": Dashboard.* is invalid \("?spec\.editable: Invalid value: 1"?\)$/,
      ],
      [
        413,
        { message: 'Dashboard is too large, max is 5 MB' },
        /^RejectedByServer: .*too large \(1 KiB\): Dashboard is/,
      ],
      [
        412,
        { status: 'plugin-dashboard', message: 'The dashboard belongs to plugin x.' },
        /^RejectedByServer: .*plugin x/,
      ],
      [
        412,
        { status: 'name-exists', message: 'A dashboard with the same name' },
        /^RejectedByServer: .*same name/,
      ],
      [403, { message: 'is forbidden: no' }, /^AuthorizationFailed: creating dashboard "a": is forbidden/],
    ]
    for (const [status, body, words] of answers) {
      grafana.inject({ method: 'POST', kind: 'answer', answer: { status, body } })
      assert.match(await refused(creationOf(dashboard('a'))), words)
    }
  })

  it('one that was deleted after the plan was made is looked at again', async () => {
    const before = await make('a')
    grafana.ask('DELETE', one('a'))
    const change = updateOf(before, dashboard('a', { definition: classic('New') }))
    assert.match(await refused(change), /^ServiceBusy: dashboard "a" was deleted in this moment/)
    assert.equal(await look('a'), undefined)
  })

  describe('by the older API', () => {
    beforeEach(() => {
      start({ profile: 'api-only' })
    })

    it('is made, changed over the version that was read, moved and deleted', async () => {
      const made = await make('a', { folder: 'kafka' })
      assert.deepEqual(at(grafana.writes()[0]?.body, 'overwrite'), false)
      assert.deepEqual([made.facts?.version, made.fields.get('folder')], ['1', 'kafka'])
      const changed = await done(
        updateOf(made, dashboard('a', { folder: 'kafka', definition: classic('New') })),
      )
      assert.equal(at(grafana.writes()[1]?.body, 'dashboard', 'version'), 1)
      assert.equal(at(grafana.writes()[1]?.body, 'folderUid'), 'kafka', 'or it would be moved to the top')
      assert.deepEqual([changed.facts?.version, changed.id], ['2', made.id])
      const moved = await done(updateOf(changed, dashboard('a', { definition: classic('New') })))
      assert.deepEqual([moved.fields.get('folder'), moved.id], ['', made.id])
      assert.deepEqual(await apply(removalOf(moved)), { state: 'done' })
      assert.equal(await look('a'), undefined)
      assert.deepEqual(sent('DELETE'), ['/api/dashboards/uid/a'])
    })

    it('is read with who saved it, and not overwritten either', async () => {
      const made = await make('a')
      const saved = { ...classic('Mine'), uid: 'a', version: 1 }
      assert.equal(grafana.ask('POST', '/api/dashboards/db', { dashboard: saved }).status, 200)
      assert.match(
        await refused(updateOf(made, dashboard('a', { definition: classic('New') }))),
        /^ServiceBusy/,
      )
      assert.match(await refused(removalOf(made)), /^ServiceBusy/)
      const seen = await look('a')
      assert.equal(seen?.original?.by, 'ada')
      assert.deepEqual(JSON.parse(seen.original.text), { ...classic('Mine'), uid: 'a' })
    })

    it('a save that meets another one is tried on what is there then', async () => {
      const made = await make('a')
      let saved = false
      grafana.tap = ({ method }, moment) => {
        if (method !== 'POST' || moment !== 'before' || saved) return
        saved = true
        grafana.ask('POST', '/api/dashboards/db', { dashboard: { ...classic('Mine'), uid: 'a', version: 1 } })
      }
      assert.match(
        await refused(updateOf(made, dashboard('a', { definition: classic('New') }))),
        /^ServiceBusy/,
      )
      assert.equal(stored('a').spec['title'], 'Mine')
    })

    it('tells of a folder that is not there, and knows one that it made itself', async () => {
      const desired = dashboard('a', { folder: 'nowhere' })
      assert.match(
        await refused(creationOf(desired)),
        /^DependencyMissing: .*its folder "nowhere" is not there/,
      )
      await make('b')
      const again = await done(creationOf(dashboard('b')))
      assert.equal(again.facts?.version, '1')
      grafana.seed.dashboard('file', { spec: classic('File'), provisioned: true })
      const file = await look('file')
      assert.equal(file?.facts?.provisioned, true)
    })
  })
})
