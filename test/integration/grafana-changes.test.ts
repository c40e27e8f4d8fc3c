import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { type JsonObject, own, ownObject } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import {
  type GrafanaStage,
  alert,
  alerts,
  board,
  kafka,
  lag,
  logs,
  mark,
  metrics,
  newerProfiles,
  nowhere,
  onEach,
  overview,
  panel,
  silent,
  simulated,
  tellWithoutReal,
  users,
} from '../support/grafana-stage.ts'
import { prometheus, settled, twoPanels, types, written } from '../support/grafana-world.ts'

function originals({ desk }: GrafanaStage): string {
  return desk.originals.map(({ text }) => text).join('\n')
}

tellWithoutReal()

describe('passes in which nothing happens', { concurrency: 1 }, () => {
  onEach(
    'twenty of them over all types write nothing and keep nothing, also in a new process',
    async (stage) => {
      await settled(stage)
      const { saves } = stage.desk
      stage.forget()
      for (let pass = 1; pass <= 20; pass += 1) {
        if (pass === 11) await stage.desk.restart()
        for (const type of types) assert.deepEqual(await stage.desk.reconcile(type), { kind: 'done' })
      }
      assert.deepEqual([stage.writes(), stage.desk.originals], [[], []])
      assert.ok(stage.desk.saves <= saves + 1, 'but once, when no second save of a rule can bear its time')
    },
  )

  for (const profile of newerProfiles)
    simulated(
      'twenty of them over 500 dashboards are 20 lists, and not one dashboard is read',
      async (stage) => {
        const entries = Array.from({ length: 500 }, (_, n) => [
          `${mark}${n}`,
          { definition: board(`Board ${n}`, panel(1, 'In')) },
        ])
        stage.put('dashboards', Object.fromEntries(entries) as Readonly<Record<string, unknown>>)
        await stage.settle()
        assert.equal(stage.grafana.state.data.dashboards.size, 500)
        assert.equal(stage.writes().length, 500)
        await stage.rests()
        stage.forget()
        for (let pass = 0; pass < 20; pass += 1) await stage.desk.reconcile('dashboards')
        assert.deepEqual(stage.writes(), [])
        assert.deepEqual([stage.reads(/\/dashboards$/), stage.reads(/\/dashboards\/[^/]+$/)], [20, 0])
        await stage.edit(`${mark}7`, { tags: ['by hand'] })
        stage.forget()
        await stage.settle()
        assert.equal(stage.writes().length, 1)
        assert.ok(stage.reads(/\/dashboards\/[^/]+$/) <= 3, 'only that one is read')
      },
      { profile },
    )
})

