import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { createFake as createElasticsearch } from '../../reconcilers/elasticsearch/fake.ts'
import { GrafanaClient } from '../../reconcilers/grafana/client/grafana-client.ts'
import { FakeGrafana } from '../../reconcilers/grafana/fake.ts'
import { services } from '../../reconcilers/index.ts'
import { createFake as createKafka, type FakeServer } from '../../reconcilers/kafka/fake.ts'
import { NifiClient } from '../../reconcilers/nifi/client/nifi-client.ts'
import { FakeNifi } from '../../reconcilers/nifi/fake.ts'
import { at, figureAt, listAt, textAt } from '../../src/core/members.ts'
import { metricRows } from '../../src/runtime/metric-table.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { projectFile } from '../../src/stack/project.ts'
import { indexExamples } from '../contract/elasticsearch-examples.ts'
import { flowExamples } from '../contract/nifi-examples.ts'
import { Cleanup } from '../support/cleanup.ts'
import {
  type BoardQuery,
  filledIn,
  grafanaDashboards,
  grafanaDocument,
  panelQueries,
} from '../support/grafana-documents.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { type Prometheus, promtool, startPrometheus } from '../support/prometheus.ts'
import { startWatched, type Watched } from '../support/watched-reconcilers.ts'

/** Queries that give nothing while all is well. */
const emptyWhenWell: ReadonlySet<string> = new Set([
  'infometis: Watches begun again A',
  'infometis-elasticsearch: What status says A',
  'infometis-elasticsearch: Calls that failed A',
  'infometis-nifi: Calls that failed A',
])

const shipped = (name: string): string => projectFile('deploy', 'services', 'prometheus', name)
const cases = projectFile('test', 'support', 'alerts.promtool.yaml')
const [boards, rules, alertsText, scrapeText] = await Promise.all([
  grafanaDashboards(),
  grafanaDocument('alert-rules'),
  readFile(shipped('alerts.yaml'), 'utf8'),
  readFile(shipped('prometheus.yaml'), 'utf8'),
])
const alerts = listAt(parse(alertsText), 'groups').flatMap((group) => listAt(group, 'rules'))
const panels = [...boards].flatMap(([uid, board]) => listAt(board, 'panels').map((panel) => ({ uid, panel })))

describe('the alert rules for Grafana', () => {
  const byTitle = new Map(Object.values(rules).map((entry) => [textAt(entry, 'rule', 'title'), entry]))

  it('are those of Prometheus, one by one', () => {
    assert.deepEqual([...byTitle.keys()], names(alerts))
  })

  for (const alert of alerts) {
    it(`have the query, the times, the labels and the words of ${nameOf(alert)}`, () => {
      const rule = at(byTitle.get(nameOf(alert)), 'rule')
      const [query, condition] = listAt(rule, 'data')
      assert.equal(oneLine(textAt(query, 'model', 'expr')), oneLine(textAt(alert, 'expr')))
      assert.equal(textAt(rule, 'for'), textAt(alert, 'for') || '0s')
      assert.deepEqual(at(rule, 'labels'), at(alert, 'labels'))
      const { __dashboardUid__, __panelId__, ...words } = at(rule, 'annotations') as Record<string, string>
      const told = JSON.parse(JSON.stringify(words).replaceAll('$values.A.Value', '$value')) as unknown
      assert.deepEqual(told, at(alert, 'annotations'))
      assert.equal(textAt(rule, 'condition'), textAt(condition, 'refId'))
      assert.equal(textAt(condition, 'model', 'expression'), `is_number($${textAt(query, 'refId')})`)
      const shown = panels.find(
        ({ uid, panel }) => uid === __dashboardUid__ && String(figureAt(panel, 'id')) === __panelId__,
      )
      assert.ok(shown, `panel ${__panelId__} of ${__dashboardUid__}`)
    })
  }

  it('ask the data source that is written beside them, in a folder that is', async () => {
    const [datasources, folders] = [await grafanaDocument('datasources'), await grafanaDocument('folders')]
    for (const entry of Object.values(rules)) {
      assert.ok(Object.hasOwn(folders, textAt(entry, 'folder')))
      const asked = listAt(entry, 'rule', 'data').map((query) => textAt(query, 'datasourceUid'))
      assert.deepEqual(
        asked.filter((uid) => uid !== '__expr__' && !Object.hasOwn(datasources, uid)),
        [],
      )
    }
  })

  it('hold in Prometheus’s own words', async () => {
    const { code, stdout, stderr } = await promtool('check', 'rules', shipped('alerts.yaml'))
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`${alerts.length} rules found`))
  })

  it('fire each in its case, and are silent when all is well', async () => {
    const { code, stdout, stderr } = await promtool('test', 'rules', cases)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /SUCCESS/)
  })

  it('have each a case in which they fire and one in which they do not', async () => {
    const tried = listAt(parse(await readFile(cases, 'utf8')), 'tests').flatMap((test) =>
      listAt(test, 'alert_rule_test'),
    )
    const fire = tried
      .filter((one) => listAt(one, 'exp_alerts').length > 0)
      .map((one) => textAt(one, 'alertname'))
    const silent = tried
      .filter((one) => listAt(one, 'exp_alerts').length === 0)
      .map((one) => textAt(one, 'alertname'))
    assert.deepEqual([...new Set(fire)].sort(), [...names(alerts)].sort())
    assert.deepEqual([...new Set(silent)].sort(), [...names(alerts)].sort())
  })
})

