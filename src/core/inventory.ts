import { equal } from './canonical.ts'
import { type Fields, type LeftBehind, type Resource, type ResourceKey, keyOf } from './resource.ts'

/** What this ConfigMap made or adopted: the ground for pruning, for "keys it set before", and for telling drift from Git. */
export interface InventoryEntry {
  readonly type: string
  readonly name: string
  /** The server's identity when last seen; absent between intent and the first sight of it. */
  readonly id?: string
  /** The fields we set, with the values last applied. Empty while a create is only intended. */
  readonly fields: Fields
  /** The fields about to be set, kept from just before `apply` until its result is known. After a crash it says: this may be ours. */
  readonly intended?: Fields
  /** Kept beside `intended` while the resource is being replaced: what stays of it on the service once it has another id. */
  readonly replaces?: Replaced
  /** Of a resource with a baseline, where the service showed something else than `fields` right after it took them; null: nothing. */
  readonly spelled?: Fields
  /** The release that spelled it so. */
  readonly spelledBy?: string
  /** Its edition then. */
  readonly edition?: string
  /** Wishes for its removal. */
  readonly remembered?: Fields
  /** False for what was there before us and was only found equal: we never delete it. */
  readonly deletable: boolean
}

/** What a replace is about to leave, and the id of what it replaces: as long as that is seen, nothing is left. */
export interface Replaced extends LeftBehind {
  readonly of?: string
}

export type Inventory = ReadonlyMap<ResourceKey, InventoryEntry>

export const emptyInventory: Inventory = new Map()

/** `inventory` with `entries` put in, older entries of the same key replaced. */
export function merge(inventory: Inventory, entries: Iterable<InventoryEntry>): Inventory {
  const merged = new Map(inventory)
  for (const entry of entries) merged.set(keyOf(entry), entry)
  return merged
}

/** `inventory` without `keys`. */
export function without(inventory: Inventory, keys: Iterable<ResourceKey>): Inventory {
  const rest = new Map(inventory)
  for (const key of keys) rest.delete(key)
  return rest
}

/** True while nothing was seen of what this entry is about to make: an intent is not yet ownership. */
export function nothingMade(entry: InventoryEntry): boolean {
  return entry.fields.size === 0 && entry.id === undefined
}

/**
 * Whether what the service shows is what this entry made: the same id or, where a crash came between intent and result, our mark or
 * every value that was meant. Otherwise somebody else made it under this name.
 */
export function madeBy(entry: InventoryEntry, observed: Resource): boolean {
  const { id, intended } = entry
  if (id === undefined ? entry.fields.size > 0 || intended === undefined : id === observed.id) return true
  if (intended === undefined) return false
  if (observed.marked === true) return true
  return [...intended].every(([path, value]) => equal(observed.fields.get(path), value))
}

/** Every field this ConfigMap may have set on the resource: applied, or intended when a crash came between. */
export function setBefore(entry: InventoryEntry): ReadonlySet<string> {
  return new Set([...entry.fields.keys(), ...(entry.intended?.keys() ?? [])])
}

/**
 * What a replace left behind, as an entry of its own. Undefined while the resource still has its id; and where the resource was
 * not ours to delete, for then what is left of it is let go.
 */
export function leftBehind(
  entry: InventoryEntry,
  observed: Resource | undefined,
): InventoryEntry | undefined {
  const { type, replaces, deletable } = entry
  if (replaces === undefined || observed === undefined || !deletable) return undefined
  if (observed.id === replaces.of) return undefined
  const { name, id } = replaces
  return { type, name, deletable, fields: new Map(), ...(id === undefined ? {} : { id }) }
}

/** Equal entries, in whatever order: much cheaper than writing both. */
export function sameInventory(a: Inventory, b: Inventory): boolean {
  if (a === b) return true
  return a.size === b.size && [...a].every(([key, entry]) => sameEntry(entry, b.get(key)))
}

/** Equal in every member. */
export function sameEntry(a: InventoryEntry, b: InventoryEntry | undefined): boolean {
  if (a === b) return true
  if (b === undefined) return false
  const sameFacts = a.type === b.type && a.name === b.name && a.id === b.id && a.deletable === b.deletable
  const sameSpelling = a.spelledBy === b.spelledBy && a.edition === b.edition
  if (!sameFacts || !sameSpelling || !sameReplaced(a.replaces, b.replaces)) return false
  const pairs = [
    [a.fields, b.fields],
    [a.intended, b.intended],
    [a.spelled, b.spelled],
    [a.remembered, b.remembered],
  ] as const
  return pairs.every(([left, right]) => sameFields(left, right))
}

function sameReplaced(a: Replaced | undefined, b: Replaced | undefined): boolean {
  return a === b || (a?.name === b?.name && a?.id === b?.id && a?.of === b?.of)
}

/** Equal values under equal paths; two absent ones are equal. */
export function sameFields(a: Fields | undefined, b: Fields | undefined): boolean {
  if (a === b) return true
  if (a === undefined || a.size !== b?.size) return false
  return [...a].every(([path, value]) => b.has(path) && equal(value, b.get(path)))
}
