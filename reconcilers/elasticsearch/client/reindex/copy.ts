import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { copiedAlias } from '../../markers.ts'
import { addMark } from '../alias-actions.ts'
import { at, figureAt } from '../../../../src/core/members.ts'
import { sample, tryCanary } from './canary.ts'
import { takeCensus } from './census.ts'
import { passResult } from './pass-result.ts'
import type { PassResult } from './pass-result.ts'
import { beginPass, nextPart, passNow, refresh } from './pass.ts'
import type { Part } from './pass.ts'
import { formatProgress, parseProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { readShards } from './shards.ts'
import type { Shards } from './shards.ts'
import { readSite } from './site.ts'
import { discard } from './target.ts'
import { forgetResult, runningTasks, storedResult } from './tasks.ts'
import { copying, leftMs } from './words.ts'
import { builtTarget, changeAliases, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** Up to so many operations are copied within one call, the rest by tasks of the server. */
export const fewOperations = 4_000
const nowLimitMs = 20_000
/** A pass that ends so soon is waited for within the call. */
const soon = { ms: 1_500, lookMs: 200, looks: 8 } as const
const mostLost = 3
const mostConflicts = 3

/** A pass that the server works on. */
export async function followPass(work: Work): Promise<Outcome | undefined> {
  const { progress } = await readProgress(work)
  if (progress.running === undefined) return undefined
  const { wire, signal, time } = work
  const { aim, task } = progress.running
  const target = builtTarget(work)
  for (let looks = 1; ; looks += 1) {
    const found = (await runningTasks(wire, signal)).filter(({ targetId }) => targetId === target.uuid)
    if (!found.some(({ id }) => id === task)) break
    if (looks > soon.looks || leftMs(found) > soon.ms) return { state: 'pending', message: copying(found) }
    await time.sleep(soon.lookMs, signal)
  }
  const outcome = await settlePass(work, progress, aim, await resultOfTask(work, task))
  await forgetResult(wire, task, signal)
  return outcome
}

/** A target that holds nothing yet gets everything: after a sample, where that is worth it. */
export async function copyAll(work: Work): Promise<Outcome | undefined> {
  const { progress } = await readProgress(work)
  if (progress.reached !== undefined && !work.note.distrusted) return undefined
  work.note.distrusted = false
  const source = sourceOf(work)
  await refresh(work, source)
  const { documents, numbered = documents } = await takeCensus(work, source)
  if (numbered < documents) {
    const words = `${source.name} keeps no sequence numbers to search by, so what changes during a copy could not be found`
    throw new ReconcileError('NotSupportedByServer', words)
  }
  if (documents > sample) {
    const failure = await tryCanary(work, documents)
    if (failure?.reason === 'RejectedByServer') return refuse(work, failure.message)
    if (failure !== undefined) throw new ReconcileError(failure.reason, failure.message)
  }
  return makePass(work, { ...progress, reached: undefined })
}

/** One pass from what is reached to now; undefined when it ended well within the call. */
export async function makePass(work: Work, known: Progress): Promise<Outcome | undefined> {
  const next = await nextPart(work, known)
  if (next === undefined) return { state: 'pending', message: 'stopping what an earlier pass still copies' }
  const { shards, reached, part } = next
  const progress: Progress = { history: shards.history, reached, running: undefined }
  if (part.operations <= fewOperations && !work.note.slow) {
    work.note.behind = Infinity
    return settlePass(work, progress, shards.sure, await passWithin(work, part))
  }
  work.note.behind = part.operations
  const task = await beginPass(work, part)
  await writeProgress(work, { ...progress, running: { aim: shards.sure, task } })
  return { state: 'pending', message: copying([]) }
}

/** Few documents can be large ones: from the first pass that takes too long on, they go to tasks. */
async function passWithin(work: Work, part: Part): Promise<PassResult> {
  try {
    return await passNow(work, part, nowLimitMs)
  } catch (error) {
    if (error instanceof ReconcileError && error.reason === 'ServiceTimeout') work.note.slow = true
    throw error
  }
}

/** A task that disappeared with its node may have done anything: its pass is made again, which harms nothing. */
async function resultOfTask({ wire, signal }: Work, id: string): Promise<PassResult> {
  const shown = await storedResult(wire, id, signal)
  if (shown === undefined) return passResult({ canceled: 'its node left, or keeps no results' })
  const error = at(shown, 'error')
  if (error === undefined) return passResult(at(shown, 'response'))
  return passResult({ failures: [{ cause: error, status: figureAt(error, 'status') ?? 503 }] })
}

/**
 * What a pass came to. Only one without failures and conflicts has reached its aim: after conflicts, the documents of which the copy
 * has higher versions are taken out of it (catch-up.ts) and the same pass is made again.
 */
async function settlePass(
  work: Work,
  progress: Progress,
  aim: readonly number[],
  result: PassResult,
): Promise<Outcome | undefined> {
  const { note } = work
  const { failure, conflicts, written, tookMs } = result
  const good = failure === undefined && conflicts === 0
  note.lost = failure?.reason === 'Aborted' ? note.lost + 1 : 0
  note.conflicts = conflicts > 0 ? note.conflicts + 1 : 0
  note.doubtful = conflicts > 0
  if (good && (written >= fewOperations || tookMs >= 1_000))
    note.pace = Math.max(note.pace, written / Math.max(1, tookMs))
  if (note.conflicts > mostConflicts) return refuse(work, sharedIds)
  await writeProgress(work, { ...progress, reached: good ? aim : progress.reached, running: undefined })
  if (good) return undefined
  if (failure === undefined) return { state: 'pending', message: madeAnew }
  return afterFailure(work, failure)
}

export const madeAnew = 'documents were deleted and made again while they were copied; they are compared'
export const sharedIds =
  'documents share an id under different routings, and would share a shard of the new index: give it as many shards as before'

async function afterFailure(
  work: Work,
  { reason, message }: NonNullable<PassResult['failure']>,
): Promise<Outcome> {
  if (reason === 'RejectedByServer') return refuse(work, message)
  if (reason !== 'Aborted') throw new ReconcileError(reason, message)
  if (work.note.lost <= mostLost) return { state: 'pending', message: `${message}; it is copied again` }
  work.note.lost = 0
  throw new ReconcileError('ServiceUnhealthy', message)
}

/** The wish cannot be fulfilled: the unfinished copy goes. */
export async function refuse(work: Work, message: string): Promise<Outcome> {
  await discard(work, work.site.unfinished)
  return { state: 'failed', reason: 'RejectedByServer', message }
}

/** What the server says of the copy; nothing is reached where a shard of either index lost its history. */
export async function readProgress(
  work: Work,
): Promise<{ readonly progress: Progress; readonly shards: Shards }> {
  const target = builtTarget(work)
  const text = target.aliases.get(copiedAlias(work.wish.name))?.['index_routing']
  const known = typeof text === 'string' ? parseProgress(text) : undefined
  const shards = await readShards(work.wire, sourceOf(work), target, work.signal)
  const { history } = shards
  const nothing = { history, reached: undefined, running: undefined }
  return { progress: known?.history === history ? known : nothing, shards }
}

async function writeProgress(work: Work, progress: Progress): Promise<void> {
  const routing = [['index_routing', formatProgress(progress)]] as const
  const action = addMark(builtTarget(work).name, copiedAlias(work.wish.name), routing)
  await changeAliases(work, [action], 'noting how far the copy is')
  work.site = await readSite(work.wire, work.wish.name, work.signal)
}
