import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { content, desired, type Document } from '../desired.ts'
import { indexSpecimen } from '../index-specimen.ts'
import type { NamespaceView } from '../namespace-view.ts'
import type { Size } from '../options.ts'
import type { Reconciler } from '../reconciler.ts'
import { say, type Row } from '../row.ts'
import { allWith, namesOf, type Specimen } from '../specimen.ts'
import { percentile, spreadOf } from '../statistics.ts'
import { topicSpecimen } from '../topic-specimen.ts'
import { waitFor } from '../waiting.ts'

/** Milliseconds since the PATCH was sent. */
interface Latency {
  readonly answered: number
  readonly begun: number
  readonly changed: number
  /** Between two looks at the service. */
  readonly resolution: number
}

interface Stage {
  readonly bench: Bench
  readonly namespace: string
  readonly view: NamespaceView
  readonly specimen: Specimen
}

type Answer = (sent: number) => Promise<{ readonly begun: number }>

/** How many changes, and what goes on beside them. */
export interface Course {
  readonly runs: Readonly<Record<Size, number>>
  /** In each run. */
  readonly changes: Readonly<Record<Size, number>>
  /** The next change waits until status says that the last is made. */
  readonly settles?: boolean
  /** Made so that it can watch all changes of a run. */
  around?<T>(who: 'ours' | 'bare', work: () => Promise<T>): Promise<T>
}

const usual: Course = {
  runs: { quick: 1, default: 3, full: 5 },
  changes: { quick: 60, default: 100, full: 200 },
}

const name = 'latency'
const names = namesOf(name, 10)
/** The one that is changed. */
export const target = `${name}-00000`
const deadlineMs = 60_000
/** No resync comes between. */
const environment = { LOG_LEVEL: 'debug', RECONCILE_INTERVAL: '24h' }
let value = 100_000_000

/** ConfigMap change → reconcile starts, and → changed on the broker. */
export async function latency(bench: Bench): Promise<readonly Row[]> {
  const specimen = await topicSpecimen(bench, { partitions: 3 })
  const [ours, bare] = await measure(bench, specimen, usual)
  return [startRow(ours, bare), changeRow(specimen, { p50: 60, p99: 200 }, ours, bare)]
}

/** ConfigMap change → changed in the index. */
export async function indexLatency(bench: Bench): Promise<readonly Row[]> {
  const specimen = await indexSpecimen(bench)
  const [ours, bare] = await measure(bench, specimen, usual)
  return [changeRow(specimen, { p50: 120, p99: 300 }, ours, bare)]
}

/** Ours and bare, by runs. */
export async function measure(
  bench: Bench,
  specimen: Specimen,
  course: Course,
): Promise<readonly [Runs, Runs]> {
  const { component } = specimen
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const stage = { bench, namespace, view, specimen }
  const count = bench.pick(course.changes)
  const around = course.around?.bind(course) ?? (async (_, work) => work())
  await bench.desk.create(namespace, desired(name, written(specimen)))
  const ours: (readonly Latency[])[] = []
  const bare: (readonly Latency[])[] = []
  for (let run = 0; run < bench.pick(course.runs); run += 1) {
    const reconciler = await bench.reconciler({ namespace, component, environment })
    await view.until('all to be ready', () => view.ready(name) === 'True')
    const answer: Answer = async (sent) => {
      const hash = view.observedHash(name)
      const begun = await begunByLog(bench, reconciler, `${namespace}/${name}`, sent)
      if (course.settles === true)
        await view.until('status to say so', () => view.readyAfter(hash, name), deadlineMs)
      return begun
    }
    ours.push(await around('ours', async () => samples(stage, count, answer)))
    await reconciler.stop()
    bare.push(await around('bare', async () => samples(stage, count, async () => changeBare(stage))))
  }
  return [ours, bare]
}

async function samples(stage: Stage, count: number, answer: Answer): Promise<readonly Latency[]> {
  const found: Latency[] = []
  for (let index = -5; index < count; index += 1) {
    const sample = await once(stage, answer)
    if (index >= 0) found.push(sample)
    // What follows a change (status, summary, Events) is over before the next, and the phases differ.
    await sleep(150 + (((index + 5) * 37) % 100), undefined, { signal: stage.bench.signal })
  }
  return found
}

