import type { Bench } from '../bench.ts'
import { desired } from '../desired.ts'
import { flowSpecimen } from '../flow-specimen.ts'
import { bareMemory, idleMemory, idleRow, loadedRow, rest } from '../memory.ts'
import { memoryOf } from '../process-figures.ts'
import type { Row } from '../row.ts'
import { allWith, namesOf } from '../specimen.ts'

const name = 'footprint'

/** Memory of the NiFi reconciler's process. */
export async function flowFootprint(bench: Bench): Promise<readonly Row[]> {
  const specimen = await flowSpecimen(bench)
  const { component } = specimen
  const bare = await bareMemory(bench)
  const idle = await idleMemory(bench, component)
  const names = namesOf(name, bench.pick({ quick: 10, default: 50, full: 50 }))
  const document = specimen.document(allWith(names, undefined))
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component })
  await bench.desk.create(namespace, desired(name, document))
  await view.until('the flows to be ready', () => view.ready(name) === 'True', 600_000)
  await rest(bench, bench.pick({ quick: 35, default: 90, full: 180 }))
  const memory = await memoryOf(reconciler.pid)
  await reconciler.stop()
  const kilobytes = Math.round(document.text.length / 1_000)
  const how = `VmRSS of one ConfigMap’s reconciler (${kilobytes} kB of definitions, 7 processors each) after it is Ready and was resynced every 30 s for a while; the peak (VmHWM) is of the first pass, which makes the flows.`
  return [
    idleRow('memory of the NiFi reconciler, idle', idle, bare),
    loadedRow(`memory of the NiFi reconciler with ${names.length} flows`, memory, bare, how),
  ]
}
