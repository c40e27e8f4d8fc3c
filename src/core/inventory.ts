import { equal } from './canonical.ts'
import { type Fields, type Resource, type ResourceKey, keyOf } from './resource.ts'

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
  /** False for what was there before us and was only found equal: we never delete it. */
  readonly deletable: boolean
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
 * Whether what the service shows is what this entry made: the same id or, where a crash came between intent and result, every
 * value that was meant. Otherwise somebody else made it under this name.
 */
export function madeBy(entry: InventoryEntry, observed: Resource): boolean {
  const { id, intended } = entry
  if (id === undefined ? entry.fields.size > 0 || intended === undefined : id === observed.id) return true
  if (intended === undefined) return false
  return [...intended].every(([path, value]) => equal(observed.fields.get(path), value))
}

/** Every field this ConfigMap may have set on the resource: applied, or intended when a crash came between. */
export function setBefore(entry: InventoryEntry): ReadonlySet<string> {
  return new Set([...entry.fields.keys(), ...(entry.intended?.keys() ?? [])])
}