describe('drift', { concurrency: 1 }, () => {
  onEach(
    'a panel that a person changes, adds or takes away is kept with his name, and then as Git says',
    async (stage) => {
      await settled(stage)
      const before = await stage.dashboard(overview)
      const [first, second] = twoPanels
      for (const [hand, members] of [
        ['changed', { panels: [panel(1, 'By ada'), second] }],
        ['added', { panels: [first, second, panel(9, 'By ada')] }],
        ['taken away', { panels: [first], tags: ['By ada'] }],
        ['a member that Git does not write', { description: 'By ada' }],
      ] as const) {
        await stage.edit(overview, members)
        stage.forget()
        const kept = stage.desk.originals.length
        await stage.settle('dashboards')
        assert.equal(stage.writes().length, 1, hand)
        assert.deepEqual(await stage.panels(overview), ['In', 'Out'], hand)
        assert.deepEqual(own((await stage.dashboard(overview))?.spec, 'description'), undefined)
        const original = stage.desk.originals.at(-1)
        assert.equal(stage.desk.originals.length, kept + 1, hand)
        assert.match(original?.text ?? '', /By ada/)
        assert.notEqual(original?.by ?? '', '', 'who')
        assert.match(original?.at ?? '', /^20\d\d-/, 'when')
        await stage.rests()
      }
      assert.equal((await stage.dashboard(overview))?.id, before?.id)
      assert.equal(stage.desk.steps.filter(({ what }) => what === 'keep').length, 4)
      const order = stage.desk.steps.map(({ what }) => what)
      assert.ok(order.lastIndexOf('keep') < order.lastIndexOf('apply'), 'kept before it is overwritten')
    },
  )

  for (const version of ['v1', 'v2', 'v2alpha1'])
    simulated(
      `a save of Grafana’s pages at ${version}, in which a dashboard becomes another model, is kept as that and taken back`,
      async (stage) => {
        await settled(stage)
        const path = stage.objectPath('dashboards', overview).replace('v0alpha1', version)
        const object = (await stage.person.get(path)) ?? {}
        const spec = { ...ownObject(object, 'spec'), title: 'By ada' }
        await stage.person.write('PUT', path, { ...object, spec })
        await stage.settle('dashboards')
        assert.deepEqual(
          [await stage.title(overview), await stage.panels(overview)],
          ['Overview', ['In', 'Out']],
        )
        assert.match(originals(stage), /By ada/)
        await stage.rests()
      },
    )

  onEach(
    'what a person makes of a datasource is kept and taken back: changed, added and removed settings',
    async (stage) => {
      await settled(stage)
      for (const jsonData of [
        { timeInterval: '5s', httpMethod: 'POST' },
        { ...prometheus.jsonData, byAda: true },
        { httpMethod: 'POST' },
      ]) {
        await stage.saveDatasource(metrics, { jsonData })
        stage.forget()
        await stage.settle('datasources')
        assert.deepEqual({ ...ownObject(await stage.datasource(metrics), 'jsonData') }, prometheus.jsonData)
        assert.equal(stage.writes().length, 1)
      }
      assert.equal(stage.desk.originals.length, 3)
      assert.match(originals(stage), /byAda/)
      await stage.rests()
    },
  )

  onEach(
    'labels of an alert rule that a person changes, adds or removes are kept and taken back; its neighbour is not saved',
    async (stage) => {
      await settled(stage)
      const neighbour = await stage.rule(silent)
      for (const labels of [{ severity: 'page' }, { severity: 'warning', team: 'ada' }, {}]) {
        await stage.saveRule(lag, { labels: labels })
        stage.forget()
        await stage.settle('alert-rules')
        assert.deepEqual({ ...ownObject(await stage.rule(lag), 'labels') }, { severity: 'warning' })
        assert.equal(stage.writes().length, 1)
      }
      assert.deepEqual(await stage.rule(silent), neighbour)
      assert.match(originals(stage), /"team":"ada"/)
      await stage.rests()
    },
  )

  onEach('a folder that a person renamed, described or moved is as Git says, in place', async (stage) => {
    await settled(stage)
    const { id } = (await stage.folder(alerts)) ?? {}
    await stage.rename(alerts, 'By ada')
    await stage.person.write('POST', `/api/folders/${alerts}/move`, { parentUid: '' })
    await stage.settle('folders')
    const shown = await stage.folder(alerts)
    assert.deepEqual(
      [textAt(shown, 'title'), textAt(shown, 'parentUid'), own(shown, 'id')],
      ['Alerts', kafka, id],
    )
    assert.equal(textAt(await stage.rule(lag), 'folderUID'), alerts)
    await stage.rests()
  })

  onEach('under observe-only all of it is told, and nothing is kept or corrected', async (stage) => {
    await settled(stage)
    for (const type of types) stage.put(type, written[type], { policy: 'observe-only' })
    await stage.rename(kafka, 'By ada')
    await stage.saveDatasource(metrics, { user: 'ada' })
    await stage.edit(overview, { description: 'By ada' })
    await stage.saveRule(lag, { labels: {} })
    stage.forget()
    const names = { folders: kafka, datasources: metrics, dashboards: overview, 'alert-rules': lag }
    for (const type of types) {
      await stage.desk.converge(type)
      assert.deepEqual(stage.desk.unready(type), [`${names[type]}: withheld ChangesWithheld`])
      assert.match(stage.desk.state(type).plan?.text ?? '', new RegExp(names[type]))
    }
    assert.deepEqual([stage.writes(), stage.desk.originals], [[], []])
    assert.match(stage.desk.state('dashboards').plan?.text ?? '', /description/)
  })

  onEach('what is ignored is people’s, and all else of the same dashboard is corrected', async (stage) => {
    await settled(stage)
    stage.put('dashboards', written.dashboards, { ignore: ['description', `${overview}:tags`] })
    await stage.edit(overview, { description: 'By ada', tags: ['ada'], refresh: '1m' })
    await stage.settle('dashboards')
    const { spec: now } = (await stage.dashboard(overview)) ?? {}
    assert.deepEqual(
      ['description', 'tags', 'refresh'].map((member) => own(now, member)),
      ['By ada', ['ada'], undefined],
    )
    await stage.rests()
  })

  onEach('what a person deletes is there again', async (stage) => {
    await settled(stage)
    await stage.person.remove(`/api/dashboards/uid/${overview}`)
    await stage.person.remove(`/api/datasources/uid/${metrics}`)
    await stage.person.remove(`/api/v1/provisioning/alert-rules/${lag}`)
    stage.forget()
    await stage.settle('datasources', 'dashboards', 'alert-rules')
    assert.equal(stage.writes().filter((write) => write.startsWith('POST')).length, 3)
    assert.deepEqual(await stage.panels(overview), ['In', 'Out'])
    await stage.rests()
  })
})

