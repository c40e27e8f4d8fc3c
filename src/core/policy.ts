import type { PlannedChange, Resource } from './resource.ts'

/** What a reconcile may do of its own accord. Deletions come into a plan only under `sync`. */
export type Policy = 'upsert-only' | 'sync' | 'observe-only'

/** Under `observe-only` nothing is applied: what would have been is withheld, what is refused or held stays so. */
export function permit<R extends Resource>(
  changes: readonly PlannedChange<R>[],
  policy: Policy,
): readonly PlannedChange<R>[] {
  if (policy !== 'observe-only') return changes
  return changes.map(({ change, judgement }) =>
    judgement.verdict === 'apply'
      ? {
          change,
          judgement: { verdict: 'withheld', code: 'ChangesWithheld', message: 'the policy only observes' },
        }
      : { change, judgement },
  )
}