describe('the dashboards', () => {
  for (const [uid, board] of boards) {
    it(`${uid}: each panel has a number and a place of its own, says what it shows and in which unit`, () => {
      const own = listAt(board, 'panels')
      assert.equal(new Set(own.map((panel) => figureAt(panel, 'id'))).size, own.length)
      assert.deepEqual(overlaps(own), [])
      for (const panel of own.filter((each) => textAt(each, 'type') !== 'row')) {
        const title = textAt(panel, 'title')
        assert.ok(title !== '' && textAt(panel, 'description') !== '', title)
        assert.ok(textAt(panel, 'fieldConfig', 'defaults', 'unit') !== '', title)
        assert.equal(textAt(panel, 'datasource', 'uid'), '${datasource}', title)
      }
    })
  }

  it('lead to one another', () => {
    for (const [uid, board] of boards) {
      const [link] = listAt(board, 'links')
      assert.deepEqual([textAt(link, 'type'), listAt(link, 'tags')], ['dashboards', ['infometis']], uid)
      assert.ok(listAt(board, 'tags').includes('infometis'), uid)
    }
  })
})

describe('a Prometheus that asks the reconcilers of every service', { timeout: 180_000 }, () => {
  const namespace = 'watched'
  const { client: kafkaClient, server: broker } = createKafka()
  const grafana = new FakeGrafana()
  let api: TestKubeApi
  let prometheus: Prometheus
  // What began ends, also where the rest could not.
  const started = new Cleanup()

  before(async () => {
    api = await startKubeApi()
    started.add(async () => api.stop())
    await api.namespace(namespace)
    const environment = {
      KUBECONFIG: api.kubeconfig,
      INFOMETIS_NAMESPACE: namespace,
      RECONCILE_INTERVAL: '1s',
    }
    const clients = {
      kafka: kafkaClient,
      elasticsearch: createElasticsearch().client,
      nifi: new NifiClient(new FakeNifi().wire()),
      grafana: new GrafanaClient(grafana.wire()),
    }
    assert.deepEqual(Object.keys(clients).sort(), Object.keys(services).sort())
    const reconcilers: Watched[] = []
    for (const [component, client] of Object.entries(clients)) {
      const watched = await startWatched(component, client, environment)
      started.add(async () => watched.stop())
      reconcilers.push(watched)
    }
    prometheus = await startPrometheus(configurationFor(reconcilers, namespace), {
      'alerts.yaml': alertsText,
    })
    started.add(async () => prometheus.stop())
    await until('every reconciler to be asked', async () => (await valueOf('sum(up)')) === reconcilers.length)
    await live(api, namespace, broker, () => valueOf('sum(infometis_service_call_errors_total)'))
  })
  after(async () => started.run())

  const query = async (expr: string): Promise<readonly unknown[]> =>
    listAt(await prometheus.data('query', { query: expr }), 'result')
  const valueOf = async (expr: string): Promise<number | undefined> => {
    const [first] = await query(expr)
    return first === undefined ? undefined : valueIn(first)
  }

  it('gives data to every panel', async (t) => {
    const queries = panelQueries(boards)
    let without = queries.filter(({ title }) => !emptyWhenWell.has(title))
    const everyPanel = async (): Promise<boolean> => {
      const left: BoardQuery[] = []
      for (const each of without)
        if (!(await query(each.expr)).some((one) => Number.isFinite(valueIn(one)))) left.push(each)
      without = left
      return left.length === 0
    }
    await waitUntil(everyPanel, {
      ...{ deadlineMs: 60_000, everyMs: 200 },
      get what() {
        return `data for ${without.map(({ title }) => title).join(', ')}`
      },
    })
    assert.deepEqual(without, [])
    t.diagnostic(`${queries.length} queries of ${boards.size} dashboards`)
  })

  it('takes the queries that give nothing while all is well, and knows what they ask for', async () => {
    const queries = panelQueries(boards).filter(({ title }) => emptyWhenWell.has(title))
    assert.equal(queries.length, emptyWhenWell.size)
    for (const { expr } of queries) {
      await query(expr)
      await assertKnown(expr)
    }
  })

  it('has something to choose from for every variable', async () => {
    const variables = [...boards].flatMap(([uid, board]) =>
      listAt(board, 'templating', 'list').map((variable) => ({ uid, variable })),
    )
    for (const { uid, variable } of variables) {
      if (textAt(variable, 'type') === 'datasource') continue
      const written = textAt(variable, 'query', 'query')
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(written) ?? []
      const values = await prometheus.data(`label/${label}/values`, { 'match[]': filledIn(series) })
      assert.ok(Array.isArray(values) && values.length > 0, `${uid}: ${written}`)
    }
  })

  it('evaluates every alert rule, and knows what each asks for', async () => {
    await until('every rule to be evaluated', async () => {
      const groups = listAt(await prometheus.data('rules'), 'groups')
      const health = groups.flatMap((group) => listAt(group, 'rules')).map((rule) => textAt(rule, 'health'))
      assert.ok(!health.includes('err'))
      return health.length === alerts.length && health.every((each) => each === 'ok')
    })
    for (const entry of Object.values(rules)) {
      const [asked] = listAt(entry, 'rule', 'data')
      const expr = textAt(asked, 'model', 'expr')
      await query(expr)
      await assertKnown(expr)
    }
  })

  it('tells of what waits for a person and of a Secret that is missing, as the rules ask for it', async () => {
    for (const name of ['ChangesRefused', 'SecretsNotUsable', 'DesiredStateNotReady']) {
      const expr = textAt(
        alerts.find((alert) => nameOf(alert) === name),
        'expr',
      )
      const found = (await query(expr)).map((one) => textAt(one, 'metric', 'component'))
      assert.ok(found.length > 0, name)
    }
    for (const name of ['ReconcilerDown', 'ReconcilerWithoutLeader', 'ReconcilerQueueStuck']) {
      const alert = alerts.find((one) => nameOf(one) === name)
      assert.deepEqual(await query(textAt(alert, 'expr')), [], name)
    }
  })

  it('sees its own dashboards, rules, folder and data source brought to Grafana, and left alone after that', async () => {
    const types = ['folders', 'datasources', 'dashboards', 'alert-rules']
    const path = 'jsonpath={.metadata.annotations.infometis\\.io/ready}'
    const isReady = async (type: string): Promise<boolean> =>
      (await api.kubectl(['get', 'cm', `grafana-${type}-desired`, '-n', namespace, '-o', path])) === 'True'
    for (const type of types) await until(`${type} to be Ready`, () => isReady(type))
    const rulesThere = grafana.ask('GET', '/api/v1/provisioning/alert-rules').body
    assert.equal(Array.isArray(rulesThere) && rulesThere.length, alerts.length)
    for (const uid of boards.keys())
      assert.equal(grafana.ask('GET', `/api/dashboards/uid/${uid}`).status, 200, uid)

    const passes = async (): Promise<number> =>
      (await valueOf('controller_runtime_reconcile_total{component="grafana", result="success"}')) ?? 0
    const [written, before] = [grafana.writes(), await passes()]
    await until(
      'each document to be looked at again',
      async () => (await passes()) >= before + 3 * types.length,
    )
    assert.deepEqual(grafana.writes(), written)
  })

  async function assertKnown(expr: string): Promise<void> {
    const asked = metricRows().filter(([name]) =>
      new RegExp(`\\b${name}(_bucket|_count|_sum)?\\b`).test(expr),
    )
    assert.ok(asked.length > 0 || /\bup\{/.test(expr), expr)
    for (const [name] of asked)
      assert.ok(at(await prometheus.data('metadata', { metric: name }), name) !== undefined, name)
  }
})

/** What is shipped, with the pods named instead of looked for, and asked each second. */
function configurationFor(reconcilers: readonly Watched[], namespace: string): object {
  const pods = listAt(parse(scrapeText), 'scrape_configs').find((job) => textAt(job, 'job_name') === 'pods')
  const found = reconcilers.map(({ component, port }) => ({
    targets: [`127.0.0.1:${port}`],
    labels: {
      __meta_kubernetes_namespace: namespace,
      __meta_kubernetes_pod_name: `infometis-${component}-0`,
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_container_port_number: '8080',
      __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'true',
      __meta_kubernetes_pod_annotation_prometheus_io_port: '8080',
      __meta_kubernetes_pod_label_app_kubernetes_io_name: 'infometis',
      __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
    },
  }))
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['*alerts.yaml'],
    scrape_configs: [
      { job_name: 'pods', relabel_configs: at(pods, 'relabel_configs'), static_configs: found },
    ],
  }
}

