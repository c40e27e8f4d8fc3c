import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { own } from '../../../../src/core/json.ts'
import { Desk } from '../../../../test/support/desk.ts'
import { FakeGrafana, type ProfileName } from '../../fake.ts'
import { GrafanaReconciler } from '../../reconciler.ts'
import type { GrafanaResource } from '../../resource.ts'
import { GrafanaClient } from '../grafana-client.ts'

const query = (expr: string, refId = 'A') => ({
  refId,
  datasourceUid: 'prometheus',
  relativeTimeRange: { from: 600, to: 0 },
  model: { expr, refId },
})
const entry = (rule: object = {}, more: object = {}) => ({
  ...{ folder: 'kafka', group: 'health', interval: '30s', ...more },
  rule: { title: 'Lag', condition: 'A', data: [query('lag > 9')], labels: { severity: 'page' }, ...rule },
})
const written = { lag: entry(), urp: entry({ title: 'Under-replicated' }), up: entry({ title: 'Down' }) }

async function stage(profile: ProfileName = '13.3') {
  const grafana = new FakeGrafana({ profile })
  grafana.seed.folder('kafka')
  grafana.seed.datasource('prometheus')
  const desk = new Desk<GrafanaResource>(new GrafanaReconciler(), () => new GrafanaClient(grafana.wire()))
  const write = async (entries: object) => {
    desk.write('alerts', 'alert-rules', { ...entries }, { controls: { policy: 'sync' } })
    return desk.converge('alerts')
  }
  assert.deepEqual(await write(written), { kind: 'done' })
  const stored = (name: string) => grafana.state.data.rules.get(name)
  const byHand = (name: string, members: object) => {
    const path = `/api/v1/provisioning/alert-rules/${name}`
    const body = { ...(grafana.ask('GET', path).body as object), ...members }
    assert.equal(grafana.ask('PUT', path, body, { 'X-Disable-Provenance': 'true' }).status, 200)
  }
  return { grafana, desk, write, stored, byHand }
}

