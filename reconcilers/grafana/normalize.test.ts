import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { type JsonObject, toJsonObject } from '../../src/core/json.ts'
import { diff } from '../../src/core/diff.ts'
import type { Change, FieldChange, Json, Resource } from '../../src/core/resource.ts'
import { durationMs, spelledSeconds } from './alert-rule/durations.ts'
import { type RulePlace, ruleFields } from './alert-rule/fields.ts'
import { escaped, unescaped } from './alert-rule/words.ts'
import {
  datasourceBody,
  normalizeAlertRule,
  normalizeDatasource,
  normalizeFolder,
  observedDatasource,
  observedFolder,
  secretsOf,
  toWrittenAlertRule,
  toWrittenDatasource,
  toWrittenFolder,
} from './normalize.ts'
import { requirements } from './requires.ts'
import type { AlertRule, Datasource, ObjectFacts } from './resource.ts'
import { alertRuleSchema, datasourceSchema, folderSchema } from './schema.ts'

type Members = Readonly<Record<string, unknown>>

/** What differs, as a plan would have it without anything known of before. */
function differences(desired: Resource, observed: Resource): readonly FieldChange[] {
  return diff(desired, observed, undefined, () => false)
}

function plainOf(fields: ReadonlyMap<string, Json>): Readonly<Record<string, Json>> {
  return Object.fromEntries(fields)
}

const free: ObjectFacts = { version: '1', manager: undefined, provisioned: false }

describe('a folder', () => {
  const writtenFolder = (written: Members) => normalizeFolder('kafka', folderSchema.parse(written))

  it('stands at the top, which Grafana calls by three names', () => {
    const desired = writtenFolder({ title: 'Kafka' })
    assert.deepEqual(plainOf(desired.fields), { title: 'Kafka', parent: '' })
    for (const parent of [undefined, '', 'general'])
      assert.deepEqual(differences(desired, observedFolder('kafka', { title: 'Kafka', parent }, free)), [])
  })

  it('has a description only where one is written; an empty one is that there is none', () => {
    const shown = observedFolder('kafka', { title: 'Kafka', description: 'x' }, free)
    assert.deepEqual(differences(writtenFolder({ title: 'Kafka' }), shown), [])
    const bare = observedFolder('kafka', { title: 'Kafka' }, free)
    assert.deepEqual(differences(writtenFolder({ title: 'Kafka', description: '' }), bare), [])
    assert.deepEqual(
      differences(writtenFolder({ title: 'Kafka', description: '' }), shown).map(({ path }) => path),
      ['description'],
    )
  })

  it('needs its parent, as a dashboard and a rule need their folder, and a datasource nothing', () => {
    assert.deepEqual(requirements(writtenFolder({ title: 'Kafka', parent: 'platform' })), [
      'folders/platform',
    ])
    assert.deepEqual(requirements(writtenFolder({ title: 'Kafka' })), [])
    assert.deepEqual(requirements(writtenRule()), ['folders/kafka'])
    assert.deepEqual(requirements(writtenDatasource()), [])
    const dashboard = { type: 'dashboards', name: 'a', fields: new Map([['folder', 'kafka']]) } as const
    assert.deepEqual(requirements(dashboard), ['folders/kafka'])
    assert.deepEqual(requirements({ ...dashboard, fields: new Map([['folder', '']]) }), [])
  })

  it('is written as it is shown, and not at all where somebody else is in charge', () => {
    const shown = { title: 'Kafka', description: 'x', parent: 'platform' }
    assert.deepEqual(toWrittenFolder(observedFolder('kafka', shown, free)), shown)
    assert.deepEqual(toWrittenFolder(observedFolder('kafka', { title: 'K' }, free)), { title: 'K' })
    const facts = { ...free, manager: { kind: 'repo', id: 'git' } }
    assert.equal(toWrittenFolder(observedFolder('kafka', shown, facts)), undefined)
    assert.equal(toWrittenFolder(observedFolder('kafka', shown, { ...free, provisioned: true })), undefined)
  })
})

const address = { type: 'prometheus', url: 'http://prometheus:9090' }

function writtenDatasource(more: Members = {}): Datasource {
  return normalizeDatasource('prometheus', datasourceSchema.parse({ ...address, ...more }))
}

