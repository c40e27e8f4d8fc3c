import { passing } from '../core/plan.ts'
import { type Change, type PlannedChange, type Resource, type ResourceKey, keyOf } from '../core/resource.ts'
import type { Pass } from './pass.ts'
import type { Planned } from './planner.ts'
import type { World } from './world.ts'

/**
 * The pass with the originals of what it is about to overwrite or delete kept, before anything is sent. What cannot be kept for its
 * size is not touched; where the store does not answer, nothing is.
 */
export async function keepOriginals<R extends Resource>(
  pass: Pass<R>,
  planned: Planned<R>,
  world: World<R>,
  signal: AbortSignal,
): Promise<{ readonly pass: Pass<R>; readonly planned: Planned<R> }> {
  const kept = new Map<ResourceKey, string>()
  const tooLarge = new Set<ResourceKey>()
  for (const change of passing(planned.plan)) {
    const original = change.observed?.original
    const key = keyOf(change)
    if (original === undefined || kept.has(key) || !destroysWork(change)) continue
    const place = await world.store.keep(pass.key, key, original, signal)
    if (place === undefined) tooLarge.add(key)
    else kept.set(key, place)
  }
  if (kept.size === 0 && tooLarge.size === 0) return { pass, planned }
  const changes = planned.plan.changes.map((each) =>
    tooLarge.has(keyOf(each.change)) ? refused(each) : each,
  )
  const left = { ...planned, plan: { ...planned.plan, changes } }
  return { pass: { ...pass, planned: left, kept }, planned: left }
}

/** A deletion, and whatever takes back what somebody else made of it. What Git says anew only follows what Git said before. */
function destroysWork({ action, fields }: Change): boolean {
  return action === 'delete' || action === 'replace' || fields.some(({ cause }) => cause !== 'written')
}

function refused<R extends Resource>({ change, judgement }: PlannedChange<R>): PlannedChange<R> {
  if (judgement.verdict !== 'apply') return { change, judgement }
  const message = 'what would be overwritten is too large to be kept first: export it and remove it by hand'
  return { change, judgement: { verdict: 'refused', code: 'OriginalTooLarge', message } }
}
