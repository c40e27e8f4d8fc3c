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
  const resources = new Map<string, number>()
  for (const key of new Set([...source.keys(), ...store.keys()])) {
    const state = store.read(key)
    add(configMaps, state?.ready ?? 'Unknown', 1)
    if (state !== undefined) addResources(resources, state)
  }
  const own = source.keys().filter((key) => source.read(key)?.controls.suspend === true).length
  return { configMaps, resources, suspended: parts.suspended() ? source.keys().length : own }
}

/** Status names those that are not ready; whatever else the inventory has is. */
function addResources(resources: Map<string, number>, state: State): void {
  for (const resource of state.resources) add(resources, resource.state, 1)
  const notReady = state.resources.filter((resource) => state.inventory.has(keyOf(resource))).length
  add(resources, 'ready', state.inventory.size - notReady)
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