/** As GET by uid answers. */
const liveDatasource = {
  id: 3,
  uid: 'prometheus',
  orgId: 1,
  name: 'prometheus',
  type: 'prometheus',
  typeLogoUrl: 'public/app/plugins/x.svg',
  access: 'proxy',
  url: 'http://prometheus:9090',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  withCredentials: false,
  isDefault: true,
  jsonData: {},
  secureJsonFields: {},
  version: 4,
  readOnly: false,
  apiVersion: '',
}

function shownDatasource(more: Members = {}, desired?: Datasource): Datasource {
  return observedDatasource('prometheus', { ...liveDatasource, ...more }, desired)
}

describe('a datasource', () => {
  it('has the defaults of everything that is left out', () => {
    const desired = writtenDatasource()
    assert.deepEqual(plainOf(desired.fields), {
      name: 'prometheus',
      ...address,
      access: 'proxy',
      basicAuth: false,
      withCredentials: false,
    })
    assert.deepEqual([desired.whole, desired.baseline, desired.health], [true, true, undefined])
    assert.deepEqual(differences(desired, shownDatasource({}, desired)), [])
    assert.equal(writtenDatasource({ health: 'checked' }).health, 'checked')
  })

  it('is the default or not only where that is written', () => {
    const whoever = writtenDatasource()
    assert.deepEqual(differences(whoever, shownDatasource({ isDefault: false }, whoever)), [])
    const wanted = writtenDatasource({ isDefault: true })
    assert.deepEqual(
      differences(wanted, shownDatasource({ isDefault: false }, wanted)).map(({ path }) => path),
      ['isDefault'],
    )
    assert.equal(shownDatasource({ isDefault: false }).fields.get('isDefault'), false)
  })

  it('takes null, nothing and an empty text for the same, and 1 for 1.0', () => {
    const desired = writtenDatasource({
      user: '',
      database: '',
      jsonData: JSON.parse('{"a": 1.0, "b": null, "c": "", "d": {"y": 1, "x": null}}') as unknown,
    })
    const shown = shownDatasource({ jsonData: { d: { y: 1 }, a: 1 } }, desired)
    assert.deepEqual(differences(desired, shown), [])
    assert.deepEqual(
      differences(desired, shownDatasource({}, desired)).map(({ path }) => path),
      ['jsonData.a', 'jsonData.d'],
    )
  })

  it('tells each member of jsonData that differs, and those that nobody has written', () => {
    const desired = writtenDatasource({ jsonData: { timeInterval: '30s', httpMethod: 'POST' } })
    const shown = shownDatasource({ jsonData: { timeInterval: '15s', 'custom.dots': true } }, desired)
    assert.deepEqual(
      differences(desired, shown).map(({ path, before, after }) => [path, before, after]),
      [
        ['jsonData.custom.dots', true, undefined],
        ['jsonData.httpMethod', undefined, 'POST'],
        ['jsonData.timeInterval', '15s', '30s'],
      ],
    )
  })

  it('does not show a secret that somebody left where everybody can read it', () => {
    const jsonData = { password: 'hunter2', deep: { token: 'hunter2' }, list: [{ apiKey: 'hunter2' }] }
    const shown = shownDatasource({ jsonData, url: 'http://ada:hunter2@prometheus:9090' })
    assert.ok(!inspect(shown, { depth: 9 }).includes('hunter2'))
    assert.equal(shown.fields.get('url'), 'http://ada:***@prometheus:9090')
    const written = toWrittenDatasource(shown)
    assert.deepEqual(JSON.parse(JSON.stringify(written?.jsonData)), {
      deep: {},
      list: [{ apiKey: '(not shown)' }],
    })
    assert.equal(written?.url, 'http://prometheus:9090')
  })

  it('leaves headers of teams to whom they belong', () => {
    const desired = writtenDatasource()
    const jsonData = { teamHttpHeaders: { headers: {} } }
    assert.deepEqual(differences(desired, shownDatasource({ jsonData }, desired)), [])
  })

  const secure = { password: { secret: { name: 'db', key: 'k' } } }

  it('has a stand-in for each secret, whose value goes to the address of the datasource only', () => {
    const desired = writtenDatasource({ secure })
    assert.deepEqual(desired.fields.get('secure.password'), { secret: 'db/k' })
    assert.deepEqual(secretsOf(desired), [
      { path: 'secure.password', secret: { name: 'db', key: 'k' }, url: 'http://prometheus:9090' },
    ])
    const cloud = normalizeDatasource('aws', datasourceSchema.parse({ type: 'cloudwatch', secure }))
    assert.deepEqual(secretsOf(cloud), [{ path: 'secure.password', secret: { name: 'db', key: 'k' } }])
  })

  it('shows of a secret that it is there, and which save that was', () => {
    const shown = shownDatasource({ secureJsonFields: { password: true, gone: false } })
    assert.deepEqual(shown.fields.get('secure.password'), { set: 4 })
    assert.deepEqual([...(shown.facts?.secure ?? [])], ['password'])
    assert.equal(shown.fields.has('secure.gone'), false)
  })

  it('is sent as it is, with what changes in its place', () => {
    const desired = writtenDatasource({ jsonData: { timeInterval: '30s' }, user: 'ada' })
    const live = { ...liveDatasource, apiVersion: 'v1', basicAuth: true, jsonData: { kept: [1], gone: 1 } }
    const observed = observedDatasource('prometheus', live, desired)
    const fields = differences(desired, observed).filter(({ path }) => path !== 'jsonData.kept')
    const change: Change<Datasource> = {
      ...{ action: 'update', type: 'datasources', name: 'prometheus', cause: 'drift' },
      fields,
      desired,
      observed,
    }
    assert.deepEqual(JSON.parse(JSON.stringify(datasourceBody(change, live))), {
      name: 'prometheus',
      ...address,
      access: 'proxy',
      user: 'ada',
      database: '',
      basicAuth: false,
      basicAuthUser: '',
      withCredentials: false,
      isDefault: true,
      apiVersion: 'v1',
      jsonData: { kept: [1], timeInterval: '30s' },
    })
  })

  it('is written as it is shown, with Secrets to be made, and not where files are in charge', () => {
    const more = { name: 'Prom', isDefault: true, secureJsonFields: { password: true }, jsonData: { a: 1 } }
    const written = toWrittenDatasource(shownDatasource(more))
    assert.deepEqual(JSON.parse(JSON.stringify(written)), {
      name: 'Prom',
      ...address,
      isDefault: true,
      jsonData: { a: 1 },
      secure: { password: { secret: { name: 'prometheus', key: 'password' } } },
    })
    assert.equal(datasourceSchema.safeParse(written).success, true)
    assert.deepEqual(toWrittenDatasource(shownDatasource({ isDefault: false })), address)
    assert.equal(toWrittenDatasource(shownDatasource({ readOnly: true })), undefined)
  })
})

