import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { Flow } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { createFlow } from './create-flow.ts'
import { deleteFlow } from './delete-flow.ts'
import { pending } from './outcomes.ts'
import { updateFlow } from './update-flow.ts'

/** Somebody else changes the same flow: so often in a row it is read and begun anew. */
const mostConflicts = 3

/**
 * Makes one change of a flow, or the part of it that can be made in a few seconds; the rest is pending and goes on in the next call.
 * Throws ReconcileError where NiFi refused: nothing was left half done by that.
 */
export async function applyFlow(
  tools: Tools,
  change: Change<Flow>,
  signal: AbortSignal,
): Promise<Outcome<Flow>> {
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    try {
      return await applyOnce(tools, change, signal)
    } catch (error) {
      // A stale revision: whoever was faster is read, and what then still differs is changed.
      if (!(error instanceof ReconcileError && error.reason === 'ServiceBusy')) throw error
    }
  }
  return pending('the flow is changed by somebody else at the same time: it is read again')
}

async function applyOnce(tools: Tools, change: Change<Flow>, signal: AbortSignal): Promise<Outcome<Flow>> {
  const { action, desired } = change
  if (action === 'delete') return deleteFlow(tools, change, signal)
  if (desired === undefined)
    throw new ReconcileError('InternalError', 'a flow is to be changed without a wish')
  return action === 'create'
    ? createFlow(tools, change, desired, signal)
    : updateFlow(tools, change, desired, signal)
}
