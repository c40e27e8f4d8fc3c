import { isMap } from '../../../src/core/canonical.ts'
import { objectOf, without } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'
import { componentsOf, lists, ownGroup, textOf } from './components.ts'

/** A component by itself: a group without what is in it, and the flow's own group written `/` wherever it is referred to. */
export interface Piece {
  readonly kind: ComponentKind
  /** The group that it stands in. */
  readonly groupId: string
  readonly json: JsonObject
}

export type Pieces = ReadonlyMap<string, Piece>

const listNames = new Set(lists.keys())

/** A definition taken apart, by identifier. */
export function piecesOf(snapshot: Snapshot): Pieces {
  const own = textOf(snapshot.flowContents, 'identifier')
  return new Map(
    [...componentsOf(snapshot).values()].map(({ identifier, kind, groupId, json }) => {
      return [
        identifier,
        { kind, groupId, json: referringTo(without(json, listNames), own, ownGroup) },
      ] as const
    }),
  )
}

/** The flow's own group by itself. */
export function ownPiece({ flowContents }: Snapshot): JsonObject {
  return without(flowContents, listNames)
}

/** The inverse: the group with everything in it. What stands in a group that is not among the pieces is left out. */
export function assemble(own: JsonObject, pieces: Pieces): JsonObject {
  const byGroup = Map.groupBy(pieces, ([, { groupId }]) => groupId)
  const ownId = textOf(own, 'identifier')
  const filled = (json: JsonObject, id: string, shown: string): JsonObject => {
    const inside = Map.groupBy(byGroup.get(id) ?? [], ([, { kind }]) => kind)
    const listed = [...lists].map(([list, kind]) => {
      const members = (inside.get(kind) ?? []).map(([identifier, piece]) => {
        const component = { ...referringTo(piece.json, ownGroup, ownId), identifier, groupIdentifier: shown }
        return kind === 'group' ? filled(component, identifier, identifier) : component
      })
      return [list, members] as const
    })
    return objectOf([...Object.entries(json), ...listed])
  }
  return filled(own, ownGroup, ownId)
}

/** The ends of a connection in the flow's own group name that group. */
function referringTo(json: JsonObject, from: string, to: string): JsonObject {
  const ends = ['source', 'destination'].flatMap((side) => {
    const end = json[side]
    return isMap(end) && end['groupId'] === from ? [[side, { ...end, groupId: to }] as const] : []
  })
  return ends.length === 0 ? json : objectOf([...Object.entries(json), ...ends])
}
