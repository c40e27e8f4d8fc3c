import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { describeExamples } from '../../test/support/document-examples.ts'
import { issuesOf } from '../../test/support/schema-issues.ts'
import { dashboardSchema } from './dashboard-schema.ts'
import {
  alertRuleSchema,
  alertRuleUid,
  datasourceSchema,
  datasourceUid,
  folderSchema,
  folderUid,
} from './schema.ts'

type Members = Readonly<Record<string, unknown>>

describe('a uid', () => {
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['empty', '', /a folder’s uid must not be empty/],
    ['of 41 characters', 'x'.repeat(41), /at most 40 characters, this one has 41/],
    ['a title', 'Kafka overview', /"Kafka overview" does not \(it is the uid, not the title\)/],
    ['with a slash', 'a/b', /consists of a-z, A-Z, 0-9, "-" and "_"/],
    ['beyond ASCII', 'métriques', /"métriques" does not/],
    ['the top', 'general', /Grafana keeps that uid for itself/],
    ['the pseudo folder of what is shared', 'sharedwithme', /Grafana keeps that uid for itself/],
  ]
  for (const [what, uid, message] of bad)
    it(`may not be ${what}`, () => assert.match(issuesOf(folderUid, uid).join(), message))

  for (const uid of ['kafka', 'KAFKA_2-a', 'x'.repeat(40), '__proto__'])
    it(`may be ${uid}`, () => assert.deepEqual(issuesOf(folderUid, uid), []))

  it('may be general where no folder is meant', () => {
    assert.deepEqual(issuesOf(datasourceUid, 'general'), [])
    assert.deepEqual(issuesOf(alertRuleUid, 'general'), [])
  })
})

describe('an entry of folders', () => {
  const bad: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['null', null, ['a folder is a map of title, description and parent']],
    ['without a title', {}, ['title: title is missing']],
    [
      'with an empty title',
      { title: ' ' },
      ['title: title must not be empty', 'title: title must not begin or end with white space; " " does'],
    ],
    ['with a number as its title', { title: 3 }, ['title: title is a text; 3 is not']],
    [
      'with the title of the top',
      { title: 'general' },
      ['title: title must not be "general": Grafana calls its top so'],
    ],
    [
      'with a title of two lines',
      { title: 'a\nb' },
      ['title: title must not hold line breaks or other characters that are not seen; "a\\nb" does'],
    ],
    [
      'with the word of the API',
      { title: 'a', parentUid: 'b' },
      ['"parentUid" (did you mean "parent"?) is not known here; a folder has title, description and parent'],
    ],
    [
      'below the top by its name',
      { title: 'a', parent: 'general' },
      ['parent: parent must not be "general": Grafana keeps that uid for itself'],
    ],
    [
      'below a title',
      { title: 'a', parent: 'Team A' },
      [
        'parent: parent consists of a-z, A-Z, 0-9, "-" and "_"; "Team A" does not (it is the uid, not the title)',
      ],
    ],
  ]
  for (const [what, entry, issues] of bad)
    it(`may not be ${what}`, () => assert.deepEqual(issuesOf(folderSchema, entry), issues))

  it('may have any title that is seen', () => {
    for (const title of ['日本 🚀', 'a/b', 'Generals', 'x'.repeat(300)])
      assert.deepEqual(issuesOf(folderSchema, { title, description: '' }), [])
  })
})

const prometheus = { type: 'prometheus', url: 'http://prometheus:9090' }
const known =
  'name, type, url, access, user, database, basicAuth, basicAuthUser, withCredentials, isDefault, jsonData, secure and health'

