import type { Cause, Change, Resource } from './resource.ts'

/** What a rule may look at besides the change. Everything in it is a plain value, so that a rule is a pure function. */
export interface RuleContext<R extends Resource> {
  /** Every desired resource of the ConfigMap, for rules over several (name collisions). */
  readonly desired: readonly R[]
  /** Every name on the server, given only when the plan creates something; else empty. */
  readonly names: readonly string[]
}

/** A rule's finding: which fields it withholds (absent: the whole change) and the sentence for this case. */
export interface Finding {
  readonly fields?: readonly string[]
  readonly message: string
}

/**
 * Why a change is not simply applied. `refused` is for good; `held` waits for an approval bound to the change (or for
 * `infometis.io/allow: <code>`). `onlyCause: 'drift'` judges corrections only: Git may do the same freely.
 */
export interface Rule<R extends Resource = Resource> {
  readonly code: string
  readonly severity: 'refused' | 'held'
  /** The rule as one sentence; a test carries it as its name. */
  readonly says: string
  /** One sentence: what a person can do. */
  readonly wayOut: string
  readonly onlyCause?: Cause
  /** Absent where only the service can know: `ServiceClient.validate` answers with this rule's code. */
  judge?(change: Change<R>, context: RuleContext<R>): Finding | undefined
}
