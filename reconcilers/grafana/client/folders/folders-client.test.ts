import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ownObject } from '../../../../src/core/json.ts'
import type { Change, FieldChange } from '../../../../src/core/resource.ts'
import type { Outcome, Sought } from '../../../../src/reconcile/service-client.ts'
import { creationOf, removalOf, updateWith } from '../../../../test/support/changes.ts'
import { FakeGrafana, type GrafanaProfile } from '../../fake.ts'
import { normalizeFolder } from '../../folder.ts'
import { type Folder, isOfType } from '../../resource.ts'
import type { WrittenFolder } from '../../schema.ts'
import { GrafanaClient } from '../grafana-client.ts'

const soon = () => AbortSignal.timeout(20_000)
const folder = (name: string, written: WrittenFolder) => normalizeFolder(name, written)

/** The update from what is there to what is written, as a plan has it. */
function updateTo(desired: Folder, observed: Folder): Change<Folder> {
  const fields = [...desired.fields]
    .filter(([path, after]) => observed.fields.get(path) !== after)
    .map(([path, after]): FieldChange => {
      const before = observed.fields.get(path)
      return { path, after, cause: 'written', ...(before !== undefined && { before }) }
    })
  return updateWith(observed, desired, fields)
}

function said(outcome: Outcome | Outcome<Folder> | undefined): string {
  return outcome?.state === 'failed' ? `${outcome.reason}: ${outcome.message}` : (outcome?.state ?? 'none')
}

const profiles: readonly GrafanaProfile[] = ['api-only', '12.4', '13.3']