describe('an entry of datasources', () => {
  const bad: readonly (readonly [string, Members | null, readonly string[]])[] = [
    ['null', null, [`a datasource is a map of ${known}`]],
    ['without a type', { url: 'http://a' }, ['type: type is missing']],
    [
      'with a type that is a sentence',
      { type: 'My plugin' },
      ['type: type is the id of a plugin, such as "prometheus" or "loki"; "My plugin" is not'],
    ],
    [
      'without the URL that its plugin needs',
      { type: 'loki' },
      ['url: url is missing: loki is reached by one'],
    ],
    ['with an empty URL', { type: 'x', url: '' }, ['url: url must not be empty; leave it out for none']],
    ['with a URL that is none', { type: 'x', url: 'http://' }, ['url: url is no address: "http://"']],
    ['with a URL with a blank', { type: 'x', url: 'http://a b' }, ['url: url is no address: "http://a b"']],
    [
      'with a URL of 256 characters',
      { type: 'x', url: `http://${'a'.repeat(249)}` },
      ['url: url has at most 255 characters, this one has 256'],
    ],
    [
      'with a variable of provisioning files',
      { type: 'x', url: 'http://${HOST}' },
      ['url: url holds a variable; only Grafana’s own files know those, so write the value'],
    ],
    [
      'with another access',
      { ...prometheus, access: 'server' },
      ['access: access is "proxy" or "direct"; "server" is none of these'],
    ],
    [
      'with a flag in quotes',
      { ...prometheus, isDefault: 'true' },
      ['isDefault: isDefault is true or false; "true" is neither'],
    ],
    [
      'with basic authentication of nobody',
      { ...prometheus, basicAuth: true },
      ['basicAuthUser: basicAuthUser is missing: basicAuth is true'],
    ],
    [
      'with the word of the API for secrets',
      { ...prometheus, secureJsonData: { password: 'x' } },
      [`"secureJsonData" (did you mean "secure"?) is not known here; a datasource has ${known}`],
    ],
    [
      'with settings that are a list',
      { ...prometheus, jsonData: [] },
      ['jsonData: jsonData is a map of the datasource’s own settings'],
    ],
    [
      'with a health that is a flag',
      { ...prometheus, health: true },
      ['health: health is "off" or "checked"; true is none of these'],
    ],
    [
      'with a slip',
      { ...prometheus, isdefault: true },
      [`"isdefault" (did you mean "isDefault"?) is not known here; a datasource has ${known}`],
    ],
  ]
  for (const [what, entry, issues] of bad)
    it(`may not be ${what}`, () => assert.deepEqual(issuesOf(datasourceSchema, entry), issues))

  const secret = 'hunter2-hunter2'
  const revealing: readonly (readonly [string, Members, string])[] = [
    ['a password in the URL', { type: 'x', url: `http://ada:${secret}@db:5432` }, 'url'],
    ['a password in a URL without a scheme', { type: 'x', url: `ada:${secret}@db:5432` }, 'url'],
    ['jsonData.password', { ...prometheus, jsonData: { password: secret } }, 'jsonData.password'],
    [
      'jsonData.basicAuthPassword',
      { ...prometheus, jsonData: { basicAuthPassword: secret } },
      'jsonData.basicAuthPassword',
    ],
    [
      'the value of a header',
      { ...prometheus, jsonData: { httpHeaderValue1: secret } },
      'jsonData.httpHeaderValue1',
    ],
    [
      'a token deep inside',
      { ...prometheus, jsonData: { a: [{ client_secret: secret }] } },
      'jsonData.a.0.client_secret',
    ],
    [
      'a private key under any name',
      { ...prometheus, jsonData: { pem: `-----BEGIN RSA PRIVATE KEY-----\n${secret}` } },
      'jsonData.pem',
    ],
    ['a value under secure', { ...prometheus, secure: { password: secret } }, 'secure.password'],
    ['secure that is a text', { ...prometheus, secure: secret }, 'secure'],
    [
      'a value beside a Secret',
      { ...prometheus, secure: { password: { value: secret } } },
      'secure.password',
    ],
  ]
  for (const [what, entry, path] of revealing) {
    it(`may not hold ${what}, which is not told again`, () => {
      const issues = issuesOf(datasourceSchema, entry)
      assert.equal(issues.length > 0, true)
      assert.ok(
        issues.some((issue) => issue.startsWith(`${path}: `)),
        issues.join('\n'),
      )
      assert.match(issues.join(), /secure/)
      assert.ok(!issues.join().includes('hunter2'))
    })
  }

  it('may have names that only begin as those of secrets do', () => {
    const jsonData = {
      httpHeaderName1: 'X-Scope-OrgID',
      tokenUri: 'https://oauth2.googleapis.com/token',
      apiKeyType: 'header',
      managedSecret: { name: 'a', arn: 'arn:aws:secretsmanager:x' },
      tlsAuth: false,
      password: '',
    }
    assert.deepEqual(issuesOf(datasourceSchema, { type: 'x', jsonData }), [])
  })

  it('has no secret where browsers ask it themselves', () => {
    const secure = { basicAuthPassword: { secret: { name: 's', key: 'k' } } }
    const direct = { ...prometheus, access: 'direct', basicAuth: true, basicAuthUser: 'ada' }
    assert.deepEqual(issuesOf(datasourceSchema, { ...direct, secure }), [
      'secure: access is direct, so that every browser would get what is under secure; write "access": "proxy"',
    ])
    assert.deepEqual(issuesOf(datasourceSchema, { ...direct, secure: {} }), [])
  })

  it('may be reached by an address without a scheme, or by none', () => {
    assert.deepEqual(issuesOf(datasourceSchema, { type: 'mysql', url: 'db.internal:3306' }), [])
    assert.deepEqual(
      issuesOf(datasourceSchema, {
        type: 'cloudwatch',
        secure: { secretKey: { secret: { name: 'aws', key: 'k' } } },
      }),
      [],
    )
  })
})