describe('a pause', { concurrency: 1 }, () => {
  onEach(
    'of a person stays and is told, also while Git changes something else, until Git itself says another',
    async (stage) => {
      await settled(stage)
      await stage.saveRule(lag, { isPaused: true })
      const paused = async () => own(await stage.rule(lag), 'isPaused')
      stage.forget()
      await stage.settle('alert-rules')
      assert.deepEqual(stage.writes(), [])
      assert.deepEqual(stage.desk.unready('alert-rules').length, 1)
      assert.match(stage.desk.unready('alert-rules')[0] ?? '', new RegExp(`${lag}: warning`))
      assert.match(stage.said('alert-rules'), /isPaused/)
      const changed = (rule: JsonObject) => ({ [lag]: alert('Lag', { rule }), [silent]: alert('Silent') })
      stage.put('alert-rules', changed({ for: '10m' }))
      await stage.settle()
      assert.deepEqual([await paused(), textAt(await stage.rule(lag), 'for')], [true, '10m'])
      stage.put('alert-rules', changed({ for: '10m', isPaused: true }))
      await stage.settle()
      assert.deepEqual(stage.desk.unready('alert-rules'), [])
      stage.put('alert-rules', changed({ for: '10m', isPaused: false }))
      await stage.settle()
      assert.deepEqual([await paused(), stage.desk.unready('alert-rules')], [false, []])
      await stage.rests()
    },
  )
})

describe('the state of alerts', { concurrency: 1 }, () => {
  onEach(
    'of no rule is lost when another of its group changes, moves, comes or goes, or the group’s interval does',
    async (stage) => {
      stage.put('folders', written.folders)
      const put = async (more: Readonly<Record<string, unknown>>, interval = '1m') => {
        const all = { [silent]: alert('Silent', { interval }), ...more }
        stage.put('alert-rules', all, { policy: 'sync' })
        await stage.settle('alert-rules')
      }
      await stage.settle('folders')
      await put({ [lag]: alert('Lag') })
      const before = await stage.rule(silent)
      stage.forget()
      await put({ [lag]: alert('Lag', { rule: { for: '1h' } }) })
      await put({ [lag]: alert('Lag', { rule: { for: '1h' } }), [users]: alert('Users') })
      await put({ [lag]: alert('Lag', { group: 'other' }), [users]: alert('Users') })
      await put({ [users]: alert('Users') })
      assert.deepEqual(await stage.rule(silent), before, 'the very save of before')
      await put({ [users]: alert('Users', { interval: '2m' }) }, '2m')
      // Grafana stamps all rules of a group whose interval changes; what their state hangs on is as it was.
      const { updated, ...after } = (await stage.rule(silent)) ?? {}
      assert.deepEqual({ ...after, updated: before?.['updated'] }, { ...before })
      assert.notEqual(updated, undefined)
      const touched = stage.writes().filter((write) => write.includes(silent))
      assert.deepEqual(touched, [])
      await stage.rests()
    },
  )

  simulated('no write but that of a rule itself gives it another version', async (stage) => {
    await settled(stage)
    const version = (uid: string) => stage.grafana.state.data.rules.get(uid)?.version
    assert.deepEqual([version(lag), version(silent)], [1, 1])
    stage.put('alert-rules', { ...written['alert-rules'], [lag]: alert('Lag', { rule: { for: '1h' } }) })
    await stage.settle('alert-rules')
    assert.deepEqual([version(lag), version(silent)], [2, 1])
  })
})