for (const profile of profiles) {
  describe(`folders of Grafana (${profile})`, () => {
    let grafana: FakeGrafana
    let client: GrafanaClient
    beforeEach(() => {
      grafana = new FakeGrafana({ profile })
      client = new GrafanaClient(grafana.wire())
    })

    async function apply(...changes: readonly Change<Folder>[]): Promise<readonly string[]> {
      return (await client.apply(changes, soon())).map((each) => said(each as Outcome<Folder>))
    }

    async function make(...folders: readonly Folder[]): Promise<void> {
      assert.deepEqual(
        await apply(...folders.map((each) => creationOf(each))),
        folders.map(() => 'done'),
      )
    }

    async function look(name: string, sought: Sought<Folder> = {}): Promise<Folder> {
      const [found] = await client.observe('folders', [name], soon(), new Map([[name, sought]]))
      assert.ok(found !== undefined && isOfType('folders', found), `${name} is not there`)
      return found
    }

    const platform = folder('platform', { title: 'Platform' })
    const kafka = folder('kafka', { title: 'Kafka', parent: 'platform' })

    it('are made parents first, whatever their order, and seen as they are', async () => {
      await make(kafka, platform)
      const seen = await client.observe('folders', ['kafka', 'platform', 'none'], soon())
      assert.deepEqual(
        seen.map(({ name, fields }) => [name, fields.get('title'), fields.get('parent')]).sort(),
        [
          ['kafka', 'Kafka', 'platform'],
          ['platform', 'Platform', ''],
        ],
      )
      assert.deepEqual((await client.list('folders', soon())).toSorted(), ['kafka', 'platform'])
    })

    it('say who manages them where that can be said, and people may look into those at the top', async () => {
      await make(platform)
      const { facts, id } = await look('platform')
      const manager = profile === 'api-only' ? undefined : { kind: 'kubectl', id: 'infometis' }
      assert.deepEqual(facts?.manager, manager)
      assert.ok(id !== undefined && id !== '')
      if (profile === 'api-only') return
      const created = grafana.writes()[0]?.body as { metadata: { annotations: Record<string, string> } }
      assert.equal(created.metadata.annotations['grafana.app/grant-permissions'], 'default')
    })

    it('costs one look at all of them, however many, by the newer API', async () => {
      const many = Array.from({ length: 40 }, (_, index) => folder(`f-${index}`, { title: 'Same' }))
      await make(...many)
      grafana.requests.length = 0
      const names = many.map(({ name }) => name)
      assert.equal((await client.observe('folders', names, soon())).length, 40)
      assert.equal(grafana.requests.length, profile === 'api-only' ? 40 : 1)
      assert.deepEqual(grafana.writes(), [])
    })

    it('are renamed and moved in place', async () => {
      await make(platform, kafka, folder('team', { title: 'Team' }))
      const before = await look('kafka')
      const desired = folder('kafka', { title: 'Apache Kafka', description: 'Topics', parent: 'team' })
      assert.deepEqual(await apply(updateTo(desired, before)), ['done'])
      const after = await look('kafka')
      assert.deepEqual([after.fields.get('title'), after.fields.get('parent')], ['Apache Kafka', 'team'])
      assert.equal(after.id, before.id)
      const top = folder('kafka', { title: 'Apache Kafka' })
      assert.deepEqual(await apply(updateTo(top, after)), ['done'])
      assert.equal((await look('kafka')).fields.get('parent'), '')
    })

    it('are written again on a fresh read where somebody else came before, and keep what he did elsewhere', async () => {
      await make(platform, kafka)
      const before = await look('kafka')
      const desired = folder('kafka', { title: 'Apache Kafka', parent: 'platform' })
      let raced = 0
      grafana.tap = ({ method }, moment) => {
        if (method !== 'PUT' || moment !== 'before' || raced > 0) return
        raced += 1
        grafana.ask('POST', '/api/folders/kafka/move', { parentUid: '' })
      }
      assert.deepEqual(await apply(updateTo(desired, before)), ['done'])
      const after = await look('kafka')
      assert.deepEqual(
        [raced, after.fields.get('title'), after.fields.get('parent')],
        [1, 'Apache Kafka', ''],
      )
    })

    it('are given up after three tries, and left where somebody changed the same', async () => {
      await make(platform)
      const before = await look('platform')
      const desired = folder('platform', { title: 'Ours' })
      const stale = { status: 412, body: { message: 'the folder has been changed by someone else' } }
      grafana.inject({ method: 'PUT', kind: 'answer', answer: stale, times: 3 })
      assert.match(
        (await apply(updateTo(desired, before)))[0] ?? '',
        /^ServiceBusy: somebody changed folder "platform"/,
      )
      assert.equal(grafana.writes().filter(({ method }) => method === 'PUT').length, 3)
      grafana.heal()
      const { version } = grafana.ask('GET', '/api/folders/platform').body as { version: number }
      grafana.ask('PUT', '/api/folders/platform', { title: 'Theirs', version })
      assert.match((await apply(updateTo(desired, before)))[0] ?? '', /^ServiceBusy/)
      assert.equal((await look('platform')).fields.get('title'), 'Theirs')
    })

    it('are done where our own request had arrived and only its answer was lost, and else somebody’s', async () => {
      await make(platform)
      assert.deepEqual(await apply(creationOf(platform)), ['done'])
      const [other] = await apply(creationOf(folder('platform', { title: 'Other' })))
      assert.match(other ?? '', /^ServiceBusy: somebody made folder "platform"/)
    })

    it('wait for a parent that is not there', async () => {
      assert.match((await apply(creationOf(kafka)))[0] ?? '', /^DependencyMissing: creating folder "kafka"/)
    })

    it('go when they are empty, the deepest first, and are done when they are gone', async () => {
      await make(platform, kafka)
      const leaving = [removalOf(await look('platform')), removalOf(await look('kafka'))]
      assert.deepEqual(await client.validate(leaving, soon()), [{ ok: true }, { ok: true }])
      assert.deepEqual(await apply(...leaving), ['done', 'done'])
      assert.deepEqual(await client.list('folders', soon()), [])
      assert.deepEqual(await apply(...leaving), ['done', 'done'])
    })

    it('stay as long as anything is in them, and so do those above', async () => {
      await make(platform, kafka, folder('empty', { title: 'Empty' }))
      const dashboard = { uid: 'hand-made', title: 'By hand', panels: [] }
      assert.equal(grafana.ask('POST', '/api/dashboards/db', { dashboard, folderUid: 'kafka' }).status, 200)
      const leaving = await Promise.all(
        ['platform', 'kafka', 'empty'].map(async (name) => removalOf(await look(name))),
      )
      const [above, holding, empty] = await client.validate(leaving, soon())
      assert.deepEqual(empty, { ok: true })
      assert.ok(above?.ok === false && holding?.ok === false)
      assert.deepEqual([above.code, holding.code], ['FolderNotEmpty', 'FolderNotEmpty'])
      assert.match(holding.message, /^folder "kafka" still holds 1 dashboard: move or delete that/)
      assert.match(above.message, /the folders kafka/)
      const [up, down, gone] = await apply(...leaving)
      assert.match(up ?? '', /^ChangesFailed: folder "platform" still holds/)
      assert.match(down ?? '', /^ChangesFailed: folder "kafka" still holds 1 dashboard/)
      assert.equal(gone, 'done')
      assert.equal(grafana.ask('GET', '/api/dashboards/uid/hand-made').status, 200)
      assert.ok(grafana.writes().every(({ query }) => query?.['forceDeleteRules'] !== true))
      assert.ok(grafana.writes().every(({ query }) => !Object.hasOwn(query ?? {}, 'gracePeriodSeconds')))
    })

    it('stay where what is in them is not counted but found', async () => {
      await make(platform)
      const dashboard = { uid: 'hand-made', title: 'By hand', panels: [] }
      const body = { dashboard, folderUid: 'platform' }
      assert.equal(grafana.ask('POST', '/api/dashboards/db', body).status, 200)
      const leaving = removalOf(await look('platform'))
      const answer = { status: 404, body: { message: 'Not found' } }
      grafana.inject({ path: /\/counts$/, kind: 'answer', answer, times: Infinity })
      assert.match((await apply(leaving))[0] ?? '', /still holds|folder is not empty/)
      assert.equal(grafana.ask('GET', '/api/dashboards/uid/hand-made').status, 200)
    })

    it('are not deleted where another one has the name by now', async () => {
      await make(platform)
      const leaving = removalOf(await look('platform'))
      grafana.ask('DELETE', '/api/folders/platform')
      grafana.ask('POST', '/api/folders', { uid: 'platform', title: 'Another' })
      assert.deepEqual(await apply(leaving), ['done'])
      assert.equal((await look('platform')).fields.get('title'), 'Another')
    })
  })
}

