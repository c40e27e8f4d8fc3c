import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { takeCensus } from './census.ts'
import { fewOperations, makePass, readProgress } from './copy.ts'
import { differingDrawers } from './drawers.ts'
import { partSince, refresh } from './pass.ts'
import { beginSweep, isOver, sweepFound, sweepOn } from './sweep.ts'
import type { Sweep } from './walk.ts'
import { grouped } from './words.ts'
import { builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** A pass that is not smaller than this part of the one before shows that writers are as fast as we are. */
const shrinking = 0.8
/** How much of the allowed write block may be spent on the last pass, as far as one can tell. */
const shareOfBlock = 1 / 3
/** How long a call looks for deleted documents before it says where it is. */
const stepMs = 2_000
/** A target that is walked over within a second needs no walk before the write block. */
const smallTarget = 20_000

/** Passes, each shorter than the one before, until what is left is little enough to hold writers back for. */
export async function catchUp(work: Work): Promise<Outcome | undefined> {
  const { note } = work
  const { progress, shards } = await readProgress(work)
  const { operations } = partSince(shards, progress.reached)
  if (operations === 0) return undefined
  const isQuick = operations <= fewOperations && !note.slow
  if (isQuick || operations <= shrinking * note.behind) return makePass(work, progress)
  if (fitsBlock(work, operations)) return undefined
  throw tooFast(work, operations)
}

function fitsBlock({ note, wish }: Work, operations: number): boolean {
  if (note.pace === 0) return operations <= fewOperations
  return operations / note.pace <= wish.options.maxWriteBlock * shareOfBlock
}

function tooFast({ note, wish }: Work, operations: number): ReconcileError {
  note.behind = Infinity
  const limit = `max-write-block (${wish.options.maxWriteBlock / 1_000} s)`
  const words = `${grouped(operations)} operations came while as many were copied: too many to hold writers back within ${limit}`
  return new ReconcileError('TimeLimitReached', words)
}

/**
 * Deleted documents are taken out of a large target once before the write block, so that few are left to be found within it. And
 * before a pass that met conflicts is made again, what it met is taken out: documents that began anew with a lower version.
 */
export async function sweepDeleted(work: Work): Promise<Outcome | undefined> {
  const { note } = work
  if (note.sweep !== undefined || note.doubtful) return walkOn(work)
  if (note.swept) return undefined
  const [source, target] = [sourceOf(work), builtTarget(work)]
  await refresh(work, source, target)
  const [there, here] = await Promise.all([takeCensus(work, source), takeCensus(work, target)])
  if (here.documents <= there.documents || here.documents <= smallTarget) return undefined
  const drawers = await differingDrawers(work, here.documents)
  if (drawers === undefined) return walkOn(work)
  await sweepFound(work, drawers)
  note.swept = true
  return undefined
}

/** Some seconds of a walk over all documents; pending until it is over. */
async function walkOn(work: Work): Promise<Outcome | undefined> {
  const { note, time } = work
  note.sweep = await sweepOn(work, note.sweep ?? (await beginWalk(work)), time.now() + stepMs)
  const { seen, removed } = note.sweep
  const words = `looking for deleted documents: ${grouped(seen)} compared, ${grouped(removed)} removed`
  if (!isOver(note.sweep)) return { state: 'pending', message: words }
  note.sweep = undefined
  note.swept = true
  note.doubtful = false
  return undefined
}

async function beginWalk(work: Work): Promise<Sweep> {
  await refresh(work, sourceOf(work), builtTarget(work))
  return beginSweep(work, work.note.doubtful)
}
