import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { metricRows, metricsTable } from './metric-table.ts'
import type { Tally, WatchFacts } from './metrics.ts'
import { Metrics } from './metrics.ts'
import { WorkQueue } from './work-queue.ts'

async function lines(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name))
}

test('README.md lists every metric as the table in the code has it', async () => {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')
  const [, table] = /<!-- metrics: begin -->\n+([\s\S]*?)\n+<!-- metrics: end -->/.exec(readme) ?? []
  // prettier pads the cells of a table; the words are what must agree.
  assert.deepEqual(cells(table ?? ''), cells(metricsTable()))
})

function cells(table: string): string[][] {
  const rows = table.split('\n').filter((row) => !/^\|[\s|-]+\|$/.test(row))
  return rows.map((row) => row.split('|').map((cell) => cell.trim()))
}

test('every metric of the table is exposed, with its help and type, and nothing else is', async () => {
  const text = await new Metrics('kafka', '0').text()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, type]) => `${name ?? ''} ${type ?? ''}`,
  )
  assert.deepEqual(
    types.sort(),
    metricRows()
      .map(([name, row]) => `${name} ${row.type}`)
      .sort(),
  )
})

test('who leads is told under client-go’s name, and only where there is an election', async () => {
  const metrics = new Metrics('kafka', '0')
  assert.deepEqual(await lines(metrics, 'leader_election_master_status'), [])
  metrics.leader('infometis-kafka', false)
  const series = 'leader_election_master_status{name="infometis-kafka"}'
  assert.deepEqual(await lines(metrics, 'leader_election_master_status'), [`${series} 0`])
  metrics.leader('infometis-kafka', true)
  assert.deepEqual(await lines(metrics, 'leader_election_master_status'), [`${series} 1`])
})

test('no label names an object, but where a resource says how it does', () => {
  const rows = metricRows().filter(([name]) => name !== 'infometis_resource_figure')
  const labels = new Set(rows.flatMap(([, row]) => row.labels))
  assert.deepEqual(
    [...labels].sort(),
    [
      'action',
      'call',
      'code',
      'controller',
      'method',
      'name',
      'node',
      'outcome',
      'priority',
      'ready',
      'reason',
      'result',
    ]
      .concat(['state', 'type', 'unit', 'verb', 'version'])
      .sort(),
  )
})