/** A life in short: documents of each service, one refused and one whose Secret is missing, drift, and an outage. */
async function live(
  api: TestKubeApi,
  namespace: string,
  broker: FakeServer,
  failed: () => Promise<number | undefined>,
): Promise<void> {
  const write = async (component: string, type: string, entries: object): Promise<void> => {
    const metadata = {
      ...{ name: `${component}-${type}`, namespace },
      labels: {
        ...{ 'infometis.component': component, 'infometis.config-type': type, 'infometis.io/unit': 'orders' },
      },
    }
    const data = { [`${type}.yaml`]: JSON.stringify(entries) }
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    await api.kubectl(['apply', '-f', '-'], JSON.stringify(manifest))
  }
  await api.kubectl([
    'apply',
    '-n',
    namespace,
    '-k',
    projectFile('environments', 'dev', 'desired', 'grafana'),
  ])
  const secret = { secret: { name: 'nowhere', key: 'password' } }
  await write('kafka', 'topics', { orders: { config: { 'retention.ms': 86_400_000 } }, __mine: {} })
  await write('elasticsearch', 'indices', indexExamples.written)
  await write('nifi', 'flows', flowExamples.written)
  await write('nifi', 'parameter-contexts', { orders: { parameters: { password: secret } } })
  await until('the topic to be made', async () => broker.names().includes('orders'))
  broker.setConfigs('orders', new Map([['retention.ms', '60000']]))
  const isBack = async (): Promise<boolean> =>
    broker.topic('orders')?.config.get('retention.ms') === '86400000'
  await until('drift to be corrected', isBack)
  broker.down = true
  await until('a call to fail', async () => ((await failed()) ?? 0) > 0)
  broker.down = false
}

function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  return waitUntil(probe, { what, deadlineMs: 60_000, everyMs: 200 })
}

/** Of `{"metric": …, "value": [time, "1"]}`. */
function valueIn(result: unknown): number {
  return Number(listAt(result, 'value')[1])
}

function nameOf(alert: unknown): string {
  return textAt(alert, 'alert')
}

function names(of: readonly unknown[]): readonly string[] {
  return of.map(nameOf)
}

function oneLine(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

/** Panels that lie over one another, by their titles. */
function overlaps(of: readonly unknown[]): readonly string[] {
  const side = (panel: unknown, name: string): number => figureAt(panel, 'gridPos', name) ?? Number.NaN
  const apart = (a: unknown, b: unknown): boolean =>
    side(a, 'x') + side(a, 'w') <= side(b, 'x') ||
    side(b, 'x') + side(b, 'w') <= side(a, 'x') ||
    side(a, 'y') + side(a, 'h') <= side(b, 'y') ||
    side(b, 'y') + side(b, 'h') <= side(a, 'y')
  return of.flatMap((a, index) =>
    of
      .slice(index + 1)
      .filter((b) => !apart(a, b))
      .map((b) => `${textAt(a, 'title')} and ${textAt(b, 'title')}`),
  )
}
