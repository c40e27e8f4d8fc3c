import { isMap } from '../../../src/core/canonical.ts'
import { objectOf, own, toJsonObject } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { FieldChange, Json } from '../../../src/core/resource.ts'
import type { Snapshot } from '../resource.ts'
import { identifierIn, pathOf } from './fields.ts'
import { type Piece, assemble, ownPiece, piecesOf } from './pieces.ts'
import { placementMembers } from './placement.ts'
import { externalServices } from './properties.ts'

/**
 * Live with these fields of desired, and with nothing else of it: what NiFi added or spells in its own way, what is held, and what is
 * ignored stays as it is. So NiFi sees no difference, and stops nothing, where none is meant.
 */
export function patched(live: Snapshot, desired: Snapshot, fields: readonly FieldChange[]): Snapshot {
  const have = piecesOf(live)
  const wanted = piecesOf(desired)
  const known = new Map([...have, ...wanted])
  const services = new Map([...externalServices(live), ...externalServices(desired)])
  const byComponent = Map.groupBy(fields, ({ path }) => identifierIn(path, known) ?? '')
  const pieces = new Map(have)
  for (const [identifier, changes] of byComponent) {
    const piece = pieceAfter(identifier, changes, {
      have: have.get(identifier),
      wanted: wanted.get(identifier),
      services,
    })
    if (piece === undefined) pieces.delete(identifier)
    else pieces.set(identifier, piece)
  }
  if (fields.some(({ path }) => path === 'layout')) drawAs(wanted, pieces)
  const flow = fields.filter(({ path }) => path.startsWith('flow.'))
  const group = patchedMembers(ownPiece(live), ownPiece(desired), flow, 'flow')
  const external = toJsonObject({
    ...toJsonObject(live['externalControllerServices']),
    ...toJsonObject(desired['externalControllerServices']),
  })
  return { flowContents: assemble(group, pieces), externalControllerServices: external }
}

interface Sides {
  readonly have: Piece | undefined
  readonly wanted: Piece | undefined
  readonly services: ReadonlyMap<string, string>
}

/** Undefined: it goes, or there is nothing to make it of. */
function pieceAfter(identifier: string, changes: readonly FieldChange[], sides: Sides): Piece | undefined {
  const { have, wanted } = sides
  if (have === undefined) return wanted
  const goes = changes.some(
    ({ path, after }) => after === undefined && path === pathOf({ kind: have.kind, identifier }),
  )
  if (goes) return wanted?.kind === have.kind ? have : wanted
  const base = pathOf({ kind: have.kind, identifier })
  // NiFi makes a connection anew that comes from elsewhere; what it had until then was for the old source.
  if (wanted !== undefined && changes.some(({ path }) => path === `${base}.source`)) return wanted
  const moved = changes.some(({ path }) => path === `${base}.group`) ? wanted?.groupId : undefined
  const json = patchedMembers(have.json, wanted?.json ?? {}, changes, base)
  const properties = patchedProperties(json, changes, base, sides)
  return { ...have, groupId: moved ?? have.groupId, json: drawnAs(wanted, { ...json, ...properties }) }
}

function patchedMembers(
  have: JsonObject,
  wanted: JsonObject,
  changes: readonly FieldChange[],
  base: string,
): JsonObject {
  const members = new Map(Object.entries(have))
  for (const { path, after } of changes) {
    const name = path.slice(base.length + 1)
    if (name === '' || name === 'group' || name.startsWith('properties.')) continue
    const value = valueOf(wanted, name) ?? after
    if (name === 'scheduledState') members.set(name, after ?? 'ENABLED')
    else if (value === undefined) members.delete(name)
    else members.set(name, value)
  }
  return objectOf(members)
}

function valueOf(json: Json | undefined, name: string): Json | undefined {
  return isMap(json) && Object.hasOwn(json, name) ? (json[name] ?? undefined) : undefined
}

/** `properties` and `propertyDescriptors`, where properties are among the changes. */
function patchedProperties(
  have: JsonObject,
  changes: readonly FieldChange[],
  base: string,
  { wanted, services }: Sides,
): JsonObject {
  const prefix = `${base}.properties.`
  const concerned = changes.filter(({ path }) => path.startsWith(prefix))
  if (concerned.length === 0) return {}
  const properties = new Map(Object.entries(toJsonObject(have['properties'])))
  const descriptors = new Map(Object.entries(toJsonObject(have['propertyDescriptors'])))
  for (const { path, after } of concerned) {
    const name = path.slice(prefix.length)
    const value = valueOf(wanted?.json['properties'], name) ?? idOfExternal(after, services)
    if (value === undefined) properties.delete(name)
    else properties.set(name, value)
    const descriptor = valueOf(wanted?.json['propertyDescriptors'], name)
    if (descriptor !== undefined && !descriptors.has(name)) descriptors.set(name, descriptor)
  }
  return { properties: objectOf(properties), propertyDescriptors: objectOf(descriptors) }
}

/** A field names a service outside of the flow; the definition has its identifier. */
function idOfExternal(after: Json | undefined, services: ReadonlyMap<string, string>): Json | undefined {
  const found = [...services].find(([, name]) => after === `external service "${name}"`)
  return found?.[0] ?? after
}

/** Drawn as desired says, where it says so: NiFi stops nothing more for that of what changes anyway. */
function drawnAs(wanted: Piece | undefined, json: JsonObject): JsonObject {
  const drawn = [...placementMembers].flatMap((name) => {
    const value = own(wanted?.json, name) as Json | undefined
    return value === undefined || value === null ? [] : [[name, value] as const]
  })
  return objectOf([...Object.entries(json), ...drawn])
}

function drawAs(wanted: ReadonlyMap<string, Piece>, pieces: Map<string, Piece>): void {
  for (const [identifier, piece] of pieces)
    pieces.set(identifier, { ...piece, json: drawnAs(wanted.get(identifier), piece.json) })
}
