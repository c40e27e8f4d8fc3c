import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { own } from '../../../../src/core/json.ts'
import { textAt } from '../../../../src/core/members.ts'
import { SecretValues, fingerprintOf } from '../../../../src/core/secret-values.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { creationOf, removalOf } from '../../../../test/support/changes.ts'
import { entryOf, grafanaTools, outcomeOf, updateOf } from '../../../../test/support/grafana-client.ts'
import { normalizeDatasource } from '../../datasource.ts'
import { FakeGrafana } from '../../fake.ts'
import type { Datasource } from '../../resource.ts'
import { datasourceSchema } from '../../schema.ts'
import { DatasourceList } from './datasource-list.ts'
import { DatasourcesClient } from './datasources-client.ts'

const signal = AbortSignal.timeout(20_000)
const key = new Uint8Array(32)
const uid = 'prometheus'
const path = `/api/datasources/uid/${uid}`
const usual = { type: 'prometheus', url: 'http://prometheus:9090', jsonData: { timeInterval: '30s' } }

/** As written, with the values of its Secrets: each is named by its key. */
function desired(written: object, name = uid, secrets: Readonly<Record<string, string>> = {}): Datasource {
  const references = Object.keys(secrets).map((each) => [each, { secret: { name: 's', key: each } }])
  const secure = references.length === 0 ? {} : { secure: Object.fromEntries(references) as object }
  const datasource = normalizeDatasource(name, datasourceSchema.parse({ ...written, ...secure }))
  const values = Object.entries(secrets).map(([each, value]) => [`secure.${each}`, value] as const)
  const fingerprints = values.map(([at, value]) => [at, fingerprintOf(key, value)] as const)
  return {
    ...datasource,
    fields: new Map([...datasource.fields, ...fingerprints]),
    ...(values.length > 0 && { secrets: new SecretValues(new Map(values)) }),
  }
}

function stage(clock = { now: 1_000_000 }) {
  const grafana = new FakeGrafana()
  // The first datasource becomes the default.
  grafana.seed.datasource('first', { members: { isDefault: true } })
  const tools = grafanaTools(grafana.wire(), clock)
  const client = new DatasourcesClient(tools, new DatasourceList(tools))
  const observe = async (wish?: Datasource, name = uid): Promise<Datasource | undefined> => {
    const sought = new Map([[name, wish === undefined ? {} : { desired: wish }]])
    return (await client.observe([name], signal, sought))[0]
  }
  const make = async (wish: Datasource) => shownOf(await client.apply(creationOf(wish), signal))
  const stored = (name = uid) => grafana.state.data.datasources.get(name)
  return { grafana, client, clock, observe, make, stored }
}

function shownOf(outcome: Outcome<Datasource>): Datasource {
  const shown = outcome.state === 'done' ? outcome.shown : undefined
  assert.ok(shown !== undefined, JSON.stringify(outcome))
  return shown
}

function failed(outcome: Outcome<Datasource>): readonly [string, string] {
  assert.equal(outcome.state, 'failed', JSON.stringify(outcome))
  return [outcome.reason, outcome.message]
}

describe('a datasource that is made', () => {
  it('has what is written, and its secrets', async () => {
    const { make, stored, observe } = stage()
    const wish = desired(usual, uid, { httpHeaderValue1: 'Bearer abcdef' })
    const shown = await make(wish)
    assert.deepEqual(stored()?.secure, { httpHeaderValue1: 'Bearer abcdef' })
    assert.deepEqual(shown.fields.get('secure.httpHeaderValue1'), { set: 1 })
    assert.equal(shown.fields.get('jsonData.timeInterval'), '30s')
    const again = await observe(wish)
    assert.ok(again !== undefined)
    assert.deepEqual(updateOf(wish, again, entryOf(wish, shown)).fields, [])
  })

  it('is not left the default that Grafana makes of the first one', async () => {
    const { grafana, client, make, stored } = stage()
    grafana.empty()
    await make(desired({ ...usual, isDefault: false }))
    assert.equal(own(stored()?.members, 'isDefault'), false)
    grafana.empty()
    const outcome = await client.apply(creationOf(desired(usual)), signal)
    assert.equal(own(stored()?.members, 'isDefault'), true)
    assert.match(textAt(outcome, 'note'), /Grafana made it the default/)
  })

  it('is the same one where the answer was lost, and nobody else’s', async () => {
    const { grafana, client, make, stored } = stage()
    const wish = desired(usual, uid, { password: 'hunter2' })
    grafana.seed.datasource(uid, { members: { jsonData: { timeInterval: '30s' } } })
    await make(wish)
    assert.deepEqual(stored()?.secure, { password: 'hunter2' })
    const other = desired({ ...usual, url: 'http://elsewhere' })
    const [reason, message] = failed(await outcomeOf(client.apply(creationOf(other), signal)))
    assert.equal(reason, 'ChangesFailed')
    assert.match(message, /somebody else made a datasource "prometheus"/)
  })

  it('is told of a name that another has', async () => {
    const { client } = stage()
    const wish = desired({ ...usual, name: 'first' })
    const [reason, message] = failed(await outcomeOf(client.apply(creationOf(wish), signal)))
    assert.equal(reason, 'RejectedByServer')
    assert.match(message, /same name already exists \("first"\): rename one/)
  })
})

