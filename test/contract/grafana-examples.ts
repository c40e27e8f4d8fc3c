import type { Subject } from './subject.ts'

const sync = { policy: 'sync' } as const

const kafka = { title: 'Kafka', description: 'Topics and brokers' }

/** What the contract writes as folders. */
export const folderExamples: Subject['examples'] = {
  written: { 'infometis-kafka': kafka, 'infometis-search': { title: 'Search' } },
  respelled: {
    'infometis-search': { title: 'Search' },
    'infometis-kafka': { description: 'Topics and brokers', title: 'Kafka' },
  },
  least: { title: 'nothing' },
  changed: {
    'infometis-kafka': { ...kafka, title: 'Apache Kafka' },
    'infometis-search': { title: 'Search' },
  },
  shrunk: { 'infometis-kafka': kafka },
  drift: { path: 'title', before: 'by hand', after: 'Kafka' },
  invalid: { entry: { title: '' }, path: 'title' },
  rejected: { entry: { title: 'General' }, words: /name|General/ },
  refusals: [
    { code: 'EmptyDocument', before: { 'infometis-kafka': kafka }, after: {}, controls: sync },
    {
      code: 'FolderCycle',
      after: {
        'infometis-kafka': { ...kafka, parent: 'infometis-search' },
        'infometis-search': { title: 'Search', parent: 'infometis-kafka' },
      },
    },
  ],
}

const query = (id: number, title: string, expr: string) => ({
  id,
  type: 'timeseries',
  title,
  gridPos: { h: 8, w: 12, x: 0, y: 0 },
  datasource: { type: 'prometheus', uid: '-- Mixed --' },
  targets: [{ refId: 'A', expr }],
})

const overview = {
  definition: {
    title: 'Orders',
    tags: ['shop'],
    schemaVersion: 39,
    timezone: 'utc',
    panels: [
      query(1, 'Orders in', 'rate(orders_in_total[5m])'),
      query(2, 'Orders out', 'rate(orders_out_total[5m])'),
    ],
  },
}
const users = { definition: { title: 'Users', schemaVersion: 39, panels: [] } }

/** The same for dashboards. */
export const dashboardExamples: Subject['examples'] = {
  written: { 'infometis-overview': overview, 'infometis-users': users },
  respelled: {
    'infometis-users': { definition: { panels: [], schemaVersion: 39, title: 'Users', id: 7, version: 3 } },
    'infometis-overview': {
      edits: 'locked',
      definition: {
        dashboard: { ...overview.definition, uid: 'infometis-overview', description: null },
        meta: {},
      },
    },
  },
  least: { definition: { title: 'nothing' } },
  changed: {
    'infometis-overview': { definition: { ...overview.definition, tags: ['shop', 'orders'] } },
    'infometis-users': users,
  },
  shrunk: { 'infometis-overview': overview },
  drift: { path: 'title', before: 'by hand', after: 'Orders' },
  invalid: { entry: { definition: { panels: [] } }, path: 'definition.title' },
  rejected: {
    entry: { definition: { title: 'Too often', refresh: '1s' } },
    words: /refresh interval is too low/,
  },
  refusals: [
    { code: 'EmptyDocument', before: { 'infometis-overview': overview }, after: {}, controls: sync },
  ],
}

const metrics = {
  type: 'prometheus',
  url: 'http://prometheus:9090',
  jsonData: { httpMethod: 'POST', timeInterval: '30s' },
}
const logs = { type: 'loki', name: 'Logs', url: 'http://loki:3100' }

/** The same for datasources. */
export const datasourceExamples: Subject['examples'] = {
  written: { 'infometis-metrics': metrics, 'infometis-logs': logs },
  respelled: {
    'infometis-logs': {
      name: 'Logs',
      type: 'loki',
      access: 'proxy',
      url: 'http://loki:3100',
      isDefault: false,
    },
    'infometis-metrics': { ...metrics, name: 'infometis-metrics', user: '', basicAuth: false },
  },
  least: { type: 'testdata' },
  changed: {
    'infometis-metrics': { ...metrics, jsonData: { ...metrics.jsonData, httpMethod: 'GET' } },
    'infometis-logs': logs,
  },
  shrunk: { 'infometis-metrics': metrics },
  drift: { path: 'jsonData.timeInterval', before: '5s', after: '30s' },
  invalid: { entry: { ...metrics, isDefault: 'yes' }, path: 'isDefault' },
  rejected: { entry: { ...metrics, name: 'infometis-taken' }, words: /same name already exists/ },
  refusals: [
    { code: 'EmptyDocument', before: { 'infometis-metrics': metrics }, after: {}, controls: sync },
    {
      code: 'TwoDefaults',
      before: { 'infometis-metrics': metrics, 'infometis-logs': logs },
      after: {
        'infometis-metrics': { ...metrics, isDefault: true },
        'infometis-logs': { ...logs, isDefault: true },
      },
    },
  ],
}

/** The folder that the rules of the contract are in, and the datasource that has the name of the rejected one. */
export const aroundGrafana = { folder: 'infometis-alerts', datasource: 'infometis-taken' } as const

const lag = {
  folder: aroundGrafana.folder,
  group: 'kafka/health',
  rule: {
    title: 'Lag grows',
    condition: 'B',
    for: '5m',
    labels: { severity: 'warning' },
    annotations: { summary: 'Consumers fall behind' },
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: '__expr__',
        model: { refId: 'A', type: 'math', expression: '1' },
      },
      {
        refId: 'B',
        datasourceUid: '__expr__',
        model: { refId: 'B', type: 'threshold', expression: 'A', conditions: [] },
      },
    ],
  },
}
const silent = { ...lag, rule: { ...lag.rule, title: 'Nothing arrives' } }

/** The same for alert rules. */
export const alertRuleExamples: Subject['examples'] = {
  written: { 'infometis-lag': lag, 'infometis-silent': silent },
  respelled: {
    'infometis-silent': silent,
    'infometis-lag': {
      ...lag,
      interval: '60s',
      edits: 'allowed',
      rule: { ...lag.rule, for: '300s', noDataState: 'NoData', execErrState: 'Error', isPaused: false },
    },
  },
  least: lag,
  changed: {
    'infometis-lag': { ...lag, rule: { ...lag.rule, for: '10m' } },
    'infometis-silent': silent,
  },
  shrunk: { 'infometis-lag': lag },
  drift: { path: 'labels.severity', before: 'by hand', after: 'warning' },
  invalid: { entry: { ...lag, rule: { ...lag.rule, for: 'a while' } }, path: 'rule.for' },
  rejected: {
    entry: {
      ...lag,
      rule: {
        ...lag.rule,
        notification_settings: { receiver: 'grafana-default-email', group_interval: '0s' },
      },
    },
    words: /group interval must be greater than zero/,
  },
  refusals: [
    { code: 'EmptyDocument', before: { 'infometis-lag': lag }, after: {}, controls: sync },
    {
      code: 'IntervalsDiffer',
      before: { 'infometis-lag': lag, 'infometis-silent': silent },
      after: {
        'infometis-lag': { ...lag, interval: '1m' },
        'infometis-silent': { ...silent, interval: '2m' },
      },
    },
  ],
}
