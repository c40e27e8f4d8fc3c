import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { takeCensus } from './census.ts'
import { fewOperations, makePass, readProgress } from './copy.ts'
import { partSince, refresh } from './pass.ts'
import { readShards } from './shards.ts'
import { isOver, newSweep, sweepOn } from './sweep.ts'
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
  const { reached } = progress
  const { operations } = partSince(shards, reached)
  if (operations === 0) return undefined
  const isQuick = operations <= fewOperations && !note.slow
  if (isQuick || operations <= shrinking * note.behind) return makePass(work, reached)
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
  const { note, time } = work
  if (note.sweep === undefined && !(await isSweepNeeded(work))) return undefined
  const begun = note.sweep ?? newSweep(await lastOf(work), note.doubtful)
  note.sweep = await sweepOn(work, begun, time.now() + stepMs)
  const { seen, removed } = note.sweep
  const words = `looking for deleted documents: ${grouped(seen)} compared, ${grouped(removed)} removed`
  if (!isOver(note.sweep)) return { state: 'pending', message: words }
  note.sweep = undefined
  note.swept = true
  note.doubtful = false
  return undefined
}

/** Where the shards of the target stand: it was refreshed since. */
async function lastOf(work: Work): Promise<readonly number[]> {
  return (await readShards(work.wire, builtTarget(work), undefined, work.signal)).last
}

async function isSweepNeeded(work: Work): Promise<boolean> {
  const { note } = work
  const [source, target] = [sourceOf(work), builtTarget(work)]
  if (!note.doubtful && note.swept) return false
  await refresh(work, source, target)
  if (note.doubtful) return true
  const [there, here] = [await takeCensus(work, source), await takeCensus(work, target)]
  return here.documents > there.documents && here.documents > smallTarget
}
