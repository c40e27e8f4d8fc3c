import type { BareHttp } from '../bare-http.ts'
import type { Bench } from '../bench.ts'
import { content, desired, type Document } from '../desired.ts'
import { countDocuments, writeDocuments } from '../documents.ts'
import { indexBody, indicesDocument } from '../indices.ts'
import type { NamespaceView } from '../namespace-view.ts'
import { sayRuns, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'
import { SteadyWriter } from '../steady-writer.ts'
import { inTurn, timed, waitFor } from '../waiting.ts'

const name = 'documents'
const deadlineMs = 1_800_000
const leastRate = 0.8
/** Milliseconds: the default of max-write-block. */
const longestBlock = 30_000

interface Figures {
  readonly ours: number[]
  readonly bare: number[]
  /** What a writer saw, and what status said. */
  readonly shutOut: number[]
  readonly said: string[]
}

interface Stage {
  readonly bench: Bench
  readonly search: BareHttp
  readonly writers: BareHttp
  readonly namespace: string
  readonly view: NamespaceView
  readonly count: number
}

/** Another shard count behind an alias, against the server's own `_reindex` of the same documents. */
export async function reindex(bench: Bench): Promise<readonly Row[]> {
  const component = await bench.elasticsearch({ version: '7.17.29' })
  const namespace = await bench.namespace(component)
  const count = bench.pick({ quick: 100_000, default: 1_000_000, full: 1_000_000 })
  const [search, writers] = [bench.http(component.url, 2), bench.http(component.url)]
  const stage = { bench, search, writers, namespace, view: await bench.view(namespace), count }
  const reconciler = await bench.reconciler({ namespace, component })
  await bench.desk.create(namespace, desired(name, documentWith(1)))
  await stage.view.until('the index to be ready', () => stage.view.ready(name) === 'True')
  await writeDocuments(search, name, count)
  const figures: Figures = { ours: [], bare: [], shutOut: [], said: [] }
  for (let run = 0; run < bench.pick({ quick: 1, default: 3, full: 5 }); run += 1) {
    const shards = run % 2 === 0 ? 2 : 1
    await inTurn(
      run,
      () => bareRun(stage, shards, figures),
      () => ourRun(stage, shards, figures),
    )
  }
  await reconciler.stop()
  return [rateRow(count, figures), blockRow(count, figures)]
}

function documentWith(shards: number): Document {
  return indicesDocument(new Map([[name, { shards, onIncompatible: 'reindex' }]]))
}

/** The node has merged what was written before. */
async function calm({ bench, search }: Stage): Promise<void> {
  const merging = async (): Promise<true | undefined> => {
    const path = '/_stats/merge?filter_path=_all.total.merges.current'
    const { _all: all } = (await search.must('GET', path)) as MergeStats
    return all.total.merges.current === 0 ? true : undefined
  }
  await waitFor(merging, { what: 'merges to end', deadlineMs: 120_000, everyMs: 500, signal: bench.signal })
}

interface MergeStats {
  readonly _all: { readonly total: { readonly merges: { readonly current: number } } }
}

/** Milliseconds of `work` while somebody writes, and what that somebody saw. */
async function whileWritten(
  { writers }: Stage,
  work: () => Promise<unknown>,
): Promise<{ readonly ms: number; readonly writer: SteadyWriter }> {
  const writer = new SteadyWriter(writers, name).start()
  try {
    return { ms: await timed(work), writer }
  } finally {
    await writer.stop()
  }
}

/** One `_reindex` task into an index of the same settings that nobody reads yet. */
async function bareRun(stage: Stage, shards: number, { bare }: Figures): Promise<void> {
  const { bench, search, count } = stage
  await calm(stage)
  const target = `bare-${shards}`
  await search.must('PUT', `/${target}`, indexBody({ shards }))
  await search.must('PUT', `/${target}/_settings`, { 'index.refresh_interval': '-1' })
  const { ms } = await whileWritten(stage, async () => {
    const body = { source: { index: name }, dest: { index: target } }
    const answer = await search.must('POST', '/_reindex?wait_for_completion=false', body)
    const { task } = answer as { readonly task: string }
    const done = async (): Promise<true | undefined> => {
      const { completed } = (await search.must('GET', `/_tasks/${task}`)) as { completed: boolean }
      return completed ? true : undefined
    }
    await waitFor(done, { what: task, deadlineMs, everyMs: 50, signal: bench.signal })
    const found = await countDocuments(search, target)
    if (found < count) throw new Error(`_reindex copied ${found} of ${count} documents`)
  })
  bare.push(ms)
  await search.must('DELETE', `/${target}`)
}

/** From sending the ConfigMap until it is Ready again. */
async function ourRun(stage: Stage, shards: number, { ours, shutOut, said }: Figures): Promise<void> {
  const { bench, search, namespace, view, count } = stage
  await calm(stage)
  const old = await indexBehind(search)
  const before = await countDocuments(search, name)
  const hash = view.observedHash(name)
  const { ms, writer } = await whileWritten(stage, async () => {
    await bench.desk.patch(namespace, name, content(documentWith(shards)))
    await view.until('the documents to be reindexed', () => view.readyAfter(hash, name), deadlineMs)
  })
  ours.push(ms)
  shutOut.push(writer.longestShutOutMs)
  said.push(lastMessage(view))
  const found = await countDocuments(search, name)
  // The writer's first documents of this run have the ids of the last run's.
  if (found < Math.max(before, count + writer.acknowledged)) {
    throw new Error(
      `${found} documents after a reindex of ${before}, with ${writer.acknowledged} written meanwhile`,
    )
  }
  if ((await indexBehind(search)) === old) throw new Error(`${name} still stands for ${old}`)
  await search.must('DELETE', `/${old}`)
}

async function indexBehind(search: BareHttp): Promise<string> {
  return Object.keys((await search.must('GET', `/_alias/${name}`)) as object).join()
}

/** `replaced 1 (documents — …)`: what history says of the reindex. */
function lastMessage(view: NamespaceView): string {
  const text = view.get(`${name}-status`)?.data?.['history.json'] ?? '[]'
  const history = JSON.parse(text) as readonly { readonly message: string }[]
  return history[0]?.message ?? ''
}

function rateRow(count: number, { ours, bare }: Figures): Row {
  // By pairs: what else the machine does changes over minutes.
  const rate = spreadOf(ours.map((ms, run) => (bare[run] ?? Number.NaN) / ms)).median
  const perSecond = Math.round(count / (spreadOf(ours).median / 1_000)).toLocaleString('en')
  return {
    what: `reindex of ${count.toLocaleString('en')} small documents into another shard count`,
    measured: `${saySpread(ours, 's')}, ${perSecond} documents/s`,
    bare: saySpread(bare, 's'),
    ratio: `${rate.toFixed(2)} of its rate`,
    target: `≥ ${leastRate} of the rate of bare _reindex`,
    met: rate >= leastRate,
    how: `${sayRuns(ours)} on Elasticsearch 7.17.29, one node; each begun when the node merges nothing, while somebody writes a document every 10 ms; the ratio is the median of the pairs. From sending the ConfigMap until it is Ready again: gates, copy, what changed since, verified counts, the swap. Bare: one _reindex of the same documents into an index of the same settings with refresh_interval -1, asked for every 50 ms, then a refresh and a count.`,
  }
}

function blockRow(count: number, { shutOut, said }: Figures): Row {
  return {
    what: `write block of that reindex (${count.toLocaleString('en')} documents)`,
    measured: saySpread(shutOut, 's'),
    bare: '0 s',
    ratio: '–',
    target: `≤ ${longestBlock / 1_000} s (max-write-block)`,
    met: spreadOf(shutOut).max <= longestBlock,
    how: `The longest time without an acknowledged write, as the one who writes saw it; judged by the slowest. Status said: "${said.at(-1) ?? ''}".`,
  }
}