const query = {
  refId: 'A',
  datasourceUid: 'prometheus',
  relativeTimeRange: { from: 600, to: 0 },
  model: { expr: 'up' },
}
const plain = { title: 'Up', condition: 'A', data: [query] }

/** An entry whose rule has these members more. */
function entryWith(more: Members, beside: Members = {}): Members {
  return { folder: 'kafka', group: 'health', rule: { ...plain, ...more }, ...beside }
}

const wayOut = 'write each rule under its uid, as {"folder": …, "group": …, "interval": …, "rule": …}'
const exported = {
  apiVersion: 1,
  groups: [{ orgId: 1, name: 'g', folder: 'F', interval: '1m', rules: [plain] }],
}

describe('an entry of alert-rules', () => {
  const bad: readonly (readonly [string, unknown, readonly string[]])[] = [
    [
      'a whole export file',
      exported,
      [`is a whole export file of Grafana; ${wayOut}, where "rule" is one of a group’s rules`],
    ],
    [
      'the version of an export file that is the document',
      1,
      [`this is no alert rule; ${wayOut} (an export file as it is cannot be used)`],
    ],
    [
      'the groups of an export file that is the document',
      exported.groups,
      [`a list is no alert rule; ${wayOut} (an export file as it is cannot be used)`],
    ],
    [
      'a group of the API',
      { title: 'g', folderUid: 'f', interval: 60, rules: [] },
      [`is a whole group of rules; ${wayOut}, where "rule" is one of its rules`],
    ],
    [
      'a rule of the ruler',
      { grafana_alert: {}, for: '5m' },
      [`is a rule of Grafana’s ruler API; export it, and ${wayOut}`],
    ],
    [
      'a rule of Prometheus',
      { alert: 'Up', expr: 'up == 0' },
      ['is a rule of Prometheus, not of Grafana; Grafana’s has "data", a list of queries, and "condition"'],
    ],
    [
      'a Kubernetes object',
      { apiVersion: 'rules.alerting.grafana.app/v1beta1', kind: 'AlertRule', spec: {} },
      [`is an object of rules.alerting.grafana.app; export it in Grafana’s page of the rule, and ${wayOut}`],
    ],
    [
      'the rule without folder and group',
      { rule: plain },
      ['folder: folder is missing', 'group: group is missing'],
    ],
    [
      'with the rule beside the folder',
      { folder: 'kafka', group: 'g', rule: plain, title: 'Up' },
      [
        '"title" (did you mean "rule"?) is not known here; an alert rule has folder, group, interval, edits and rule',
      ],
    ],
    [
      'with a folder that is a title',
      { folder: 'My folder', group: 'g', rule: plain },
      [
        'folder: folder consists of a-z, A-Z, 0-9, "-" and "_"; "My folder" does not (it is the uid, not the title)',
      ],
    ],
    [
      'with a folder that the rule contradicts',
      entryWith({ folderUID: 'other' }),
      ['rule.folderUID: is "other", and folder is "kafka": leave it out'],
    ],
    [
      'with a group that the rule contradicts',
      entryWith({ ruleGroup: 'other' }),
      ['rule.ruleGroup: is "other", and group is "health": leave it out'],
    ],
    ...['15s', '0s', '60', '', '-1m', '1.5m', 60].map(
      (interval) =>
        [
          `with the interval ${JSON.stringify(interval)}`,
          entryWith({}, { interval }),
          [
            `interval: interval is a time of whole steps of 10 seconds, such as "1m" or "30s"; ${JSON.stringify(interval)} is not`,
          ],
        ] as const,
    ),
    [
      'with other edits',
      entryWith({}, { edits: 'yes' }),
      ['edits: edits is "allowed" or "locked"; "yes" is none of these'],
    ],
  ]
  for (const [what, entry, issues] of bad)
    it(`may not be ${what}`, () => assert.deepEqual(issuesOf(alertRuleSchema, entry), issues))

  it('may have an interval of any units', () => {
    for (const interval of ['10s', '1m30s', '1h', '1d', '60000ms'])
      assert.deepEqual(issuesOf(alertRuleSchema, entryWith({}, { interval })), [])
  })
})

