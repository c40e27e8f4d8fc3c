import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { type JsonObject, own, ownObject } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import {
  type FakeStage,
  alert,
  alerts,
  allProfiles,
  board,
  kafka,
  lag,
  mark,
  metrics,
  newerProfiles,
  onEach,
  overview,
  panel,
  simulated,
  tellWithoutReal,
  users,
} from '../support/grafana-stage.ts'
import { prometheus, settled, types, written } from '../support/grafana-world.ts'

tellWithoutReal()

describe('places', { concurrency: 1 }, () => {
  onEach(
    'a dashboard moves in place, by Git and back from where a person put it: its history and its id stay',
    async (stage) => {
      await settled(stage)
      const [before, other] = [await stage.dashboard(overview), { [users]: written.dashboards[users] }]
      const moved = { ...written.dashboards[overview], folder: alerts }
      stage.put('dashboards', { [overview]: moved, ...other }, { policy: 'sync' })
      stage.forget()
      await stage.settle('dashboards')
      const there = await stage.dashboard(overview)
      assert.deepEqual([there?.folder, there?.id], [alerts, before?.id])
      assert.deepEqual(
        stage.writes().filter((write) => write.startsWith('DELETE')),
        [],
      )
      await stage.move(overview, '')
      await stage.settle('dashboards')
      const back = await stage.dashboard(overview)
      assert.deepEqual([back?.folder, back?.id], [alerts, before?.id])
      assert.ok((await stage.saves(overview)) >= 4, 'four saves of one dashboard')
      await stage.rests()
    },
  )

  onEach(
    'what comes is made parents first, what goes goes from the inside outwards, over several documents',
    async (stage) => {
      const [outer, middle, inner] = ['z-outer', 'm-middle', 'a-inner'].map((name) => `${mark}${name}`) as [
        string,
        string,
        string,
      ]
      const folders = {
        [inner]: { title: 'Inner', parent: middle },
        [middle]: { title: 'Middle', parent: outer },
        [outer]: { title: 'Outer' },
      }
      const sync = { policy: 'sync', maxDeletes: 9 } as const
      stage.put('folders', { [kafka]: { title: 'Kafka' }, ...folders }, sync)
      stage.put(
        'dashboards',
        {
          [users]: { definition: board('Users') },
          [overview]: { folder: inner, definition: board('Overview') },
        },
        sync,
      )
      await stage.settle('folders', 'dashboards')
      stage.put('folders', { [kafka]: { title: 'Kafka' } }, sync)
      stage.put('dashboards', { [users]: { definition: board('Users') } }, sync)
      const [, ...unready] = await stage.outcome('folders')
      assert.deepEqual(
        unready,
        [inner, middle, outer].map((name) => `${name}: refused FolderNotEmpty`),
      )
      assert.notEqual(await stage.dashboard(overview), undefined)
      await stage.settle('dashboards')
      stage.desk.elapsed += 11 * 60_000
      stage.forget()
      await stage.settle('folders')
      assert.deepEqual(
        stage.writes().map((write) => write.split('/').at(-1)),
        [inner, middle, outer],
      )
      assert.equal(stage.desk.originals.length, 1, 'the dashboard was kept before it went')
    },
  )

  onEach('of a folder that changes hands with its parent both are done at once', async (stage) => {
    stage.put('folders', { [kafka]: { title: 'Kafka' }, [alerts]: { title: 'Alerts', parent: kafka } })
    await stage.settle()
    stage.put('folders', { [kafka]: { title: 'Kafka', parent: alerts }, [alerts]: { title: 'Alerts' } })
    await stage.settle()
    const parents = await Promise.all(
      [kafka, alerts].map(async (uid) => textAt(await stage.folder(uid), 'parentUid')),
    )
    assert.deepEqual(parents, [alerts, ''])
    await stage.rests()
  })
})

