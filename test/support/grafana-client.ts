import { diff } from '../../src/core/diff.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import type { Change, Json, Resource } from '../../src/core/resource.ts'
import type { Outcome } from '../../src/reconcile/service-client.ts'
import type { Tools } from '../../reconcilers/grafana/client/tools.ts'
import type { Wire } from '../../reconcilers/grafana/client/wire.ts'
import { ReconcileError } from '../../src/errors.ts'

/** Tools on this wire; the clock stands where it is put. */
export function grafanaTools(wire: Wire, clock: { now: number } = { now: Date.now() }): Tools {
  return {
    wire,
    limits: { healthMs: 60_000, turnMs: 20_000 },
    now: () => clock.now,
    server: async () => Promise.resolve({ version: '13.3.0', clusterId: 'default/Main Org.' }),
    apis: async () => Promise.resolve({ namespace: 'default', folders: [], dashboards: [] }),
  }
}

/** What became of a change, as the frame tells it. */
export async function outcomeOf<R extends Resource>(work: Promise<Outcome<R>>): Promise<Outcome<R>> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    return { state: 'failed', reason: error.reason, message: error.message }
  }
}

/** The change from what was observed to what is desired, as a plan holds it. */
export function updateOf<R extends Resource>(desired: R, observed: R, entry?: InventoryEntry): Change<R> {
  const { type, name } = desired
  const fields = diff(desired, observed, entry, () => false)
  const known = observed.id === undefined ? {} : { id: observed.id }
  return { action: 'update', type, name, ...known, cause: 'written', fields, desired, observed }
}

/** What is kept of a resource after it was taken so. */
export function entryOf(desired: Resource, shown: Resource): InventoryEntry {
  const { type, name, fields } = desired
  const { id, edition } = shown
  const paths = [...new Set([...fields.keys(), ...shown.fields.keys()])]
  const spelled = new Map<string, Json>(paths.map((path) => [path, shown.fields.get(path) ?? null]))
  return {
    ...{ type, name, fields, spelled, deletable: true },
    ...(id === undefined ? {} : { id }),
    ...(edition === undefined ? {} : { edition }),
  }
}
