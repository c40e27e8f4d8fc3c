import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type JsonObject, own, ownObject, withMembers } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { alertRuleBystander } from '../support/grafana-bystander.ts'
import {
  alert,
  alerts,
  board,
  kafka,
  lag,
  mark,
  metrics,
  newerProfiles,
  nowhere,
  onEach,
  overview,
  panel,
  simulated,
  tellWithoutReal,
  users,
} from '../support/grafana-stage.ts'

const good = { definition: board('Overview', panel(1, 'In')) }

tellWithoutReal()

describe('what is written in files', { concurrency: 1 }, () => {
  onEach(
    'one file of many that cannot be read is told with its name and place, and stops no other',
    async (stage) => {
      const names = ['overview', 'bom', 'yaml', 'broken', 'empty', 'list', 'bomb', 'gone']
      const entries = names.map((name) => [`${mark}${name}`, { definition: { key: `${name}.json` } }])
      await stage.configMap(
        'boards',
        {
          'dashboards.yaml': JSON.stringify(Object.fromEntries(entries)),
          'overview.json': JSON.stringify(good.definition),
          'bom.json': `\uFEFF${JSON.stringify(board('With a byte order mark'))}`,
          'yaml.json': 'title: In YAML\npanels: []\nschemaVersion: 39\n',
          'broken.json': '{"title": "Broken", "panels": [{"id": 1}',
          'empty.json': '',
          'list.json': '[{"title": "x"}]',
        },
        {
          labels: { 'infometis.config-type': 'dashboards' },
          binaryData: { 'bomb.json.gz': gzipSync(Buffer.alloc(33 * 1_024 * 1_024, 32)).toString('base64') },
        },
      )
      assert.deepEqual(await stage.outcome('boards'), [
        'terminal',
        ...['bomb', 'broken', 'empty', 'gone', 'list'].map(
          (name) => `${mark}${name}: invalid InvalidDocument`,
        ),
      ])
      assert.match(stage.said('boards'), /broken\.json.*line 1|line 1.*broken\.json/)
      for (const [name, shown] of [
        ['overview', 'Overview'],
        ['bom', 'With a byte order mark'],
        ['yaml', 'In YAML'],
      ])
        assert.equal(await stage.title(`${mark}${name}`), shown)
      await stage.rests()
    },
  )

  onEach('a trailing comma, as people leave them, is read', async (stage) => {
    await stage.configMap(
      'boards',
      {
        'dashboards.yaml': `{"${overview}": {"definition": {"key": "a.json"}},}`,
        'a.json': '{"title": "Comma", "panels": [],}',
      },
      { labels: { 'infometis.config-type': 'dashboards' } },
    )
    await stage.settle('boards')
    assert.equal(await stage.title(overview), 'Comma')
  })

  onEach(
    'a dashboard larger than a ConfigMap comes packed, and costs nothing when nothing changes',
    async (stage) => {
      const panels = Array.from({ length: 600 }, (_, id) =>
        panel(id + 1, `Panel ${id}`, { description: 'x'.repeat(3_000) }),
      )
      const text = JSON.stringify(board('Large', ...panels))
      assert.ok(text.length > 1_500_000)
      await stage.configMap(
        'boards',
        { 'dashboards.yaml': `{"${overview}": {"definition": {"key": "large.json"}}}` },
        {
          labels: { 'infometis.config-type': 'dashboards' },
          binaryData: { 'large.json.gz': gzipSync(text).toString('base64') },
        },
      )
      await stage.settle('boards')
      assert.equal((own((await stage.dashboard(overview))?.spec, 'panels') as unknown[]).length, 600)
      await stage.rests()
    },
  )

  onEach('an empty document deletes nothing unless that is allowed', async (stage) => {
    stage.put('dashboards', { [overview]: good }, { policy: 'sync' })
    await stage.settle()
    stage.put('dashboards', {}, { policy: 'sync' })
    assert.deepEqual(await stage.outcome('dashboards'), ['terminal', `${overview}: held EmptyDocument`])
    assert.equal(await stage.title(overview), 'Overview')
  })

  onEach(
    'a ConfigMap of k8s-sidecar is read as it stands: its files are dashboards, its folder is one of ours',
    async (stage) => {
      stage.put('folders', { 'edge-infra': { title: 'Edge infra' } })
      await stage.settle('folders')
      await stage.configMap(
        'sidecar',
        {
          'nodes.json': JSON.stringify({
            ...board('Nodes', panel(1, 'CPU')),
            id: 7,
            uid: `${mark}nodes`,
            version: 12,
          }),
          [`${mark}by-file.json`]: JSON.stringify({ ...board('By file'), id: null }),
        },
        { labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Edge infra' } },
      )
      await stage.settle('sidecar')
      assert.deepEqual(
        [await stage.title(`${mark}nodes`), await stage.title(`${mark}by-file`)],
        ['Nodes', 'By file'],
      )
      assert.equal((await stage.dashboard(`${mark}nodes`))?.folder, 'edge-infra')
      await stage.rests()
    },
  )

  onEach(
    'one file of a sidecar’s ConfigMap that cannot be read deletes nothing, and stops no other',
    async (stage) => {
      const labels = { grafana_dashboard: '1' }
      const annotations = { 'infometis.io/policy': 'sync' }
      const nodes = JSON.stringify({ ...board('Nodes'), uid: `${mark}nodes` })
      const data = { 'nodes.json': nodes, [`${mark}pods.json`]: JSON.stringify(board('Pods')) }
      await stage.configMap('sidecar', data, { labels, annotations })
      await stage.settle('sidecar')
      const changed = {
        'nodes.json': nodes.slice(0, -3),
        [`${mark}pods.json`]: JSON.stringify(board('Pods, too')),
      }
      await stage.configMap('sidecar', changed, { labels, annotations })
      const [kind] = await stage.outcome('sidecar')
      assert.equal(kind, 'terminal')
      assert.match(stage.said('sidecar'), /nodes\.json/)
      assert.deepEqual(
        [await stage.title(`${mark}nodes`), await stage.title(`${mark}pods`)],
        ['Nodes', 'Pods, too'],
      )
    },
  )
})

describe('uids and titles', { concurrency: 1 }, () => {
  onEach(
    'a uid that Grafana would not take is told before anything is sent, and stops no other',
    async (stage) => {
      const long = `${mark}${'x'.repeat(40)}`
      stage.put('dashboards', { [overview]: good, [long]: good, 'edge-a/b': good, 'edge ä': good })
      assert.deepEqual(await stage.outcome('dashboards'), [
        'terminal',
        ...['edge ä', 'edge-a/b', long].map((name) => `${name}: invalid InvalidDocument`),
      ])
      assert.match(stage.said('dashboards'), /at most 40 characters, this one has 45/)
      assert.match(stage.said('dashboards'), /it is the uid, not the title/)
      assert.equal(await stage.title(overview), 'Overview')
      stage.put('folders', { [kafka]: { title: 'Kafka' }, general: { title: 'Mine' } })
      assert.deepEqual(await stage.outcome('folders'), ['terminal', 'general: invalid InvalidDocument'])
      assert.match(stage.said('folders'), /keeps that uid for itself/)
    },
  )

  onEach('a dashboard without a title, or with an empty one, is told as that', async (stage) => {
    const { panels } = good.definition
    stage.put('dashboards', {
      [overview]: good,
      [`${mark}none`]: { definition: { panels: panels ?? [] } },
      [`${mark}empty`]: { definition: { panels: panels ?? [], title: ' ' } },
    })
    assert.deepEqual(await stage.outcome('dashboards'), [
      'terminal',
      `${mark}empty: invalid InvalidDocument`,
      `${mark}none: invalid InvalidDocument`,
    ])
    assert.match(stage.said('dashboards'), /definition\.title: is missing: every dashboard has a title/)
    assert.match(stage.said('dashboards'), /definition\.title: must not be empty/)
    assert.equal(await stage.title(overview), 'Overview')
  })

  onEach(
    'titles may repeat in a folder, or differ by case alone: nothing is matched by them',
    async (stage) => {
      stage.put('folders', { [kafka]: { title: 'Same' }, [`${mark}other`]: { title: 'Same' } })
      await stage.settle('folders')
      await stage.person.write('POST', '/api/dashboards/db', {
        dashboard: { ...board('Same'), uid: `${mark}persons` },
        folderUid: kafka,
      })
      const same = (text: string) => ({ folder: kafka, definition: board(text) })
      stage.put('dashboards', { [overview]: same('Same'), [users]: same('SAME') }, { policy: 'sync' })
      await stage.settle('dashboards')
      const titles = await Promise.all(
        [overview, users, `${mark}persons`].map(async (uid) => stage.title(uid)),
      )
      assert.deepEqual(titles, ['Same', 'SAME', 'Same'])
      stage.put('dashboards', { [users]: same('SAME') }, { policy: 'sync' })
      await stage.settle('dashboards')
      assert.equal(await stage.title(`${mark}persons`), 'Same', 'nothing is deleted by a title')
      assert.equal(await stage.title(overview), undefined)
    },
  )

  onEach(
    'a dashboard and a folder may have one uid',
    async (stage) => {
      stage.put('folders', { [kafka]: { title: 'Kafka' } })
      stage.put('dashboards', { [kafka]: { ...good, folder: kafka } })
      await stage.settle('folders', 'dashboards')
      assert.equal((await stage.dashboard(kafka))?.folder, kafka)
      await stage.rests()
    },
    newerProfiles,
  )

  onEach(
    'of one uid in two ConfigMaps the first keeps it, the other is told, and nothing goes to and fro',
    async (stage) => {
      stage.put('dashboards', { [overview]: good }, { name: 'first' })
      await stage.settle('first')
      stage.put(
        'dashboards',
        { [overview]: { definition: board('Mine') }, [users]: good },
        { name: 'second' },
      )
      const [kind, ...unready] = await stage.outcome('second')
      assert.deepEqual([kind, ...unready], ['terminal', `${overview}: conflict ResourceConflict`])
      stage.forget()
      for (let pass = 0; pass < 3; pass += 1)
        for (const name of ['first', 'second']) await stage.desk.converge(name)
      assert.deepEqual(stage.writes(), [])
      assert.deepEqual([await stage.title(overview), await stage.title(users)], ['Overview', 'Overview'])
    },
  )

  onEach('a key that changes is one new dashboard and one deletion, each once', async (stage) => {
    stage.put('dashboards', { [overview]: good, [users]: good }, { policy: 'sync' })
    await stage.settle()
    const renamed = { [`${mark}new`]: good, [users]: good }
    stage.put('dashboards', renamed, { policy: 'sync' })
    stage.forget()
    await stage.settle()
    assert.equal(stage.writes().length, 2, stage.writes().join('\n'))
    assert.deepEqual([await stage.title(overview), await stage.title(`${mark}new`)], [undefined, 'Overview'])
    assert.equal(stage.desk.originals.length, 1, 'what goes is kept first')
    await stage.rests()
  })

  onEach('emoji, "/" and "%" are letters like any other, in titles, groups and labels', async (stage) => {
    stage.put('folders', { [alerts]: { title: '🚨 50 % / Läufe' } })
    stage.put('dashboards', { [overview]: { definition: board('🚀 A/B 100%', panel(1, '日本 ${x} %d')) } })
    stage.put('alert-rules', {
      [lag]: alert('Lag > 50 % 🐢', { group: 'kafka/health 100% 🚑', rule: { labels: { 'a b': 'ä/%' } } }),
    })
    await stage.settle('folders', 'dashboards', 'alert-rules')
    assert.equal(await stage.title(overview), '🚀 A/B 100%')
    const rule = await stage.rule(lag)
    assert.deepEqual(
      [textAt(rule, 'title'), textAt(rule, 'ruleGroup')],
      ['Lag > 50 % 🐢', 'kafka/health 100% 🚑'],
    )
    await stage.rests()
    stage.put('alert-rules', {
      [lag]: alert('Lag > 50 % 🐢', {
        group: 'kafka/health 100% 🚑',
        interval: '2m',
        rule: { labels: { 'a b': 'ä/%' } },
      }),
    })
    await stage.settle('alert-rules')
    await stage.rests()
  })
})

describe('dashboards as people have them', { concurrency: 1 }, () => {
  onEach(
    'what an export has of another Grafana is left out: id, version, uid and wrapper; nobody’s dashboard of that id is touched',
    async (stage) => {
      const dashboard = { ...board('A person’s'), uid: `${mark}persons` }
      const { id } = (await stage.person.write('POST', '/api/dashboards/db', { dashboard })) as { id: number }
      const theirs = await stage.dashboard(`${mark}persons`)
      const exported = {
        ...good.definition,
        id,
        version: 99,
        iteration: 1,
        uid: `${mark}persons`,
        gnetId: 1860,
      }
      const requires = [{ type: 'grafana', id: 'grafana', name: 'Grafana', version: '9.0.0' }]
      stage.put('dashboards', {
        [overview]: { definition: { ...exported, __requires: requires, __elements: {} } },
        [users]: { definition: { dashboard: exported, meta: { slug: 'x', version: 99, folderUid: 'gone' } } },
      })
      await stage.settle()
      assert.deepEqual([await stage.title(overview), await stage.title(users)], ['Overview', 'Overview'])
      assert.deepEqual(await stage.dashboard(`${mark}persons`), theirs)
      await stage.rests()
    },
  )

  onEach(
    'odd members are members: __proto__, null, huge numbers, panels of one id or of none',
    async (stage) => {
      const odd = JSON.parse(
        '{"__proto__": {"a": 1}, "constructor": {"b": null}, "a.b": 1, "time": null}',
      ) as JsonObject
      const row = { ...panel(3, 'Row'), type: 'row', panels: [panel(4, 'Inside')] }
      const list = [panel(1, 'A'), panel(1, 'B'), { type: 'text', title: 'None', refreshed: 1.0e21 }, row]
      stage.put('dashboards', { [overview]: { definition: withMembers(board('Odd', ...list), odd) } })
      await stage.settle()
      assert.deepEqual(await stage.panels(overview), ['A', 'B', 'None', 'Row'])
      await stage.rests()
      await stage.edit(overview, { constructor: 'By ada' })
      await stage.settle()
      assert.deepEqual(ownObject((await stage.dashboard(overview))?.spec, 'constructor')['b'] ?? null, null)
      assert.equal(stage.desk.originals.length, 1)
      await stage.rests()
    },
  )

  onEach(
    'an input that is left open is told by its name, a mapped one stands in its place',
    async (stage) => {
      const definition = {
        ...board('Overview', panel(1, 'In', { datasource: { type: 'prometheus', uid: '${DS_PROM}' } })),
        __inputs: [
          { name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus', label: 'Prometheus' },
          { name: 'VAR_JOB', type: 'constant', value: 'kafka' },
        ],
      }
      stage.put('dashboards', { [overview]: { definition }, [users]: good })
      assert.deepEqual(await stage.outcome('dashboards'), [
        'terminal',
        `${overview}: invalid InvalidDocument`,
      ])
      assert.match(stage.said('dashboards'), /DS_PROM/)
      stage.put('dashboards', {
        [overview]: { definition, inputs: { DS_PROM: '-- Mixed --' } },
        [users]: good,
      })
      await stage.settle()
      const { spec } = (await stage.dashboard(overview)) ?? {}
      assert.doesNotMatch(JSON.stringify(spec), /DS_PROM/)
      assert.match(JSON.stringify(spec), /"uid":"-- Mixed --"/)
      await stage.rests()
    },
  )

  onEach(
    'an object of the newer API may have the ids of where it was; one of another group, kind or draft is told',
    async (stage) => {
      const object = (apiVersion: string, more: object = {}) => ({
        definition: {
          ...{ apiVersion, kind: 'Dashboard', id: 5, ...more },
          metadata: { name: 'elsewhere', uid: 'u', resourceVersion: '17', generation: 3, managedFields: [] },
          spec: { ...good.definition, id: 7, uid: 'elsewhere', version: 3 },
          status: {},
        },
      })
      stage.put('dashboards', {
        [overview]: object('dashboard.grafana.app/v1beta1'),
        [`${mark}folder`]: object('folder.grafana.app/v1'),
        [`${mark}kind`]: object('dashboard.grafana.app/v1', { kind: 'LibraryPanel' }),
        [`${mark}nine`]: object('dashboard.grafana.app/v9'),
        [`${mark}two`]: object('dashboard.grafana.app/v2'),
      })
      assert.deepEqual(await stage.outcome('dashboards'), [
        'terminal',
        ...['folder', 'kind', 'nine', 'two'].map((name) => `${mark}${name}: invalid InvalidDocument`),
      ])
      assert.match(stage.said('dashboards'), /so it is a classic dashboard, and the apiVersion says v2/)
      assert.equal(await stage.title(overview), 'Overview')
      await stage.rests()
    },
  )

  onEach(
    'a dashboard of version 2 is kept as one, with or without wrapper; where Grafana has no version 2 it is refused alone',
    async (stage) => {
      const spec = { title: 'Two', elements: {}, layout: { kind: 'GridLayout', spec: { items: [] } } }
      stage.put('dashboards', {
        [overview]: { definition: spec },
        [`${mark}whole`]: {
          definition: { apiVersion: 'dashboard.grafana.app/v2beta1', kind: 'Dashboard', metadata: {}, spec },
        },
        [users]: good,
      })
      if (!stage.isNewer) {
        const refused = (name: string) => `${name}: refused NotSupportedByServer`
        assert.deepEqual(await stage.outcome('dashboards'), [
          'terminal',
          refused(overview),
          refused(`${mark}whole`),
        ])
        assert.match(stage.said('dashboards'), /takes classic dashboards only/)
      } else {
        await stage.settle()
        const path = stage.objectPath('dashboards', overview).replace('v0alpha1', 'v2beta1')
        assert.deepEqual(ownObject(await stage.person.get(path), 'spec')['layout'], spec.layout)
      }
      assert.equal(await stage.title(users), 'Overview')
      await stage.rests()
    },
  )

  onEach(
    'what a dashboard names and is not there is a warning, until it is; the dashboard stands',
    async (stage) => {
      const datasource = { type: 'prometheus', uid: metrics }
      const shared = {
        id: 2,
        gridPos: { h: 1, w: 1, x: 0, y: 0 },
        libraryPanel: { uid: `${mark}shared`, name: 'Shared' },
      }
      stage.put('dashboards', {
        [overview]: { definition: board('Overview', panel(1, 'In', { datasource }), shared) },
        [users]: good,
      })
      await stage.settle()
      const warning = `${overview}: warning Warned`
      assert.deepEqual(new Set(stage.desk.unready('dashboards')), new Set([warning]))
      assert.match(stage.said('dashboards'), /it names the datasource edge-metrics, which is not there/)
      assert.match(stage.said('dashboards'), /it names the library panel edge-shared, which is not there/)
      stage.put('datasources', { [metrics]: { type: 'prometheus', url: nowhere } })
      await stage.settle('datasources')
      stage.forget()
      await stage.settle('dashboards')
      assert.doesNotMatch(stage.said('dashboards'), /the datasource/)
      assert.deepEqual(stage.writes(), [])
    },
  )
})

describe('folders', { concurrency: 1 }, () => {
  onEach('what stands in a folder waits for it, and comes by itself', async (stage) => {
    stage.put('dashboards', { [overview]: { ...good, folder: kafka }, [users]: good })
    stage.put('alert-rules', { [lag]: alert('Lag', { folder: kafka }) })
    assert.deepEqual(await stage.outcome('dashboards'), [
      'retryable',
      `${overview}: waiting DependencyMissing`,
    ])
    assert.deepEqual(await stage.outcome('alert-rules'), ['retryable', `${lag}: waiting DependencyMissing`])
    assert.match(stage.said('dashboards'), /folders\/edge-kafka|folder.*edge-kafka/)
    assert.equal(await stage.title(users), 'Overview', 'nothing else waits')
    stage.put('folders', { [kafka]: { title: 'Kafka' } })
    await stage.settle('folders')
    assert.deepEqual([...stage.desk.requeued].sort(), ['team/alert-rules', 'team/dashboards'])
    await stage.settle()
    assert.equal((await stage.dashboard(overview))?.folder, kafka)
  })

  onEach(
    'a circle is refused, and so is a fifth level; the others are made, parents first',
    async (stage) => {
      const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => `${mark}${name}`) as [
        string,
        string,
        string,
        string,
        string,
      ]
      stage.put('folders', {
        [e]: { title: 'E', parent: d },
        [d]: { title: 'D', parent: c },
        [c]: { title: 'C', parent: b },
        [b]: { title: 'B', parent: a },
        [a]: { title: 'A' },
        [`${mark}x`]: { title: 'X', parent: `${mark}y` },
        [`${mark}y`]: { title: 'Y', parent: `${mark}x` },
        [`${mark}self`]: { title: 'Self', parent: `${mark}self` },
      })
      assert.deepEqual(await stage.outcome('folders'), [
        'terminal',
        `${e}: refused FolderTooDeep`,
        ...['self', 'x', 'y'].map((name) => `${mark}${name}: refused FolderCycle`),
      ])
      assert.equal(textAt(await stage.folder(d), 'parentUid'), c)
      assert.deepEqual(
        await Promise.all([e, `${mark}x`, `${mark}self`].map(async (uid) => stage.folder(uid))),
        [undefined, undefined, undefined],
      )
      await stage.rests()
    },
  )

  onEach(
    'one that somebody renamed has its title back and is the same one; what is in it is not written',
    async (stage) => {
      stage.put('folders', { [kafka]: { title: 'Kafka' } })
      stage.put('dashboards', { [overview]: { ...good, folder: kafka } })
      stage.put('alert-rules', { [lag]: alert('Lag', { folder: kafka }) })
      await stage.settle('folders', 'dashboards', 'alert-rules')
      const before = await stage.folder(kafka)
      await stage.rename(kafka, 'by hand')
      stage.forget()
      await stage.settle('folders', 'dashboards', 'alert-rules')
      const shown = await stage.folder(kafka)
      assert.deepEqual([textAt(shown, 'title'), own(shown, 'id')], ['Kafka', own(before, 'id')])
      assert.equal(stage.writes().length, 1, stage.writes().join())
      await stage.rests()
    },
  )

  onEach('"general" is the top, however it is said', async (stage) => {
    stage.put('dashboards', { [overview]: { ...good, folder: 'general' }, [users]: good })
    await stage.settle()
    assert.equal((await stage.dashboard(overview))?.folder, '')
    await stage.rests()
  })

  onEach(
    'one that holds what is not ours is not deleted, whatever stands in it, and goes by itself once it is empty',
    async (stage) => {
      const inner = `${mark}inner`
      const folders = { [kafka]: { title: 'Kafka' }, [inner]: { title: 'Inner', parent: kafka } }
      stage.put('folders', folders, { policy: 'sync' })
      await stage.settle()
      const dashboard = { ...board('A person’s'), uid: `${mark}persons` }
      await stage.person.write('POST', '/api/dashboards/db', { dashboard, folderUid: inner })
      stage.put('folders', { [users]: { title: 'Users' } }, { policy: 'sync', maxDeletes: 9 })
      assert.deepEqual(await stage.outcome('folders'), [
        'terminal',
        ...[inner, kafka].map((name) => `${name}: refused FolderNotEmpty`),
      ])
      assert.match(stage.said('folders'), /still holds 1 dashboard/)
      assert.equal(await stage.title(`${mark}persons`), 'A person’s')
      await stage.person.remove(`/api/dashboards/uid/${mark}persons`)
      stage.desk.elapsed += 11 * 60_000
      stage.forget()
      await stage.settle()
      const deletions = stage.writes().map((write) => write.split('/').at(-1))
      assert.deepEqual(deletions, [inner, kafka], 'children before parents')
      assert.deepEqual([await stage.folder(kafka), await stage.folder(inner)], [undefined, undefined])
    },
  )

  onEach('one with an alert rule of a person is not deleted either', async (stage) => {
    stage.put('folders', { [kafka]: { title: 'Kafka' } }, { policy: 'sync' })
    await stage.settle()
    const rule = { noDataState: 'OK', execErrState: 'OK' }
    const persons = alert('A person’s', { folder: kafka, group: 'g', rule })
    await alertRuleBystander(stage.ask).make(lag, persons)
    stage.put('folders', { [users]: { title: 'Users' } }, { policy: 'sync', maxDeletes: 9 })
    assert.deepEqual(await stage.outcome('folders'), ['terminal', `${kafka}: refused FolderNotEmpty`])
    assert.equal(textAt(await stage.rule(lag), 'title'), 'A person’s')
  })

  for (const profile of newerProfiles)
    simulated(
      'one of Git Sync takes nothing, and nothing is committed to its repository',
      async (stage) => {
        stage.grafana.seed.folder(kafka, { title: 'Git', manager: { kind: 'repo', id: 'team' } })
        stage.put('folders', { [kafka]: { title: 'Mine' }, [users]: { title: 'Users' } }, { adopt: true })
        assert.deepEqual(await stage.outcome('folders'), ['terminal', `${kafka}: refused ForeignManager`])
        stage.put('dashboards', { [overview]: { ...good, folder: kafka }, [users]: good })
        stage.put('alert-rules', {
          [lag]: alert('Lag', { folder: kafka }),
          [`${lag}-2`]: alert('2', { folder: users }),
        })
        assert.deepEqual(await stage.outcome('dashboards'), [
          'terminal',
          `${overview}: refused RejectedByServer`,
        ])
        assert.match(stage.said('dashboards'), /folder is managed by a repository/)
        assert.deepEqual(await stage.outcome('alert-rules'), ['terminal', `${lag}: refused RejectedByServer`])
        assert.match(stage.said('alert-rules'), /managed by Git Sync/)
        assert.deepEqual(stage.grafana.commits, [])
        assert.deepEqual(
          [await stage.title(users), textAt(await stage.rule(`${lag}-2`), 'title')],
          ['Overview', '2'],
        )
      },
      { profile },
    )
})
