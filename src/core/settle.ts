import { equal } from './canonical.ts'
import { type Inventory, type InventoryEntry, merge } from './inventory.ts'
import {
  type Change,
  type Fields,
  type Json,
  type Plan,
  type PlannedChange,
  type Resource,
  type ResourceKey,
  keyOf,
} from './resource.ts'

/** The inventory before `apply`: what is about to be made is in it already, so that a crash forgets nothing. */
export function intend(inventory: Inventory, changes: readonly Change[], adopt: boolean): Inventory {
  const upserts = changes.filter((change) => change.action !== 'delete')
  return merge(
    inventory,
    upserts.map((change) => {
      const entry = inventory.get(keyOf(change)) ?? freshEntry(change, change.action === 'create' || adopt)
      return { ...entry, intended: changedFields(change) }
    }),
  )
}

function freshEntry(of: Resource | Change, deletable: boolean): InventoryEntry {
  return { type: of.type, name: of.name, fields: new Map(), deletable }
}

function changedFields(change: Change): Fields {
  const fields = new Map<string, Json>()
  for (const { path, after } of change.fields) if (after !== undefined) fields.set(path, after)
  return fields
}

/** What is known after `apply` and the look at the service that followed. */
export interface Settlement<R extends Resource> {
  /** The inventory as intended. */
  readonly inventory: Inventory
  readonly plan: Plan<R>
  readonly desired: readonly R[]
  /** By key, as last observed. */
  readonly observed: ReadonlyMap<ResourceKey, R>
  /** Done, by key. */
  readonly done: ReadonlySet<ResourceKey>
  /** Certainly not done: their intent ends. What is neither done nor this stays intended. */
  readonly notDone: ReadonlySet<ResourceKey>
  readonly untouchable: ReadonlySet<ResourceKey>
  readonly adopt: boolean
}

/**
 * The inventory after a pass. Owned and desired: with the values now applied. Deleted, or let go: out of it. Withheld
 * fields keep the value applied before, so that Git's wish is not mistaken for drift later. The same inventory when
 * nothing differs.
 */
export function settle<R extends Resource>(settlement: Settlement<R>): Inventory {
  const { inventory, plan, adopt } = settlement
  const parts = Map.groupBy(plan.changes, ({ change }) => keyOf(change))
  const adopted = new Set(plan.adopted.map(keyOf))
  const kept = stillOurs(settlement)
  for (const desired of settlement.desired) {
    const key = keyOf(desired)
    const entry = kept.get(key) ?? (adopted.has(key) ? freshEntry(desired, adopt) : undefined)
    const settled =
      entry === undefined ? undefined : settleEntry(entry, desired, parts.get(key) ?? [], settlement)
    if (settled === undefined) kept.delete(key)
    else kept.set(key, settled)
  }
  const same = kept.size === inventory.size && [...kept].every(([key, entry]) => inventory.get(key) === entry)
  return same ? inventory : kept
}

/** Desired, untouchable, orphaned, or about to be deleted and not yet gone. */
function stillOurs<R extends Resource>(settlement: Settlement<R>): Map<ResourceKey, InventoryEntry> {
  const { desired, untouchable, plan, done } = settlement
  const undone = plan.changes.map(({ change }) => keyOf(change)).filter((key) => !done.has(key))
  const ours = new Set([...desired.map(keyOf), ...untouchable, ...plan.orphans, ...undone])
  return new Map([...settlement.inventory].filter(([key]) => ours.has(key)))
}

function settleEntry<R extends Resource>(
  entry: InventoryEntry,
  desired: R,
  parts: readonly PlannedChange<R>[],
  settlement: Settlement<R>,
): InventoryEntry | undefined {
  const key = keyOf(desired)
  const observed = settlement.observed.get(key)
  const attempted = parts.some(({ judgement }) => judgement.verdict === 'apply')
  if (attempted && !settlement.done.has(key)) {
    return settlement.notDone.has(key) ? withoutIntent(entry, observed) : entry
  }
  // Nothing was made: a held adoption or a refused create is nobody's yet, unless an earlier intent may have made it.
  if (!attempted && parts.length > 0 && nothingMade(entry))
    return entry.intended === undefined ? undefined : entry
  return withApplied(entry, appliedFields(entry, desired, parts), observed?.id ?? entry.id)
}

/** The very same entry when nothing differs. */
function withApplied(entry: InventoryEntry, fields: Fields, id: string | undefined): InventoryEntry {
  if (entry.intended === undefined && entry.id === id && sameFields(entry.fields, fields)) return entry
  const { type, name, deletable } = entry
  return { type, name, deletable, fields, ...(id === undefined ? {} : { id }) }
}

function nothingMade(entry: InventoryEntry): boolean {
  return entry.fields.size === 0 && entry.id === undefined
}

function withoutIntent(entry: InventoryEntry, observed: Resource | undefined): InventoryEntry | undefined {
  if (nothingMade(entry) && observed === undefined) return undefined
  return withApplied({ ...entry, intended: new Map() }, entry.fields, entry.id)
}

/** Desired as applied; where a part was withheld, what was applied before. */
function appliedFields(entry: InventoryEntry, desired: Resource, parts: readonly PlannedChange[]): Fields {
  const fields = new Map(desired.fields)
  for (const { change, judgement } of parts) {
    if (judgement.verdict === 'apply') continue
    for (const { path } of change.fields) {
      const before = entry.fields.get(path)
      if (before === undefined) fields.delete(path)
      else fields.set(path, before)
    }
  }
  return fields
}

function sameFields(a: Fields, b: Fields): boolean {
  return a.size === b.size && [...a].every(([path, value]) => equal(value, b.get(path)))
}
