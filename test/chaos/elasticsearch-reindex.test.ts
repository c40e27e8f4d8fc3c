import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { ElasticWire } from '../../reconcilers/elasticsearch/client/elastic-wire.ts'
import { ElasticsearchClient } from '../../reconcilers/elasticsearch/client/elasticsearch-client.ts'
import type { Time } from '../../reconcilers/elasticsearch/client/reindex/work.ts'
import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/elasticsearch/client/wire.ts'
import { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import { FakeWire } from '../../reconcilers/elasticsearch/fake-wire.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import { elasticsearchSettings } from '../../reconcilers/elasticsearch/settings.ts'
import { startElasticsearch } from '../support/elasticsearch.ts'
import { Killed, type Moment, TappedWire, converge, doomedClient } from '../support/reindexing.ts'
import { everything } from '../support/writers.ts'

/** A cluster that somebody else can ask too, whatever becomes of the reconciler. */
interface Cluster {
  readonly wire: () => Wire
  readonly ask: (method: WireRequest['method'], path: string, body?: unknown) => Promise<WireAnswer>
  readonly time: Partial<Time>
}

/** A reindex as it is to be killed: from what to what. `many`: so many documents that the server copies them as a task. */
interface Kind {
  readonly label: string
  readonly before: WrittenIndex
  readonly after: WrittenIndex
  readonly documents: number
  /** Every so many requests on the fake. */
  readonly step: number
}

const typed = (type: string): WrittenIndex => ({
  settings: { number_of_shards: 2, number_of_replicas: 0 },
  mappings: { properties: { text: { type }, n: { type: 'long' } } },
  'on-incompatible': 'reindex',
})
const kinds: readonly Kind[] = [
  { label: 'behind an alias', before: typed('text'), after: typed('keyword'), documents: 40, step: 1 },
  {
    label: 'of a concrete index',
    before: { ...typed('text'), 'on-incompatible': 'hold' },
    after: typed('keyword'),
    documents: 40,
    step: 1,
  },
  { label: 'copied by a task', before: typed('text'), after: typed('keyword'), documents: 4_100, step: 2 },
]

/** A writer that makes one write after every request of the reconciler: the same ones in every round. */
class Writer {
  readonly #cluster: Cluster
  readonly #name: string
  readonly #known = new Map<string, unknown>()
  #seed = 1
  #last: Promise<void> = Promise.resolve()

  constructor(cluster: Cluster, name: string, known: ReadonlyMap<string, unknown>) {
    this.#cluster = cluster
    this.#name = name
    this.#known = new Map(known)
  }

  get documents(): ReadonlyMap<string, unknown> {
    return this.#known
  }

  /** One write at a time: the reconciler sends some requests side by side, and what a writer knows is the order of its own writes. */
  async write(): Promise<void> {
    this.#last = this.#last.then(async () => this.#write())
    await this.#last
  }

  /** Refused by a write block: tried again after the next request, as another write. */
  async #write(): Promise<void> {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    const id = `d${this.#seed % 50}`
    const path = `/${this.#name}/_doc/${id}`
    const deletes = this.#seed % 3 === 0
    const document = { text: `seed ${this.#seed}`, n: this.#seed }
    const { status, body } = await this.#cluster.ask(
      deletes ? 'DELETE' : 'PUT',
      path,
      deletes ? undefined : document,
    )
    if (status === 403) return
    const { result } = body as { readonly result?: string }
    const there = this.#known.has(id)
    const expected = deletes ? (there ? 'deleted' : 'not_found') : there ? 'updated' : 'created'
    assert.equal(result, expected, `${path}: ${JSON.stringify(body)}`)
    if (deletes) this.#known.delete(id)
    else this.#known.set(id, document)
  }
}

/**
 * One reindex whose reconciler is killed at its `at`th request, and a second reconciler that knows nothing and goes on. True when the
 * first one was not killed any more.
 */
