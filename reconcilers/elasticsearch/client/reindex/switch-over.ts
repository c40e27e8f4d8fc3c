import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { settingsToFinish, wantedSettings } from './blueprint.ts'
import { cloneSource, discardClones, requireCloneName, requireWhole } from './clone.ts'
import { madeAnew, readProgress, refuse, sharedIds } from './copy.ts'
import { checkGates } from './gates.ts'
import { nextPart, passNow } from './pass.ts'
import type { Progress } from './progress.ts'
import { requireUnchanged, verify } from './proof.ts'
import type { Shards } from './shards.ts'
import { swapActions } from './swap.ts'
import { setSettings } from './target.ts'
import { duration, grouped } from './words.ts'
import { builtTarget, changeAliases, sourceOf } from './work.ts'
import type { Work } from './work.ts'
import { isBlockedByOthers, holdWriters, releaseWriters } from './write-block.ts'

/** Kept of the allowed time for lifting the block. */
const reserveMs = 1_000
/** However the rest ends, lifting the block has this long. */
const releaseMs = 5_000
const firstPauseMs = 10_000
const lastPauseMs = 600_000

/**
 * The only time in which writers are held back, within one call and at most `max-write-block`: the last pass, the proof that both
 * indices hold the same, the swap. On every other way out of here writers go on, and the copy stays for the next attempt.
 */
export async function switchOver(work: Work): Promise<Outcome> {
  const { note, time, wish } = work
  const source = sourceOf(work)
  if (time.now() < note.notBefore) {
    return {
      state: 'pending',
      message: `the next attempt to hold writers back is in ${duration(note.notBefore - time.now())}`,
    }
  }
  await checkGates(work, 'block')
  if (source.name === wish.name) requireCloneName(work)
  const began = time.now()
  const limit = AbortSignal.timeout(usable(wish.options.maxWriteBlock))
  const result = await attempt({ ...work, signal: AbortSignal.any([work.signal, limit]) })
  const isDone = !('error' in result) && result.state === 'done'
  if (!isDone) await letGo(work)
  const held = isBlockedByOthers(source, wish.name) ? 0 : time.now() - began
  if (isDone) return { ...result, note: `${result.note ?? ''}; writers were held back for ${duration(held)}` }
  backOff(work)
  if (!('error' in result)) return result
  work.signal.throwIfAborted()
  throw limit.aborted ? outOfTime(work, held, result.error) : result.error
}

/** Lifting the block has to fit into what is allowed. */
function usable(limitMs: number): number {
  return Math.max((limitMs * 3) / 4, limitMs - reserveMs)
}

async function attempt(work: Work): Promise<Outcome | { readonly error: unknown }> {
  try {
    return await swapOver(work)
  } catch (error) {
    return { error }
  }
}

function backOff({ note, time }: Work): void {
  note.attempts += 1
  note.notBefore = time.now() + Math.min(lastPauseMs, firstPauseMs * 2 ** (note.attempts - 1))
  note.swept = false
  note.behind = Infinity
}

function outOfTime({ wish }: Work, heldMs: number, cause: unknown): ReconcileError {
  const limit = `max-write-block (${duration(wish.options.maxWriteBlock)})`
  const words = `writers were held back for ${duration(heldMs)}, and the limit is ${limit}: they go on, the copy is kept`
  return new ReconcileError('TimeLimitReached', words, { cause })
}

/** A clone is as stale as the block was long, and nothing may swap from here on. */
async function letGo(work: Work): Promise<void> {
  const own = { ...work, signal: AbortSignal.timeout(releaseMs) }
  work.site = await releaseWriters(own)
  await discardClones(own, work.site)
}

async function swapOver(work: Work): Promise<Outcome> {
  const { wish, change } = work
  const [source, target] = [sourceOf(work), builtTarget(work)]
  const finish = settingsToFinish(wantedSettings(change, source)).rest
  const { progress } = await readProgress(work)
  await holdWriters(work, source, target)
  const held = await lastPass(work, progress)
  const clone = source.name === wish.name ? await cloneSource(work, source) : undefined
  const documents = await verify(work, source, target)
  if (documents === undefined) return refuse(work, sharedIds)
  if (clone !== undefined) await requireWhole(work, clone, documents)
  await setSettings(work, target, finish)
  await requireUnchanged(work, source, held)
  const keepUntil = work.time.now() + wish.options.keepOldIndex
  const now = sourceOf(work)
  const marked = !isBlockedByOthers(now, wish.name)
  const swap = { wish, source: now, target, clone, marked, keepUntil }
  await changeAliases(work, swapActions(swap), `moving ${wish.name} from ${source.name} to ${target.name}`)
  return { state: 'done', id: target.uuid, note: `${grouped(documents)} documents are in ${target.name}` }
}

/** What came since the last pass. Where the source stands then is where it has to stand at the swap. */
async function lastPass(work: Work, progress: Progress): Promise<Shards> {
  const next = await nextPart(work, progress)
  if (next === undefined) throw new ReconcileError('ServiceBusy', 'an earlier pass still copies')
  const result = await passNow(work, next.part, work.wish.options.maxWriteBlock)
  if (result.failure !== undefined) throw new ReconcileError(result.failure.reason, result.failure.message)
  if (result.conflicts > 0) {
    work.note.doubtful = true
    work.note.conflicts += 1
    throw new ReconcileError('ChangesFailed', madeAnew)
  }
  return next.shards
}
