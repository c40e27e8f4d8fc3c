import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { own } from '../../../../src/core/json.ts'
import { listAt, textAt } from '../../../../src/core/members.ts'
import type { InventoryEntry } from '../../../../src/core/inventory.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome, Sought } from '../../../../src/reconcile/service-client.ts'
import { creationOf, removalOf } from '../../../../test/support/changes.ts'
import { entryOf, grafanaTools, outcomeOf, updateOf } from '../../../../test/support/grafana-client.ts'
import { normalizeAlertRule } from '../../alert-rule/alert-rule.ts'
import { FakeGrafana, type ProfileName } from '../../fake.ts'
import type { AlertRule } from '../../resource.ts'
import { alertRuleSchema } from '../../schema.ts'
import { DatasourceList } from '../datasources/datasource-list.ts'
import { AlertRulesClient } from './alert-rules-client.ts'

const signal = AbortSignal.timeout(20_000)
const uid = 'under-replicated'
const rulePath = `/api/v1/provisioning/alert-rules/${uid}`
const query = (expr: string, refId = 'A') => ({
  refId,
  datasourceUid: 'prometheus',
  relativeTimeRange: { from: 600, to: 0 },
  model: { expr, refId },
})
const usual = {
  title: 'Under-replicated partitions',
  condition: 'A',
  data: [query('kafka_under_replicated > 0')],
  for: '5m',
  labels: { severity: 'critical' },
  annotations: { summary: 'Look at the brokers' },
}

interface Place {
  readonly name?: string
  readonly folder?: string
  readonly group?: string
  readonly interval?: string
  readonly edits?: string
}

function desired(rule: object = {}, { name = uid, ...place }: Place = {}): AlertRule {
  const written = { folder: 'kafka', group: 'health', ...place, rule: { ...usual, ...rule } }
  return normalizeAlertRule(name, alertRuleSchema.parse(written))
}

function stage(profile: ProfileName = '13.3') {
  const grafana = new FakeGrafana({ profile })
  grafana.seed.folder('kafka')
  grafana.seed.folder('other')
  const clock = { now: Date.UTC(2027, 1) }
  const tools = grafanaTools(grafana.wire(), clock)
  const client = new AlertRulesClient(tools, new DatasourceList(tools))
  const observe = async (name = uid, sought: Sought<AlertRule> = {}): Promise<AlertRule> => {
    const [found] = await client.observe([name], signal, new Map([[name, sought]]))
    assert.ok(found !== undefined)
    return found
  }
  const make = async (wish: AlertRule) => shownOf(await client.apply(creationOf(wish), signal))
  const change = async (wish: AlertRule, there: AlertRule, entry?: InventoryEntry) =>
    outcomeOf(client.apply(updateOf(wish, there, entry), signal))
  const stored = (name = uid) => grafana.state.data.rules.get(name)
  const byHand = (rule: object, name = uid) => {
    const path = `/api/v1/provisioning/alert-rules/${name}`
    const body = { ...(grafana.ask('GET', path).body as object), ...rule }
    const { status } = grafana.ask('PUT', path, body, { 'X-Disable-Provenance': 'true' })
    assert.equal(status, 200)
  }
  return { grafana, client, clock, observe, make, change, stored, byHand }
}

function shownOf(outcome: Outcome<AlertRule>): AlertRule {
  const shown = outcome.state === 'done' ? outcome.shown : undefined
  assert.ok(shown !== undefined, JSON.stringify(outcome))
  return shown
}

function failed(outcome: Outcome<AlertRule>): readonly [string, string] {
  assert.equal(outcome.state, 'failed', JSON.stringify(outcome))
  return [outcome.reason, outcome.message]
}

