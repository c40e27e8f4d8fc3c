import { isUntouched, lastShown } from '../core/baseline.ts'
import { equal } from '../core/canonical.ts'
import type { InventoryEntry } from '../core/inventory.ts'
import { passing } from '../core/plan.ts'
import { type Change, type PlannedChange, type Resource, type ResourceKey, keyOf } from '../core/resource.ts'
import type { Pass } from './pass.ts'
import type { Planned } from './planner.ts'
import type { World } from './world.ts'

/** Why what is there stays untouched. */
type Objection = Readonly<Record<'code' | 'message', string>>

const tooLarge: Objection = {
  code: 'OriginalTooLarge',
  message: 'what would be overwritten is too large to be kept first: export it and remove it by hand',
}
const unread: Objection = {
  code: 'OriginalUnread',
  message:
    'it cannot be read, so what would be overwritten cannot be kept first: mend what keeps it from being read, or remove it by hand',
}

/**
 * The pass with the originals of what it is about to overwrite or delete kept, before anything is sent. What cannot be kept, for its
 * size or because it could not be read, is not touched; where the store does not answer, nothing is.
 */
export async function keepOriginals<R extends Resource>(
  pass: Pass<R>,
  planned: Planned<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<{ readonly pass: Pass<R>; readonly planned: Planned<R> }> {
  const kept = new Map<ResourceKey, string>()
  const unkept = new Map<ResourceKey, Objection>()
  for (const change of passing(planned.plan)) {
    const key = keyOf(change)
    const { observed } = change
    if (observed === undefined || kept.has(key) || !destroysWork(change, observed, pass.inventory.get(key)))
      continue
    const { original } = observed
    const place = original && (await world.store.keep(pass.key, key, original, signal))
    if (place !== undefined) kept.set(key, place)
    else if (original !== undefined) unkept.set(key, tooLarge)
    else if (observed.unread === true) unkept.set(key, unread)
  }
  if (kept.size === 0 && unkept.size === 0) return { pass, planned }
  const changes = planned.plan.changes.map((each) => refused(each, unkept.get(keyOf(each.change))))
  const left = { ...planned, plan: { ...planned.plan, changes } }
  return { pass: { ...pass, planned: left, kept }, planned: left }
}

/**
 * A deletion, and whatever takes back what somebody else made of it. What Git says anew only follows what Git said before, unless
 * somebody was there in between.
 */
function destroysWork(
  { action, fields }: Change,
  observed: Resource,
  entry: InventoryEntry | undefined,
): boolean {
  if (action === 'delete' || action === 'replace') return true
  if (fields.some(({ cause }) => cause !== 'written')) return true
  if (entry === undefined || isUntouched(observed, entry)) return false
  if (observed.unread === true) return true
  const ours = lastShown(entry)
  return fields.some(
    ({ path, before }) => !equal(before, ours.get(path)) && !equal(before, entry.intended?.get(path)),
  )
}

function refused<R extends Resource>(
  { change, judgement }: PlannedChange<R>,
  objection: Objection | undefined,
): PlannedChange<R> {
  if (objection === undefined || judgement.verdict !== 'apply') return { change, judgement }
  return { change, judgement: { verdict: 'refused', ...objection } }
}
