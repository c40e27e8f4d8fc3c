import { digestOf } from './approval.ts'
import { type Plan, type PlannedChange, type Resource, type ResourceKey, keyOf } from './resource.ts'

/** What the brake measures a plan against. */
export interface BrakeLoad {
  /** Digests of the deletions and replacements let through in the last 10 minutes, over every ConfigMap of the component. */
  readonly recent: ReadonlySet<string>
  /** How many resources the component's inventories hold. */
  readonly inventory: number
  /** `infometis.io/max-deletes`: takes the place of both limits for this ConfigMap's plan. */
  readonly maxDeletes: number | undefined
  /** Whether a resource's replacement was let through already: it counts, and is not stopped half-way. */
  readonly underWay?: (key: ResourceKey) => boolean
}

const limit = 10
const share = 0.3
const smallInventory = 4

/** Holds every deletion and replacement of a plan that goes over the limit: not the excess, for the whole is suspect. */
export function brake<R extends Resource>(planned: Plan<R>, load: BrakeLoad): Plan<R> {
  const braking = planned.changes.filter(brakes).map(({ change }) => digestOf(change))
  const count = braking.length
  // What was let through, failed, and is tried again counts once.
  const recent = load.maxDeletes === undefined ? load.recent.difference(new Set(braking)).size : 0
  const most = allowance(load)
  if (count === 0 || count + recent <= most) return planned
  const recently = recent > 0 ? ` (${recent} more in the last 10 minutes)` : ''
  const message = `${count} deletions or replacements at once${recently}; the brake lets ${most} through`
  const changes = planned.changes.map((each): PlannedChange<R> =>
    brakes(each) && !goesOn(each, load)
      ? { change: each.change, judgement: { verdict: 'held', code: 'DeletionBrake', message } }
      : each,
  )
  return { ...planned, changes }
}

function allowance(load: BrakeLoad): number {
  if (load.maxDeletes !== undefined) return load.maxDeletes
  return load.inventory < smallInventory ? limit : Math.min(limit, Math.floor(load.inventory * share))
}

function goesOn({ change }: PlannedChange, { underWay }: BrakeLoad): boolean {
  return change.action === 'replace' && underWay?.(keyOf(change)) === true
}

function brakes({ change, judgement }: PlannedChange): boolean {
  return judgement.verdict === 'apply' && (change.action === 'delete' || change.action === 'replace')
}