async function killAt(
  cluster: Cluster,
  kind: Kind,
  name: string,
  death: { at: number; moment: Moment },
): Promise<boolean> {
  const steady = new ElasticsearchClient(cluster.wire(), cluster.time)
  await converge(steady, name, kind.before)
  const known = new Map<string, unknown>()
  const lines: string[] = []
  for (let n = 0; n < kind.documents; n += 1) {
    const document = { text: `text ${n}`, n }
    known.set(`d${n}`, document)
    lines.push(JSON.stringify({ index: { _id: `d${n}` } }), JSON.stringify(document))
  }
  await cluster.ask('POST', `/${name}/_bulk`, `${lines.join('\n')}\n`)
  const writer = new Writer(cluster, name, known)
  const dies = (_request: WireRequest, moment: Moment, number: number) =>
    number === death.at && moment === death.moment
  const { client, tapped } = doomedClient(watched(cluster.wire(), writer), dies, cluster.time)
  let survived = false
  try {
    const passed = await converge(client, name, kind.after, { made: kind.before })
    assert.equal(passed.at(-1)?.state, 'converged', JSON.stringify(passed.at(-1)))
    survived = tapped.sent < death.at
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  }
  const heir = new ElasticsearchClient(watched(cluster.wire(), writer), cluster.time)
  const passed = await converge(heir, name, kind.after, { made: kind.before })
  const where = `${kind.label}, killed ${death.moment} request ${death.at}`
  assert.equal(passed.at(-1)?.state, 'converged', `${where}: ${JSON.stringify(passed.at(-1))}`)
  await prove(cluster, name, writer.documents, where)
  return survived
}

/** A wire with the writer at the other end of the cluster. */
function watched(wire: Wire, writer: Writer): Wire {
  return new TappedWire(wire, async (_request, moment) => {
    if (moment === 'after') await writer.write()
  })
}

interface Shown {
  readonly aliases: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly mappings: { readonly properties: { readonly text: { readonly type: string } } }
}

/** No document lost, doubled or older than acknowledged; no mark and no write block left but those of the rollback point. */
async function prove(
  cluster: Cluster,
  name: string,
  expected: ReadonlyMap<string, unknown>,
  where: string,
): Promise<void> {
  const found = await everything(cluster, name)
  assert.deepEqual(new Map([...found].sort(byKey)), new Map([...expected].sort(byKey)), where)
  const { body } = await cluster.ask('GET', `/${name},${name}-0*?flat_settings=true&ignore_unavailable=true`)
  const indices = Object.entries(body as Record<string, Shown>)
  assert.equal(indices.length, 2, `${where}: ${indices.map(([index]) => index).join(', ')}`)
  for (const [index, { aliases, settings, mappings }] of indices) {
    const marks = Object.keys(aliases).filter((alias) => alias.startsWith('infometis-'))
    const isNew = name in aliases
    assert.equal(mappings.properties.text.type, isNew ? 'keyword' : 'text', `${where}: ${index}`)
    assert.equal(settings['index.blocks.write'], isNew ? undefined : 'true', `${where}: ${index}`)
    assert.equal(marks.length, isNew ? 0 : 1, `${where}: ${index} carries ${marks.join(', ')}`)
    assert.ok(
      marks.every((mark) => mark.startsWith('infometis-rollback-')),
      where,
    )
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function fakeCluster(): Cluster {
  const server = new FakeCluster()
  return {
    time: { sleep: async () => Promise.resolve() },
    wire: () => new FakeWire(server),
    ask: async (method, path, body) => Promise.resolve(server.ask(method, path, body)),
  }
}

for (const kind of kinds) {
  it(`a reindex ${kind.label} survives a kill before and after ${kind.step === 1 ? 'each' : 'every second'} of its requests (fake)`, async () => {
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1, ended = false; !ended; at += kind.step) {
        assert.ok(at < 200, 'it never ends')
        ended = await killAt(fakeCluster(), kind, 'orders', { at, moment })
      }
    }
  })
}

/** Of a real server every so many requests, alternately with both moments. */
const stride = 7
const es = await startElasticsearch({ version: '7.17.29' })
after(async () => es.stop())

function realCluster(): Cluster {
  const settings = elasticsearchSettings.parse({ ELASTICSEARCH_URL: es.url })
  return {
    time: { sleep: async (ms) => setTimeout(ms / 10) },
    wire: () => new ElasticWire(settings),
    ask: async (method, path, body) => es.ask(method, path, body),
  }
}

for (const [number, kind] of kinds.entries()) {
  it(`a reindex ${kind.label} survives a kill at every ${stride}th of its requests (7.17.29)`, async () => {
    for (const [moment, first] of [
      ['before', 1],
      ['after', 3],
    ] as const) {
      for (let at = first, ended = false; !ended; at += stride) {
        assert.ok(at < 400, 'it never ends')
        const name = `k${number}-${moment}-${at}`
        ended = await killAt(realCluster(), kind, name, { at, moment })
        await es.ask('DELETE', `/${name}-0*?expand_wildcards=all`)
      }
    }
  })
}
