import type { Change } from '../../../src/core/resource.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { isOfIndex, standing } from '../resource.ts'
import type { Definition, Index, SearchResource } from '../resource.ts'
import type { Allocation } from './allocation.ts'
import { createIndex } from './create-index.ts'
import { applyDefinition } from './definitions.ts'
import { deleteIndex } from './delete-index.ts'
import { wholeCallReasons } from './failures.ts'
import { applyInPlace } from './in-place.ts'
import type { Reindexer } from './reindex/reindexer.ts'
import type { Wire } from './wire.ts'

/** What changes are made with. */
export interface Tools {
  readonly wire: Wire
  readonly allocation: Allocation
  readonly reindexer: Reindexer
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * How long one call goes on to the next change, in milliseconds. What is left is pending: so status tells how far it is, and a call of many
 * slow writes is never cut off in the middle by its deadline (a minute by default).
 */
const turnMs = 20_000

/**
 * One change after the other: the master queues what changes its state anyway, and answers slower the longer that queue is. A replace
 * comes last, because it can take the whole turn. Throws only when nothing at all could be tried.
 */
export async function applyChanges(
  tools: Tools,
  changes: readonly Change<SearchResource>[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change<SearchResource>, Outcome>()
  const until = tools.now() + turnMs
  let ended: ReconcileError | undefined
  let answered = false
  for (const change of replacesLast(changes)) {
    if (outcomes.size > 0 && ended === undefined && tools.now() >= until) break
    const result: Outcome | ReconcileError = ended ?? (await tryOne(tools, change, signal))
    if (!(result instanceof ReconcileError)) {
      answered = true
      outcomes.set(change, result)
      continue
    }
    if (wholeCallReasons.has(result.reason)) ended = result
    else answered = true
    outcomes.set(change, { state: 'failed', reason: result.reason, message: result.message })
  }
  if (ended !== undefined && !answered) throw ended
  const left: Outcome = {
    state: 'pending',
    message: `waits for its turn: ${outcomes.size} of ${changes.length} were made`,
  }
  return changes.map((change) => outcomes.get(change) ?? left)
}

function replacesLast(changes: readonly Change<SearchResource>[]): readonly Change<SearchResource>[] {
  const isReplace = ({ action }: Change<SearchResource>) => action === 'replace'
  return [...changes.filter((change) => !isReplace(change)), ...changes.filter(isReplace)]
}

async function tryOne(
  tools: Tools,
  change: Change<SearchResource>,
  signal: AbortSignal,
): Promise<Outcome | ReconcileError> {
  try {
    return await applyOne(tools, change, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ReconcileError) return error
    throw error
  }
}

async function applyOne(tools: Tools, change: Change<SearchResource>, signal: AbortSignal): Promise<Outcome> {
  if (!isOfIndex(change)) return applyDefinition(tools.wire, change as Change<Definition>, signal)
  switch (change.action) {
    case 'create':
      return createIndex(tools.wire, tools.allocation, change, signal)
    case 'delete':
      return deleteIndex(tools.wire, change, signal)
    case 'replace':
      return tools.reindexer.advance(change, signal)
    case 'update':
      return updateIndex(tools, change, signal)
  }
}

/** A wish that was taken back leaves an unfinished copy: that goes first, then the index takes what it can take itself. */
async function updateIndex(
  { wire, reindexer }: Tools,
  change: Change<Index>,
  signal: AbortSignal,
): Promise<Outcome> {
  const rest = change.fields.filter(({ path }) => path !== standing)
  if (rest.length < change.fields.length) {
    const outcome = await reindexer.abandon(change, signal)
    if (outcome.state !== 'done' || rest.length === 0) return outcome
  }
  const index = change.observed?.facts?.index ?? change.name
  return applyInPlace(wire, { ...change, fields: rest }, index, signal)
}
