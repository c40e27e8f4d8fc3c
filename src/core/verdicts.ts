import { digestOf } from './approval.ts'
import type { Plan, PlannedChange, Resource } from './resource.ts'
import type { Rule } from './rules.ts'

/** What the service itself said of one change: a rule's code, or RejectedByServer with its own words. */
export interface Objection {
  readonly code: string
  readonly message: string
}

/** The plan with the service's objections in it, by change digest. A code that no rule knows is a refusal. */
export function object<R extends Resource>(
  planned: Plan<R>,
  objections: ReadonlyMap<string, Objection>,
  rules: readonly Rule<R>[],
  allow: ReadonlySet<string>,
): Plan<R> {
  if (objections.size === 0) return planned
  const changes = planned.changes.map((each): PlannedChange<R> => {
    const objection = each.judgement.verdict === 'refused' ? undefined : objections.get(digestOf(each.change))
    if (objection === undefined) return each
    const severity = rules.find((rule) => rule.code === objection.code)?.severity ?? 'refused'
    if (severity === 'held' && (allow.has(objection.code) || isHeldByAnother(each, objection.code)))
      return each
    return { change: each.change, judgement: { verdict: severity, ...objection } }
  })
  return { ...planned, changes }
}

/** A rule that holds it already keeps its word; the service only knows more to say about the same. */
function isHeldByAnother({ judgement }: PlannedChange, code: string): boolean {
  return judgement.verdict !== 'apply' && judgement.code !== code
}