describe('alert rules, pass after pass', () => {
  for (const profile of ['api-only', '12.4', '13.3'] as const) {
    it(`are written once, and nothing is written or kept while nothing changes (${profile})`, async () => {
      const { grafana, desk } = await stage(profile)
      assert.deepEqual(
        grafana.writes().map(({ method }) => method),
        ['POST', 'PUT', 'POST', 'POST'],
        'three rules, and the interval of their group once',
      )
      await desk.reconcile('alerts')
      const { saves } = desk
      grafana.requests.length = 0
      for (let pass = 0; pass < 10; pass += 1) await desk.reconcile('alerts')
      assert.deepEqual([grafana.writes().length, desk.saves], [0, saves])
      const rules = grafana.reads().filter(({ path }) => path.startsWith('/api/v1/provisioning'))
      assert.equal(rules.length, 20, 'one list and one group each time')
    })
  }

  const faults = [
    ['the rule was made and nobody heard of it', { method: 'POST', kind: 'fail', moment: 'after' }],
    ['the interval did not get through', { method: 'PUT', kind: 'fail' }],
    [
      'the interval was refused',
      { method: 'PUT', kind: 'answer', answer: { status: 400, body: { message: 'no' } } },
    ],
  ] as const
  for (const [what, fault] of faults) {
    it(`are finished where they were made by half, and stay ours: ${what}`, async () => {
      const { grafana, desk, write, stored } = await stage()
      grafana.inject(fault)
      const half = { half: entry({}, { group: 'new' }) }
      desk.write('alerts', 'alert-rules', { ...written, ...half }, { controls: { policy: 'sync' } })
      await desk.reconcile('alerts').catch(() => undefined)
      assert.ok(stored('half') !== undefined)
      assert.deepEqual(await write({ ...written, ...half }), { kind: 'done' })
      assert.equal(grafana.state.data.rules.get('half')?.interval, 30)
      await write(written)
      assert.equal(stored('half'), undefined)
    })
  }

  it('get back what somebody changed, added and took away; what he made is kept, with his name', async () => {
    const { grafana, desk, stored, byHand } = await stage()
    await desk.reconcile('alerts')
    const others = [stored('urp'), stored('up')]
    byHand('lag', { labels: { team: 'shop' }, for: '9m' })
    const writes = grafana.writes().length
    await desk.converge('alerts')
    assert.deepEqual({ ...(own(stored('lag')?.members, 'labels') as object) }, { severity: 'page' })
    assert.equal(own(stored('lag')?.members, 'for'), '0s')
    assert.equal(grafana.writes().length, writes + 1)
    assert.deepEqual([stored('urp'), stored('up')], others, 'no other rule is touched')
    const [original] = desk.originals
    assert.deepEqual([original?.by, /"team":"shop"/.test(original?.text ?? '')], ['ada', true])
    assert.match(original?.at ?? '', /^2026-/)
  })

  it('stay paused where somebody paused them, also when Git changes something else', async () => {
    const { grafana, desk, write, stored, byHand } = await stage()
    await desk.reconcile('alerts')
    const writes = grafana.writes().length
    byHand('lag', { isPaused: true })
    assert.deepEqual(await desk.converge('alerts'), { kind: 'done' })
    assert.equal(grafana.writes().length, writes)
    assert.match(desk.unready('alerts').join(), /lag: warning LeftAsChanged/)
    await write({ ...written, lag: entry({ for: '2m' }) })
    const { for: waits, isPaused } = stored('lag')?.members ?? {}
    assert.deepEqual([waits, isPaused, grafana.writes().length], ['2m', true, writes + 1])
  })

  it('are left alone where only their folder is renamed', async () => {
    const { grafana, desk, stored } = await stage()
    await desk.reconcile('alerts')
    for (const name of ['lag', 'urp', 'up']) {
      const rule = stored(name)
      assert.ok(rule !== undefined)
      const moment = grafana.state.moment()
      grafana.state.data.rules.set(name, { ...rule, version: rule.version + 1, updated: moment })
    }
    const writes = grafana.writes().length
    await desk.converge('alerts')
    assert.equal(grafana.writes().length, writes)
    assert.equal(desk.state('alerts').ready, 'True')
  })

  it('are left alone where a release spells them anew, and still corrected where somebody saves them', async () => {
    const { grafana, desk, stored, byHand } = await stage()
    await desk.reconcile('alerts')
    const rule = stored('lag')
    assert.ok(rule !== undefined)
    const members = { ...rule.members, missingSeriesEvalsToResolve: 2, keep_firing_for: '1m' }
    grafana.state.data.rules.set('lag', { ...rule, members })
    const writes = grafana.writes().length
    await desk.converge('alerts')
    assert.equal(grafana.writes().length, writes)
    byHand('lag', { title: 'By hand' })
    await desk.converge('alerts')
    assert.equal(own(stored('lag')?.members, 'title'), 'Lag')
  })

  it('have the interval that is written, whoever changed it', async () => {
    const { grafana, desk, stored } = await stage()
    await desk.reconcile('alerts')
    const group = '/api/v1/provisioning/folder/kafka/rule-groups/health'
    assert.equal(grafana.ask('PUT', group, { interval: 60 }, { 'X-Disable-Provenance': 'true' }).status, 200)
    assert.equal(stored('up')?.interval, 60)
    const writes = grafana.writes().length
    await desk.converge('alerts')
    assert.equal(stored('up')?.interval, 30)
    assert.equal(grafana.writes().length, writes + 1, 'once for all of them')
  })

  it('change alone, and go alone', async () => {
    const { grafana, desk, write, stored } = await stage()
    await desk.reconcile('alerts')
    const up = stored('up')
    const writes = grafana.writes().length
    await write({ lag: entry({ data: [query('lag > 99')] }), up: written.up })
    assert.deepEqual(
      grafana
        .writes()
        .slice(writes)
        .map(({ method }) => method),
      ['PUT', 'DELETE'],
    )
    assert.equal(stored('urp'), undefined)
    assert.deepEqual(stored('up'), up)
    assert.equal(desk.originals.length, 1)
  })
})
