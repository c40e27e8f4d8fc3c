import type { BareBroker } from '../bare-broker.ts'
import type { Bench } from '../bench.ts'
import { desired, topicSpecs } from '../desired.ts'
import { sumOf, type Sample } from '../exposition.ts'
import type { Reconciled } from '../log-lines.ts'
import type { Reconciler } from '../reconciler.ts'
import { ratioOf, sayRatio, saySpread, type Row } from '../row.ts'
import { timed, waitFor } from '../waiting.ts'

interface Plan {
  readonly topics: number
  readonly passes: number
  readonly brokers: 1 | 3
  readonly interval: string
}

/** Everything that could have been written during the passes, by the reconciler's own count and by the API server's. */
interface Writes {
  readonly changes: number
  readonly requests: number
  readonly versions: string
}

const name = 'resync'
const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/** A resync that finds nothing to do. */
export async function resync(bench: Bench): Promise<readonly Row[]> {
  const passes = bench.pick({ quick: 3, default: 10, full: 20 })
  const rows = await measure(bench, { topics: 5_000, passes, brokers: 1, interval: '4s' })
  await bench.endGroup()
  if (bench.pick({ quick: true, default: true, full: false })) return rows
  // Three brokers: one would need more open files than many machines allow.
  return [...rows, ...(await measure(bench, { topics: 20_000, passes: 5, brokers: 3, interval: '10s' }))]
}

async function measure(bench: Bench, plan: Plan): Promise<readonly Row[]> {
  const { topics, passes, brokers, interval } = plan
  const kafka = await bench.kafka({ brokers })
  const broker = await bench.broker(kafka)
  const namespace = await bench.namespace()
  const specs = topicSpecs(name, topics, 1)
  for (let from = 0; from < topics; from += 1_000) await broker.createTopics(specs.slice(from, from + 1_000))
  await bench.desk.create(namespace, desired(name, specs))
  await observeBare(broker, 2)
  const bare = await observeBare(broker, passes)
  const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: interval, RECONCILE_TIMEOUT: '10m' }
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, kafka, environment })
  await view.until('the topics to be adopted', () => view.ready(name) === 'True', 300_000)
  // Its Events, and two passes for the code to get warm.
  await passesOf(bench, reconciler, 3)
  const before = await writesOf(bench, reconciler, namespace)
  const ours = (await passesOf(bench, reconciler, passes)).map(({ ms }) => ms)
  const after = await writesOf(bench, reconciler, namespace)
  await reconciler.stop()
  bare.push(...(await observeBare(broker, passes)))
  return [timeRow(plan, ours, bare), writesRow(plan, before, after)]
}

async function observeBare(broker: BareBroker, times: number): Promise<number[]> {
  const found: number[] = []
  for (let each = 0; each < times; each += 1) found.push(await timed(() => broker.observeAll()))
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

function timeRow({ topics, brokers }: Plan, ours: readonly number[], bare: readonly number[]): Row {
  const calls = `one Metadata and ${Math.ceil(topics / 500)} DescribeConfigs, pipelined`
  return {
    what: `no-op resync of ${topics.toLocaleString('en')} topics`,
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: sayRatio(ours, bare),
    target: '≤ 1.5 × bare',
    met: ratioOf(ours, bare) <= 1.5,
    how: `${ours.length} passes of one ConfigMap (${brokers === 1 ? 'one broker' : 'three brokers'}, 1 partition each), whole reconcile by the debug log. Bare: ${calls}, before and after.`,
  }
}

function writesRow({ topics }: Plan, before: Writes, after: Writes): Row {
  const changes = after.changes - before.changes
  const requests = after.requests - before.requests
  const untouched = after.versions === before.versions
  return {
    what: `writes during those passes (${topics.toLocaleString('en')} topics)`,
    measured: `${changes} to the service, ${requests} to Kubernetes`,
    bare: '0',
    ratio: '–',
    target: '0',
    met: changes === 0 && requests === 0 && untouched,
    how: `By infometis_changes_total and rest_client_requests_total (all but get, list, watch); resourceVersions of the namespace's ConfigMaps and Events ${untouched ? 'did not change' : 'DID change'}.`,
  }
}
