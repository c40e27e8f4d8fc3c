import { equal } from '../../../src/core/canonical.ts'
import type { Fields } from '../../../src/core/resource.ts'
import type { Snapshot } from '../resource.ts'
import {
  type Component,
  componentsOf,
  connectionEnds,
  isOuterPort,
  ownGroup,
  standsIn,
} from './components.ts'
import { definitionFields, identifierIn, pathOf } from './fields.ts'
import { placementOf, stopsToDraw } from './placement.ts'
import { stopped } from './stops.ts'

export interface ChangedComponent {
  readonly live: Component
  readonly desired: Component
  /** What differs, by name: `name`, `properties.Batch Size`, `source`. Never only its place on the canvas. */
  readonly members: readonly string[]
}

/** A connection that NiFi takes away only when it is empty. */
export interface EmptyFirst {
  readonly connection: Component
  /** `removed`: it is not in desired. `source`: NiFi makes it anew because it comes from another component. `group`: its group goes. */
  readonly because: 'removed' | 'source' | 'group'
}

/** What a replace of live by a proposal comes to. Lists are in the order in which the components stand. */
export interface DefinitionDiff {
  /** In live only; of a group that goes, everything in it too. What moves to another group is removed and added. */
  readonly removed: readonly Component[]
  /** In desired only. */
  readonly added: readonly Component[]
  readonly changed: readonly ChangedComponent[]
  /** Only the way they are drawn differs. */
  readonly moved: readonly Component[]
  readonly emptyFirst: readonly EmptyFirst[]
  /** Ports of the flow's own group that go. */
  readonly removedPorts: readonly Component[]
  readonly removedGroups: readonly Component[]
  /** Processors, ports and remote process groups of live that NiFi stops for it, if they run. */
  readonly stops: readonly Component[]
  /** Controller services of live that NiFi disables for it. */
  readonly disables: readonly Component[]
  /** What NiFi does not stop by itself, and yet refuses to change while it runs. */
  readonly mustStand: readonly Component[]
  /** Which part of live's identifiers desired keeps: 1 = all; 1 also when live is empty. Labels do not count. */
  readonly kept: number
  /** Neither content nor drawing differs. */
  readonly same: boolean
}

/**
 * Of two definitions as they stand, the second being what is sent (`sendable`, or `patched`), since what NiFi fills in by itself
 * counts as a difference, as it does for NiFi. The flow's own group is compared without name, comments, position and context.
 */
export function compareDefinitions(live: Snapshot, desired: Snapshot): DefinitionDiff {
  const [have, want] = [componentsOf(live), componentsOf(desired)]
  const removed = [...have.values()].filter((each) => !standsIn(each, want))
  const added = [...want.values()].filter((each) => !standsIn(each, have))
  const differing = differences(definitionFields(live), definitionFields(desired))
  const both = [...have.values()].flatMap((each) => {
    const other = want.get(each.identifier)
    return other !== undefined && standsIn(each, want) ? [{ live: each, desired: other }] : []
  })
  const members = Map.groupBy(differing, (path) => identifierIn(path, have) ?? ownGroup)
  const changed = both.flatMap((pair) => {
    const base = pathOf(pair.live)
    const paths = members.get(pair.live.identifier) ?? []
    return paths.length === 0 ? [] : [{ ...pair, members: paths.map((path) => path.slice(base.length + 1)) }]
  })
  const drawn = both
    .filter((pair) => !equal(placementOf(pair.live.json), placementOf(pair.desired.json)))
    .filter(({ live: { identifier } }) => !members.has(identifier))
  const moved = drawn.map((pair) => pair.live)
  const redrawn = drawn
    .filter((pair) => stopsToDraw(pair.live.kind, pair.live.json, pair.desired.json))
    .map((pair) => pair.live)
  const emptyFirst = [...have.values()].flatMap((each) => emptied(each, have, want))
  const difference = { removed, added, changed, redrawn, ownGroup: members.get(ownGroup) ?? [] }
  return {
    ...{ removed, added, changed, moved, emptyFirst },
    removedPorts: removed.filter(isOuterPort),
    removedGroups: removed.filter(({ kind }) => kind === 'group'),
    ...stopped(live, difference),
    kept: keptPart(have, want),
    same: differing.length + moved.length === 0,
  }
}

/** The paths whose values differ. */
function differences(a: Fields, b: Fields): readonly string[] {
  const paths = new Set([...a.keys(), ...b.keys()])
  return [...paths].filter((path) => !equal(a.get(path), b.get(path)))
}

/** NiFi looks for a connection in its group, and makes it anew where it comes from another component. */
function emptied(
  connection: Component,
  have: ReadonlyMap<string, Component>,
  want: ReadonlyMap<string, Component>,
): readonly EmptyFirst[] {
  if (connection.kind !== 'connection') return []
  const other = want.get(connection.identifier)
  if (connection.groupId !== ownGroup && want.get(connection.groupId)?.kind !== 'group')
    return [{ connection, because: 'group' }]
  if (other?.kind !== 'connection' || other.groupId !== connection.groupId)
    return [{ connection, because: 'removed' }]
  const [from, to] = [connectionEnds(connection.json).source, connectionEnds(other.json).source]
  const sameSource = from.id === to.id && have.get(from.id)?.groupId === want.get(to.id)?.groupId
  return sameSource ? [] : [{ connection, because: 'source' }]
}

function keptPart(have: ReadonlyMap<string, Component>, want: ReadonlyMap<string, Component>): number {
  const counted = [...have.values()].filter(({ kind }) => kind !== 'label')
  if (counted.length === 0) return 1
  return counted.filter(({ identifier }) => want.has(identifier)).length / counted.length
}