describe('folders of a Grafana that comes to its newer API', () => {
  it('are the same as before', async () => {
    const grafana = new FakeGrafana({ profile: 'api-only' })
    const client = new GrafanaClient(grafana.wire())
    await client.ping(soon())
    await client.apply([creationOf(folder('kafka', { title: 'Kafka' }))], soon())
    const [before] = await client.observe('folders', ['kafka'], soon())
    grafana.profile = '13.3'
    await client.ping(soon())
    const sought = new Map([['kafka', { id: before?.id ?? '' }]])
    const [after] = await client.observe('folders', ['kafka'], soon(), sought)
    assert.equal(after?.id, before?.id)
    assert.ok(grafana.requests.at(-1)?.path.startsWith('/apis/folder.grafana.app/v1/'))
  })

  it('are taken over from somebody who works by the same API, in two steps: Grafana wants to see him go', async () => {
    const grafana = new FakeGrafana()
    const client = new GrafanaClient(grafana.wire())
    const path = '/apis/folder.grafana.app/v1/namespaces/default/folders'
    const annotations = { 'grafana.app/managedBy': 'kubectl', 'grafana.app/managerId': 'other' }
    const body = { metadata: { name: 'kafka', annotations }, spec: { title: 'Theirs' } }
    assert.equal(grafana.ask('POST', path, body).status, 201)
    const [observed] = await client.observe('folders', ['kafka'], soon())
    assert.ok(observed !== undefined && isOfType('folders', observed))
    const [outcome] = await client.apply([updateTo(folder('kafka', { title: 'Ours' }), observed)], soon())
    assert.equal(outcome?.state, 'done', JSON.stringify(outcome))
    const [after] = await client.observe('folders', ['kafka'], soon())
    assert.ok(after !== undefined && isOfType('folders', after))
    assert.deepEqual(after.facts?.manager, { kind: 'kubectl', id: 'infometis' })
    assert.equal(after.fields.get('title'), 'Ours')
  })

  it('are left where somebody else keeps them by now, with the way out', async () => {
    const grafana = new FakeGrafana()
    const client = new GrafanaClient(grafana.wire())
    await client.apply([creationOf(folder('kafka', { title: 'Kafka' }))], soon())
    const [seen] = await client.observe('folders', ['kafka'], soon())
    assert.ok(seen)
    const path = '/apis/folder.grafana.app/v1/namespaces/default/folders/kafka'
    const theirs = { 'grafana.app/managedBy': 'terraform', 'grafana.app/managerId': 'x' }
    for (const annotations of [{}, theirs]) {
      const { body } = grafana.ask('GET', path)
      const metadata = { ...ownObject(body, 'metadata'), annotations }
      assert.equal(grafana.ask('PUT', path, { ...(body as object), metadata }).status, 200)
    }
    const [outcome] = await client.apply([removalOf(seen)], soon())
    assert.equal(
      said(outcome as Outcome<Folder>),
      'ChangesFailed: folder "kafka" is managed by terraform by now: take it out of there first, or remove the entry here',
    )
  })

  it('are listed page by page, however small a page is', async () => {
    const grafana = new FakeGrafana({ pageBytes: 1 })
    const client = new GrafanaClient(grafana.wire())
    const made = ['a', 'b', 'c'].map((name) => creationOf(folder(name, { title: name })))
    await client.apply(made, soon())
    assert.deepEqual((await client.list('folders', soon())).toSorted(), ['a', 'b', 'c'])
  })
})
