import { ReconcileError } from '../../../../src/errors.ts'
import { isUnsupported, refusalOf } from '../failures.ts'
import { at, listAt, textAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import type { WireAnswer, WireRequest } from '../wire.ts'
import { passResult } from './pass-result.ts'
import type { PassResult } from './pass-result.ts'
import type { Progress } from './progress.ts'
import { readShards } from './shards.ts'
import type { Shards } from './shards.ts'
import type { SiteIndex } from './site.ts'
import { opaqueId, stopTasks } from './tasks.ts'
import { accept, ask, builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** Documents per batch; fewer where the source allows fewer per page. */
const batch = 1_000
/** From so many operations on, shards are copied side by side. */
const manyOperations = 2_000

/** What one `_reindex` copies: what has a sequence number above (undefined: everything), and how many operations that is at most. */
export interface Part {
  readonly above: number | undefined
  readonly operations: number
}

/**
 * The part from what is reached to now. Sequence numbers are of a shard each, and a query cannot name a shard, so it is the lowest
 * of the shards that had an operation since; what that copies twice comes to the same. (A slice is a shard on 7.17 and 8.19 only.)
 * Operations count twice where the same document changed twice.
 */
export function partSince({ last }: Shards, reached: readonly number[] | undefined): Part {
  const changed = last.flatMap((number, shard) => {
    const to = reached?.[shard] ?? -1
    return number > to ? [to] : []
  })
  const lowest = changed.length === 0 ? Math.max(-1, ...last) : Math.min(...changed)
  const operations = last.reduce((sum, number) => sum + Math.max(0, number - lowest), 0)
  if (reached === undefined) return { above: undefined, operations }
  return { above: lowest, operations: changed.length === 0 ? 0 : operations }
}

/** The destination has to be an alias: what arrives late, or was meant for a target that is no more, finds nothing. */
export function reindexRequest(
  work: Work,
  { above, operations }: Part,
  query: WireRequest['query'] = {},
): WireRequest {
  const since = above === undefined ? {} : { query: { range: { _seq_no: { gt: above } } } }
  return {
    method: 'POST',
    path: '/_reindex',
    query: { require_alias: true, ...(operations > manyOperations ? { slices: 'auto' } : {}), ...query },
    body: reindexBody(work, since),
    opaqueId: opaqueId(builtTarget(work), work.wish.name),
    once: true,
  }
}

/**
 * Copies with the versions of the source, over what is equal or older: whatever is done twice comes to the same. The destination is
 * the building marker. `which`: a query or a slice, where not all of the source is meant.
 */
export function reindexBody(work: Work, which: object): object {
  const source = sourceOf(work)
  return {
    conflicts: 'proceed',
    source: { index: source.name, size: batchOf(source), ...which },
    dest: { index: work.wish.building, version_type: 'external_gte' },
  }
}

function batchOf(index: SiteIndex): number {
  return Math.min(batch, Number(index.settings.get('index.max_result_window') ?? batch))
}

/** Makes everything that was acknowledged visible on every copy, so that the next search sees it. */
export async function refresh(work: Work, ...indices: readonly SiteIndex[]): Promise<void> {
  const path = `/${indices.map(({ name }) => pathPart(name)).join(',')}/_refresh`
  const shown = await ask(work, { method: 'POST', path }, 'refreshing')
  if (at(shown, '_shards', 'failed') === 0) return
  throw new ReconcileError('ServiceUnhealthy', `a shard of ${indices[0]?.name ?? ''} could not be refreshed`)
}

/** A pass that may begin now: from what is reached to where the shards of the source stand. */
interface Next {
  readonly shards: Shards
  readonly reached: readonly number[] | undefined
  readonly part: Part
}

/**
 * What is to be copied next; undefined while an earlier pass still copies. Sequence numbers are taken first, then what is searched is
 * refreshed: whatever has a number up to those is seen by the pass, and the rest has a higher one. Nothing is reached where a shard
 * lost its history since `progress` was read.
 */
export async function nextPart(work: Work, progress: Progress): Promise<Next | undefined> {
  const [source, target] = [sourceOf(work), builtTarget(work)]
  if (!(await stopTasks(work, [target]))) return undefined
  const shards = await readShards(work.wire, source, target, work.signal)
  await refresh(work, source)
  const reached = shards.history === progress.history ? progress.reached : undefined
  return { shards, reached, part: partSince(shards, reached) }
}

/** A pass within this call; for few documents. `limitMs`: how long its request may take. */
export async function passNow(work: Work, part: Part, limitMs: number): Promise<PassResult> {
  const request = { ...reindexRequest(work, part), timeoutMs: Math.ceil(limitMs) }
  return resultOf(await work.wire.send(request, work.signal))
}

/** A refusal of the whole is one of the request; one with `failures` is a pass that ended badly. */
export function resultOf(answer: WireAnswer): PassResult {
  if (isUnsupported(answer)) throw notThere(answer)
  if (listAt(answer.body, 'failures').length > 0) return passResult(answer.body)
  return passResult(accept(answer, 'copying'))
}

/** Starts a pass as a task of the server; its id. */
export async function beginPass(work: Work, part: Part): Promise<string> {
  const request = reindexRequest(work, part, { wait_for_completion: false })
  const answer = await work.wire.send(request, work.signal)
  if (isUnsupported(answer)) throw notThere(answer)
  return textAt(accept(answer, 'copying'), 'task')
}

function notThere(answer: WireAnswer): ReconcileError {
  const words = refusalOf(answer)?.message ?? ''
  return new ReconcileError(
    'NotSupportedByServer',
    `this server cannot copy an index by itself (_reindex): ${words}`,
  )
}

/** Asks for the API without starting anything: the destination is an alias that there is not. */
export async function requireReindex(work: Work): Promise<void> {
  const body = {
    max_docs: 1,
    source: { index: sourceOf(work).name },
    dest: { index: `${work.wish.building}-none` },
  }
  const request = {
    method: 'POST',
    path: '/_reindex',
    query: { require_alias: true },
    body,
    once: true,
  } as const
  const answer = await work.wire.send(request, work.signal)
  if (isUnsupported(answer)) throw notThere(answer)
}