describe('Secrets', { concurrency: 1 }, () => {
  const reference = { password: { secret: { name: 'db', key: 'password' } } }
  const secured = {
    type: 'loki',
    url: nowhere,
    basicAuth: true,
    basicAuthUser: 'grafana',
    secure: { basicAuthPassword: reference.password },
  }

  onEach('a new value is one write, and no value stands anywhere but in Grafana', async (stage) => {
    const write = (password: string) =>
      stage.desk.secrets.write('db', ['grafana'], { password }, { allowedUrls: [nowhere] })
    write('hunter2-first')
    stage.put('datasources', { [metrics]: secured, [logs]: { type: 'loki', url: nowhere } })
    await stage.settle()
    await stage.rests()
    write('hunter2-second')
    stage.forget()
    await stage.settle()
    assert.equal(stage.writes().length, 1)
    await stage.rests()
    await stage.saveDatasource(metrics, { user: 'ada', secureJsonData: { basicAuthPassword: 'hunter2-ada' } })
    await stage.settle()
    await stage.rests()
    assert.deepEqual(
      { ...ownObject(await stage.datasource(metrics), 'secureJsonFields') },
      { basicAuthPassword: true },
    )
    const { desk } = stage
    assert.equal(desk.originals.length, 1)
    const told = JSON.stringify([...desk.states.values()].map((state) => [state, [...state.inventory]]))
    const all = [told, JSON.stringify([desk.logged, desk.announced, desk.originals, desk.metered])].join('')
    assert.doesNotMatch(all, /hunter2/)
  })

  simulated(
    'the value of Git is the one that Grafana has, after a rotation and after a person’s',
    async (stage) => {
      const stored = () => stage.grafana.state.data.datasources.get(metrics)?.secure
      for (const password of ['one', 'two']) {
        stage.desk.secrets.write('db', ['grafana'], { password }, { allowedUrls: [nowhere] })
        stage.put('datasources', { [metrics]: secured })
        await stage.settle()
        assert.deepEqual(stored(), { basicAuthPassword: password })
      }
      await stage.saveDatasource(metrics, { secureJsonData: { basicAuthPassword: 'ada' } })
      await stage.settle()
      assert.deepEqual(stored(), { basicAuthPassword: 'two' })
    },
  )

  onEach(
    'a value is sent only where its Secret allows it, and a Secret that lacks the key keeps no other away',
    async (stage) => {
      stage.desk.secrets.write(
        'db',
        ['grafana'],
        { password: 'hunter2' },
        { allowedUrls: ['https://elsewhere:1'] },
      )
      stage.desk.secrets.write('other', ['grafana'], { token: 'hunter2' }, { allowedUrls: [nowhere] })
      stage.desk.secrets.write('closed', ['kafka'], { password: 'hunter2' }, { allowedUrls: [nowhere] })
      const with_ = (name: string) => ({
        ...secured,
        secure: { basicAuthPassword: { secret: { name, key: 'password' } } },
      })
      stage.put('datasources', {
        [metrics]: with_('db'),
        [users]: with_('other'),
        [lag]: with_('closed'),
        [silent]: with_('gone'),
        [logs]: { type: 'loki', url: nowhere },
      })
      const [, ...unready] = await stage.outcome('datasources')
      assert.deepEqual(
        unready.map((each) => each.split(':')[0]),
        [lag, metrics, silent, users].sort(),
      )
      assert.match(stage.said('datasources'), /allowed-urls/)
      assert.match(stage.said('datasources'), /usable-by/)
      for (const uid of [metrics, users, lag, silent]) assert.equal(await stage.datasource(uid), undefined)
      assert.equal(textAt(await stage.datasource(logs), 'type'), 'loki')
      assert.doesNotMatch(JSON.stringify(stage.requests), /hunter2/)
      stage.desk.secrets.write('db', ['grafana'], { password: 'hunter2' }, { allowedUrls: [nowhere] })
      await stage.desk.converge('datasources')
      assert.deepEqual(
        { ...ownObject(await stage.datasource(metrics), 'secureJsonFields') },
        { basicAuthPassword: true },
      )
    },
  )

  onEach(
    'an address that changes takes no value along that its Secret does not allow there',
    async (stage) => {
      stage.desk.secrets.write('db', ['grafana'], { password: 'hunter2' }, { allowedUrls: [nowhere] })
      stage.put('datasources', { [metrics]: secured })
      await stage.settle()
      stage.put('datasources', { [metrics]: { ...secured, url: 'http://127.0.0.1:10' } })
      const [kind] = await stage.outcome('datasources')
      assert.notEqual(kind, 'done')
      assert.equal(
        textAt(await stage.datasource(metrics), 'url'),
        nowhere,
        'Grafana would send the old value there',
      )
    },
  )
})
