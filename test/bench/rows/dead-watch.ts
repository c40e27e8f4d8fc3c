import type { Bench } from '../bench.ts'
import { content, desired } from '../desired.ts'
import { topicsDocument } from '../topics.ts'
import { sumOf } from '../exposition.ts'
import { HalfOpenProxy } from '../half-open-proxy.ts'
import type { Reconciler } from '../reconciler.ts'
import { saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { waitFor } from '../waiting.ts'

const name = 'dead-watch'
const deadlineMs = 400_000

/** The connection to the API server goes half-open: nothing comes and nobody says so. Takes more than a minute a run. */
export async function deadWatch(bench: Bench): Promise<readonly Row[]> {
  if (!bench.pick({ quick: false, default: false, full: true })) return []
  const noticed: number[] = []
  const repaired: number[] = []
  const kafka = await bench.kafka()
  const broker = await bench.broker(kafka)
  for (let run = 0; run < 3; run += 1) {
    const namespace = await bench.namespace(kafka)
    const view = await bench.view(namespace)
    const topic = { name: `${name}-${run}`, partitions: 1, retentionMs: 100_000_000 }
    const proxy = await HalfOpenProxy.open(bench.api.host, bench.api.port)
    bench.atEnd(async () => proxy.close())
    const environment = { KUBERNETES_SERVICE_PORT: String(proxy.port) }
    const reconciler = await bench.reconciler({ namespace, component: kafka, environment })
    await bench.desk.create(namespace, desired(name, topicsDocument([topic])))
    await view.until('the topic to be ready', () => view.ready(name) === 'True')
    const before = await restarts(reconciler)
    const frozen = performance.now()
    proxy.freeze()
    const changed = { ...topic, retentionMs: 200_000_000 }
    await bench.desk.patch(namespace, name, content(topicsDocument([changed])))
    const since = (): number => performance.now() - frozen
    const wait = { deadlineMs, everyMs: 100, signal: bench.signal }
    const both = [
      waitFor(async () => ((await restarts(reconciler)) > before ? since() : undefined), {
        ...wait,
        what: 'a new watch',
      }),
      waitFor(
        async () =>
          (await broker.retentions([topic.name])).get(topic.name) === '200000000' ? since() : undefined,
        { ...wait, what: 'the change that the watch missed' },
      ),
    ]
    const [notice = Number.NaN, repair = Number.NaN] = await Promise.all(both)
    noticed.push(notice)
    repaired.push(repair)
    await reconciler.stop()
  }
  return [row('dead watch noticed', noticed, 75), row('change made meanwhile → on the broker', repaired, 300)]
}

async function restarts(reconciler: Reconciler): Promise<number> {
  return sumOf(await reconciler.metrics(), 'infometis_watch_restarts_total')
}

function row(what: string, found: readonly number[], seconds: number): Row {
  return {
    what,
    measured: saySpread(found, 's'),
    bare: '–',
    ratio: '–',
    target: `≤ ${seconds} s`,
    met: spreadOf(found).max <= seconds * 1_000,
    how: `${found.length} runs: a TCP proxy before the API server makes every open connection half-open, and a ConfigMap is changed at that moment; by infometis_watch_restarts_total and by the broker. Judged by the slowest.`,
  }
}
