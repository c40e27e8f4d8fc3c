import type { Fields, ResourceKey } from './resource.ts'

/** What this ConfigMap made or adopted: the ground for pruning, for "keys it set before", and for telling drift from Git. */
export interface InventoryEntry {
  readonly type: string
  readonly name: string
  /** The server's identity when last seen; absent between intent and the first sight of it. */
  readonly id?: string
  /** The fields we set, with the values last applied (or about to be: see `intent`). */
  readonly fields: Fields
  /** False for what was there before us and was only found equal: we never delete it. */
  readonly deletable: boolean
  /** True from just before `apply` until its result is known. After a crash it says: this may be ours. */
  readonly intent: boolean
}

export type Inventory = ReadonlyMap<ResourceKey, InventoryEntry>

export const emptyInventory: Inventory = new Map()
