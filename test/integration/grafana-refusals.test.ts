import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { ReconcileError } from '../../src/errors.ts'
import { own, ownObject } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { alertRuleBystander, datasourceBystander, noProvenance } from '../support/grafana-bystander.ts'
import {
  type GrafanaStage,
  alert,
  alerts,
  allProfiles,
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

const testdata = 'grafana-testdata-datasource'
const prometheus = { type: 'prometheus', url: nowhere }
const good = { definition: board('Overview', panel(1, 'In')) }

tellWithoutReal()

describe('what is somebody else’s', { concurrency: 1 }, () => {
  onEach(
    'a dashboard of another tool is refused, and stays as it is; one of another installation waits for an approval',
    async (stage) => {
      const managed = async (uid: string, kind: string, id: string) => {
        const annotations = { 'grafana.app/managedBy': kind, 'grafana.app/managerId': id }
        const body = { metadata: { name: uid, annotations }, spec: board(kind) }
        await stage.person.write('POST', stage.objectPath('dashboards'), body)
      }
      await managed(overview, 'terraform', 'team')
      await managed(users, 'kubectl', 'colleagues')
      const before = await stage.dashboard(overview)
      const written = { [overview]: good, [users]: good, [lag]: good }
      stage.put('dashboards', written, { adopt: true })
      assert.deepEqual(await stage.outcome('dashboards'), [
        'terminal',
        `${overview}: refused ForeignManager`,
        `${users}: held ManagedByAnother`,
      ])
      assert.match(stage.said('dashboards'), /it is kept by terraform \(team\)/)
      assert.deepEqual(await stage.dashboard(overview), before)
      assert.deepEqual([await stage.title(users), await stage.title(lag)], ['kubectl', 'Overview'])
      stage.put('dashboards', written, { adopt: true, allow: new Set(['ManagedByAnother']) })
      assert.deepEqual(await stage.outcome('dashboards'), ['terminal', `${overview}: refused ForeignManager`])
      assert.equal(await stage.title(users), 'Overview')
    },
    newerProfiles,
  )

  for (const profile of allProfiles)
    simulated(
      'a dashboard from files or of a plugin is refused, and nothing of it is changed or deleted',
      async (stage) => {
        const { seed } = stage.grafana
        const files = { kind: 'classic-file-provisioning', id: 'sidecar' }
        seed.dashboard(overview, { provisioned: true, ...(stage.isNewer && { manager: files }) })
        seed.dashboard(users, { manager: { kind: 'plugin', id: 'node-app' } })
        const before = [await stage.dashboard(overview), await stage.dashboard(users)]
        stage.put('dashboards', { [overview]: good, [users]: good, [lag]: good }, { adopt: true })
        assert.deepEqual(await stage.outcome('dashboards'), [
          'terminal',
          `${overview}: refused ProvisionedElsewhere`,
          `${users}: refused ${stage.isNewer ? 'ForeignManager' : 'RejectedByServer'}`,
        ])
        if (!stage.isNewer) assert.match(stage.said('dashboards'), /belongs to plugin node-app/)
        assert.deepEqual([await stage.dashboard(overview), await stage.dashboard(users)], before)
        assert.equal(await stage.title(lag), 'Overview')
      },
      { profile },
    )

  simulated('a datasource and an alert rule from files are refused, and stay', async (stage) => {
    const { seed, state } = stage.grafana
    seed.datasource(metrics, { readOnly: true })
    seed.datasource('prometheus')
    seed.folder(alerts)
    seed.rule(lag, { folder: alerts, group: 'health', provenance: 'file' })
    const before = [state.data.datasources.get(metrics), state.data.rules.get(lag)]
    stage.put(
      'datasources',
      { [metrics]: prometheus, [users]: { ...prometheus, name: 'Users' } },
      { adopt: true },
    )
    stage.put('alert-rules', { [lag]: alert('Lag'), [`${lag}-2`]: alert('2') }, { adopt: true })
    assert.deepEqual(await stage.outcome('datasources'), [
      'terminal',
      `${metrics}: refused ProvisionedElsewhere`,
    ])
    assert.deepEqual(await stage.outcome('alert-rules'), ['terminal', `${lag}: refused ProvisionedElsewhere`])
    assert.deepEqual([state.data.datasources.get(metrics), state.data.rules.get(lag)], before)
    assert.equal(textAt(await stage.datasource(users), 'name'), 'Users')
    assert.equal(textAt(await stage.rule(`${lag}-2`), 'title'), '2')
  })
})

describe('what goes wrong on the way', { concurrency: 1 }, () => {
  for (const profile of allProfiles)
    simulated(
      'what a person saves between the plan and the write is seen, kept, and only then corrected',
      async (stage) => {
        stage.put('folders', { [kafka]: { title: 'Kafka' } })
        stage.put('datasources', { [metrics]: prometheus })
        stage.put('dashboards', { [overview]: good, [users]: good })
        stage.put('alert-rules', { [lag]: alert('Lag', { folder: kafka }) })
        await stage.settle('folders', 'datasources', 'dashboards', 'alert-rules')
        const changed = { definition: board('Changed', panel(1, 'In')) }
        const { grafana } = stage
        const rule = `/api/v1/provisioning/alert-rules/${lag}`
        const hands: Readonly<
          Record<string, readonly [get: string, of: readonly string[], members: object]>
        > = {
          datasources: [`/api/datasources/uid/${metrics}`, [], { user: 'ada' }],
          dashboards: stage.isNewer
            ? [stage.objectPath('dashboards', overview), ['spec'], { tags: ['ada'] }]
            : [`/api/dashboards/uid/${overview}`, ['dashboard'], { tags: ['ada'] }],
          'alert-rules': [rule, [], { annotations: { by: 'ada' } }],
        }
        stage.put('datasources', { [metrics]: { ...prometheus, database: 'x' } })
        stage.put('dashboards', { [overview]: changed, [users]: changed })
        stage.put('alert-rules', { [lag]: alert('Lag grows', { folder: kafka }) })
        for (const [type, [path, [inner], members]] of Object.entries(hands)) {
          const save = () => {
            const { body } = grafana.ask('GET', path)
            const edited =
              inner === undefined
                ? { ...(body as object), ...members }
                : { ...(body as object), [inner]: { ...ownObject(body, inner), ...members } }
            const isOlder = inner === 'dashboard'
            const [method, to] = isOlder
              ? (['POST', '/api/dashboards/db'] as const)
              : (['PUT', path] as const)
            assert.equal(grafana.ask(method, to, edited, noProvenance).status, 200)
          }
          let isSaved = false
          stage.desk.tap = ({ what }, moment) => {
            if (what !== 'apply' || moment !== 'before' || isSaved) return
            isSaved = true
            save()
          }
          const kept = stage.desk.originals.length
          const { kind } = await stage.desk.reconcile(type)
          assert.equal(kind, 'retryable', `${type}: ${stage.said(type)}`)
          assert.match(stage.said(type), /in this moment; it is looked at again/)
          await stage.settle(type)
          assert.match(
            stage.desk.originals
              .slice(kept)
              .map(({ text }) => text)
              .join(),
            /ada/,
          )
        }
        assert.deepEqual([await stage.title(overview), await stage.title(users)], ['Changed', 'Changed'])
        assert.deepEqual(own((await stage.dashboard(overview))?.spec, 'tags'), [])
        assert.deepEqual(
          [textAt(await stage.datasource(metrics), 'user'), textAt(await stage.rule(lag), 'title')],
          ['', 'Lag grows'],
        )
      },
      { profile },
    )

  for (const [status, words, result] of [
    [413, '413 Request Entity Too Large', `terminal ${overview}: refused RejectedByServer`],
    [429, 'slow down', `retryable ${overview}: failed ServiceBusy`],
  ] as const)
    simulated(
      `status ${status} of what stands in front of Grafana is told, and keeps no other from coming`,
      async (stage) => {
        stage.put('dashboards', { [lag]: good, [overview]: good, [users]: good })
        stage.grafana.inject({ kind: 'answer', method: 'POST', nth: 2, answer: { status, body: words } })
        const { kind } = await stage.desk.reconcile('dashboards')
        assert.equal([kind, ...stage.desk.unready('dashboards')].join(' '), result, stage.said('dashboards'))
        assert.ok(stage.said('dashboards').includes(words))
        assert.deepEqual([await stage.title(lag), await stage.title(users)], ['Overview', 'Overview'])
        stage.desk.elapsed += 11 * 60_000
        await stage.settle()
      },
    )

  simulated('what is not reached during a rollout is tried again, and all of it comes', async (stage) => {
    stage.put('dashboards', { [lag]: good, [overview]: good, [users]: good })
    const error = new ReconcileError(
      'ServiceUnreachable',
      'something in front of Grafana answered with status 502',
    )
    stage.grafana.inject({ kind: 'fail', method: 'POST', nth: 2, times: 3, error })
    const { kind } = await stage.desk.reconcile('dashboards')
    assert.deepEqual([kind, stage.desk.state('dashboards').ready], ['retryable', 'Unknown'])
    await stage.desk.converge('dashboards')
    stage.grafana.heal()
    await stage.settle()
    assert.equal(stage.grafana.state.data.dashboards.size, 3)
  })

  for (const token of ['expired', 'revoked', 'bad', 'missing', 'other-org'] as const)
    simulated(
      `with a token that is ${token} nothing is taken for gone, and all goes on with a good one`,
      async (stage) => {
        stage.put('dashboards', { [overview]: good }, { policy: 'sync' })
        await stage.settle()
        stage.grafana.token = token
        stage.forget()
        assert.deepEqual(await stage.outcome('dashboards'), ['retryable'])
        const { ready, reason } = stage.desk.state('dashboards')
        assert.deepEqual([ready, reason], ['Unknown', 'AuthenticationFailed'])
        assert.deepEqual(stage.writes(), [])
        stage.grafana.token = 'good'
        await stage.rests()
        assert.equal(stage.desk.state('dashboards').ready, 'True')
      },
    )

  simulated('an organisation other than before is told, and nothing is made in it', async (stage) => {
    stage.put('dashboards', { [overview]: good })
    await stage.settle()
    const answer = { status: 200, body: { id: 2, name: 'Another Org.' } }
    stage.grafana.inject({ kind: 'answer', method: 'GET', path: '/api/org', times: Infinity, answer })
    await stage.desk.restart()
    stage.put('dashboards', { [overview]: { definition: board('Changed') } })
    stage.forget()
    const [kind] = await stage.outcome('dashboards')
    assert.equal(kind, 'terminal', stage.said('dashboards'))
    assert.match(stage.said('dashboards'), /Another Org/)
    assert.deepEqual(stage.writes(), [])
  })

  for (const profile of allProfiles)
    simulated(
      'a service account that may only look is told so at each entry; an Editor’s lacks datasources alone',
      async (stage) => {
        stage.put('datasources', { [metrics]: prometheus })
        stage.put('dashboards', { [overview]: good })
        stage.grafana.role = 'Viewer'
        assert.deepEqual(await stage.outcome('dashboards'), [
          'retryable',
          `${overview}: failed AuthorizationFailed`,
        ])
        assert.deepEqual(await stage.outcome('datasources'), [
          'retryable',
          `${metrics}: failed AuthorizationFailed`,
        ])
        stage.grafana.role = 'Editor'
        await stage.settle('dashboards')
        assert.deepEqual(await stage.outcome('datasources'), [
          'retryable',
          `${metrics}: failed AuthorizationFailed`,
        ])
        assert.match(stage.said('datasources'), /datasources:create/)
        stage.grafana.role = 'Admin'
        await stage.settle('datasources')
      },
      { profile },
    )

  simulated('an Editor’s pause of a rule that Grafana takes and does not do is told', async (stage) => {
    stage.grafana.seed.folder(alerts)
    stage.put('alert-rules', { [lag]: alert('Lag') })
    await stage.settle()
    stage.grafana.role = 'Editor'
    stage.put('alert-rules', { [lag]: alert('Lag', { rule: { isPaused: true } }) })
    assert.deepEqual(await stage.outcome('alert-rules'), ['retryable', `${lag}: failed AuthorizationFailed`])
    assert.match(stage.said('alert-rules'), /still shows isPaused as before/)
  })
})

describe('datasources', { concurrency: 1 }, () => {
  onEach(
    'of two defaults none is made the default; the rest of both is done, and one alone takes it over',
    async (stage) => {
      const standard = { ...prometheus, isDefault: true }
      await datasourceBystander(stage.ask).make(`${mark}first`, { ...standard, name: 'Edge first' })
      stage.put('datasources', { [metrics]: standard, [users]: standard })
      assert.deepEqual(await stage.outcome('datasources'), [
        'terminal',
        `${metrics}: refused TwoDefaults`,
        `${users}: refused TwoDefaults`,
      ])
      for (const uid of [metrics, users]) assert.equal(own(await stage.datasource(uid), 'isDefault'), false)
      stage.put('datasources', { [metrics]: standard, [users]: { ...standard, isDefault: false } })
      await stage.settle()
      assert.equal(own(await stage.datasource(metrics), 'isDefault'), true)
      assert.equal(own(await stage.datasource(`${mark}first`), 'isDefault'), false)
      await stage.rests()
    },
  )

  onEach(
    'of two defaults in two ConfigMaps the first stays the default: it does not go to and fro',
    async (stage) => {
      await datasourceBystander(stage.ask).make(`${mark}first`, { ...prometheus, name: 'Edge first' })
      const standard = { ...prometheus, isDefault: true }
      stage.put('datasources', { [metrics]: standard })
      await stage.settle()
      stage.put('datasources', { [lag]: standard, [users]: prometheus }, { name: 'others' })
      assert.deepEqual(await stage.outcome('others'), ['terminal', `${lag}: refused TwoDefaults`])
      assert.match(stage.said('others'), /"edge-metrics" is written as the default, too/)
      stage.forget()
      for (let pass = 0; pass < 3; pass += 1)
        for (const name of ['datasources', 'others']) await stage.desk.converge(name)
      assert.deepEqual(stage.writes(), [])
      assert.equal(own(await stage.datasource(metrics), 'isDefault'), true)
      assert.equal(textAt(await stage.datasource(users), 'uid'), users)
    },
  )

  onEach('a type that is not installed is taken, and a warning', async (stage) => {
    stage.put('datasources', {
      [metrics]: { type: 'edge-nowhere', url: nowhere },
      [users]: prometheus,
    })
    await stage.settle()
    assert.deepEqual(stage.desk.unready('datasources'), [`${metrics}: warning Warned`])
    assert.match(stage.said('datasources'), /no plugin of the type "edge-nowhere" is installed/)
    await stage.rests()
  })

  onEach('an address is kept as it is written, with a slash at its end or without', async (stage) => {
    stage.put('datasources', {
      [metrics]: { ...prometheus, url: 'http://127.0.0.1:9/' },
      [users]: prometheus,
    })
    await stage.settle()
    assert.deepEqual(
      [textAt(await stage.datasource(metrics), 'url'), textAt(await stage.datasource(users), 'url')],
      ['http://127.0.0.1:9/', nowhere],
    )
    await stage.rests()
  })

  onEach('an address that is taken away is told: Grafana keeps the old one', async (stage) => {
    stage.put('datasources', {
      [metrics]: { type: testdata, url: nowhere },
      [users]: prometheus,
    })
    await stage.settle()
    stage.put('datasources', { [metrics]: { type: testdata }, [users]: { ...prometheus, user: 'x' } })
    assert.deepEqual(await stage.outcome('datasources'), ['terminal', `${metrics}: refused RejectedByServer`])
    assert.match(stage.said('datasources'), /does not empty url, it keeps the old value/)
    assert.equal(textAt(await stage.datasource(users), 'user'), 'x')
  })

  onEach('a name that somebody else’s has is told, and stops no other', async (stage) => {
    await datasourceBystander(stage.ask).make(`${mark}theirs`, { ...prometheus, name: 'Edge taken' })
    stage.put('datasources', { [metrics]: { ...prometheus, name: 'Edge taken' }, [users]: prometheus })
    assert.deepEqual(await stage.outcome('datasources'), ['terminal', `${metrics}: refused RejectedByServer`])
    assert.match(stage.said('datasources'), /same name already exists/)
    assert.equal(textAt(await stage.datasource(users), 'uid'), users)
  })
})

describe('alert rules', { concurrency: 1 }, () => {
  const inAlerts = async (stage: GrafanaStage) => {
    stage.put('folders', { [alerts]: { title: 'Alerts' } })
    await stage.settle('folders')
  }

  onEach(
    'what Grafana would refuse or misread is told before it is sent, and stops no other',
    async (stage) => {
      await inAlerts(stage)
      const rule = alert('x').rule
      stage.put('alert-rules', {
        [lag]: alert('Lag'),
        [`${mark}for`]: alert('x', { rule: { for: 'a while' } }),
        [`${mark}step`]: alert('x', { interval: '15s' }),
        [`${mark}condition`]: alert('x', { rule: { condition: 'Z' } }),
        [`${mark}empty`]: alert('x', { rule: { data: [] } }),
        [`${mark}export`]: {
          apiVersion: 1,
          groups: [{ orgId: 1, name: 'g', folder: 'Alerts', interval: '1m', rules: [rule] }],
        },
        [`${mark}group`]: { name: 'g', folder: 'Alerts', interval: '1m', rules: [rule] },
        [`${mark}long`]: alert('x', { group: 'g'.repeat(191) }),
      })
      assert.deepEqual(await stage.outcome('alert-rules'), [
        'terminal',
        ...['condition', 'empty', 'export', 'for', 'group', 'long', 'step'].map(
          (name) => `${mark}${name}: invalid InvalidDocument`,
        ),
      ])
      assert.match(stage.said('alert-rules'), /interval is a time of whole steps of 10 seconds/)
      assert.match(stage.said('alert-rules'), /edge-export: .*export/)
      assert.equal(textAt(await stage.rule(lag), 'title'), 'Lag')
      await stage.rests()
    },
  )

  onEach('one in the words of an export is the same rule as in those of the API', async (stage) => {
    await inAlerts(stage)
    const more = { keep_firing_for: '60s', missingSeriesEvalsToResolve: 2, labels: { team: '$x' } }
    stage.put('alert-rules', { [lag]: alert('100$', { rule: more }) })
    await stage.settle()
    const exported = {
      keepFiringFor: '1m',
      missing_series_evals_to_resolve: 2,
      labels: { team: '$x' },
      for: '300s',
    }
    stage.put('alert-rules', { [lag]: alert('100$', { interval: '60s', rule: exported }) })
    await stage.rests()
    assert.equal(textAt(await stage.rule(lag), 'keep_firing_for'), '1m')
  })

  onEach('one whose receiver is not there waits, in Grafana’s words; the others come', async (stage) => {
    await inAlerts(stage)
    const named = alert('x', { rule: { notification_settings: { receiver: 'edge-nobody' } } })
    stage.put('alert-rules', { [lag]: alert('Lag'), [users]: named })
    assert.deepEqual(await stage.outcome('alert-rules'), ['retryable', `${users}: failed DependencyMissing`])
    assert.match(stage.said('alert-rules'), /receiver does not exist: edge-nobody/)
    assert.equal(textAt(await stage.rule(lag), 'title'), 'Lag')
  })

  onEach(
    'one that goes to another group is the same one there, with that group’s interval; its neighbours stay',
    async (stage) => {
      await inAlerts(stage)
      const two = { [lag]: alert('Lag'), [users]: alert('Users') }
      stage.put('alert-rules', two)
      await stage.settle()
      const [before, neighbour] = [await stage.rule(lag), await stage.rule(users)]
      stage.put('alert-rules', { ...two, [lag]: alert('Lag', { group: 'other', interval: '2m' }) })
      await stage.settle()
      const after = await stage.rule(lag)
      assert.deepEqual([own(after, 'id'), textAt(after, 'ruleGroup')], [own(before, 'id'), 'other'])
      assert.deepEqual(await stage.rule(users), neighbour)
      const group = await stage.person.get(`/api/v1/provisioning/folder/${mark}alerts/rule-groups/other`)
      assert.equal(own(group, 'interval'), 120)
      await stage.rests()
    },
  )

  onEach('the last one takes its group with it, and no other', async (stage) => {
    await inAlerts(stage)
    const two = { [lag]: alert('Lag', { group: 'one' }), [users]: alert('Users', { group: 'two' }) }
    stage.put('alert-rules', two, { policy: 'sync' })
    await stage.settle()
    const path = (group: string) => `/api/v1/provisioning/folder/${mark}alerts/rule-groups/${group}`
    stage.put('alert-rules', { [users]: two[users] }, { policy: 'sync' })
    await stage.settle()
    assert.equal(await stage.person.get(path('one')), undefined)
    assert.notEqual(await stage.person.get(path('two')), undefined)
    await stage.rests()
  })

  onEach('of one uid in two groups of two ConfigMaps the first keeps it', async (stage) => {
    await inAlerts(stage)
    stage.put('alert-rules', { [lag]: alert('Lag') }, { name: 'first' })
    await stage.settle('first')
    stage.put('alert-rules', { [lag]: alert('Lag', { group: 'other' }) }, { name: 'second' })
    assert.deepEqual(await stage.outcome('second'), ['terminal', `${lag}: conflict ResourceConflict`])
    assert.equal(textAt(await stage.rule(lag), 'ruleGroup'), 'health')
  })

  onEach(
    'locked ones and free ones stand in one group, unless Grafana says no; what a person added stays',
    async (stage) => {
      await inAlerts(stage)
      stage.put('alert-rules', { [lag]: alert('Lag', { edits: 'locked' }) })
      await stage.settle()
      const persons = alert('A person’s', { rule: { noDataState: 'OK', execErrState: 'OK' } })
      await alertRuleBystander(stage.ask).make(users, persons)
      stage.put('alert-rules', { [lag]: alert('Lag', { edits: 'locked', rule: { for: '10m' } }) })
      await stage.settle()
      const [ours, theirs] = [await stage.rule(lag), await stage.rule(users)]
      assert.deepEqual([textAt(ours, 'for'), textAt(ours, 'provenance')], ['10m', 'api'])
      assert.deepEqual([textAt(theirs, 'title'), textAt(theirs, 'provenance')], ['A person’s', ''])
      stage.put('alert-rules', { [lag]: alert('Lag', { rule: { for: '10m' } }) })
      assert.deepEqual(await stage.outcome('alert-rules'), ['terminal', `${lag}: refused ProvenanceLocked`])
      assert.equal(textAt(await stage.rule(lag), 'provenance'), 'api')
      stage.put('alert-rules', { [lag]: alert('Lag', { edits: 'locked', interval: '2m' }) })
      const [kind, ...unready] = await stage.outcome('alert-rules')
      assert.deepEqual([kind, ...unready], ['retryable', `${lag}: failed ChangesFailed`])
      assert.match(stage.said('alert-rules'), /would lock or unlock all its rules/)
      assert.equal(textAt(await stage.rule(users), 'provenance'), '')
    },
  )

  onEach(
    'rules of one group with two intervals keep the one that is there, and all else is done',
    async (stage) => {
      await inAlerts(stage)
      stage.put('alert-rules', { [lag]: alert('Lag'), [users]: alert('Users') })
      await stage.settle()
      stage.put('alert-rules', {
        [lag]: alert('Lag', { rule: { for: '1h' } }),
        [users]: alert('Users', { interval: '2m' }),
      })
      assert.deepEqual(await stage.outcome('alert-rules'), ['terminal', `${users}: refused IntervalsDiffer`])
      assert.equal(textAt(await stage.rule(lag), 'for'), '1h')
    },
  )

  onEach('a group that two ConfigMaps write with two intervals keeps the one that it has', async (stage) => {
    await inAlerts(stage)
    stage.put('alert-rules', { [lag]: alert('Lag', { interval: '5m' }) })
    await stage.settle()
    stage.put('alert-rules', { [users]: alert('Users', { interval: '2m' }) }, { name: 'others' })
    assert.deepEqual(await stage.outcome('others'), ['terminal', `${users}: refused IntervalsDiffer`])
    assert.match(stage.said('others'), /with 2m, and "edge-lag" of the same group with 5m/)
    stage.forget()
    for (let pass = 0; pass < 3; pass += 1)
      for (const name of ['alert-rules', 'others']) await stage.desk.converge(name)
    assert.deepEqual(stage.writes(), [])
  })

  simulated(
    'a thousand are made, and a pass over them is one list and one look at each group, without a write',
    async (stage) => {
      await inAlerts(stage)
      const rules = Array.from({ length: 1_000 }, (_, n) => [
        `${mark}${n}`,
        alert(`Rule ${n}`, { group: `g${n % 50}` }),
      ])
      stage.put('alert-rules', Object.fromEntries(rules) as object as Readonly<Record<string, unknown>>)
      await stage.settle()
      await stage.rests()
      assert.deepEqual([stage.reads(/alert-rules$/), stage.reads(/rule-groups/)], [1, 50])
    },
  )
})
