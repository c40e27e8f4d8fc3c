import { canonicalJson, sha256 } from './canonical.ts'
import type { Change, Plan, PlannedChange, Resource } from './resource.ts'

/** A change as people approve it: what, to which very resource, from which values to which. No counts, no times. */
export function approvable(change: Change): object {
  const fields = change.fields.map(({ path, before, after }) => ({ path, before, after }))
  return { kind: `${change.type}/${change.action}`, name: change.name, id: change.id, fields }
}

/** Identifies one change across passes: equal only when the same thing is to happen to the same resource. */
export function digestOf(change: Change): string {
  return sha256(canonicalJson(approvable(change))).slice(0, 16)
}

/** First 12 hex of sha256 over the held changes; undefined when nothing is held. */
export function approvalHash(changes: readonly PlannedChange[]): string | undefined {
  const held = changes.filter(({ judgement }) => judgement.verdict === 'held')
  if (held.length === 0) return undefined
  const texts = held.map(({ change }) => canonicalJson(approvable(change))).sort()
  return sha256(texts.join('\n')).slice(0, 12)
}

/** An approval in use. It reaches the held changes it named when it was given, each once, across crashes. */
export interface Approval {
  readonly hash: string
  /** Digests of the approved changes not yet done; empty: spent. */
  readonly remaining: readonly string[]
}

/** The approval in force: the one in use, a new one if `approve` names what is held now, else none. */
export function approvalFor(
  changes: readonly PlannedChange[],
  approve: string | undefined,
  inUse: Approval | undefined,
): Approval | undefined {
  if (approve === undefined) return undefined
  if (inUse?.hash === approve) return inUse
  if (approvalHash(changes) !== approve) return undefined
  const held = changes.filter(({ judgement }) => judgement.verdict === 'held')
  return { hash: approve, remaining: held.map(({ change }) => digestOf(change)) }
}

/** The plan with the approved changes let through. */
export function approved<R extends Resource>(planned: Plan<R>, approval: Approval | undefined): Plan<R> {
  if (approval === undefined || approval.remaining.length === 0) return planned
  const remaining = new Set(approval.remaining)
  const changes = planned.changes.map((each): PlannedChange<R> => {
    const passes = each.judgement.verdict === 'held' && remaining.has(digestOf(each.change))
    return passes ? { change: each.change, judgement: { verdict: 'apply' } } : each
  })
  return { ...planned, changes }
}

/** The approval after `done` changes: each is let through once. */
export function spend(approval: Approval | undefined, done: readonly Change[]): Approval | undefined {
  if (approval === undefined || approval.remaining.length === 0) return approval
  const spent = new Set(done.map(digestOf))
  return { ...approval, remaining: approval.remaining.filter((digest) => !spent.has(digest)) }
}