test('what a reconcile tells is counted', async () => {
  const metrics = new Metrics('kafka', '0')
  metrics.changed('create', 'done', 3)
  metrics.drifted(2)
  metrics.converged(0.2)
  metrics.requested('list', 200, 0.01)
  metrics.requested('patch', 0, 0.01)
  metrics.serviceUp(true)
  metrics.called('observe', 0.01, undefined)
  metrics.called('apply', 0.01, 'ServiceTimeout')
  const text = await metrics.text()
  for (const line of [
    'infometis_changes_total{action="create",outcome="done"} 3',
    'infometis_drift_fields_total 2',
    'infometis_change_to_ready_seconds_count 1',
    'rest_client_requests_total{code="200",method="list"} 1',
    'rest_client_requests_total{code="<error>",method="patch"} 1',
    'infometis_service_up 1',
    'infometis_service_call_duration_seconds_count{call="observe"} 1',
    'infometis_service_call_errors_total{call="apply",reason="ServiceTimeout"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line)
  }
})

test('the queue is read at the scrape: depth by priority, the age of what is in flight', async () => {
  const clock = new ManualClock()
  const metrics = new Metrics('kafka', '0')
  const queue = new WorkQueue(clock, metrics.queueMeter)
  metrics.watchQueue(queue)
  for (const key of ['a', 'b', 'c']) queue.add(key, 'change')
  await queue.take()
  await clock.advance(4_000)
  await queue.take()
  await clock.advance(1_000)
  const labels = 'name="kafka",controller="kafka"'
  assert.deepEqual(await lines(metrics, 'workqueue_depth'), [
    `workqueue_depth{${labels},priority="change"} 1`,
    `workqueue_depth{${labels},priority="retry"} 0`,
    `workqueue_depth{${labels},priority="resync"} 0`,
  ])
  assert.deepEqual(await lines(metrics, 'infometis_queue_oldest_key_seconds'), [
    'infometis_queue_oldest_key_seconds 5',
  ])
  assert.deepEqual(await lines(metrics, 'workqueue_unfinished_work_seconds'), [
    `workqueue_unfinished_work_seconds{${labels}} 6`,
  ])
  assert.deepEqual(await lines(metrics, 'workqueue_longest_running_processor_seconds'), [
    `workqueue_longest_running_processor_seconds{${labels}} 5`,
  ])
})

const nothing: Tally = {
  ...{ configMaps: new Map(), units: new Map(), resources: new Map(), reasons: new Map() },
  suspended: 0,
}
const quiet: WatchFacts = { synced: true, age: 1_500, restarts: new Map([['eof', 2]]), missedEvents: 1 }

test('a state that no resource is in any more leaves the metric', async () => {
  const metrics = new Metrics('kafka', '0')
  let resources = new Map([['topics', new Map([['held', 2]])]])
  let reasons = new Map([['DeletesData', 2]])
  metrics.watchState(() => ({
    tally: { configMaps: new Map([['True', 1]]), units: new Map(), resources, reasons, suspended: 0 },
    watch: quiet,
  }))
  assert.deepEqual(await lines(metrics, 'infometis_resources'), [
    'infometis_resources{type="topics",state="held"} 2',
  ])
  assert.deepEqual(await lines(metrics, 'infometis_status_entries'), [
    'infometis_status_entries{reason="DeletesData"} 2',
  ])
  assert.deepEqual(await lines(metrics, 'infometis_held_changes'), ['infometis_held_changes 2'])
  resources = new Map([['topics', new Map([['ready', 2]])]])
  reasons = new Map()
  assert.deepEqual(await lines(metrics, 'infometis_resources'), [
    'infometis_resources{type="topics",state="ready"} 2',
  ])
  assert.deepEqual(await lines(metrics, 'infometis_status_entries'), [])
  assert.deepEqual(await lines(metrics, 'infometis_held_changes'), ['infometis_held_changes 0'])
})

test('a processing unit is one set of series, and leaves the metric with its last ConfigMap', async () => {
  const metrics = new Metrics('kafka', '0')
  const counts = new Map([
    ['True', 2],
    ['False', 0],
  ])
  const units = new Map([['orders', counts]])
  const tally = { ...nothing, units }
  metrics.watchState(() => ({ tally, watch: quiet }))
  assert.deepEqual(await lines(metrics, 'infometis_unit_config_maps'), [
    'infometis_unit_config_maps{unit="orders",ready="True"} 2',
    'infometis_unit_config_maps{unit="orders",ready="False"} 0',
  ])
  units.clear()
  assert.deepEqual(await lines(metrics, 'infometis_unit_config_maps'), [])
})

test('totals that the watch keeps are taken over as they are, scrape after scrape', async () => {
  const metrics = new Metrics('kafka', '0')
  let watch = quiet
  const tally = nothing
  metrics.watchState(() => ({ tally, watch }))
  await metrics.text()
  watch = { ...quiet, restarts: new Map([['eof', 5]]) }
  assert.deepEqual(await lines(metrics, 'infometis_watch_restarts_total'), [
    'infometis_watch_restarts_total{reason="eof"} 5',
  ])
  assert.deepEqual(await lines(metrics, 'infometis_watch_missed_events_total'), [
    'infometis_watch_missed_events_total 1',
  ])
  assert.deepEqual(await lines(metrics, 'infometis_watch_last_event_age_seconds'), [
    'infometis_watch_last_event_age_seconds 1.5',
  ])
})
