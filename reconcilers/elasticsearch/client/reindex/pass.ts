import { ReconcileError } from '../../../../src/errors.ts'
import { isUnsupported, refusalOf } from '../failures.ts'
import { inParallel } from '../parallel.ts'
import { pathPart } from '../requests.ts'
import type { WireAnswer, WireRequest } from '../wire.ts'
import { at, listAt, textAt } from './figures.ts'
import { passResult } from './pass-result.ts'
import type { PassResult } from './pass-result.ts'
import type { Shards } from './shards.ts'
import { shardsOf } from './site.ts'
import type { SiteIndex } from './site.ts'
import { opaqueId } from './tasks.ts'
import { accept, ask, builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** What one `_reindex` copies: all of it, or what one shard had since. */
export type Part = { readonly shard?: never } | { readonly shard: number; readonly above: number }

/** Documents per batch; fewer where the source allows fewer per page. */
const batch = 1_000
const atOnce = 4

/**
 * The parts of a pass from what is reached to now: the whole where nothing is, and otherwise each shard that had an operation since.
 * Every operation has a sequence number of its shard, and a document stays in its shard.
 */
export function partsOf(shards: Shards, reached: readonly number[] | undefined): readonly Part[] {
  if (reached === undefined) return [{}]
  return shards.last.flatMap((last, shard) => {
    const above = reached[shard] ?? -1
    return last > above ? [{ shard, above }] : []
  })
}

/**
 * Copies with the versions of the source, over what is equal or older: whatever is done twice comes to the same. The destination is
 * the building marker, and only while it is an alias: what arrives late, or was meant for a target that is no more, finds nothing.
 */
export function reindexRequest(work: Work, part: Part, query: WireRequest['query'] = {}): WireRequest {
  const [source, target] = [sourceOf(work), builtTarget(work)]
  const whole = part.shard === undefined
  return {
    method: 'POST',
    path: '/_reindex',
    query: { require_alias: true, ...(whole ? { slices: 'auto' } : {}), ...query },
    body: {
      conflicts: 'proceed',
      source: { index: source.name, size: batchOf(source), ...(whole ? {} : shardQuery(source, part)) },
      dest: { index: work.wish.building, version_type: 'external_gte' },
    },
    opaqueId: opaqueId(target, work.wish.name),
    once: true,
  }
}

export function batchOf(index: SiteIndex): number {
  return Math.min(batch, Number(index.settings.get('index.max_result_window') ?? batch))
}

/** With as many slices as shards, a slice is a shard. */
function shardQuery(source: SiteIndex, { shard, above }: Part & { readonly shard: number }): object {
  const max = shardsOf(source)
  return {
    query: { range: { _seq_no: { gt: above } } },
    ...(max > 1 ? { slice: { id: shard, max } } : {}),
  }
}

/** Makes everything that was acknowledged visible on every copy, so that the next search sees it. */
export async function refresh(work: Work, ...indices: readonly SiteIndex[]): Promise<void> {
  const path = `/${indices.map(({ name }) => pathPart(name)).join(',')}/_refresh`
  const shown = await ask(work, { method: 'POST', path }, 'refreshing')
  if (at(shown, '_shards', 'failed') === 0) return
  throw new ReconcileError('ServiceUnhealthy', `a shard of ${indices[0]?.name ?? ''} could not be refreshed`)
}

/** A pass within this call; for few documents. `limitMs`: how long one request of it may take. */
export async function passNow(work: Work, parts: readonly Part[], limitMs: number): Promise<PassResult> {
  const results = await inParallel(parts, atOnce, async (part) => {
    const request = { ...reindexRequest(work, part), timeoutMs: Math.ceil(limitMs) }
    return resultOf(await work.wire.send(request, work.signal))
  })
  return togetherOf(results)
}

/** A refusal of the whole is one of the request; one with `failures` is a pass that ended badly. */
export function resultOf(answer: WireAnswer): PassResult {
  if (isUnsupported(answer)) throw notThere(answer)
  if (listAt(answer.body, 'failures').length > 0) return passResult(answer.body)
  return passResult(accept(answer, 'copying'))
}

/** Starts a pass of tasks on the server; their ids. */
export async function beginPass(work: Work, parts: readonly Part[]): Promise<readonly string[]> {
  const tasks: string[] = []
  for (const part of parts) {
    const request = reindexRequest(work, part, { wait_for_completion: false })
    const answer = await work.wire.send(request, work.signal)
    if (isUnsupported(answer)) throw notThere(answer)
    tasks.push(textAt(accept(answer, 'copying'), 'task'))
  }
  return tasks
}

export function togetherOf(results: readonly PassResult[]): PassResult {
  return {
    written: results.reduce((sum, { written }) => sum + written, 0),
    tookMs: Math.max(0, ...results.map(({ tookMs }) => tookMs)),
    conflicts: results.reduce((sum, { conflicts }) => sum + conflicts, 0),
    failure:
      results.find(({ failure }) => failure?.reason === 'RejectedByServer')?.failure ??
      results.find(({ failure }) => failure !== undefined)?.failure,
  }
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