describe('a datasource that is changed', () => {
  it('keeps what is not ours to change, and is sent no secret that did not change', async () => {
    const { grafana, client, make, observe, stored } = stage()
    const before = desired(usual, uid, { password: 'hunter2', token: 'abcdef' })
    const first = await make(before)
    const wish = desired({ ...usual, url: 'http://prometheus:9091' }, uid, {
      password: 'hunter3',
      token: 'abcdef',
    })
    const there = await observe(wish)
    assert.ok(there !== undefined)
    const change = updateOf(wish, there, entryOf(before, first))
    assert.deepEqual(
      change.fields.map((each) => each.path),
      ['secure.password', 'url'],
    )
    await client.apply(change, signal)
    const [put] = grafana.writes().filter(({ method }) => method === 'PUT')
    assert.deepEqual({ ...(own(put?.body, 'secureJsonData') as object) }, { password: 'hunter3' })
    assert.equal(own(put?.body, 'version'), 1)
    assert.equal(own(put?.body, 'uid'), uid)
    assert.deepEqual(stored()?.secure, { password: 'hunter3', token: 'abcdef' })
    assert.deepEqual({ ...(own(stored()?.members, 'jsonData') as object) }, { timeInterval: '30s' })
  })

  it('is not overwritten where somebody saved it after the plan', async () => {
    const { grafana, client, make, stored } = stage()
    const shown = await make(desired(usual))
    grafana.ask('PUT', path, { ...stored()?.members, name: 'By hand', version: 1 })
    const change = updateOf(desired({ ...usual, url: 'http://other' }), shown)
    assert.equal(failed(await outcomeOf(client.apply(change, signal)))[0], 'ServiceBusy')
    assert.equal(own(stored()?.members, 'name'), 'By hand')
    assert.equal(failed(await outcomeOf(client.apply(removalOf(shown), signal)))[0], 'ServiceBusy')
    assert.ok(stored() !== undefined)
  })

  it('gives its secrets again where somebody saved it, and takes away those no longer written', async () => {
    const { grafana, client, make, observe, stored } = stage()
    const wish = desired(usual, uid, { password: 'hunter2', token: 'abcdef' })
    const shown = await make(wish)
    grafana.ask('PUT', path, { ...stored()?.members, version: 1, secureJsonData: { password: 'mine' } })
    const there = await observe(wish)
    assert.ok(there !== undefined)
    const outcome = await client.apply(updateOf(wish, there, entryOf(wish, shown)), signal)
    assert.match(textAt(outcome, 'note'), /secure values set again: password, token/)
    assert.equal(stored()?.secure['password'], 'hunter2')
    const less = desired(usual, uid, { password: 'hunter2' })
    const now = shownOf(outcome)
    const last = shownOf(await client.apply(updateOf(less, now, entryOf(wish, now)), signal))
    assert.equal(stored()?.secure['token'], '')
    assert.equal(last.fields.has('secure.token'), false)
  })

  it('is told of what Grafana does not empty', async () => {
    const { client, make } = stage()
    const shown = await make(desired({ type: 'testdata', url: 'http://somewhere' }))
    const change = updateOf(desired({ type: 'testdata' }), shown)
    const [reason, message] = failed(await outcomeOf(client.apply(change, signal)))
    assert.equal(reason, 'RejectedByServer')
    assert.match(message, /does not empty url.*write another value/)
  })

  it('is told as read-only, and by words without its secrets', async () => {
    const { grafana, client } = stage()
    grafana.seed.datasource(uid, { readOnly: true })
    const there = (await client.observe([uid], signal, new Map()))[0]
    assert.ok(there?.facts?.readOnly === true)
    const wish = desired({ ...usual, url: 'http://other' }, uid, { password: 'hunter2' })
    const change = updateOf(wish, there)
    assert.match(failed(await outcomeOf(client.apply(change, signal)))[1], /is read-only/)
    const body = { message: 'cannot use password hunter2' }
    grafana.inject({ method: 'PUT', kind: 'answer', answer: { status: 400, body } })
    assert.match(failed(await outcomeOf(client.apply(change, signal)))[1], /cannot use password \[secret\]$/)
  })
})

