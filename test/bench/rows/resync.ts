import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { dashboardCounting, dashboardSpecimen } from '../dashboard-specimen.ts'
import { desired } from '../desired.ts'
import { sumOf, type Sample } from '../exposition.ts'
import { flowCounting, flowSpecimen } from '../flow-specimen.ts'
import { indexCounting, indexSpecimen } from '../index-specimen.ts'
import type { Reconciled } from '../log-lines.ts'
import type { Reconciler } from '../reconciler.ts'
import { RequestCounter } from '../request-counter.ts'
import { ratioOf, sayRatio, saySpread, type Row } from '../row.ts'
import { allWith, namesOf, type Counting, type Specimen } from '../specimen.ts'
import { spreadOf } from '../statistics.ts'
import { topicSpecimen } from '../topic-specimen.ts'
import { timed, waitFor } from '../waiting.ts'

interface Plan {
  readonly count: number
  readonly passes: number
  readonly interval: string
  /** `one broker, 1 partition each` */
  readonly setting: string
  readonly limit: Limit
}

interface Limit {
  readonly text: string
  met(ours: readonly number[], bare: readonly number[]): boolean
}

interface Stage {
  readonly bench: Bench
  readonly specimen: Specimen
  readonly namespace: string
  readonly names: readonly string[]
}

/** Everything that could have been written during the passes, by the reconciler's own count and by the API server's. */
interface Writes {
  readonly changes: number
  readonly requests: number
  readonly versions: string
}

const name = 'resync'
const pauseMs = 2_000

const byRatio: Limit = { text: '≤ 1.5 × bare', met: (ours, bare) => ratioOf(ours, bare) <= 1.5 }
/** A few requests take so little that the ratio to them says nothing. */
const halfSecond: Limit = { text: '≤ 0.5 s', met: (ours) => spreadOf(ours).median <= 500 }
const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/** A resync that finds nothing to do. */
export async function resync(bench: Bench): Promise<readonly Row[]> {
  const setting = 'one broker, 1 partition each'
  const stage = await prepare(bench, await topicSpecimen(bench), 5_000)
  const plan = { count: 5_000, passes: passesFor(bench), interval: '4s', setting, limit: byRatio }
  const rows = await measure(stage, plan)
  await bench.endGroup()
  if (bench.pick({ quick: true, default: true, full: false })) return rows
  // Three brokers: one would need more open files than many machines allow.
  const large = await prepare(bench, await topicSpecimen(bench, { brokers: 3 }), 20_000)
  const three = { count: 20_000, passes: 5, interval: '10s', setting: 'three brokers, 1 partition each' }
  return [...rows, ...(await measure(large, { ...three, limit: byRatio }))]
}

/** A resync of indices, and what it asks of the server. */
export async function indexResync(bench: Bench): Promise<readonly Row[]> {
  const count = bench.pick({ quick: 300, default: 1_000, full: 1_000 })
  const setting = 'one node, 1 shard each'
  const plan = { count, passes: passesFor(bench), interval: '4s', setting, limit: halfSecond }
  return counted(await prepare(bench, await indexSpecimen(bench), count), plan, indexCounting)
}

/** A resync of flows, and what it asks of NiFi. */
export async function flowResync(bench: Bench): Promise<readonly Row[]> {
  const count = bench.pick({ quick: 10, default: 50, full: 50 })
  const setting = 'one NiFi, 7 processors each'
  const plan = { count, passes: passesFor(bench), interval: '6s', setting, limit: byRatio }
  return counted(await prepare(bench, await flowSpecimen(bench), count), plan, flowCounting)
}

/** A resync of dashboards, and what it asks of Grafana. The simulated one: how long Grafana itself takes is not told by it. */
export async function dashboardResync(bench: Bench): Promise<readonly Row[]> {
  const count = bench.pick({ quick: 100, default: 500, full: 500 })
  const setting = 'the simulated API, 12 panels each'
  const plan = { count, passes: passesFor(bench), interval: '6s', setting, limit: halfSecond }
  return counted(await prepare(bench, await dashboardSpecimen(bench), count), plan, dashboardCounting)
}

async function counted(stage: Stage, plan: Plan, counting: Counting): Promise<readonly Row[]> {
  return [...(await measure(stage, plan)), await requestsRow(stage, counting, plan.interval)]
}

function passesFor(bench: Bench): number {
  return bench.pick({ quick: 3, default: 10, full: 20 })
}

/** They are there before their ConfigMap is, so that it finds nothing to do. */
async function prepare(bench: Bench, specimen: Specimen, count: number): Promise<Stage> {
  const names = namesOf(name, count)
  const namespace = await bench.namespace(specimen.component)
  await specimen.create(names)
  await bench.desk.create(namespace, desired(name, specimen.document(allWith(names, undefined))))
  return { bench, specimen, namespace, names }
}