describe('a Grafana that is not as it was', { concurrency: 1 }, () => {
  for (const profile of allProfiles)
    simulated(
      'with an empty database is filled again, without a person',
      async (stage) => {
        await settled(stage)
        const before = shownIn(stage)
        stage.grafana.empty()
        // In the order of the queue: what needs a folder asks for another pass until it is there.
        for (const type of types.toReversed()) await stage.desk.converge(type)
        await stage.settle(...types)
        assert.deepEqual(shownIn(stage), before)
        await stage.rests()
      },
      { profile },
    )

  for (const profile of allProfiles)
    simulated(
      'with an older database is brought to what is written, though our records are ahead of it',
      async (stage) => {
        await settled(stage)
        const older = stage.grafana.snapshot()
        stage.put('folders', { ...written.folders, [kafka]: { ...written.folders[kafka], title: 'Kafka 2' } })
        stage.put('datasources', {
          ...written.datasources,
          [metrics]: { ...prometheus, user: 'two' },
          [users]: prometheus,
        })
        stage.put('dashboards', {
          ...written.dashboards,
          [overview]: { folder: kafka, definition: board('Two') },
        })
        stage.put('alert-rules', { ...written['alert-rules'], [lag]: alert('Lag 2') })
        await stage.settle(...types)
        const before = shownIn(stage)
        stage.grafana.restore(older)
        await stage.settle(...types)
        assert.deepEqual(shownIn(stage), before)
        await stage.rests()
      },
      { profile },
    )

  simulated(
    'of an older release, with dashboards of version 2 stored, loses none: what it cannot take is told, the rest is done',
    async (stage) => {
      const definition = { title: 'Two', elements: {}, layout: { kind: 'GridLayout', spec: { items: [] } } }
      const entries = { [overview]: { definition }, [users]: { definition: board('Users', panel(1, 'In')) } }
      stage.put('dashboards', entries, { policy: 'sync' })
      await stage.settle()
      const { grafana } = stage
      const stored = grafana.state.data.dashboards.get(overview)
      grafana.profile = '12.4'
      await stage.desk.restart()
      await stage.settle()
      assert.deepEqual(
        grafana.state.data.dashboards.get(overview),
        stored,
        'the beta of version 2 reads it as it is',
      )
      grafana.profile = 'api-only'
      await stage.desk.restart()
      stage.put('dashboards', { ...entries, [users]: { definition: board('Users 2') } }, { policy: 'sync' })
      assert.deepEqual(await stage.outcome('dashboards'), [
        'terminal',
        `${overview}: refused NotSupportedByServer`,
      ])
      assert.deepEqual(grafana.state.data.dashboards.get(overview), stored)
      assert.equal(own(grafana.state.data.dashboards.get(users)?.spec, 'title'), 'Users 2')
      grafana.profile = '13.3'
      await stage.desk.restart()
      await stage.settle()
      assert.equal(grafana.state.data.dashboards.get(overview)?.uid, stored?.uid)
      await stage.rests()
    },
  )

  for (const [from, to] of [
    ['api-only', '13.3'],
    ['12.4', '13.3'],
    ['13.3', '12.4'],
  ] as const)
    simulated(
      `that was ${from} and is ${to} has all as it was, and then it rests`,
      async (stage) => {
        await settled(stage)
        const before = shownIn(stage)
        stage.grafana.profile = to
        await stage.desk.restart()
        await stage.settle(...types)
        assert.deepEqual(shownIn(stage), before)
        await stage.rests()
      },
      { profile: from },
    )

  simulated(
    'of two replicas, of which one answers with what was there before, is not written a second time',
    async (stage) => {
      await settled(stage)
      const list = (await stage.ask('GET', stage.objectPath('dashboards'))).body
      const one = (await stage.ask('GET', stage.objectPath('dashboards', overview))).body
      stage.put('dashboards', {
        ...written.dashboards,
        [overview]: { folder: kafka, definition: board('Changed') },
      })
      await stage.settle('dashboards')
      const saved = stage.grafana.state.data.dashboards.get(overview)
      const late = (path: RegExp, body: unknown) =>
        stage.grafana.inject({ kind: 'answer', method: 'GET', path, times: 3, answer: { status: 200, body } })
      late(/\/dashboards$/, list)
      late(new RegExp(`/dashboards/${overview}$`), one)
      await stage.desk.reconcile('dashboards')
      stage.grafana.heal()
      await stage.settle('dashboards')
      assert.deepEqual(stage.grafana.state.data.dashboards.get(overview)?.spec, saved?.spec)
      await stage.rests()
    },
  )
})

