import { keyOf } from '../core/resource.ts'
import type { DesiredSource, State, StateStore } from '../reconcile/state.ts'
import type { Tally } from './metrics.ts'

interface TallyParts {
  readonly source: Pick<DesiredSource, 'keys' | 'read'>
  readonly store: Pick<StateStore, 'keys' | 'read'>
  suspended(): boolean
}

/** Counts the state of everything as it stands. A ConfigMap that has no status yet counts as Unknown. */
export function tallyOf(parts: TallyParts): Tally {
  const { source, store } = parts
  const configMaps = new Map<string, number>()
  const units = new Map<string, Map<string, number>>()
  const resources = new Map<string, number>()
  for (const key of new Set([...source.keys(), ...store.keys()])) {
    const state = store.read(key)
    const ready = state?.ready ?? 'Unknown'
    add(configMaps, ready, 1)
    const unit = source.read(key)?.unit
    if (unit !== undefined) add(countsOf(units, unit), ready, 1)
    if (state !== undefined) addResources(resources, state)
  }
  const own = source.keys().filter((key) => source.read(key)?.controls.suspend === true).length
  return { configMaps, units, resources, suspended: parts.suspended() ? source.keys().length : own }
}

/**
 * Status names those that are not ready; whatever else the inventory has is. A resource of which two parts are in one state counts
 * once, and one that only keeps what the service cannot remove is ready as well.
 */
function addResources(resources: Map<string, number>, state: State): void {
  const byState = Map.groupBy(state.resources, (resource) => resource.state)
  for (const [name, of] of byState) add(resources, name, new Set(of.map(keyOf)).size)
  const unready = state.resources.filter(({ state: of }) => of !== 'retained' && of !== 'warning').map(keyOf)
  const held = [...new Set(unready)].filter((key) => state.inventory.has(key))
  add(resources, 'ready', state.inventory.size - held.length)
}

/** Every ready is there, with 0 where none is: an alert on the first False needs the zero before it. */
function countsOf(units: Map<string, Map<string, number>>, unit: string): Map<string, number> {
  const counts = units.get(unit) ?? new Map(['True', 'False', 'Unknown'].map((ready) => [ready, 0]))
  units.set(unit, counts)
  return counts
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
