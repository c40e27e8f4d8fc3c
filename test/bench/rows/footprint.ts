import { setTimeout as sleep } from 'node:timers/promises'
import type { BareBroker } from '../bare-broker.ts'
import type { Bench } from '../bench.ts'
import type { Component } from '../component.ts'
import { content, desired } from '../desired.ts'
import { bareMemory, idleMemory, idleRow, loadedRow, megabyte, rest, type Loaded } from '../memory.ts'
import { topicSpecs, topicsDocument } from '../topics.ts'
import type { Reconciler } from '../reconciler.ts'
import { cpuOf, memoryOf } from '../process-figures.ts'
import { say, sayRatio, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { inParallel } from '../../../src/client/parallel.ts'

const count = 1_000
/** Changes a second during the soak. */
const soakRate = 10

/** Memory and CPU of the reconciler's process. */
export async function footprint(bench: Bench): Promise<readonly Row[]> {
  const kafka = await bench.kafka()
  const broker = await bench.broker(kafka)
  const bare = await bareMemory(bench)
  const idle = await idleMemory(bench, kafka)
  const single = await cpuOfSingle(bench, kafka)
  const bareCpu = await cpuBare(broker)
  return [
    idleRow('memory, idle', idle, bare),
    ...(await thousand(bench, kafka, bare, bareCpu)),
    cpuRow('in one ConfigMap', single, bareCpu),
  ]
}

/** Per cent of a core with 1,000 topics in one ConfigMap. */
async function cpuOfSingle(bench: Bench, kafka: Component): Promise<number> {
  const namespace = await bench.namespace(kafka)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component: kafka })
  await bench.desk.create(namespace, desired('single', topicsDocument(topicSpecs('single', count, 1))))
  await view.until('the topics to be ready', () => view.ready('single') === 'True')
  const share = await cpuAtRest(bench, reconciler)
  await reconciler.stop()
  view.close()
  return share
}

/** Per cent of a core that the benchmark itself needs to look at the same 1,000 topics every 30 s. */
async function cpuBare(broker: BareBroker): Promise<number> {
  const looks = 20
  await broker.observeAll()
  const before = process.cpuUsage()
  for (let look = 0; look < looks; look += 1) await broker.observeAll()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) / 1_000 / looks / 30_000) * 100
}

async function thousand(
  bench: Bench,
  kafka: Component,
  bare: readonly number[],
  bareCpu: number,
): Promise<readonly Row[]> {
  const namespace = await bench.namespace(kafka)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component: kafka })
  const topics = topicSpecs('many', count, 1)
  await inParallel(topics, 16, async (topic) =>
    bench.desk.create(namespace, desired(topic.name, topicsDocument([topic]))),
  )
  await view.until('all to be ready', () => topics.every(({ name }) => view.ready(name) === 'True'))
  const share = await cpuAtRest(bench, reconciler)
  const memory = await memoryOf(reconciler.pid)
  const soaked = await soak(bench, namespace, reconciler)
  await reconciler.stop()
  return [
    thousandRow(memory, bare),
    soakRow(bench, soaked, bare),
    cpuRow('in 1,000 ConfigMaps', share, bareCpu),
  ]
}

/** After half a minute for what was begun to end. */
async function cpuAtRest(bench: Bench, { pid }: Reconciler): Promise<number> {
  await rest(bench, bench.pick({ quick: 15, default: 30, full: 60 }))
  const [before, from] = [await cpuOf(pid), performance.now()]
  await rest(bench, 60)
  return (((await cpuOf(pid)) - before) / (performance.now() - from)) * 100
}

/** Resident memory, each second of a soak in which ConfigMap after ConfigMap gets another retention. */
async function soak(bench: Bench, namespace: string, { pid }: Reconciler): Promise<readonly number[]> {
  const found: number[] = []
  const seconds = soakSeconds(bench)
  for (let second = 0; second < seconds; second += 1) {
    const next = performance.now() + 1_000
    for (let each = 0; each < soakRate; each += 1) {
      const turn = second * soakRate + each
      const name = `many-${String(turn % count).padStart(5, '0')}`
      const document = topicsDocument([{ name, partitions: 1, retentionMs: 100_000_000 + turn }])
      await bench.desk.patch(namespace, name, content(document))
    }
    await sleep(Math.max(0, next - performance.now()), undefined, { signal: bench.signal })
    found.push((await memoryOf(pid)).resident)
  }
  return found
}

function soakSeconds(bench: Bench): number {
  return bench.pick({ quick: 40, default: 120, full: 900 })
}

function thousandRow(memory: Loaded, bare: readonly number[]): Row {
  const how =
    'VmRSS after all are Ready and have been resynced for more than a minute; the peak (VmHWM) is of the first pass, which makes all 1,000 topics.'
  return loadedRow('memory at 1,000 ConfigMaps', memory, bare, how)
}

function soakRow(bench: Bench, found: readonly number[], bare: readonly number[]): Row {
  const quarter = Math.floor(found.length / 4)
  const second = spreadOf(found.slice(quarter, 2 * quarter)).median
  const last = spreadOf(found.slice(-quarter)).median
  const growth = last - second
  return {
    what: `memory over a soak of ${soakSeconds(bench)} s`,
    measured: `${say(last, 'MB')} in its last quarter, ${growth >= 0 ? '+' : ''}${say(growth, 'MB')} since its second`,
    bare: saySpread(bare, 'MB'),
    ratio: sayRatio([last], bare),
    target: '≤ 130 MB, flat (+5 MB at most)',
    met: last <= 130 * megabyte && growth <= 5 * megabyte,
    how: `The same process while ${soakRate} ConfigMaps a second get another retention.ms; medians of VmRSS each second.`,
  }
}

function cpuRow(where: string, share: number, bare: number): Row {
  return {
    what: `CPU at rest, 1,000 topics ${where}`,
    measured: say(share, '%'),
    bare: say(bare, '%'),
    ratio: sayRatio([share], [bare]),
    target: '< 1 % of a core',
    met: share < 1,
    how: 'utime + stime of /proc over 60 s, resync every 30 s. Bare: CPU of the benchmark for one Metadata and two DescribeConfigs every 30 s.',
  }
}
