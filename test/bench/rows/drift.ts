import type { Bench } from '../bench.ts'
import { desired } from '../desired.ts'
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

/** Somebody changes the service behind Git's back. */
export async function drift(bench: Bench): Promise<readonly Row[]> {
  return atIntervals(bench, await topicSpecimen(bench))
}

export async function indexDrift(bench: Bench): Promise<readonly Row[]> {
  return atIntervals(bench, await indexSpecimen(bench))
}

async function atIntervals(bench: Bench, specimen: Specimen): Promise<readonly Row[]> {
  const rows = [await measure(bench, specimen, 5)]
  return bench.pick({ quick: false, default: true, full: true })
    ? [await measure(bench, specimen, 30), ...rows]
    : rows
}

/** `interval` in seconds. */
async function measure(bench: Bench, specimen: Specimen, interval: number): Promise<Row> {
  const { component } = specimen
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const count = bench.pick({ quick: 10, default: 20, full: 60 })
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
  return row(specimen, ours, bare, interval)
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
  await waitFor(look, { what: 'the service to show it', deadlineMs: 10_000, everyMs: 1, signal })
}

function row({ words }: Specimen, ours: readonly number[], bare: readonly number[], interval: number): Row {
  const limit = (interval + 1) * 1_000
  return {
    what: `out-of-band drift of ${words.things} → corrected, interval ${interval} s`,
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: '–',
    target: `≤ ${interval + 1} s`,
    met: spreadOf(ours).max <= limit,
    how: `${ours.length} ${words.things} in as many ConfigMaps, each changed just after a resync of its own has ended (the worst moment); judged by the slowest. Bare: the correction alone.`,
  }
}
