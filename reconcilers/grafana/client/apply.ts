import { inParallel } from '../../../src/client/parallel.ts'
import { Turn } from '../../../src/client/turn.ts'
import type { Change } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import type { GrafanaResource } from '../resource.ts'
import { inStages } from './stages.ts'
import type { Tools } from './tools.ts'

type GrafanaChange = Change<GrafanaResource>

/** Changes that are made at once. */
const atOnce = 6

/** Stage by stage; in each, several lanes at once. Throws only when nothing at all could be tried. */
export async function applyChanges(
  tools: Pick<Tools, 'now' | 'limits'>,
  changes: readonly GrafanaChange[],
  work: (change: GrafanaChange) => Promise<Outcome<GrafanaResource>>,
  signal: AbortSignal,
): Promise<readonly Outcome<GrafanaResource>[]> {
  const turn = new Turn<GrafanaChange, Outcome<GrafanaResource>>(
    () => tools.now(),
    tools.limits.turnMs,
    signal,
  )
  for (const lanes of inStages(changes)) {
    await inParallel(lanes, atOnce, async (lane) => {
      for (const change of lane) await turn.take(change, async () => work(change))
    })
  }
  return turn.outcomesOf(changes)
}
