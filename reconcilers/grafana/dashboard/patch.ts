import { equal, isMap } from '../../../src/core/canonical.ts'
import { objectOf, own } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { FieldChange, Json } from '../../../src/core/resource.ts'
import type { DashboardContent } from '../resource.ts'
import { type Piece, type Place, piecesOf } from './pieces.ts'

/**
 * Desired as it is to be sent: what differs and is not to change (it is ignored, or held) stays as it is in live. Of two models desired
 * goes as a whole, and so it does of two schema versions, as Grafana would read one half as if it were the other; but what only live
 * has, such as somebody's own panel, stays there.
 */
export function patched(
  live: DashboardContent,
  desired: DashboardContent,
  fields: readonly FieldChange[],
): DashboardContent {
  if (live.model !== desired.model) return desired
  const isWhole = !equal(live.spec['schemaVersion'], desired.spec['schemaVersion'])
  // Then panels that only live has may be what Grafana made of desired.
  if (isWhole && isMigrating(live)) return desired
  const concerned = new Set(fields.map(({ path }) => path))
  const have = byPath(live)
  const pieces = new Map(byPath(desired))
  const kept = [...new Set([...have.keys(), ...pieces.keys()])].filter(
    (path) =>
      !concerned.has(path) &&
      !equal(have.get(path)?.value, pieces.get(path)?.value) &&
      (!isWhole || isAdded(have.get(path), pieces.has(path))),
  )
  if (kept.length === 0) return desired
  for (const path of kept) {
    const piece = have.get(path)
    if (piece === undefined) pieces.delete(path)
    else pieces.set(path, piece)
  }
  return { ...desired, spec: assembled([...pieces.values()], desired) }
}

/** Grafana keeps what comes as v0 or over the older API as it is, and brings the rest to its newest schema. */
function isMigrating({ version = 'v0' }: DashboardContent): boolean {
  return !version.startsWith('v0')
}

function isAdded(live: Piece | undefined, isDesired: boolean): boolean {
  return live !== undefined && !isDesired && live.place !== 'member' && live.place !== 'order'
}

function byPath(content: DashboardContent): ReadonlyMap<string, Piece> {
  return new Map(piecesOf(content).map((piece) => [piece.path, piece]))
}

function assembled(pieces: readonly Piece[], { model, spec }: DashboardContent): JsonObject {
  const at = Map.groupBy(pieces, ({ place }) => place)
  const of = (place: Place) => at.get(place) ?? []
  const listOf = (place: Place) => of(place).map(({ raw }) => raw)
  const members = new Map<string, Json>(of('member').map(({ name, raw }) => [name, raw]))
  const put = (name: string, place: Place, value: Json) => {
    if (of(place).length > 0 || spec[name] !== undefined) members.set(name, value)
  }
  if (model === 'v2') {
    put('elements', 'elements', objectOf(of('elements').map(({ name, raw }) => [name, raw])))
    put('variables', 'variables', listOf('variables'))
    put('annotations', 'annotations', listOf('annotations'))
    return objectOf(members)
  }
  const inside = childrenOf(pieces)
  const top = (place: Place) =>
    of(place).flatMap((each) => (inside.isChild(each) ? [] : [inside.filled(each)]))
  put('panels', 'panels', top('panels'))
  put('rows', 'rows', top('rows'))
  put('templating', 'variables', listed(spec['templating'], listOf('variables')))
  put('annotations', 'annotations', listed(spec['annotations'], listOf('annotations')))
  return objectOf(members)
}

function listed(holder: Json | undefined, list: readonly Json[]): Json {
  return objectOf([...(isMap(holder) ? Object.entries(holder) : []), ['list', list]])
}

/** Panels in the rows that are there; those of a row that went, or was unfolded, stand on their own. */
function childrenOf(pieces: readonly Piece[]) {
  const rows = pieces.filter((each) => !isUnfolded(each))
  const paths = new Set(rows.map(({ path }) => path))
  const isChild = ({ parent }: Piece) => parent !== undefined && paths.has(parent)
  const children = Map.groupBy(pieces.filter(isChild), ({ parent }) => parent)
  const filled = ({ path, raw }: Piece): Json => {
    const panels = (children.get(path) ?? []).map(filled)
    return isMap(raw) && panels.length > 0 ? objectOf([...Object.entries(raw), ['panels', panels]]) : raw
  }
  return { isChild, filled }
}

/** The panels of such a row follow it: one inside would not be shown, and be lost with whatever is saved next in the pages. */
function isUnfolded({ raw, value }: Piece): boolean {
  return own(raw, 'collapsed') === false && own(value, 'panels') === undefined
}