describe('values of secrets', () => {
  const without = (change: Change<Datasource>, ...ignored: readonly string[]): Change<Datasource> => ({
    ...change,
    fields: change.fields.filter(({ path: each }) => !ignored.includes(each)),
  })

  it('do not go where a datasource leads whose url is ignored', async () => {
    const { client, make, stored } = stage()
    const shown = await make(desired({ ...usual, url: 'http://evil:9090/' }))
    const change = updateOf(desired(usual, uid, { password: 'hunter2' }), shown)
    const [reason, message] = failed(await outcomeOf(client.apply(without(change, 'url'), signal)))
    assert.equal(reason, 'SecretNotUsable')
    assert.match(
      message,
      /password is not sent: .*"http:\/\/evil:9090\/", and "http:\/\/prometheus:9090" is written/,
    )
    assert.deepEqual(stored()?.secure, {})
    shownOf(await client.apply(change, signal))
    assert.deepEqual(stored()?.secure, { password: 'hunter2' })
  })

  it('do not go to a url that is no longer written, for Grafana keeps it', async () => {
    const { client, make, stored } = stage()
    const shown = await make(desired({ type: 'testdata', url: 'http://evil' }))
    const change = updateOf(desired({ type: 'testdata' }, uid, { password: 'hunter2' }), shown)
    const [reason, message] = failed(await outcomeOf(client.apply(change, signal)))
    assert.equal(reason, 'SecretNotUsable')
    assert.match(message, /"http:\/\/evil", and no url is written/)
    assert.deepEqual(stored()?.secure, {})
  })

  it('do not go to browsers', async () => {
    const { client, make, stored } = stage()
    const shown = await make(desired({ ...usual, access: 'direct' }))
    const change = updateOf(desired(usual, uid, { password: 'hunter2' }), shown)
    const [reason, message] = failed(await outcomeOf(client.apply(without(change, 'access'), signal)))
    assert.equal(reason, 'SecretNotUsable')
    assert.match(message, /with the access "direct" every browser would get it/)
    assert.deepEqual(stored()?.secure, {})
  })

  it('do not move along to another url where they are no longer written, and ignored', async () => {
    const { client, make, stored } = stage()
    const before = desired(usual, uid, { password: 'hunter2' })
    const shown = await make(before)
    const change = updateOf(desired({ ...usual, url: 'http://evil' }), shown, entryOf(before, shown))
    const ignored = without(change, 'secure.password')
    const [reason, message] = failed(await outcomeOf(client.apply(ignored, signal)))
    assert.equal(reason, 'SecretNotUsable')
    assert.match(message, /url is not changed: password is set and not written/)
    assert.equal(own(stored()?.members, 'url'), 'http://prometheus:9090')
    shownOf(await client.apply(change, signal))
    assert.deepEqual(stored()?.secure, { password: '' })
  })
})

describe('the default datasource', () => {
  it('is not taken back by a change of the one that was it', async () => {
    const { grafana, client, make, observe, stored } = stage()
    await make(desired(usual))
    const [first, other] = [await observe(undefined, 'first'), await observe()]
    assert.ok(first !== undefined && other !== undefined)
    const changes = [
      updateOf(desired({ ...usual, url: 'http://new' }, 'first'), first),
      updateOf(desired({ ...usual, isDefault: true }), other),
    ]
    await Promise.all(changes.map(async (change) => client.apply(change, signal)))
    assert.equal(own(stored()?.members, 'isDefault'), true)
    assert.equal(own(stored('first')?.members, 'isDefault'), false)
    assert.equal(grafana.writes().length, 3)
  })
})

describe('a datasource that is deleted', () => {
  it('is gone, and gone already is done', async () => {
    const { client, make, observe } = stage()
    const shown = await make(desired(usual))
    assert.deepEqual(await client.apply(removalOf(shown), signal), { state: 'done' })
    assert.deepEqual(await client.apply(removalOf(shown), signal), { state: 'done' })
    assert.equal(await observe(), undefined)
  })
})