const query = {
  refId: 'A',
  datasourceUid: 'prometheus',
  relativeTimeRange: { from: 600, to: 0 },
  model: { expr: 'up', refId: 'A' },
}
const threshold = { refId: 'C', datasourceUid: '__expr__', model: { type: 'threshold', expression: 'A' } }
const plainRule = { title: 'Up', condition: 'C', data: [query, threshold] }

function writtenRule(more: Members = {}, beside: Members = {}): AlertRule {
  const entry = { folder: 'kafka', group: 'health', rule: { ...plainRule, ...more }, ...beside }
  return normalizeAlertRule('up', alertRuleSchema.parse(entry))
}

const place: RulePlace = { folder: 'kafka', group: 'health', intervalSeconds: 60, edits: 'allowed' }

/** As the API shows it: with its defaults, and keys in another order. */
const liveRule = {
  uid: 'up',
  folderUID: 'kafka',
  ruleGroup: 'health',
  title: 'Up',
  condition: 'C',
  data: [
    {
      refId: 'A',
      queryType: '',
      relativeTimeRange: { from: 600, to: 0 },
      datasourceUid: 'prometheus',
      model: { expr: 'up', intervalMs: 1000, maxDataPoints: 43200, refId: 'A' },
    },
    {
      refId: 'C',
      queryType: '',
      relativeTimeRange: { from: 0, to: 0 },
      datasourceUid: '__expr__',
      model: { expression: 'A', intervalMs: 1000, maxDataPoints: 43200, type: 'threshold' },
    },
  ],
  noDataState: 'NoData',
  execErrState: 'Error',
  for: '0s',
  keep_firing_for: '0s',
  isPaused: false,
  notification_settings: null,
  record: null,
}