const ruleMembers =
  'title, condition, data, noDataState, execErrState, for, keep_firing_for, labels, annotations, isPaused, notification_settings, record, missingSeriesEvalsToResolve, folderUID and ruleGroup'
const queryMembers = 'refId, queryType, relativeTimeRange, datasourceUid and model'

describe('a rule', () => {
  const bad: readonly (readonly [string, Members, readonly string[]])[] = [
    ['title that is missing', { title: undefined }, ['title: title is missing']],
    [
      'title of 191 characters',
      { title: 'x'.repeat(191) },
      ['title: title has at most 190 characters, this one has 191'],
    ],
    [
      'member that is unknown',
      { noDatastate: 'OK' },
      [`"noDatastate" (did you mean "noDataState"?) is not known here; rule has ${ruleMembers}`],
    ],
    [
      'word of Terraform',
      { exec_err_state: 'OK' },
      [`"exec_err_state" (did you mean "execErrState"?) is not known here; rule has ${ruleMembers}`],
    ],
    [
      'member in both spellings',
      { keep_firing_for: '1m', keepFiringFor: '1m' },
      [`"keepFiringFor" (did you mean "keep_firing_for"?) is not known here; rule has ${ruleMembers}`],
    ],
    [
      'whole export file in its place',
      exported,
      [`is a whole export file of Grafana; ${wayOut}, where "rule" is one of a group’s rules`],
    ],
    ['data that is empty', { data: [] }, ['data: data is empty: a rule has at least one query']],
    ['data that is missing', { data: undefined }, ['data: data is missing']],
    ['data that is a map', { data: {} }, ['data: data is a list of queries; {} is not']],
    [
      'condition that no query has',
      { condition: 'B' },
      ['condition: no query is called "B"; did you mean "A"?'],
    ],
    ['condition that is missing', { condition: undefined }, ['condition: condition is missing; there is A']],
    ['name for two queries', { data: [query, query] }, ['data.1.refId: two queries are called "A"']],
    [
      'query without a datasource',
      { data: [{ ...query, datasourceUid: undefined }] },
      ['data.0.datasourceUid: datasourceUid is missing'],
    ],
    [
      'query with a slip',
      { data: [{ ...query, datasourceUID: 'x' }] },
      [
        `data.0: "datasourceUID" (did you mean "datasourceUid"?) is not known here; a query has ${queryMembers}`,
      ],
    ],
    [
      'query with a text as its model',
      { data: [{ ...query, model: 'up' }] },
      ['data.0.model: model is the query in the datasource’s own words, a map; "up" is not'],
    ],
    [
      'query of no time',
      { data: [{ ...query, relativeTimeRange: undefined }] },
      [
        'data.0.relativeTimeRange: from is larger than to: both are seconds back from now, such as {"from": 600, "to": 0}',
      ],
    ],
    [
      'time that is a text',
      { data: [{ ...query, relativeTimeRange: { from: '10m', to: 0 } }] },
      ['data.0.relativeTimeRange.from: from is a number of seconds back from now, such as 600; "10m" is not'],
    ],
    [
      'state that is unknown',
      { noDataState: 'Ok' },
      ['noDataState: noDataState is "NoData", "Alerting", "OK" or "KeepLast"; "Ok" is none of these'],
    ],
    [
      'state of the other kind',
      { execErrState: 'NoData' },
      ['execErrState: execErrState is "Error", "Alerting", "OK" or "KeepLast"; "NoData" is none of these'],
    ],
    ['for that is a number', { for: 300 }, ['for: for is a time such as "5m" or "1h30m"; 300 is not']],
    ['for without a unit', { for: '5' }, ['for: for is a time such as "5m" or "1h30m"; "5" is not']],
    [
      'for in the wrong order',
      { for: '5m1h' },
      ['for: for is a time such as "5m" or "1h30m"; "5m1h" is not'],
    ],
    [
      'label that is a number',
      { labels: { severity: 1 } },
      ['labels.severity: a label is a text, written in quotes; 1 is not'],
    ],
    [
      'label of Grafana’s own',
      { labels: { __grafana_receiver__: 'x' } },
      ['labels.__grafana_receiver__: a label must not be called "__grafana_receiver__"'],
    ],
    [
      'annotations that are a list',
      { annotations: ['a'] },
      ['annotations: annotations is a map of texts; ["a"] is not'],
    ],
    [
      'panel without a dashboard',
      { annotations: { __panelId__: '3' } },
      ['annotations: of __dashboardUid__ and __panelId__ either both are written or none'],
    ],
    [
      'panel that is no number',
      { annotations: { __dashboardUid__: 'a', __panelId__: 'b' } },
      ['annotations: __panelId__ is the number of a panel; "b" is not'],
    ],
    [
      'receiver that is missing',
      { notification_settings: {} },
      ['notification_settings.receiver: receiver is missing'],
    ],
    [
      'word of another API',
      { notification_settings: { receiver: 'a', groupBy: [] } },
      [
        'notification_settings: "groupBy" (did you mean "group_by"?) is not known here; notification_settings has receiver, group_by, group_wait, group_interval, repeat_interval, mute_time_intervals and active_time_intervals',
      ],
    ],
    [
      'number of evaluations that is none',
      { missingSeriesEvalsToResolve: 0 },
      ['missingSeriesEvalsToResolve: missingSeriesEvalsToResolve is at least 1'],
    ],
    [
      'metric that is none',
      { record: { metric: 'a-b', from: 'A' } },
      ['record.metric: metric is the name of a Prometheus metric; "a-b" is none'],
    ],
    [
      'record of no query',
      { record: { metric: 'a', from: 'B' } },
      ['record.from: no query is called "B"; did you mean "A"?'],
    ],
  ]
  for (const [what, more, issues] of bad) {
    it(`may not have a ${what}`, () =>
      assert.deepEqual(
        issuesOf(alertRuleSchema, entryWith(more)),
        issues.map((issue) => (/^(is |")/.test(issue) ? `rule: ${issue}` : `rule.${issue}`)),
      ))
  }

  it('is a map', () => {
    for (const rule of [undefined, [], 'up'])
      assert.deepEqual(issuesOf(alertRuleSchema, entryWith({}, { rule })), [
        `rule: rule is a map of ${ruleMembers}`,
      ])
  })

  it('may be as the API shows it, with all that the server adds', () => {
    const shown = {
      id: 3,
      uid: 'up',
      orgID: 1,
      folderUID: 'kafka',
      ruleGroup: 'health',
      updated: '2026-01-01T00:00:00Z',
      provenance: 'api',
      notification_settings: null,
      record: null,
      labels: null,
      for: '5m',
    }
    assert.deepEqual(issuesOf(alertRuleSchema, entryWith(shown)), [])
  })

  it('may be one of an export', () => {
    const more = {
      uid: 'up',
      keepFiringFor: '1m',
      missing_series_evals_to_resolve: 2,
      dashboardUid: 'board',
      panelId: 4,
      for: '1w',
      data: [
        { ...query, queryType: '' },
        { ...query, refId: 'B', datasourceUid: '__expr__', relativeTimeRange: null },
      ],
    }
    const { data } = alertRuleSchema.safeParse(entryWith(more))
    assert.equal(data?.rule.keep_firing_for, '1m')
    assert.equal(data.rule.missingSeriesEvalsToResolve, 2)
    assert.deepEqual({ ...data.rule.annotations }, { __dashboardUid__: 'board', __panelId__: '4' })
  })

  it('may be a recording rule, for which nobody asks a condition', () => {
    const record = { metric: 'a:b', from: 'A', targetDatasourceUid: 'mimir' }
    const { data } = alertRuleSchema.safeParse(entryWith({ condition: '', record }))
    assert.deepEqual({ ...data?.rule.record }, { metric: 'a:b', from: 'A', target_datasource_uid: 'mimir' })
  })
})

const schemas = {
  'alert-rules.yaml': alertRuleSchema,
  'dashboards.yaml': dashboardSchema,
  'datasources.yaml': datasourceSchema,
  'folders.yaml': folderSchema,
}

describeExamples(new URL('examples/', import.meta.url), schemas)

describe('the JSON Schema for editors', () => {
  it('describes the documents member by member', () => {
    for (const [name, schema] of Object.entries(schemas)) {
      const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
      assert.ok(Object.keys(properties).length >= 3, name)
      for (const [member, described] of Object.entries(properties))
        assert.equal(
          typeof (described as { description?: string }).description,
          'string',
          `${name} ${member}`,
        )
    }
  })
})