describe('looking at datasources', () => {
  it('costs one list and one request each, and no write', async () => {
    const { grafana, client, make } = stage()
    const wishes = ['a', 'b', 'c'].map((name) => desired({ ...usual, isDefault: false }, name))
    for (const wish of wishes) await make(wish)
    const names = ['a', 'b', 'c', 'not-there']
    grafana.requests.length = 0
    for (let pass = 0; pass < 10; pass += 1) await client.observe(names, signal, new Map())
    assert.deepEqual([grafana.writes().length, grafana.reads().length], [0, 40])
    await client.list(signal)
    assert.equal(grafana.reads().length, 40, 'the list of a moment ago serves')
  })

  it('keeps what can be sent back, without a secret', async () => {
    const { grafana, observe } = stage()
    grafana.seed.datasource(uid, {
      members: { url: 'http://ada:hunter2@prometheus', jsonData: { tokenUri: 'x', apiKey: 'hunter2' } },
      secure: { password: 'hunter2' },
    })
    const text = (await observe())?.original?.text ?? ''
    assert.equal(text.includes('hunter2'), false, text)
    assert.equal(own(JSON.parse(text), 'uid'), uid)
  })

  it('warns of a type whose plugin is not installed', async () => {
    const { make, observe } = stage()
    const shown = await make(desired({ type: 'acme-datasource' }))
    assert.deepEqual(shown.warnings, ['no plugin of the type "acme-datasource" is installed in this Grafana'])
    assert.deepEqual((await observe())?.warnings, shown.warnings)
  })

  it('throws where what was ours may not be read any more', async () => {
    const { grafana, client, make } = stage()
    await make(desired(usual))
    grafana.inject({ path, kind: 'answer', answer: { status: 403, body: { message: 'Access denied' } } })
    grafana.inject({ path: '/api/datasources', kind: 'answer', answer: { status: 200, body: [] } })
    const sought = new Map([[uid, { id: '2' }]])
    await assert.rejects(client.observe([uid], signal, sought), { reason: 'AuthorizationFailed' })
  })
})

describe('the health of a datasource', () => {
  it('is asked where that is written, once a minute, and after each change', async () => {
    const { grafana, client, clock, make, observe } = stage()
    const wish = desired({ ...usual, health: 'checked' })
    const checks = () => grafana.reads().filter((each) => each.path.endsWith('/health')).length
    const shown = await make(wish)
    assert.deepEqual([shown.unhealthy, checks()], [undefined, 1])
    grafana.sicken(uid, 'dial tcp 10.0.0.7:41234->10.0.0.1:9090: connection refused')
    assert.equal((await observe(wish))?.unhealthy, undefined)
    clock.now += 60_000
    assert.equal((await observe(wish))?.unhealthy, 'dial tcp 10.0.0.1:9090: connection refused')
    assert.equal((await observe(wish))?.unhealthy, 'dial tcp 10.0.0.1:9090: connection refused')
    assert.equal(checks(), 2)
    await client.apply(updateOf(desired({ ...usual, database: 'x', health: 'checked' }), shown), signal)
    assert.equal(checks(), 3)
    await observe(desired(usual))
    assert.equal(checks(), 3)
  })

  const cases = [
    [
      'a plugin without a check',
      501,
      { messageId: 'plugin.notImplemented' },
      'its plugin has no health check',
    ],
    ['a token that may not ask', 403, { message: 'Access denied to datasource' }, /grant datasources:query/],
  ] as const
  for (const [title, status, body, warning] of cases) {
    it(`is a warning with ${title}`, async () => {
      const { grafana, make, observe } = stage()
      const wish = desired({ ...usual, health: 'checked' })
      await make(desired(usual))
      grafana.inject({ path: `${path}/health`, kind: 'answer', answer: { status, body } })
      const there = await observe(wish)
      assert.equal(there?.unhealthy, undefined)
      assert.match(there?.warnings?.join() ?? '', new RegExp(warning))
    })
  }

  it('is a fault where the check does not come to an end, or Grafana has no words for it', async () => {
    const { grafana, clock, make, observe } = stage()
    const wish = desired({ ...usual, health: 'checked' })
    await make(desired(usual))
    grafana.inject({ path: `${path}/health`, kind: 'fail', moment: 'after' })
    assert.match((await observe(wish))?.unhealthy ?? '', /did not come to an end in time/)
    clock.now += 60_000
    grafana.inject({ path: `${path}/health`, kind: 'answer', answer: { status: 500, body: undefined } })
    assert.match((await observe(wish))?.unhealthy ?? '', /answers with status 500/)
  })
})