async function measure(stage: Stage, plan: Plan): Promise<readonly Row[]> {
  const { bench, specimen, namespace } = stage
  const { passes, interval } = plan
  await observeBare(stage, 2)
  const bare = await observeBare(stage, passes)
  const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: interval, RECONCILE_TIMEOUT: '10m' }
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component: specimen.component, environment })
  await view.until('all to be adopted', () => view.ready(name) === 'True', 300_000)
  // Its Events, and two passes for the code to get warm.
  await passesOf(bench, reconciler, 3)
  const before = await writesOf(bench, reconciler, namespace)
  const ours = (await passesOf(bench, reconciler, passes)).map(({ ms }) => ms)
  const after = await writesOf(bench, reconciler, namespace)
  await reconciler.stop()
  bare.push(...(await observeBare(stage, passes)))
  return [timeRow(specimen, plan, ours, bare), writesRow(specimen, plan, before, after)]
}

/** With a pause before each, as the reconciler makes: a server that was asked the same a moment ago answers faster. */
async function observeBare({ bench, specimen, names }: Stage, times: number): Promise<number[]> {
  const found: number[] = []
  for (let each = 0; each < times; each += 1) {
    await sleep(pauseMs, undefined, { signal: bench.signal })
    found.push(await timed(() => specimen.readAll(names)))
  }
  return found
}

async function passesOf(bench: Bench, { log }: Reconciler, count: number): Promise<readonly Reconciled[]> {
  const found: Reconciled[] = []
  await log.reconciled()
  const wait = { what: `${count} resyncs`, deadlineMs: 600_000, everyMs: 200, signal: bench.signal }
  await waitFor(async () => {
    found.push(...(await log.reconciled()))
    return found.length >= count ? true : undefined
  }, wait)
  return found
}

async function writesOf(bench: Bench, reconciler: Reconciler, namespace: string): Promise<Writes> {
  const samples = await reconciler.metrics()
  const lists = await Promise.all(
    ['configmaps', 'events'].map(async (kind) => bench.desk.list(namespace, kind)),
  )
  const items = lists.flatMap((list) => list.items)
  return {
    changes: sumOf(samples, 'infometis_changes_total'),
    requests: sumOf(samples, 'rest_client_requests_total', isWrite),
    versions: items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion ?? ''}`).join(),
  }
}

function isWrite({ labels }: Sample): boolean {
  return !reading.has((labels.get('method') ?? '').toLowerCase())
}

function timeRow(
  { words }: Specimen,
  { count, setting, limit }: Plan,
  ours: readonly number[],
  bare: readonly number[],
): Row {
  return {
    what: `no-op resync of ${count.toLocaleString('en')} ${words.things}`,
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: sayRatio(ours, bare),
    target: limit.text,
    met: limit.met(ours, bare),
    how: `${ours.length} passes of one ConfigMap (${setting}), whole reconcile by the debug log. Bare: ${words.reading(count)}, each after a pause of ${pauseMs / 1_000} s, before and after.`,
  }
}

function writesRow({ words }: Specimen, { count }: Plan, before: Writes, after: Writes): Row {
  const changes = after.changes - before.changes
  const requests = after.requests - before.requests
  const untouched = after.versions === before.versions
  return {
    what: `writes during those passes (${count.toLocaleString('en')} ${words.things})`,
    measured: `${changes} to the service, ${requests} to Kubernetes`,
    bare: '0',
    ratio: '–',
    target: '0',
    met: changes === 0 && requests === 0 && untouched,
    how: `By infometis_changes_total and rest_client_requests_total (all but get, list, watch); resourceVersions of the namespace's ConfigMaps and Events ${untouched ? 'did not change' : 'DID change'}.`,
  }
}

/** A process of its own behind a proxy that counts: timing would suffer from it. */
async function requestsRow(
  { bench, specimen, namespace, names }: Stage,
  { setting, routeOf, reads, fewest, fewestAre, more }: Counting,
  interval: string,
): Promise<Row> {
  const { component, words } = specimen
  const counter = await RequestCounter.open(component.environment[setting] ?? '', routeOf)
  bench.atEnd(async () => counter.close())
  const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: interval, [setting]: counter.url }
  const reconciler = await bench.reconciler({ namespace, component, environment })
  await passesOf(bench, reconciler, 2)
  counter.take()
  const passes = (await passesOf(bench, reconciler, 5)).length
  const counts = [...counter.take()].sort()
  await reconciler.stop()
  const each = counts.reduce((sum, [, count]) => sum + count, 0) / passes
  const bare = fewest(names.length)
  const most = bare + more
  const kinds = counts.map(([what, count]) => `${what} ${(count / passes).toFixed(1)}`).join(', ')
  return {
    what: `requests of a no-op resync of ${names.length.toLocaleString('en')} ${words.things}`,
    measured: each.toFixed(1),
    bare: String(bare),
    ratio: '–',
    target: `≤ ${most}, none that writes`,
    met: each <= most && counts.every(([what]) => reads(what)),
    how: `Counted by a proxy over ${passes} passes, the probe of /ready included: ${kinds}. Bare: ${fewestAre}.`,
  }
}
