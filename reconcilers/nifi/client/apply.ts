import { inParallel } from '../../../src/client/parallel.ts'
import { Turn } from '../../../src/client/turn.ts'
import type { Change } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { type NifiResource, type ParameterContext, isOfFlow } from '../resource.ts'
import { applyContext, inOrder } from './contexts/apply-context.ts'
import { applyFlow } from './flows/apply-flow.ts'
import type { Tools } from './tools.ts'

type NifiChange = Change<NifiResource>

/** Flows that are changed at once: one that waits for a queue does not hold up the others. */
const flowsAtOnce = 4

/**
 * Parameter contexts one after the other, for each restarts what uses it; then flows. Throws only when nothing at all could be tried.
 */
export async function applyChanges(
  tools: Tools,
  changes: readonly NifiChange[],
  signal: AbortSignal,
): Promise<readonly Outcome<NifiResource>[]> {
  const turn = new Turn<NifiChange, Outcome<NifiResource>>(() => tools.now(), tools.limits.turnMs, signal)
  const flows = changes.filter(isOfFlow)
  const contexts = inOrder(changes.filter(isOfContext))
  for (const change of contexts) await turn.take(change, async () => applyContext(tools, change, signal))
  await inParallel(flows, flowsAtOnce, async (change) =>
    turn.take(change, async () => applyFlow(tools, change, signal)),
  )
  return turn.outcomesOf(changes)
}

function isOfContext(change: NifiChange): change is Change<ParameterContext> {
  return change.type === 'parameter-contexts'
}
