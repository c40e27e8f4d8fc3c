import { type ResourceKey, keyOf } from '../core/resource.ts'
import type { DesiredSource, StateStore } from './state.ts'
import type { Written } from './written.ts'

/**
 * Which ConfigMap owns a resource. The inventory first; between new claims the older ConfigMap (creation time, then key).
 * An owner whose document cannot be read keeps its claims; one that no longer names the resource hands it over.
 */
export class OwnershipIndex {
  readonly #source: DesiredSource
  readonly #store: StateStore
  /** Claimants by resource, and the claims last seen of each ConfigMap. */
  readonly #claimants = new Map<ResourceKey, Set<string>>()
  readonly #claims = new Map<string, ReadonlySet<ResourceKey>>()
  /** Who holds a resource in its inventory, and what each ConfigMap holds. */
  readonly #holders = new Map<ResourceKey, string>()
  readonly #held = new Map<string, ReadonlySet<ResourceKey>>()
  #inventorySize = 0

  constructor(source: DesiredSource, store: StateStore) {
    this.#source = source
    this.#store = store
  }

  /** How many resources the inventories of all ConfigMaps hold: the measure of the brake. */
  get inventorySize(): number {
    return this.#inventorySize
  }

  /**
   * Takes in what a ConfigMap now says and holds. To be called for every key before the first reconcile, and on each
   * change of a document or an inventory. Returns the other ConfigMaps whose standing may have changed by it.
   */
  refresh(key: string): readonly string[] {
    this.#refreshHeld(key)
    const written = this.#source.read(key)
    const before = this.#claims.get(key) ?? new Set<ResourceKey>()
    const unreadable = written !== undefined && written.entries === undefined
    const after = unreadable ? before : claimsOf(written)
    for (const claim of before) if (!after.has(claim)) this.#unclaim(claim, key)
    for (const claim of after) {
      if (!before.has(claim)) this.#claimants.set(claim, (this.#claimants.get(claim) ?? new Set()).add(key))
    }
    if (after.size === 0) this.#claims.delete(key)
    else this.#claims.set(key, after)
    const concerned = [...before, ...after, ...(this.#held.get(key) ?? [])]
    return [...new Set(concerned.flatMap((claim) => this.#others(claim, key)))]
  }

  /** The key of the ConfigMap that owns the resource; undefined when nobody claims or holds it. */
  owner(resource: ResourceKey): string | undefined {
    const claimants = this.#claimants.get(resource)
    const holder = this.#holders.get(resource)
    if (holder !== undefined && (claimants?.has(holder) === true || this.#unreadable(holder))) return holder
    if (claimants === undefined) return holder
    return [...claimants].sort((a, b) => this.#age(a) - this.#age(b) || (a < b ? -1 : 1))[0]
  }

  /** The key of the ConfigMap whose inventory has the resource. */
  holder(resource: ResourceKey): string | undefined {
    return this.#holders.get(resource)
  }

  #refreshHeld(key: string): void {
    const before = this.#held.get(key) ?? new Set<ResourceKey>()
    const after = new Set(this.#store.read(key)?.inventory.keys() ?? [])
    for (const resource of before) {
      if (!after.has(resource) && this.#holders.get(resource) === key) this.#holders.delete(resource)
    }
    for (const resource of after) {
      // During a handover two inventories have it for a moment: the one that still claims it is the holder.
      const other = this.#holders.get(resource)
      if (other === undefined || this.#claims.get(other)?.has(resource) !== true)
        this.#holders.set(resource, key)
    }
    this.#inventorySize += after.size - before.size
    if (after.size === 0) this.#held.delete(key)
    else this.#held.set(key, after)
  }

  #unclaim(resource: ResourceKey, key: string): void {
    const claimants = this.#claimants.get(resource)
    claimants?.delete(key)
    if (claimants?.size === 0) this.#claimants.delete(resource)
  }

  #others(resource: ResourceKey, key: string): readonly string[] {
    const holder = this.#holders.get(resource)
    return [...(this.#claimants.get(resource) ?? []), ...(holder === undefined ? [] : [holder])].filter(
      (other) => other !== key,
    )
  }

  #unreadable(key: string): boolean {
    const written = this.#source.read(key)
    return written !== undefined && written.entries === undefined
  }

  #age(key: string): number {
    return this.#source.read(key)?.createdAt ?? Number.MAX_SAFE_INTEGER
  }
}

function claimsOf(written: Written | undefined): ReadonlySet<ResourceKey> {
  const type = written?.type
  if (type === undefined) return new Set()
  return new Set([...(written?.entries?.keys() ?? [])].map((name) => keyOf({ type, name })))
}