describe('an alert rule that is made', () => {
  for (const profile of ['api-only', '12.4', '13.0', '13.3'] as const) {
    it(`is as written, and can be changed in the pages (${profile})`, async () => {
      const { make, observe, stored } = stage(profile)
      const wish = desired()
      const shown = await make(wish)
      assert.equal(stored()?.provenance, '')
      assert.equal(shown.marked, true, 'ours, however Grafana spells it')
      const there = await observe()
      assert.deepEqual(updateOf(wish, there, entryOf(wish, shown)).fields, [])
      assert.deepEqual(updateOf(wish, there).fields, [], 'nothing is respelled')
    })
  }

  it('has its interval, and takes over nothing else of its group', async () => {
    const { grafana, make, stored } = stage()
    await make(desired({}, { interval: '30s' }))
    assert.equal(stored()?.interval, 30)
    await make(desired({}, { name: 'second', interval: '30s' }))
    assert.equal(stored('second')?.interval, 30)
    const puts = grafana.writes().filter(({ method }) => method === 'PUT')
    assert.deepEqual(
      puts.map(({ path, body }) => [path, own(body, 'rules')]),
      [['/api/v1/provisioning/folder/kafka/rule-groups/health', undefined]],
    )
  })

  it('is locked where that is written, its group too', async () => {
    const { make, stored } = stage()
    const shown = await make(desired({}, { edits: 'locked', interval: '10s' }))
    assert.deepEqual([stored()?.provenance, stored()?.interval], ['api', 10])
    assert.equal(shown.fields.get('edits'), 'locked')
  })

  it('may be a recording rule', async () => {
    const { make, observe } = stage()
    const { title, data } = usual
    const wish = normalizeAlertRule(
      uid,
      alertRuleSchema.parse({
        ...{ folder: 'kafka', group: 'health' },
        rule: { title, data, record: { metric: 'kafka_urp', from: 'A' } },
      }),
    )
    await make(wish)
    assert.deepEqual(updateOf(wish, await observe()).fields, [])
  })

  it('stands in a group of any name', async () => {
    const { make, stored } = stage()
    const wish = desired({}, { group: 'a/b 100% c', interval: '2m' })
    assert.equal((await make(wish)).fields.get('interval'), 120)
    assert.equal(stored()?.ruleGroup, 'a/b 100% c')
  })

  it('is the same one where the answer was lost, and nobody else’s', async () => {
    const { client, make, stored } = stage()
    await make(desired())
    const id = stored()?.id
    assert.equal((await make(desired())).id, String(id))
    const other = creationOf(desired({ title: 'Another' }))
    const [reason, message] = failed(await outcomeOf(client.apply(other, signal)))
    assert.equal(reason, 'ChangesFailed')
    assert.match(message, /somebody else made an alert rule "under-replicated"/)
  })

  it('waits for what it names, in Grafana’s words', async () => {
    const { client } = stage()
    const apply = async (wish: AlertRule) => outcomeOf(client.apply(creationOf(wish), signal))
    const [reason, words] = failed(await apply(desired({}, { folder: 'missing' })))
    assert.deepEqual([reason, /folder does not exist/.test(words)], ['DependencyMissing', true])
    const [second, message] = failed(await apply(desired({ notification_settings: { receiver: 'nobody' } })))
    assert.equal(second, 'DependencyMissing')
    assert.match(message, /creating alert rule "under-replicated": .*receiver does not exist/s)
  })

  it('is refused for good where Grafana finds a fault in it', async () => {
    const { grafana, client } = stage()
    const body = { message: 'invalid alert rule: cannot store rules in folder managed by Git Sync' }
    grafana.inject({ method: 'POST', kind: 'answer', answer: { status: 400, body } })
    const [reason, message] = failed(await outcomeOf(client.apply(creationOf(desired()), signal)))
    assert.equal(reason, 'RejectedByServer')
    assert.match(message, /^creating alert rule "under-replicated": .*managed by Git Sync$/)
  })
})

