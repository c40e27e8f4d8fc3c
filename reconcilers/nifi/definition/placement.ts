import { canonicalJson, equal, isList, isMap, sha256 } from '../../../src/core/canonical.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'
import { componentsOf } from './components.ts'

/** Members that say where and how a component is drawn, and nothing of what it does. */
export const placementMembers: ReadonlySet<string> = new Set([
  'position',
  'bends',
  'labelIndex',
  'zIndex',
  'style',
  'width',
  'height',
])

/** One text for the places of all components below the flow's own group, which has its place from whoever put it there. */
export function layoutHash(snapshot: Snapshot): string {
  const places = [...componentsOf(snapshot).values()].map(({ identifier, json }) => {
    return [identifier, placementOf(json)] as const
  })
  return sha256(canonicalJson(Object.fromEntries(places))).slice(0, 16)
}

/** Where it is drawn, as one value: what says the same as its absence is left out. */
export function placementOf(json: JsonObject): JsonObject {
  const said = [...placementMembers].flatMap((name) => {
    const value = json[name]
    return value === undefined || saysNothing(value) ? [] : [[name, value] as const]
  })
  return Object.fromEntries(said)
}

/** What of a drawing is a difference to NiFi, so that it stops what is drawn, or what it connects. */
const stopping: Readonly<Partial<Record<ComponentKind, readonly string[]>>> = {
  processor: ['style'],
  connection: ['bends', 'zIndex'],
}

export function stopsToDraw(kind: ComponentKind, live: JsonObject, desired: JsonObject): boolean {
  const [from, to] = [placementOf(live), placementOf(desired)]
  return (stopping[kind] ?? []).some((name) => !equal(from[name], to[name]))
}

function saysNothing(value: Json): boolean {
  if (value === null || value === 0) return true
  return isList(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0
}
