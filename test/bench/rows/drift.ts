import type { Bench } from '../bench.ts'
import type { Size } from '../options.ts'
import { dashboardSpecimen } from '../dashboard-specimen.ts'
import { desired } from '../desired.ts'
import { flowSpecimen } from '../flow-specimen.ts'
import { indexSpecimen } from '../index-specimen.ts'
import type { Reconciler } from '../reconciler.ts'
import { saySpread, type Row } from '../row.ts'
import { allWith, namesOf, type Specimen } from '../specimen.ts'
import { spreadOf } from '../statistics.ts'
import { topicSpecimen } from '../topic-specimen.ts'
import { timed, waitFor } from '../waiting.ts'

const written = 100_000_000
/** Shorter: to lengthen it again is never held. */
const drifted = 50_000_000

interface Scale {
  /** As many things, each in a ConfigMap of its own. */
  readonly counts: Readonly<Record<Size, number>>
  /** Seconds that a correction may take once a resync has begun. */
  readonly correction: number
}

const usual: Scale = { counts: { quick: 10, default: 20, full: 60 }, correction: 1 }

/** Somebody changes the service behind Git's back. */
export async function drift(bench: Bench): Promise<readonly Row[]> {
  return atIntervals(bench, await topicSpecimen(bench), usual)
}

export async function indexDrift(bench: Bench): Promise<readonly Row[]> {
  return atIntervals(bench, await indexSpecimen(bench), usual)
}

/** NiFi stops a processor, changes it and starts it again: that is no matter of milliseconds. */
export async function flowDrift(bench: Bench): Promise<readonly Row[]> {
  const scale = { counts: { quick: 5, default: 10, full: 20 }, correction: 3 }
  return atIntervals(bench, await flowSpecimen(bench), scale)
}

export async function dashboardDrift(bench: Bench): Promise<readonly Row[]> {
  return atIntervals(bench, await dashboardSpecimen(bench), usual)
}

async function atIntervals(bench: Bench, specimen: Specimen, scale: Scale): Promise<readonly Row[]> {
  const rows = [await measure(bench, specimen, scale, 5)]
  return bench.pick({ quick: false, default: true, full: true })
    ? [await measure(bench, specimen, scale, 30), ...rows]
    : rows
}

/** `interval` in seconds. */
async function measure(bench: Bench, specimen: Specimen, scale: Scale, interval: number): Promise<Row> {
  const { component } = specimen
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const count = bench.pick(scale.counts)
  const names = namesOf(`drift-${interval}`, count)
  for (const name of names) {
    await bench.desk.create(namespace, desired(name, specimen.document(allWith([name], written))))
  }
  const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: `${interval}s` }
  const reconciler = await bench.reconciler({ namespace, component, environment })
  await view.until('all to be ready', () => names.every((name) => view.ready(name) === 'True'))
  await reconciler.log.reconciled()
  const ours = await driftAll(bench, reconciler, specimen, new Set(names))
  await reconciler.stop()
  const bare: number[] = []
  for (const name of names) bare.push(await timed(() => correctBare(bench, specimen, name)))
  return row(specimen, ours, bare, { interval, limit: interval + scale.correction })
}

/** Changes each just after a resync of its own has ended: the worst moment there is. */
async function driftAll(
  bench: Bench,
  { log }: Reconciler,
  specimen: Specimen,
  names: ReadonlySet<string>,
): Promise<readonly number[]> {
  const since = new Map<string, number>()
  const found = new Map<string, number>()
  const look = async (): Promise<true | undefined> => {
    for (const { key } of await log.reconciled()) {
      const name = key.slice(key.indexOf('/') + 1)
      if (!names.has(name) || since.has(name)) continue
      await specimen.set(name, drifted)
      since.set(name, performance.now())
    }
    const open = [...since.keys()].filter((name) => !found.has(name))
    const now = open.length === 0 ? new Map<string, number>() : await specimen.look(open)
    for (const name of open) {
      if (now.get(name) === written) found.set(name, performance.now() - (since.get(name) ?? 0))
    }
    return found.size === names.size ? true : undefined
  }
  const wait = { what: 'drift to be corrected', deadlineMs: 180_000, everyMs: 10, signal: bench.signal }
  await waitFor(look, wait)
  return [...found.values()]
}

async function correctBare({ signal }: Bench, specimen: Specimen, name: string): Promise<void> {
  await specimen.set(name, written + 1)
  const look = async (): Promise<true | undefined> =>
    (await specimen.look([name])).get(name) === written + 1 ? true : undefined
  await waitFor(look, { what: 'the service to show it', deadlineMs: 60_000, everyMs: 1, signal })
}

/** Both in seconds. */
interface Bound {
  readonly interval: number
  readonly limit: number
}

function row(
  { words }: Specimen,
  ours: readonly number[],
  bare: readonly number[],
  { interval, limit }: Bound,
): Row {
  return {
    what: `out-of-band drift of ${words.things} → corrected, interval ${interval} s`,
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: '–',
    target: `≤ ${limit} s`,
    met: spreadOf(ours).max <= limit * 1_000,
    how: `${ours.length} ${words.things} in as many ConfigMaps, each changed just after a resync of its own has ended (the worst moment); judged by the slowest. Bare: the correction alone.`,
  }
}
