import { keptSpelling, spelling } from './baseline.ts'
import { equal } from './canonical.ts'
import { retained } from './diff.ts'
import {
  type Inventory,
  type InventoryEntry,
  type Replaced,
  leftBehind,
  madeBy,
  merge,
  nothingMade,
  sameEntry,
  sameFields,
} from './inventory.ts'
import {
  type Change,
  type Fields,
  type Json,
  type LeftBehind,
  type Plan,
  type PlannedChange,
  type Resource,
  type ResourceKey,
  keyOf,
} from './resource.ts'

/**
 * The inventory before `apply`: what is about to be made is in it already, so that a crash forgets nothing. `changes` has one
 * change per resource.
 */
export function intend(inventory: Inventory, changes: readonly Change[], adopt: boolean): Inventory {
  const upserts = changes.filter((change) => change.action !== 'delete')
  const left = upserts.flatMap((change) => {
    const entry = inventory.get(keyOf(change))
    const behind = entry && leftBehind(entry, change.observed)
    return behind === undefined || inventory.has(keyOf(behind)) ? [] : behind
  })
  return merge(inventory, [
    ...left,
    ...upserts.map((change) => ({
      ...entryBefore(inventory.get(keyOf(change)), change, adopt),
      intended: changedFields(change),
      // A crash must not forget what is wished for its removal.
      ...wishesOf(change.desired ?? {}),
      ...(change.leaves === undefined ? {} : { replaces: replacedBy(change, change.leaves) }),
    })),
  ])
}

function replacedBy({ id }: Change, leaves: LeftBehind): Replaced {
  return id === undefined ? leaves : { ...leaves, of: id }
}

/** Whether this very change was about to be made already. */
export function wasIntended(inventory: Inventory, change: Change): boolean {
  return sameFields(inventory.get(keyOf(change))?.intended, changedFields(change))
}

/** An adoption starts afresh: an entry of that name, if there is one, was about something else. */
function entryBefore(entry: InventoryEntry | undefined, change: Change, adopt: boolean): InventoryEntry {
  if (entry === undefined || change.cause === 'adoption')
    return freshEntry(change, change.action === 'create' || adopt)
  return change.observed === undefined ? entry : recognised(entry, change.observed)
}

/**
 * The entry once the service was seen: what an earlier intent did is applied by now, and what somebody else made anew under
 * this name is not ours to delete.
 */
function recognised(entry: InventoryEntry, observed: Resource): InventoryEntry {
  const { type, name, intended } = entry
  const ours = madeBy(entry, observed)
  if (ours && intended === undefined) return entry
  const shown = [...(intended ?? [])].filter(([path, value]) => equal(observed.fields.get(path), value))
  const deletable = entry.deletable && ours
  const id = observed.id === undefined ? {} : { id: observed.id }
  return { type, name, deletable, fields: new Map([...entry.fields, ...shown]), ...wishesOf(entry), ...id }
}

/** What of an entry does not depend on what is under way. */
function lasting(
  entry: InventoryEntry,
): Pick<InventoryEntry, 'spelled' | 'spelledBy' | 'edition' | 'remembered'> {
  return { ...keptSpelling(entry), ...wishesOf(entry) }
}

function wishesOf({ remembered }: Pick<InventoryEntry, 'remembered'>): Pick<InventoryEntry, 'remembered'> {
  return remembered === undefined ? {} : { remembered }
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
  /** Done, and seen to be done, by key. */
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
    const entry = adopted.has(key) ? freshEntry(desired, adopt) : kept.get(key)
    const settled =
      entry === undefined ? undefined : settleEntry(entry, desired, parts.get(key) ?? [], settlement)
    if (settled === undefined) kept.delete(key)
    else kept.set(key, settled)
  }
  keepLeftBehind(kept, settlement)
  const same = kept.size === inventory.size && [...kept].every(([key, entry]) => inventory.get(key) === entry)
  return same ? inventory : kept
}

