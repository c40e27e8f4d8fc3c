import type { TestElasticsearchOptions } from '../support/elasticsearch.ts'
import type { Bench } from './bench.ts'
import { indexBody, indicesDocument } from './indices.ts'
import type { Counting, Specimen, Words } from './specimen.ts'

/** As many names per GET as the server's longest first line takes, and as the reconciler asks for. */
const readChunk = 50
/** GETs at a time, as the reconciler's. */
const readsAtOnce = 4
/** Hidden and closed indices are indices, too. */
const shown = '?flat_settings=true&ignore_unavailable=true&expand_wildcards=all'
const setting = 'index.max_result_window'

/** Indices of one node and their max_result_window. */
export async function indexSpecimen(bench: Bench, options: TestElasticsearchOptions = {}): Promise<Specimen> {
  const component = await bench.elasticsearch(options)
  const hand = bench.http(component.url)
  const eye = bench.http(component.url)
  const reader = bench.http(component.url, readsAtOnce)
  return {
    component,
    words,
    document: (values) => indicesDocument(new Map([...values].map(([name, window]) => [name, { window }]))),
    create: async (names) => {
      for (const name of names) await hand.must('PUT', `/${name}`, indexBody())
    },
    readAll: async (names) => {
      // With the generations that a reindex makes, which the reconciler has to know of.
      const paths = names.map((name) => `${name},${name}-0*`)
      const chunks = Array.from({ length: Math.ceil(paths.length / readChunk) }, (_, index) =>
        paths.slice(index * readChunk, (index + 1) * readChunk),
      )
      await Promise.all(chunks.map(async (chunk) => reader.must('GET', `/${chunk.join(',')}${shown}`)))
    },
    look: async (names) => {
      const path = `/${names.join(',')}/_settings/${setting}?flat_settings=true&ignore_unavailable=true`
      return windowsIn(await eye.must('GET', path))
    },
    set: async (name, value) => {
      await hand.must('PUT', `/${name}/_settings`, { [setting]: value })
    },
  }
}

type Settings = Readonly<Record<string, { readonly settings: Readonly<Record<string, string>> }>>

function windowsIn(body: unknown): ReadonlyMap<string, number> {
  const found = Object.entries(body as Settings)
  return new Map(found.map(([name, { settings }]) => [name, Number(settings[setting])]))
}

export const indexCounting: Counting = {
  setting: 'ELASTICSEARCH_URL',
  // What begins with an underscore is the API's own word.
  routeOf: (path) => path.replaceAll(/\/[^_/][^/]*/g, '/{names}'),
  // `POST /_index_template/_simulate` asks, and writes nothing.
  reads: (what) => /^(GET|HEAD) /.test(what) || what.endsWith('/_simulate'),
  fewest: (count) => Math.ceil(count / readChunk),
  fewestAre: `as few GETs as take ${readChunk} names each`,
  more: 5,
}

const words: Words = {
  things: 'indices',
  changed: 'changed in the index',
  reading: (count) =>
    `${Math.ceil(count / readChunk)} GETs of ${readChunk} indices and their generations (\`orders,orders-0*\`), ${readsAtOnce} at a time`,
  looking: 'GET _settings on a connection of its own',
  setting: 'one PUT _settings',
  asking: 'the server (GET of the indices, _simulate for its spelling)',
}
