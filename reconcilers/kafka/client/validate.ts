import type { Change } from '../../../src/core/resource.ts'
import type { Verdict } from '../../../src/reconcile/service-client.ts'
import { judgeDelete } from '../delete-guard.ts'
import type { Topic } from '../normalize.ts'
import { runSteps, upserts } from './apply.ts'
import type { StepResult } from './apply.ts'
import { describeTopics } from './observe.ts'
import type { Call } from './steps.ts'
import { findUse } from './use.ts'

/** What the broker would say of creations and updates, and what stands against deletions. Nothing is written. */
export async function validateChanges(
  changes: readonly Change<Topic>[],
  call: Call,
): Promise<readonly Verdict[]> {
  const deletions = changes.filter(({ action }) => action === 'delete')
  const rest = changes.filter(({ action }) => action !== 'delete')
  const [uses, results] = await Promise.all([
    judgeDeletions(deletions, call),
    runSteps(upserts, rest, { ...call, validateOnly: true }),
  ])
  return changes.map((change) => uses.get(change) ?? verdictOf(results.get(change) ?? []))
}

/** Only a refusal of the change itself is a verdict. Whatever may pass (a quota, a missing ACL) is for apply to tell. */
function verdictOf(results: readonly StepResult[]): Verdict {
  const refusals = results.filter(
    (each) =>
      'reason' in each && (each.reason === 'RejectedByServer' || each.reason === 'NotSupportedByServer'),
  )
  if (refusals.length === 0) return { ok: true }
  const message = refusals.map((each) => ('message' in each ? each.message : '')).join('; ')
  return { ok: false, code: 'RejectedByServer', message }
}

async function judgeDeletions(
  deletions: readonly Change<Topic>[],
  { cluster, signal }: Call,
): Promise<ReadonlyMap<Change<Topic>, Verdict>> {
  if (deletions.length === 0) return new Map()
  const found = await describeTopics(
    cluster,
    deletions.map(({ name }) => name),
    signal,
  )
  const ids = new Map(found.map(({ name, id }) => [name, id]))
  const use = await findUse(cluster, found, signal)
  // A topic that is gone, or another one by now, is not deleted: there is nothing to guard.
  return new Map(
    deletions.map((change) => [
      change,
      ids.get(change.name) === change.id
        ? judgeDelete(change.name, use(change.name))
        : ({ ok: true } as const),
    ]),
  )
}