/** What replaces left behind is ours as well, also where the resource is no longer written. What is untouchable waits as it is. */
function keepLeftBehind<R extends Resource>(
  kept: Map<ResourceKey, InventoryEntry>,
  { inventory, observed, desired, untouchable }: Settlement<R>,
): void {
  for (const [key, entry] of inventory) {
    const found = observed.get(key)
    const left = untouchable.has(key) ? undefined : leftBehind(entry, found)
    if (left === undefined || found === undefined) continue
    if (!kept.has(keyOf(left))) kept.set(keyOf(left), left)
    if (kept.has(key) && !desired.some((each) => keyOf(each) === key)) kept.set(key, recognised(entry, found))
  }
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
    return settlement.notDone.has(key) ? withoutIntent(entry) : entry
  }
  // Nothing was seen of what an earlier intent may have made: that stands as it is.
  if (!attempted && parts.length > 0 && nothingMade(entry)) return entry
  const fields = appliedFields(entry, desired, parts, observed)
  const withheld = new Set(withheldPaths(parts))
  const spelled = spelling({ entry, desired, fields, observed, withheld, taken: attempted })
  return withApplied(entry, { ...spelled, fields }, { desired, observed })
}

/** The very same entry when nothing differs. */
function withApplied(
  entry: InventoryEntry,
  applied: Pick<InventoryEntry, 'fields' | 'spelled' | 'spelledBy' | 'edition'>,
  { desired, observed }: { readonly desired: Resource; readonly observed: Resource | undefined },
): InventoryEntry {
  const { type, name } = entry
  const id = observed?.id ?? entry.id
  const deletable = entry.deletable && (observed === undefined || madeBy(entry, observed))
  const settled = {
    type,
    name,
    deletable,
    ...applied,
    ...wishesOf(desired),
    ...(id === undefined ? {} : { id }),
  }
  return sameEntry(entry, settled) ? entry : settled
}

/** An entry that made nothing ends with its intent: what bears its name, if anything does, was there before. */
function withoutIntent(entry: InventoryEntry): InventoryEntry | undefined {
  if (nothingMade(entry)) return undefined
  const { type, name, deletable, fields, id } = entry
  return { type, name, deletable, fields, ...lasting(entry), ...(id === undefined ? {} : { id }) }
}

/** Desired as applied; where a part was withheld, or a field ignored, what was applied before. */
function appliedFields(
  entry: InventoryEntry,
  desired: Resource,
  parts: readonly PlannedChange[],
  observed: Resource | undefined,
): Fields {
  const fields = new Map(desired.fields)
  const untouched = [
    ...withheldPaths(parts),
    ...(observed ? ignoredPaths(entry, desired, parts, observed) : []),
  ]
  for (const path of untouched) {
    const before = entry.fields.get(path)
    if (before === undefined) fields.delete(path)
    else fields.set(path, before)
  }
  // What the service cannot remove is still of our making, also where only a crashed pass meant it.
  for (const path of observed ? retained(desired, observed, entry, () => false) : []) {
    fields.set(path, entry.fields.get(path) ?? entry.intended?.get(path) ?? null)
  }
  return fields
}

function withheldPaths(parts: readonly PlannedChange[]): readonly string[] {
  const withheld = parts.filter(({ judgement }) => judgement.verdict !== 'apply')
  return withheld.flatMap(({ change }) => change.fields.map(({ path }) => path))
}

/** What differs, and yet is in no part of the plan. */
function ignoredPaths(
  entry: InventoryEntry,
  desired: Resource,
  parts: readonly PlannedChange[],
  observed: Resource,
): readonly string[] {
  const planned = new Set(parts.flatMap(({ change }) => change.fields.map(({ path }) => path)))
  const differing = [...desired.fields].filter(([path, value]) => !equal(observed.fields.get(path), value))
  const left = [...entry.fields.keys()].filter((path) => observed.explicit?.has(path) === true)
  return [...differing.map(([path]) => path), ...left.filter((path) => !desired.fields.has(path))].filter(
    (path) => !planned.has(path),
  )
}
