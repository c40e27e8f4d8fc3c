import type { Bench } from '../bench.ts'
import { dashboardSpecimen } from '../dashboard-specimen.ts'
import { desired } from '../desired.ts'
import { flowSpecimen } from '../flow-specimen.ts'
import { bareMemory, idleMemory, idleRow, loadedRow, rest } from '../memory.ts'
import type { Size } from '../options.ts'
import { memoryOf } from '../process-figures.ts'
import type { Row } from '../row.ts'
import { allWith, namesOf, type Specimen } from '../specimen.ts'

const name = 'footprint'

interface Load {
  /** `the NiFi reconciler` */
  readonly whose: string
  readonly counts: Readonly<Record<Size, number>>
  /** `7 processors each` */
  readonly each: string
}

/** Memory of the NiFi reconciler's process. */
export async function flowFootprint(bench: Bench): Promise<readonly Row[]> {
  const counts = { quick: 10, default: 50, full: 50 }
  return measure(bench, await flowSpecimen(bench), {
    whose: 'the NiFi reconciler',
    counts,
    each: '7 processors each',
  })
}

/** The same of the Grafana reconciler. */
export async function dashboardFootprint(bench: Bench): Promise<readonly Row[]> {
  const counts = { quick: 100, default: 500, full: 500 }
  return measure(bench, await dashboardSpecimen(bench), {
    whose: 'the Grafana reconciler',
    counts,
    each: '12 panels each',
  })
}

async function measure(
  bench: Bench,
  specimen: Specimen,
  { whose, counts, each }: Load,
): Promise<readonly Row[]> {
  const { component, words } = specimen
  const bare = await bareMemory(bench)
  const idle = await idleMemory(bench, component)
  const names = namesOf(name, bench.pick(counts))
  const document = specimen.document(allWith(names, undefined))
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component })
  await bench.desk.create(namespace, desired(name, document))
  await view.until(`the ${words.things} to be ready`, () => view.ready(name) === 'True', 600_000)
  await rest(bench, bench.pick({ quick: 35, default: 90, full: 180 }))
  const memory = await memoryOf(reconciler.pid)
  await reconciler.stop()
  const kilobytes = Math.round(document.text.length / 1_000)
  const how = `VmRSS of one ConfigMap’s reconciler (${kilobytes} kB of definitions, ${each}) after it is Ready and was resynced every 30 s for a while; the peak (VmHWM) is of the first pass, which makes the ${words.things}.`
  return [
    idleRow(`memory of ${whose}, idle`, idle, bare),
    loadedRow(`memory of ${whose} with ${names.length} ${words.things}`, memory, bare, how),
  ]
}
