import { keyOf, resourceOf } from '../core/resource.ts'
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
  const resources = new Map<string, Map<string, number>>()
  const reasons = new Map<string, number>()
  for (const key of new Set([...source.keys(), ...store.keys()])) {
    const state = store.read(key)
    const ready = state?.ready ?? 'Unknown'
    add(configMaps, ready, 1)
    const unit = source.read(key)?.unit
    if (unit !== undefined) add(countsOf(units, unit), ready, 1)
    if (state === undefined) continue
    addResources(resources, state)
    for (const { reason } of state.resources) add(reasons, reason, 1)
  }
  const own = source.keys().filter((key) => source.read(key)?.controls.suspend === true).length
  return { configMaps, units, resources, reasons, suspended: parts.suspended() ? source.keys().length : own }
}

/**
 * Status names those that are not ready; whatever else the inventory has is. A resource of which two parts are in one state counts
 * once, and one that only keeps what the service cannot remove is ready as well.
 */
function addResources(resources: Map<string, Map<string, number>>, state: State): void {
  const counted = new Set<string>()
  for (const each of state.resources) {
    const once = `${each.state} ${keyOf(each)}`
    if (!counted.has(once)) add(within(resources, each.type), each.state, 1)
    counted.add(once)
  }
  const unready = new Set(
    state.resources.filter(({ state: of }) => of !== 'retained' && of !== 'warning').map(keyOf),
  )
  for (const key of state.inventory.keys())
    add(within(resources, resourceOf(key).type), 'ready', unready.has(key) ? 0 : 1)
}

function within(resources: Map<string, Map<string, number>>, type: string): Map<string, number> {
  const counts = resources.get(type) ?? new Map<string, number>()
  resources.set(type, counts)
  return counts
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
