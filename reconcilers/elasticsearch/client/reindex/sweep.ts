import { ReconcileError } from '../../../../src/errors.ts'
import { pathPart } from '../requests.ts'
import { requireAllShards } from './census.ts'
import { figureAt, listAt, textAt } from './figures.ts'
import type { SiteIndex } from './site.ts'
import { accept, ask, builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** A walk over the ids of a target that is under way: the server keeps what it shows as it was at the beginning. */
export interface Sweep {
  readonly scroll: string
  /** A page that was read and not looked at yet. */
  readonly ahead: readonly Held[]
  /** Also looks for documents of which the target has a higher version than the source. */
  readonly versions: boolean
  readonly seen: number
  readonly removed: number
}

/** A document as one side holds it: ids are unique only together with what a document is routed by. */
interface Held {
  readonly id: string
  readonly routing: string | undefined
  readonly version: number
  readonly seqNo: number
  readonly term: number
}

/** Ids per page; fewer where an index allows fewer per page. The source is asked for twice as many. */
const page = 5_000
const keepAlive = '5m'

/** Opens a walk over a target that was refreshed. */
export async function beginSweep(work: Work, versions: boolean): Promise<Sweep> {
  const target = builtTarget(work)
  const request = {
    method: 'POST',
    path: `/${pathPart(target.name)}/_search`,
    query: { scroll: keepAlive },
    body: { size: pageOf(work), sort: ['_doc'], _source: false, version: true, seq_no_primary_term: true },
  } as const
  const shown = await ask(work, request, 'reading ids')
  requireAllShards(shown, target)
  return { scroll: textAt(shown, '_scroll_id'), ahead: hitsOf(shown), versions, seen: 0, removed: 0 }
}

export function isOver({ ahead }: Sweep): boolean {
  return ahead.length === 0
}

/**
 * Takes out of the target what is no longer in the source: one page at least, then more until `until` (milliseconds since 1970) or
 * until `enough` were found. The source was refreshed by the last pass. A document that is made again meanwhile has a sequence number
 * above what that pass reached, so the next pass brings it back.
 */
export async function sweepOn(work: Work, sweep: Sweep, until: number, enough = Infinity): Promise<Sweep> {
  let so = sweep
  while (so.ahead.length > 0 && so.removed < enough) {
    const [removed, ahead] = await Promise.all([clean(work, so), nextPage(work, so)])
    so = { ...so, ahead, seen: so.seen + so.ahead.length, removed: so.removed + removed }
    if (work.time.now() >= until) break
  }
  return so
}

/** The server would drop it by itself after some minutes; it holds files until then. */
export async function endSweep(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  { scroll }: Sweep,
): Promise<void> {
  await wire.send({ method: 'DELETE', path: '/_search/scroll', body: { scroll_id: [scroll] } }, signal)
}

async function nextPage(work: Work, { scroll }: Sweep): Promise<readonly Held[]> {
  const body = { scroll: keepAlive, scroll_id: scroll }
  const shown = await ask(work, { method: 'POST', path: '/_search/scroll', body }, 'reading ids')
  requireAllShards(shown, builtTarget(work))
  return hitsOf(shown)
}

async function clean(work: Work, { ahead, versions }: Sweep): Promise<number> {
  const routed = ahead.some(({ routing }) => routing !== undefined)
  if (!versions && !routed && (await countInSource(work, ahead)) === ahead.length) return 0
  const inSource = await readInSource(work, ahead)
  const gone = ahead.filter((held) => {
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
  const request = {
    method: 'POST',
    path: `/${pathPart(source.name)}/_search`,
    query: { allow_partial_search_results: false },
    body: {
      size,
      query: { ids: { values: held.map(({ id }) => id) } },
      sort: ['_doc'],
      _source: false,
      version: true,
      track_total_hits: true,
    },
  } as const
  const shown = await ask(work, request, 'reading ids')
  requireAllShards(shown, source)
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