describe('an alert rule that is changed', () => {
  it('keeps what is not in the change: a query as it was, a pause', async () => {
    const { grafana, make, change, observe, stored, byHand } = stage()
    const shown = await make(desired())
    byHand({ isPaused: true })
    const wish = desired({ data: [...usual.data, query('up', 'B')], labels: { severity: 'warning' } })
    const there = await observe()
    const planned = updateOf(wish, there, entryOf(desired(), shown))
    const fields = planned.fields.filter(({ path }) => path !== 'isPaused')
    assert.deepEqual(
      fields.map(({ path }) => path),
      ['data.B', 'labels.severity'],
    )
    const before = listAt(stored()?.members, 'data')[0]
    const outcome = await change(wish, { ...there, fields: new Map([...there.fields, ['isPaused', false]]) })
    assert.equal(outcome.state, 'done', JSON.stringify(outcome))
    assert.equal(own(stored()?.members, 'isPaused'), true)
    assert.deepEqual(listAt(stored()?.members, 'data')[0], before)
    assert.equal(listAt(stored()?.members, 'data').length, 2)
    assert.equal(grafana.writes().at(-1)?.method, 'PUT')
  })

  it('can be paused by Git, and loses what is no longer written', async () => {
    const { make, change, stored } = stage()
    const shown = await make(desired({ keep_firing_for: '1m', missingSeriesEvalsToResolve: 3 }))
    shownOf(await change(desired({ isPaused: true, labels: {}, annotations: {} }), shown))
    const { isPaused, labels, annotations, keep_firing_for: kept } = stored()?.members ?? {}
    assert.deepEqual(
      [isPaused, { ...(labels as object) }, { ...(annotations as object) }, kept],
      [true, {}, {}, '0s'],
    )
    assert.equal(stored()?.members['missingSeriesEvalsToResolve'], null)
  })

  it('moves in place, and takes the interval of its new group', async () => {
    const { make, change, stored } = stage()
    await make(desired({}, { name: 'there', folder: 'other', group: 'more', interval: '20s' }))
    const shown = await make(desired())
    const id = stored()?.id
    const moved = await change(desired({}, { folder: 'other', group: 'more', interval: '20s' }), shown)
    assert.equal(shownOf(moved).fields.get('folder'), 'other')
    const { id: same, folderUID, ruleGroup, interval } = stored() ?? {}
    assert.deepEqual([same, folderUID, ruleGroup, interval], [id, 'other', 'more', 20])
  })

  it('is not saved where only the interval of its group changes', async () => {
    const { grafana, make, change, stored } = stage()
    const shown = await make(desired())
    const written = grafana.writes().length
    shownOf(await change(desired({}, { interval: '3m' }), shown))
    assert.deepEqual(
      grafana
        .writes()
        .slice(written)
        .map(({ path }) => path),
      ['/api/v1/provisioning/folder/kafka/rule-groups/health'],
    )
    assert.equal(stored()?.interval, 180)
  })

  it('leaves the interval where that would lock or unlock other rules', async () => {
    const { grafana, make, change, stored } = stage()
    const shown = await make(desired())
    grafana.seed.rule('foreign', { folder: 'kafka', group: 'health', provenance: 'file' })
    const [reason, message] = failed(await change(desired({}, { interval: '3m' }), shown))
    assert.equal(reason, 'ChangesFailed')
    assert.match(message, /rule group "health" in folder "kafka".*foreign/)
    assert.equal(stored('foreign')?.interval, 60)
  })

  it('is not overwritten where somebody saved it after the plan, nor deleted', async () => {
    const { client, make, change, stored, byHand } = stage()
    const shown = await make(desired())
    byHand({ title: 'By hand' })
    assert.equal(failed(await change(desired({ for: '1m' }), shown))[0], 'ServiceBusy')
    assert.equal(failed(await outcomeOf(client.apply(removalOf(shown), signal)))[0], 'ServiceBusy')
    assert.equal(stored()?.members['title'], 'By hand')
  })

  it('is told where Grafana answers 200 and does nothing (a token of an Editor)', async () => {
    const { grafana, make, change } = stage()
    const shown = await make(desired())
    grafana.role = 'Editor'
    const [reason, message] = failed(await change(desired({ isPaused: true }), shown))
    assert.equal(reason, 'AuthorizationFailed')
    assert.match(message, /still shows isPaused as before.*not Admin/)
  })

  it('becomes locked in place, and is never unlocked', async () => {
    for (const profile of ['12.4', '13.3'] as const) {
      const { make, change, stored } = stage(profile)
      const shown = await make(desired())
      const locked = shownOf(await change(desired({}, { edits: 'locked' }), shown))
      assert.equal(stored()?.provenance, 'api')
      const [reason, message] = failed(await change(desired(), locked))
      assert.equal(reason, 'RejectedByServer')
      assert.match(message, /does not unlock a rule in place/)
      shownOf(await change(desired({ for: '9m' }, { edits: 'locked' }), locked))
      assert.equal(stored()?.members['for'], '9m')
    }
  })

  it('is left alone where files provision it', async () => {
    const { grafana, client, observe, change } = stage()
    grafana.seed.rule(uid, { folder: 'kafka', provenance: 'file' })
    const there = await observe()
    assert.equal(there.facts?.provenance, 'file')
    assert.match(failed(await change(desired({}, { edits: 'locked' }), there))[1], /provisioned elsewhere/)
    assert.match(failed(await outcomeOf(client.apply(removalOf(there), signal)))[1], /provisioned elsewhere/)
    assert.equal(grafana.writes().length, 0)
  })

  it('is told as gone where somebody deleted it', async () => {
    const { grafana, make, change } = stage()
    const shown = await make(desired())
    grafana.ask('DELETE', rulePath, undefined, { 'X-Disable-Provenance': 'true' })
    const [reason, message] = failed(await change(desired({ for: '1m' }), shown))
    assert.deepEqual([reason, /is not there any more/.test(message)], ['ChangesFailed', true])
  })
})

