import { type InventoryEntry, emptyInventory } from '../core/inventory.ts'
import type { ResourceKey } from '../core/resource.ts'
import { keyOf } from '../core/resource.ts'
import { defaultControls } from '../kube/controls.ts'
import { splitKey } from '../kube/objects.ts'
import { readDocument } from '../reconcile/document.ts'
import { standing } from '../reconcile/standing.ts'
import { OwnershipIndex } from '../reconcile/ownership-index.ts'
import type { PlanningFacts } from '../reconcile/planner.ts'
import type { DesiredSource, State, StateStore } from '../reconcile/state.ts'
import type { Written } from '../reconcile/written.ts'
import type { DesiredDocument } from './desired.ts'

/** What the operator knows about a document besides the document: who owns what, and what was approved. */
export interface Standing extends Omit<PlanningFacts, 'now' | 'kind' | 'secrets'> {
  /** What this document names and another ConfigMap owns: not planned here. */
  readonly conflicts: readonly Conflict[]
}

export interface Conflict {
  readonly resource: ResourceKey
  /** `namespace/name` of the ConfigMap that owns it. */
  readonly owner: string
}

/**
 * Without the operator's state nobody knows who made what. What is written is taken as ours, so that a difference shows as a
 * change rather than as a held adoption; nothing of it may be deleted, and what was written before is not known.
 */
export function assumedStanding(document: DesiredDocument): Standing {
  const { desired } = readDocument(document.type, document.written)
  const inventory = new Map(
    desired.map((resource): [ResourceKey, InventoryEntry] => [
      keyOf(resource),
      { type: resource.type, name: resource.name, fields: new Map(), deletable: false },
    ]),
  )
  return {
    inventory,
    foreign: new Set(),
    applies: false,
    brake: { recent: new Set(), inventory: inventory.size },
    approval: undefined,
    conflicts: [],
  }
}

/**
 * The standing of documents in files among the states of one service in the cluster. A ConfigMap that is not in the files keeps
 * what it holds. Deletions of the last 10 minutes are the operator's own memory and count as none here.
 */
export function knownStanding(
  documents: readonly DesiredDocument[],
  states: ReadonlyMap<string, State>,
): (document: DesiredDocument) => Standing {
  const written = new Map(documents.map((document) => [document.written.key, document.written]))
  const keys = [...new Set([...written.keys(), ...states.keys()])]
  const source: DesiredSource = {
    read: (key) => written.get(key) ?? (states.has(key) ? unread(key) : undefined),
    keys: () => keys,
    synced: () => true,
  }
  const store = readOnly(states)
  const index = new OwnershipIndex(source, store)
  for (const key of keys) index.refresh(key)
  return (document) => ({
    ...holdings(document, index, store),
    applies: false,
    brake: { recent: new Set(), inventory: index.inventorySize },
    approval: states.get(document.written.key)?.approval,
  })
}

type Holdings = Pick<Standing, 'inventory' | 'foreign' | 'conflicts'>

/** What is left of the kept inventory, with what others have handed over because they no longer name it. */
function holdings(
  { type, written }: DesiredDocument,
  ownership: OwnershipIndex,
  store: StateStore,
): Holdings {
  const kept = store.read(written.key)?.inventory ?? emptyInventory
  const { inventory, foreign } = standing(written, type.name, kept, { ownership, store })
  const conflicts = [...(written.entries?.keys() ?? [])].flatMap((name) => {
    const resource = keyOf({ type: type.name, name })
    const owner = ownership.owner(resource)
    return owner === undefined || owner === written.key ? [] : [{ resource, owner }]
  })
  return { inventory, foreign, conflicts }
}

/** A ConfigMap whose document is not at hand: it keeps its claims, as one that cannot be read does. */
function unread(key: string): Written {
  return {
    key,
    ...splitKey(key),
    uid: '',
    createdAt: 0,
    type: undefined,
    entries: undefined,
    issues: [],
    issueReason: undefined,
    controls: defaultControls,
    hash: '',
    appliedAt: undefined,
  }
}

/** OwnershipIndex only reads. Writing from a plan would be a bug, and says so. */
function readOnly(states: ReadonlyMap<string, State>): StateStore {
  const never = (): never => {
    throw new Error('a plan never writes state')
  }
  return {
    read: (key) => states.get(key),
    keys: () => [...states.keys()],
    save: never,
    remove: never,
    summarize: never,
    keep: never,
    announce: never,
  }
}
