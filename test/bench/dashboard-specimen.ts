import { readFile } from 'node:fs/promises'
import { textAt } from '../../src/core/members.ts'
import type { BareHttp } from './bare-http.ts'
import type { Bench } from './bench.ts'
import { dashboardDefinition, dashboardsDocument, valueIn } from './dashboards.ts'
import type { Counting, Specimen, Words } from './specimen.ts'

const api = '/apis/dashboard.grafana.app/v0alpha1/namespaces/default/dashboards'
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** Dashboards of the simulated Grafana, and one panel of each: `maxDataPoints` is the value. */
export async function dashboardSpecimen(bench: Bench): Promise<Specimen> {
  const component = await bench.grafana()
  const authorization = `Bearer ${(await readFile(component.tokenFile, 'utf8')).trim()}`
  const http = (connections = 1) => bench.http(component.url, connections, { authorization })
  const [hand, eye, reader] = [http(), http(4), http()]
  return {
    component,
    words,
    document: dashboardsDocument,
    create: async (names) => {
      for (const name of names) await hand.must('POST', api, object(name))
    },
    readAll: async () => listAll(reader),
    look: async (names) => {
      const found = await Promise.all(names.map(async (name) => eye.must('GET', `${api}/${name}`)))
      return new Map(found.map((each) => [textAt(each, 'metadata', 'name'), valueIn(each)]))
    },
    set: async (name, value) => {
      const found = (await hand.must('GET', `${api}/${name}`)) as object
      await hand.must('PUT', `${api}/${name}`, { ...found, spec: dashboardDefinition(name, value) })
    },
  }
}

/** As the reconciler would make it, so that adopting it needs no write. */
function object(name: string): object {
  const annotations = { 'grafana.app/managedBy': 'kubectl', 'grafana.app/managerId': 'infometis' }
  return { metadata: { name, annotations }, spec: dashboardDefinition(name) }
}

async function listAll(http: BareHttp): Promise<void> {
  let next: string | undefined
  do {
    const more = next === undefined ? '' : `?continue=${encodeURIComponent(next)}`
    const page = await http.must('GET', `${api}${more}`, undefined, { accept: metadataOnly })
    next = textAt(page, 'metadata', 'continue') || undefined
  } while (next !== undefined)
}

export const dashboardCounting: Counting = {
  setting: 'GRAFANA_URL',
  routeOf: (path) => path,
  reads: (what) => /^(GET|HEAD) /.test(what),
  fewest: () => 1,
  fewestAre: 'one list of what is known of them, without them',
  // Further pages of that list, the three of a probe.
  more: 7,
}

const words: Words = {
  things: 'dashboards',
  changed: 'changed in Grafana',
  reading: () => 'one list of their metadata, with its pages',
  looking: 'GET of the dashboard on a connection of its own',
  setting: 'one GET and one PUT',
  asking: 'Grafana (a list of metadata, a GET of what moved)',
}
