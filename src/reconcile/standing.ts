import { type Inventory, type InventoryEntry, merge, without } from '../core/inventory.ts'
import { type Resource, type ResourceKey, keyOf, resourceOf } from '../core/resource.ts'
import type { ResourceStatus } from './state.ts'
import type { World } from './world.ts'
import type { Written } from './written.ts'

/** How a ConfigMap stands towards the others that name or hold the same resources. */
export interface Standing {
  /** Its inventory, with what others handed over and without what it handed over. */
  readonly inventory: Inventory
  /** What it names or holds that another ConfigMap owns: not planned here. */
  readonly foreign: ReadonlySet<ResourceKey>
  readonly conflicts: readonly ResourceStatus[]
  /** ConfigMaps that handed something over and are to be looked at again. */
  readonly donors: ReadonlySet<string>
}

/** All that a standing depends on besides the document: the other ConfigMaps, and what is kept of them. */
type Neighbours<R extends Resource> = Pick<World<R>, 'ownership' | 'store'>

export function standing<R extends Resource>(
  written: Written,
  type: string,
  inventory: Inventory,
  world: Neighbours<R>,
): Standing {
  const named = [...(written.entries?.keys() ?? [])].map((name) => keyOf({ type, name }))
  const contested = named.filter((key) => world.ownership.owner(key) !== written.key)
  const conflicts = contested.map((key): ResourceStatus => {
    const message = `is owned by ${world.ownership.owner(key) ?? 'another ConfigMap'}`
    return { ...resourceOf(key), state: 'conflict', reason: 'ResourceConflict', message }
  })
  const lost = [...inventory.keys()].filter((key) => world.ownership.owner(key) !== written.key)
  const received = named.flatMap((key) => handedOver(key, written.key, inventory, world) ?? [])
  const given = lost.filter((key) => taken(key, world))
  const still = given.length + received.length === 0
  return {
    // The very same where nothing moved, so that a no-op is seen to be one at a glance.
    inventory: still
      ? inventory
      : merge(
          without(inventory, given),
          received.map(({ entry }) => entry),
        ),
    foreign: new Set([...contested, ...lost]),
    conflicts,
    donors: new Set(received.map(({ holder }) => holder)),
  }
}

/** The entry of a resource that is this ConfigMap's by now but still stands in another's inventory. */
function handedOver<R extends Resource>(
  key: ResourceKey,
  to: string,
  inventory: Inventory,
  world: Neighbours<R>,
): { readonly entry: InventoryEntry; readonly holder: string } | undefined {
  const holder = world.ownership.holder(key)
  if (inventory.has(key) || holder === undefined || holder === to) return undefined
  if (world.ownership.owner(key) !== to) return undefined
  const entry = world.store.read(holder)?.inventory.get(key)
  return entry === undefined ? undefined : { entry, holder }
}

/** True when the new owner has it in its inventory: until then it stays in this one, so that it is never nobody's. */
function taken<R extends Resource>(key: ResourceKey, world: Neighbours<R>): boolean {
  const owner = world.ownership.owner(key)
  return owner !== undefined && world.store.read(owner)?.inventory.has(key) === true
}
