import type { BareBroker } from '../bare-broker.ts'
import type { Bench } from '../bench.ts'
import { desired, topicSpecs } from '../desired.ts'
import type { Reconciler } from '../reconciler.ts'
import type { RunningKafka } from '../../support/kafka.ts'
import { saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { timed, waitFor } from '../waiting.ts'

const written = 100_000_000
/** Shorter: to lengthen it again is never held. */
const drifted = 50_000_000

/** Somebody changes the service behind Git's back. */
export async function drift(bench: Bench): Promise<readonly Row[]> {
  const kafka = await bench.kafka()
  const broker = await bench.broker(kafka)
  const rows = [await measure(bench, kafka, broker, 5)]
  return bench.pick({ quick: false, default: true, full: true })
    ? [await measure(bench, kafka, broker, 30), ...rows]
    : rows
}

/** `interval` in seconds. */
async function measure(
  bench: Bench,
  kafka: RunningKafka,
  broker: BareBroker,
  interval: number,
): Promise<Row> {
  const namespace = await bench.namespace()
  const view = await bench.view(namespace)
  const count = bench.pick({ quick: 10, default: 20, full: 60 })
  const names = topicSpecs(`drift-${interval}`, count, 1).map(({ name }) => name)
  for (const name of names) {
    await bench.desk.create(namespace, desired(name, [{ name, partitions: 1, retentionMs: written }]))
  }
  const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: `${interval}s` }
  const reconciler = await bench.reconciler({ namespace, kafka, environment })
  await view.until('the topics to be ready', () => names.every((name) => view.ready(name) === 'True'))
  await reconciler.log.reconciled()
  const ours = await driftAll(bench, reconciler, broker, new Set(names))
  await reconciler.stop()
  const bare: number[] = []
  for (const name of names) bare.push(await timed(() => correctBare(bench, broker, name)))
  return row(ours, bare, interval)
}

/** Changes each topic just after a resync of its own has ended: the worst moment there is. */
async function driftAll(
  bench: Bench,
  { log }: Reconciler,
  broker: BareBroker,
  names: ReadonlySet<string>,
): Promise<readonly number[]> {
  const since = new Map<string, number>()
  const found = new Map<string, number>()
  const look = async (): Promise<true | undefined> => {
    for (const { key } of await log.reconciled()) {
      const name = key.slice(key.indexOf('/') + 1)
      if (!names.has(name) || since.has(name)) continue
      await broker.setRetention(name, drifted)
      since.set(name, performance.now())
    }
    const open = [...since.keys()].filter((name) => !found.has(name))
    const now = open.length === 0 ? new Map<string, string>() : await broker.retentions(open)
    for (const name of open) {
      if (now.get(name) === String(written)) found.set(name, performance.now() - (since.get(name) ?? 0))
    }
    return found.size === names.size ? true : undefined
  }
  const wait = { what: 'drift to be corrected', deadlineMs: 180_000, everyMs: 10, signal: bench.signal }
  await waitFor(look, wait)
  return [...found.values()]
}

async function correctBare({ signal }: Bench, broker: BareBroker, name: string): Promise<void> {
  await broker.setRetention(name, written + 1)
  const look = async (): Promise<true | undefined> =>
    (await broker.retentions([name])).get(name) === String(written + 1) ? true : undefined
  await waitFor(look, { what: 'the broker to show it', deadlineMs: 10_000, everyMs: 1, signal })
}

function row(ours: readonly number[], bare: readonly number[], interval: number): Row {
  const limit = (interval + 1) * 1_000
  return {
    what: `out-of-band drift → corrected, interval ${interval} s`,
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: '–',
    target: `≤ ${interval + 1} s`,
    met: spreadOf(ours).max <= limit,
    how: `${ours.length} topics in as many ConfigMaps, each changed just after a resync of its own has ended (the worst moment); judged by the slowest. Bare: the correction alone.`,
  }
}
