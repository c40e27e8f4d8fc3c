import type { TestNifiOptions } from '../support/nifi.ts'
import { BareCanvas } from './bare-canvas.ts'
import type { Bench } from './bench.ts'
import { flowsDocument } from './flows.ts'
import type { Counting, Specimen, Words } from './specimen.ts'
import { StopLog } from './stop-log.ts'
import { StopWatch } from './stop-watch.ts'

/** Requests at a time, as the reconciler's. */
const readsAtOnce = 4

export interface FlowSpecimen extends Specimen {
  /** The id of the processor that is changed. */
  changing(name: string): Promise<string>
  /** Watches the processors of a flow, on a connection of its own. */
  watch(name: string): StopWatch
  /** What NiFi says itself of all processors. */
  readonly log: StopLog
}

/** Flows of one NiFi, and the property of one processor of each: its value counts once the processor runs with it. */
export async function flowSpecimen(bench: Bench, options: TestNifiOptions = {}): Promise<FlowSpecimen> {
  const component = await bench.nifi(options)
  const canvas = (connections = 1): BareCanvas =>
    new BareCanvas(bench.http(`${component.url}/nifi-api`, connections), bench.signal)
  const [hand, eye, reader] = [canvas(), canvas(readsAtOnce), canvas(readsAtOnce)]
  return {
    component,
    words,
    document: flowsDocument,
    create: async (names) => hand.create(names),
    readAll: async (names) => reader.readAll(names, readsAtOnce),
    look: async (names) => eye.values(names),
    set: async (name, value) => hand.set(name, value),
    changing: async (name) => hand.changing(name),
    log: new StopLog(component.logFile),
    watch: (name) => {
      const watcher = canvas()
      return new StopWatch(async () => watcher.processors(name), bench.signal)
    },
  }
}

export const flowCounting: Counting = {
  setting: 'NIFI_URL',
  routeOf: (path) => path.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{id}'),
  reads: (what) => /^(GET|HEAD) /.test(what),
  fewest: (count) => count + 2,
  fewestAre: 'one status, one listing, a download of each',
  // Bulletins, and the three of a probe.
  more: 8,
}

const words: Words = {
  things: 'flows',
  changed: 'the flow runs again with it',
  reading: (count) =>
    `one status of the canvas, one listing of its groups and ${count} downloads, ${readsAtOnce} at a time`,
  looking: 'GET of the processor on a connection of its own',
  setting: 'one replace-request, followed every 10 ms',
  asking: 'NiFi (status, bulletins, listing, downloads)',
}
