import { ReconcileError } from '../../../../src/errors.ts'
import { figureAt, listAt, textAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import { requireAllShards } from './census.ts'
import { readShards } from './shards.ts'
import { shardsOf } from './site.ts'
import type { SiteIndex } from './site.ts'
import type { Sweep } from './walk.ts'
import { accept, ask, builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** A document as one side holds it: ids are unique only together with what a document is routed by. */
interface Held {
  readonly id: string
  readonly routing: string | undefined
  readonly version: number
  readonly seqNo: number
  readonly term: number
}

/** Documents per request; fewer where an index allows fewer per page. The source is asked for twice as many. */
const page = 5_000
const atOnce = 3

/** A walk over the target, which was refreshed, from the sequence numbers that its shards gave last. */
export async function beginSweep(work: Work, versions: boolean): Promise<Sweep> {
  const { last } = await readShards(work.wire, builtTarget(work), undefined, work.signal)
  return { to: Math.max(-1, ...last), versions, seen: 0, removed: 0 }
}

export function isOver({ to }: Sweep): boolean {
  return to < 0
}

/**
 * Takes out of the target what is no longer in the source: some pages at least, then more until `until` (milliseconds since 1970) or
 * until `enough` were found. The source was refreshed by the last pass. A document that is made again meanwhile has a sequence number
 * above what that pass reached, so the next pass brings it back.
 */
export async function sweepOn(work: Work, sweep: Sweep, until: number, enough = Infinity): Promise<Sweep> {
  const width = Math.max(1, Math.floor(pageOf(work) / shardsOf(builtTarget(work))))
  let so = sweep
  while (!isOver(so) && so.removed < enough) {
    const ends = Array.from({ length: atOnce }, (_, window) => so.to - window * width).filter((to) => to >= 0)
    const pages = await Promise.all(ends.map((to) => sweepWindow(work, so, to, width)))
    so = {
      ...so,
      to: Math.max(-1, so.to - atOnce * width),
      seen: pages.reduce((sum, { seen }) => sum + seen, so.seen),
      removed: pages.reduce((sum, { removed }) => sum + removed, so.removed),
    }
    if (work.time.now() >= until) break
  }
  return so
}

/** Queries that are sent together. */
const queriesAtOnce = 50

/**
 * The same, of the documents that these queries find; what finds more than a page is passed over. Returns how many were removed.
 */
export async function sweepFound(work: Work, queries: readonly object[]): Promise<number> {
  let removed = 0
  for (let first = 0; first < queries.length; first += queriesAtOnce) {
    removed += await sweepAmong(work, queries.slice(first, first + queriesAtOnce))
  }
  return removed
}

async function sweepAmong(work: Work, queries: readonly object[]): Promise<number> {
  const query = { bool: { should: queries, minimum_should_match: 1 } }
  const body = { query, seq_no_primary_term: true }
  const shown = await readIds(work, builtTarget(work), pageOf(work), body)
  const held = hitsOf(shown)
  if ((figureAt(shown, 'hits', 'total', 'value') ?? 0) === held.length) {
    return held.length === 0 ? 0 : clean(work, held, false)
  }
  if (queries.length === 1) return 0
  const half = Math.ceil(queries.length / 2)
  return (await sweepAmong(work, queries.slice(0, half))) + (await sweepAmong(work, queries.slice(half)))
}

/** As many sequence numbers as a page holds even where every shard uses each of them. */
async function sweepWindow(
  work: Work,
  { versions }: Sweep,
  to: number,
  width: number,
): Promise<{ readonly seen: number; readonly removed: number }> {
  const target = builtTarget(work)
  const query = { range: { _seq_no: { lte: to, gt: to - width } } }
  const shown = await readIds(work, target, pageOf(work), { query, seq_no_primary_term: true })
  const held = hitsOf(shown)
  return { seen: held.length, removed: held.length === 0 ? 0 : await clean(work, held, versions) }
}

async function readIds(work: Work, index: SiteIndex, size: number, body: object): Promise<unknown> {
  const request = {
    method: 'POST',
    path: `/${pathPart(index.name)}/_search`,
    query: { allow_partial_search_results: false },
    body: { size, sort: ['_doc'], _source: false, version: true, track_total_hits: true, ...body },
  } as const
  const shown = await ask(work, request, 'reading ids')
  requireAllShards(shown, index)
  return shown
}

async function clean(work: Work, held: readonly Held[], versions: boolean): Promise<number> {
  const routed = held.some(({ routing }) => routing !== undefined)
  if (!versions && !routed && (await countInSource(work, held)) === held.length) return 0
  const inSource = await readInSource(work, held)
  const gone = held.filter((held) => {
    const version = inSource.get(keyOf(held))
    return version === undefined || (versions && version < held.version)
  })
  return gone.length === 0 ? 0 : remove(work, gone)
}

async function countInSource(work: Work, held: readonly Held[]): Promise<number> {
  const source = sourceOf(work)
  const body = { query: { ids: { values: held.map(({ id }) => id) } } }
  const shown = await ask(
    work,
    { method: 'POST', path: `/${pathPart(source.name)}/_count`, body },
    'counting ids',
  )
  requireAllShards(shown, source)
  return figureAt(shown, 'count') ?? 0
}

/** What the source holds of these, by key, with its version. */
async function readInSource(work: Work, held: readonly Held[]): Promise<ReadonlyMap<string, number>> {
  const source = sourceOf(work)
  const size = 2 * pageOf(work)
  const shown = await readIds(work, source, size, { query: { ids: { values: held.map(({ id }) => id) } } })
  const hits = hitsOf(shown)
  if ((figureAt(shown, 'hits', 'total', 'value') ?? 0) === hits.length) {
    return new Map(hits.map((hit) => [keyOf(hit), hit.version]))
  }
  // One id can stand for many documents, under as many routings.
  if (held.length === 1) throw new ReconcileError('ChangesFailed', `more than ${size} documents share one id`)
  const half = Math.ceil(held.length / 2)
  const [first, second] = [
    await readInSource(work, held.slice(0, half)),
    await readInSource(work, held.slice(half)),
  ]
  return new Map([...first, ...second])
}

/** Only what is still as it was read; returns how many are gone. */
async function remove(work: Work, gone: readonly Held[]): Promise<number> {
  const lines = gone.map(({ id, routing, seqNo, term }) =>
    JSON.stringify({ delete: { _id: id, routing, if_seq_no: seqNo, if_primary_term: term } }),
  )
  const path = `/${pathPart(work.wish.building)}/_bulk`
  const answer = await work.wire.send({ method: 'POST', path, body: `${lines.join('\n')}\n` }, work.signal)
  const statuses = listAt(accept(answer, 'removing deleted documents'), 'items').map((item) =>
    figureAt(item, 'delete', 'status'),
  )
  const failed = statuses.find((status) => status !== 200 && status !== 404 && status !== 409)
  if (failed !== undefined || statuses.length !== gone.length) {
    throw new ReconcileError('ServiceBusy', `removing deleted documents: status ${failed ?? 'missing'}`)
  }
  return statuses.filter((status) => status === 200).length
}

function hitsOf(shown: unknown): readonly Held[] {
  return listAt(shown, 'hits', 'hits').map((hit) => ({
    id: textAt(hit, '_id'),
    routing: textAt(hit, '_routing') || undefined,
    version: figureAt(hit, '_version') ?? 0,
    seqNo: figureAt(hit, '_seq_no') ?? 0,
    term: figureAt(hit, '_primary_term') ?? 0,
  }))
}

function keyOf({ id, routing }: Held): string {
  return JSON.stringify([id, routing])
}

function pageOf(work: Work): number {
  const windows = [sourceOf(work), builtTarget(work)].map(windowOf)
  return Math.max(1, Math.floor(Math.min(page, ...windows.map((window) => window / 2))))
}

function windowOf({ settings }: SiteIndex): number {
  return Number(settings.get('index.max_result_window') ?? 10_000)
}