describe('an alert rule that is deleted', () => {
  for (const edits of ['allowed', 'locked']) {
    it(`is gone, and gone already is done (${edits})`, async () => {
      const { client, make, stored } = stage()
      const shown = await make(desired({}, { edits }))
      await make(desired({}, { name: 'second', edits }))
      assert.deepEqual(await client.apply(removalOf(shown), signal), { state: 'done' })
      assert.deepEqual(await client.apply(removalOf(shown), signal), { state: 'done' })
      assert.deepEqual([stored(), stored('second')?.uid], [undefined, 'second'])
    })
  }
})

describe('looking at alert rules', () => {
  it('costs one list of rules, one of datasources, one request for each of our groups, and no write', async () => {
    const { grafana, client, make } = stage()
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) await make(desired({}, { name, group: name < 'c' ? 'one' : 'two' }))
    for (let more = 0; more < 20; more += 1)
      grafana.seed.rule(`foreign-${more}`, { folder: 'other', group: `group-${more}` })
    grafana.requests.length = 0
    for (let pass = 0; pass < 10; pass += 1)
      assert.equal((await client.observe([...names, 'not-there'], signal, new Map())).length, 4)
    assert.deepEqual([grafana.writes().length, grafana.reads().length], [0, 40])
    await client.list(signal)
    assert.equal(grafana.reads().length, 40, 'the list of a moment ago serves')
    await make(desired({}, { name: 'new' }))
    assert.ok((await client.list(signal)).includes('new'))
  })

  it('tells who saved it last, and when, where that was not us', async () => {
    const { grafana, make, observe, byHand } = stage()
    const asked = () => grafana.reads().filter(({ path }) => path.endsWith('/versions')).length
    const { edition } = await make(desired())
    assert.ok(edition !== undefined)
    assert.equal((await observe(uid, { edition })).original?.by, undefined)
    assert.equal(asked(), 0)
    byHand({ title: 'By hand' })
    const { original } = await observe(uid, { edition })
    assert.equal(original?.by, 'ada')
    assert.match(original.at ?? '', /^2026-/)
    assert.equal(textAt(JSON.parse(original.text), 'title'), 'By hand')
    await observe(uid, { edition })
    assert.equal(asked(), 1)
  })

  it('is shown without who saved it where that cannot be told, and asked again', async () => {
    const { grafana, make, observe, byHand } = stage()
    const { edition } = await make(desired())
    assert.ok(edition !== undefined)
    byHand({ title: 'By hand' })
    const error = new ReconcileError('NotSupportedByServer', 'the answer is larger than 64 MiB')
    const fault = { path: `/api/ruler/grafana/api/v1/rule/${uid}/versions`, kind: 'fail', error } as const
    grafana.inject(fault)
    const { fields, original } = await observe(uid, { edition })
    assert.deepEqual([fields.get('title'), original?.by], ['By hand', undefined])
    assert.equal((await observe(uid, { edition })).original?.by, 'ada')
  })

  it('warns of a datasource that is not there, where it may see datasources', async () => {
    const { grafana, make, observe } = stage()
    const words = ['query A asks the datasource "prometheus", which is not there']
    const data = [
      ...usual.data,
      { refId: 'B', datasourceUid: '__expr__', model: { type: 'threshold', expression: 'A' } },
    ]
    assert.deepEqual((await make(desired({ data, condition: 'B' }))).warnings, words)
    assert.deepEqual((await observe()).warnings, words)
    const answer = { status: 403, body: { message: 'Access denied' } }
    grafana.inject({ path: '/api/datasources', kind: 'answer', answer })
    assert.equal((await observe()).warnings, undefined)
    grafana.seed.datasource('prometheus')
    assert.equal((await observe()).warnings, undefined)
  })

  it('gives an original that Grafana takes back', async () => {
    const { grafana, make, observe, stored } = stage()
    await make(desired({ keep_firing_for: '1m' }))
    const { original } = await observe()
    const before = stored()?.members
    grafana.state.data.rules.delete(uid)
    const body: unknown = JSON.parse(original?.text ?? '')
    const { status } = grafana.ask('POST', '/api/v1/provisioning/alert-rules', body)
    assert.equal(status, 201)
    assert.deepEqual(stored()?.members, before)
  })

  it('trusts a save only when no second one can bear the same time', async () => {
    const { clock, make, observe, stored, byHand } = stage()
    await make(desired())
    const saved = stored()?.updated ?? 0
    clock.now = saved + 4_000
    assert.equal((await observe()).edition, undefined)
    clock.now = saved + 5_000
    const { edition } = await observe()
    assert.ok(edition !== undefined)
    byHand({ title: 'By hand' })
    clock.now += 10_000
    assert.notEqual((await observe()).edition, edition)
  })

  it('does not take what the release spells anew for drift', async () => {
    const { grafana, make, observe, stored } = stage()
    const wish = desired()
    const shown = await make(wish)
    const rule = stored()
    assert.ok(rule !== undefined)
    const members = { ...rule.members, missingSeriesEvalsToResolve: 2 }
    grafana.state.data.rules.set(uid, { ...rule, members })
    assert.deepEqual(updateOf(wish, await observe(), entryOf(wish, shown)).fields, [])
  })

  it('throws where what was ours may not be read any more', async () => {
    const { grafana, client, make } = stage()
    await make(desired())
    const answer = { status: 403, body: { message: 'user is not authorized' } }
    grafana.inject({ path: rulePath, kind: 'answer', answer })
    grafana.inject({
      path: '/api/v1/provisioning/alert-rules',
      kind: 'answer',
      answer: { status: 200, body: [] },
    })
    const sought = new Map([[uid, { id: '2' }]])
    await assert.rejects(client.observe([uid], signal, sought), { reason: 'AuthorizationFailed' })
  })
})