/** What there is, without what a database makes up by itself. */
function shownIn({ grafana }: FakeStage): unknown {
  const { folders, dashboards, datasources, rules } = grafana.state.data
  const ours = <T>(all: ReadonlyMap<string, T>, shown: (each: T) => unknown) =>
    [...all]
      .filter(([uid]) => uid !== `${mark}first`)
      .map(([uid, each]) => [uid, shown(each)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.parse(
    JSON.stringify([
      ours(folders, ({ folder, spec: said }) => [folder, said]),
      ours(dashboards, ({ folder, spec: said }) => [folder, said]),
      ours(datasources, ({ members, secure }) => [{ ...members, isDefault: undefined }, secure]),
      ours(rules, ({ folderUID, ruleGroup, interval, members }) => [folderUID, ruleGroup, interval, members]),
    ]),
  )
}

describe('a ConfigMap', { concurrency: 1 }, () => {
  onEach(
    'that is deleted and made anew between two looks costs no write, and loses nothing',
    async (stage) => {
      await settled(stage)
      const before = await stage.dashboard(overview)
      stage.forget()
      stage.desk.remove('dashboards')
      stage.put('dashboards', written.dashboards, { policy: 'sync' })
      await stage.settle('dashboards')
      assert.deepEqual(stage.writes(), [])
      assert.deepEqual(await stage.dashboard(overview), before)
    },
  )

  onEach('that is gone, or loses its label, takes nothing along unless it said so', async (stage) => {
    await settled(stage)
    stage.desk.remove('dashboards')
    stage.forget()
    await stage.desk.converge('dashboards')
    assert.deepEqual(stage.writes(), [])
    assert.deepEqual(await stage.panels(overview), ['In', 'Out'])
    stage.put('dashboards', written.dashboards, { policy: 'sync' })
    await stage.settle('dashboards')
    assert.deepEqual(stage.writes(), [], 'taken up again as it is')
  })

  onEach(
    'that hands a dashboard to another one hands it over as it is: one write at the most, and the same one',
    async (stage) => {
      await settled(stage)
      const before = await stage.dashboard(overview)
      const { [overview]: taken, [users]: left } = written.dashboards
      stage.put('dashboards', { [users]: left }, { policy: 'sync' })
      stage.put('dashboards', { [overview]: taken }, { name: 'other', policy: 'sync' })
      stage.forget()
      for (const name of ['dashboards', 'other', 'dashboards', 'other']) await stage.desk.converge(name)
      await stage.settle('dashboards', 'other')
      assert.deepEqual(await stage.dashboard(overview), before)
      assert.deepEqual(stage.writes(), [])
    },
  )

  onEach(
    'of another installation of this reconciler does not make the two write by turns',
    async (stage) => {
      stage.put('dashboards', { [overview]: { definition: board('Ours') } })
      await stage.settle()
      const object = (await stage.person.get(stage.objectPath('dashboards', overview))) as JsonObject
      const metadata = ownObject(object, 'metadata') as JsonObject
      const annotations = ownObject(metadata, 'annotations') as JsonObject
      const theirs = (managerId: string, kind: string) => ({
        ...object,
        spec: board('Theirs'),
        metadata: {
          ...metadata,
          annotations: { ...annotations, 'grafana.app/managedBy': kind, 'grafana.app/managerId': managerId },
        },
      })
      const path = stage.objectPath('dashboards', overview)
      // Grafana wants to see one manager go before it takes another.
      await stage.person.write('PUT', path, {
        ...theirs('', ''),
        metadata: { ...theirs('', '').metadata, resourceVersion: undefined },
      })
      await stage.person.write('PUT', path, {
        ...theirs('colleagues', 'kubectl'),
        metadata: { ...theirs('colleagues', 'kubectl').metadata, resourceVersion: undefined },
      })
      stage.forget()
      assert.deepEqual(await stage.outcome('dashboards'), ['terminal', `${overview}: held ManagedByAnother`])
      for (let pass = 0; pass < 3; pass += 1) await stage.desk.converge('dashboards')
      assert.deepEqual(stage.writes(), [])
      assert.equal(await stage.title(overview), 'Theirs')
    },
    newerProfiles,
  )
})