async function once({ bench, namespace, specimen }: Stage, answer: Answer): Promise<Latency> {
  value += 1
  const [sent, from] = [Date.now(), performance.now()]
  const answered = bench.desk
    .patch(namespace, name, content(written(specimen)))
    .then(() => performance.now() - from)
  const begun = answer(sent)
  let looks = 0
  const look = async (): Promise<number | undefined> => {
    looks += 1
    const now = (await specimen.look([target])).get(target)
    return now === value ? performance.now() - from : undefined
  }
  const wait = {
    what: 'the change to reach the service',
    deadlineMs,
    everyMs: 1,
    signal: bench.signal,
  }
  const [changed, found, patched] = await Promise.all([waitFor(look, wait), begun, answered])
  return { answered: patched, begun: found.begun - sent, changed, resolution: changed / looks }
}

function written(specimen: Specimen): Document {
  return specimen.document(allWith(names, undefined).set(target, value))
}

async function begunByLog(
  bench: Bench,
  { log }: Reconciler,
  key: string,
  sent: number,
): Promise<{ readonly begun: number }> {
  const wait = { what: `a reconcile of ${key}`, deadlineMs, everyMs: 20, signal: bench.signal }
  const found = await waitFor(async () => {
    const lines = await log.reconciled()
    // The log's times are whole milliseconds.
    return lines.find((line) => line.key === key && line.start >= sent - 2)
  }, wait)
  return { begun: found.start }
}

/** The same work with nothing around it: a watch event, one request. */
async function changeBare({ view, specimen }: Stage): Promise<{ readonly begun: number }> {
  const before = view.get(name)?.metadata.resourceVersion
  await view.until('the watch event', () => view.get(name)?.metadata.resourceVersion !== before, deadlineMs)
  const begun = Date.now()
  await specimen.set(target, value)
  return { begun }
}

export type Runs = readonly (readonly Latency[])[]
type Field = keyof Latency

function startRow(ours: Runs, bare: Runs): Row {
  const p99 = percentile(all(ours, 'begun'), 0.99)
  return {
    what: 'ConfigMap change → reconcile starts, p50 / p99',
    measured: sayPercentiles(ours, 'begun'),
    bare: sayPercentiles(bare, 'begun'),
    ratio: ratio(ours, bare, 'begun'),
    target: 'p99 ≤ 100 ms',
    met: p99 <= 100,
    how: `${sayCounts(ours)} From sending the PATCH (answered after ${say(median(ours, 'answered'), 'ms')}) to the reconcile's start by the debug log (time of its line less its ms, ±1 ms). Bare: until a watch of the benchmark's own shows the change.`,
  }
}

export interface Limits {
  readonly p50: number
  readonly p99: number
}

/** Without limits there is no target. */
export function changeRow({ words }: Specimen, limits: Limits | undefined, ours: Runs, bare: Runs): Row {
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(all(ours, 'changed'), share)) as [number, number]
  return {
    what: `ConfigMap change → ${words.changed}, p50 / p99`,
    measured: sayPercentiles(ours, 'changed'),
    bare: sayPercentiles(bare, 'changed'),
    ratio: ratio(ours, bare, 'changed'),
    target: limits === undefined ? '–' : `p50 ≤ ${limits.p50} ms, p99 ≤ ${limits.p99} ms`,
    met: limits && p50 <= limits.p50 && p99 <= limits.p99,
    how: `${sayCounts(ours)} From sending the PATCH until ${words.looking} shows the value (asked every ${say(median(ours, 'resolution'), 'ms')}). Ours stores its intent and asks ${words.asking} before it writes. Bare: watch event, ${words.setting}.`,
  }
}

function all(runs: Runs, field: Field): readonly number[] {
  return runs.flat().map((sample) => sample[field])
}

function median(runs: Runs, field: Field): number {
  return spreadOf(all(runs, field)).median
}

function sayPercentiles(runs: Runs, field: Field): string {
  const shares = [0.5, 0.99].map((share) => say(percentile(all(runs, field), share), 'ms')).join(' / ')
  const { min, max } = spreadOf(all(runs, field))
  return `${shares} (${say(min, 'ms')}–${say(max, 'ms')})`
}

function ratio(ours: Runs, bare: Runs, field: Field): string {
  return [0.5, 0.99]
    .map((share) => (percentile(all(ours, field), share) / percentile(all(bare, field), share)).toFixed(1))
    .join(' / ')
}

function sayCounts(runs: Runs): string {
  return `${runs.flat().length} changes in ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}.`
}