function shownRule(more: Members = {}, where: Partial<RulePlace> = {}, provenance = ''): AlertRule {
  const rule = toJsonObject({ ...liveRule, ...more })
  const told = ruleFields(rule, { ...place, ...where })
  return { type: 'alert-rules', name: 'up', ...told, rule, facts: { provenance } }
}

function changedPaths(desired: AlertRule, observed: AlertRule): readonly string[] {
  return differences(desired, observed).map(({ path }) => path)
}

describe('an alert rule', () => {
  it('is the same as Grafana shows it, whatever Grafana fills in', () => {
    assert.deepEqual(differences(writtenRule(), shownRule()), [])
    assert.deepEqual(differences(writtenRule({ labels: {}, annotations: null }), shownRule()), [])
    assert.deepEqual(differences(writtenRule(), shownRule({ labels: {}, annotations: {} })), [])
  })

  it('is sent whole, in the words of the API', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(writtenRule().rule)), {
      uid: 'up',
      folderUID: 'kafka',
      ruleGroup: 'health',
      title: 'Up',
      condition: 'C',
      data: [query, threshold],
      noDataState: 'NoData',
      execErrState: 'Error',
      for: '0s',
      keep_firing_for: '0s',
      isPaused: false,
      labels: {},
      annotations: {},
    })
  })

  const same: readonly (readonly [string, Members, Members])[] = [
    [
      'durations in other units',
      { for: '60s', keep_firing_for: '24h' },
      { for: '1m', keep_firing_for: '1d' },
    ],
    ['the words of an export', { keepFiringFor: '1m' }, { keep_firing_for: '1m' }],
    [
      'a number of evaluations as exported',
      { missing_series_evals_to_resolve: 2 },
      { missingSeriesEvalsToResolve: 2 },
    ],
    [
      'a dollar that an export writes twice',
      { title: '$$5', labels: { a: '{{ $$labels.b }}' } },
      { title: '$5', labels: { a: '{{ $labels.b }}' } },
    ],
    [
      'two dollars of an annotation, which no export writes twice',
      { annotations: { a: '$$' } },
      { annotations: { a: '$$' } },
    ],
    [
      'routing in other units',
      { notification_settings: { receiver: 'x', group_wait: '60s', group_by: [] } },
      { notification_settings: { receiver: 'x', group_wait: '1m' } },
    ],
    [
      'a query’s type in its model',
      { data: [{ ...query, model: { ...query.model, queryType: 'range' } }, threshold] },
      {
        data: [
          { ...liveRule.data[0], queryType: 'range', model: { ...query.model, queryType: 'range' } },
          threshold,
        ],
      },
    ],
    [
      'a default of a model that is 0',
      { data: [{ ...query, model: { ...query.model, intervalMs: 0 } }, threshold] },
      {},
    ],
    [
      'a member of a model that is null',
      { data: [{ ...query, model: { ...query.model, legend: null } }, threshold] },
      {},
    ],
    ['an expression by its old name', { data: [query, { ...threshold, datasourceUid: '-100' }] }, {}],
    [
      'a time that an expression does not look at',
      { data: [query, { ...threshold, relativeTimeRange: { from: 600, to: 0 } }] },
      {},
    ],
    ['queries in another order', { data: [threshold, query] }, {}],
  ]
  for (const [what, written, shown] of same)
    it(`takes as the same ${what}`, () =>
      assert.deepEqual(differences(writtenRule(written), shownRule(shown)), []))

  const other: readonly (readonly [string, Members, Members, readonly string[]])[] = [
    ['a title', { title: 'a' }, {}, ['title']],
    ['a pause', {}, { isPaused: true }, ['isPaused']],
    ['a time', { for: '5m' }, {}, ['for']],
    ['a label more', {}, { labels: { 'a.b': '1' } }, ['labels.a.b']],
    [
      'an annotation that is another',
      { annotations: { a: 'x' } },
      { annotations: { a: 'y' } },
      ['annotations.a'],
    ],
    ['a query', { data: [{ ...query, model: { expr: 'down' } }, threshold] }, {}, ['data.A']],
    ['a query more', {}, { data: [...liveRule.data, { ...query, refId: 'B' }] }, ['data.B']],
    ['routing', { notification_settings: { receiver: 'x' } }, {}, ['notificationSettings']],
    ['a state', { noDataState: 'OK' }, {}, ['noDataState']],
  ]
  for (const [what, written, shown, paths] of other)
    it(`tells ${what}`, () => assert.deepEqual(changedPaths(writtenRule(written), shownRule(shown)), paths))

  it('tells where it stands, how often it is evaluated and whether people may change it', () => {
    const desired = writtenRule({}, { interval: '5m', edits: 'locked', group: 'a $$b' })
    const observed = shownRule({}, { folder: 'other', intervalSeconds: 60 })
    assert.deepEqual(
      differences(desired, observed).map(({ path, before, after }) => [path, before, after]),
      [
        ['edits', 'allowed', 'locked'],
        ['folder', 'other', 'kafka'],
        ['group', 'health', 'a $b'],
        ['interval', 60, 300],
      ],
    )
  })

  it('tells where a query differs, and calls it by its name', () => {
    const desired = writtenRule({ data: [{ ...query, model: { expr: 'down', refId: 'A' } }, threshold] })
    const [change] = differences(desired, shownRule())
    assert.equal(change?.title, 'query A')
    assert.deepEqual(change.within, [{ path: 'model.expr', before: 'up', after: 'down' }])
    assert.match(JSON.stringify(change.after), /^"sha256:[0-9a-f]{16}"$/)
  })

  it('that records has nothing that is about alerts', () => {
    const record = { metric: 'a:b', from: 'A' }
    const desired = writtenRule({ record, for: '5m', noDataState: 'OK' })
    const emptied = {
      record: { ...record, target_datasource_uid: '' },
      condition: '',
      noDataState: '',
      execErrState: '',
    }
    assert.deepEqual(differences(desired, shownRule(emptied)), [])
    for (const member of ['condition', 'for', 'noDataState']) assert.ok(!(member in desired.rule), member)
    assert.deepEqual(changedPaths(desired, shownRule()).includes('record'), true)
  })

  it('keeps names such as __proto__', () => {
    const labels = JSON.parse('{"__proto__": "x"}') as JsonObject
    assert.equal(writtenRule({ labels }).fields.get('labels.__proto__'), 'x')
    assert.equal(JSON.stringify(writtenRule({ labels }).rule['labels']), '{"__proto__":"x"}')
  })

  it('is written as it is shown, with two dollars as four, and not where something else provisions it', () => {
    const more = { title: 'a$$b', labels: { a: 'x' }, for: '5m' }
    const observed = shownRule(more, { group: '$$', intervalSeconds: 90, edits: 'locked' }, 'api')
    const written = toWrittenAlertRule(observed)
    const again = normalizeAlertRule('up', alertRuleSchema.parse(written))
    assert.deepEqual(differences(again, observed), [])
    assert.deepEqual(
      [written?.group, written?.interval, written?.edits, written?.rule.title],
      ['$$$$', '90s', 'locked', 'a$$$$b'],
    )
    const { interval, edits, rule } = toWrittenAlertRule(shownRule()) ?? assert.fail()
    assert.deepEqual([interval, edits], [undefined, undefined])
    assert.deepEqual(Object.keys(rule).sort(), ['condition', 'data', 'execErrState', 'noDataState', 'title'])
    assert.equal(toWrittenAlertRule(shownRule({}, {}, 'file')), undefined)
  })
})

describe('a duration', () => {
  const times: readonly (readonly [string, number | undefined])[] = [
    ['0', 0],
    ['0s', 0],
    ['1m30s', 90_000],
    ['1d12h', 129_600_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['100ms', 100],
    ['', undefined],
    ['5', undefined],
    ['-5m', undefined],
    ['1.5h', undefined],
    ['1s1m', undefined],
    ['5 m', undefined],
    ['9'.repeat(60) + 's', undefined],
  ]
  for (const [text, ms] of times)
    it(`${JSON.stringify(text.slice(0, 20))} is ${ms === undefined ? 'none' : `${ms} ms`}`, () =>
      assert.equal(durationMs(text), ms))

  it('is spelled in the largest unit that fits', () => {
    assert.deepEqual([60, 90, 3600, 10].map(spelledSeconds), ['1m', '90s', '1h', '10s'])
  })
})

describe('dollars', () => {
  for (const text of ['$', '$$', '$$$', 'a$$b$c', '{{ $labels.x }}', '$&$1'])
    it(`of ${JSON.stringify(text)} come back`, () => assert.equal(unescaped(escaped(text)), text))
})
