import { withMembers } from '../../../src/core/json.ts'
import type { Snapshot } from '../resource.ts'
import {
  type Component,
  componentsOf,
  connectionEnds,
  ownGroup,
  portsOf,
  remotePortsOf,
  standsIn,
} from './components.ts'
import { type Piece, type Pieces, assemble, ownPiece, piecesOf } from './pieces.ts'
import { hasProperties, servicesUsedBy } from './properties.ts'

/**
 * The name of a relationship that no processor has. NiFi also takes a connection without any, and then does not start any more: a flow
 * that it reads must have one for each.
 */
export const runsEmpty = 'infometis: runs empty'

/**
 * The first phase of a change that removes filled connections: desired (as it is sent), and with it those connections of live (by
 * identifier) and all that they need to run empty: their ends, what is downstream of an end that desired does not have, and the
 * services, groups and remote process groups for these. Nothing feeds a connection that is kept to run empty: it has a relationship
 * that its processor does not have, and an end that only feeds it is disabled.
 */
export function keeping(desired: Snapshot, live: Snapshot, connections: ReadonlySet<string>): Snapshot {
  const stay = stayFor(desired, live, connections)
  const have = piecesOf(live)
  const pieces = new Map(piecesOf(desired))
  for (const identifier of [...stay.components, ...stay.connections]) {
    const piece = have.get(identifier)
    if (piece !== undefined) pieces.set(identifier, keptPiece(identifier, piece, stay))
  }
  return { ...desired, flowContents: assemble(ownPiece(desired), withoutLooseEnds(pieces, stay)) }
}

/** The connections that have to be empty before the second phase: those given and those that stay downstream of them. */
export function emptying(
  desired: Snapshot,
  live: Snapshot,
  connections: ReadonlySet<string>,
): ReadonlySet<string> {
  return stayFor(desired, live, connections).connections
}

/**
 * What must stand still while they empty, because the first phase cannot keep it from feeding them: ports, and what is ahead of a
 * funnel; only processors can be given relationships. Identifiers, of a remote port its remote process group's.
 */
export function feeding(
  desired: Snapshot,
  live: Snapshot,
  connections: ReadonlySet<string>,
): ReadonlySet<string> {
  const stay = stayFor(desired, live, connections)
  const proposal = componentsOf(keeping(desired, live, connections))
  const remote = remotePortsOf(live)
  const found = new Set<string>()
  const sources = [...stay.drained].map((identifier) => sourceOf(componentsOf(live).get(identifier)))
  for (const id of new Set(sources)) for (const each of feeders(id, proposal, remote)) found.add(each)
  return found
}

/** What is taken from live as it is. */
interface Stay {
  readonly connections: ReadonlySet<string>
  /** Of these connections, those whose source is desired: they get no relationships. */
  readonly drained: ReadonlySet<string>
  readonly components: ReadonlySet<string>
  /** Of these components, those that nothing flows into: they are disabled. */
  readonly disabled: ReadonlySet<string>
}

function stayFor(desired: Snapshot, live: Snapshot, wanted: ReadonlySet<string>): Stay {
  const [have, want] = [componentsOf(live), componentsOf(desired)]
  const remote = remotePortsOf(live)
  const at = (id: string) => have.get(remote.get(id) ?? id)
  const stays = (each: Component) => standsIn(each, want)
  const flowing = new Map<string, Component>()
  const connections = downstream(wanted, have, (connection) => {
    const destination = at(connectionEnds(connection.json).destination.id)
    if (destination === undefined || stays(destination)) return false
    flowing.set(destination.identifier, destination)
    return true
  })
  const sources = new Map([...connections].map((id) => [id, at(sourceOf(have.get(id)))] as const))
  const ghosts = [...sources.values()].filter(
    (each) => each !== undefined && !stays(each) && !flowing.has(each.identifier),
  )
  const ends = [...flowing.values(), ...ghosts.filter((each) => each !== undefined)]
  const components = around([...ends, ...[...connections].flatMap((id) => have.get(id) ?? [])], have, stays)
  return {
    connections,
    components,
    drained: new Set(
      [...sources].filter(([, source]) => source !== undefined && stays(source)).map(([id]) => id),
    ),
    disabled: new Set(ghosts.flatMap((each) => (each === undefined ? [] : [each.identifier]))),
  }
}

/** The connections and all that leave a component that `goesOn` after them. */
function downstream(
  wanted: ReadonlySet<string>,
  have: ReadonlyMap<string, Component>,
  goesOn: (connection: Component) => boolean,
): ReadonlySet<string> {
  const bySource = Map.groupBy(
    [...have.values()].filter(({ kind }) => kind === 'connection'),
    sourceOf,
  )
  const found = new Set([...wanted].filter((id) => have.get(id)?.kind === 'connection'))
  for (const identifier of found) {
    const connection = have.get(identifier)
    if (connection === undefined || !goesOn(connection)) continue
    const { destination } = connectionEnds(connection.json)
    for (const next of bySource.get(destination.id) ?? []) found.add(next.identifier)
  }
  return found
}

/** The components that have to be taken from live: these, the groups they stand in, and the services they use. */
function around(
  components: readonly Component[],
  have: ReadonlyMap<string, Component>,
  stays: (component: Component) => boolean,
): ReadonlySet<string> {
  const found = new Set(components)
  for (const each of found) {
    const needed = hasProperties(each) ? servicesUsedBy(each.json, have) : []
    const group = have.get(each.groupId)
    for (const other of group === undefined ? needed : [...needed, group]) if (!stays(other)) found.add(other)
  }
  return new Set([...found].filter(({ kind }) => kind !== 'connection').map(({ identifier }) => identifier))
}

function keptPiece(identifier: string, piece: Piece, { drained, disabled }: Stay): Piece {
  if (drained.has(identifier) && connectionEnds(piece.json).source.type === 'PROCESSOR')
    return { ...piece, json: withMembers(piece.json, { selectedRelationships: [runsEmpty] }) }
  if (disabled.has(identifier) && (piece.kind === 'processor' || piece.kind.endsWith('-port')))
    return { ...piece, json: withMembers(piece.json, { scheduledState: 'DISABLED' }) }
  return piece
}

/** What was moved to another group stands where it was until the second phase; what is desired to lead there has to wait. */
function withoutLooseEnds(pieces: Pieces, { connections, components }: Stay): Pieces {
  const remote = new Set(
    [...pieces.values()].flatMap(({ kind, json }) => (kind === 'remote-process-group' ? portsOf(json) : [])),
  )
  const holds = (id: string, groupId: string) => {
    if (remote.has(id)) return true
    const piece = pieces.get(id)
    return piece !== undefined && (!components.has(id) || piece.groupId === (groupId || ownGroup))
  }
  return new Map(
    [...pieces].filter(([identifier, { kind, json }]) => {
      if (kind !== 'connection' || connections.has(identifier)) return true
      const { source, destination } = connectionEnds(json)
      return holds(source.id, source.groupId) && holds(destination.id, destination.groupId)
    }),
  )
}

function sourceOf(connection: Component | undefined): string {
  return connection === undefined ? '' : connectionEnds(connection.json).source.id
}

/** Who puts FlowFiles into what leaves this component, and cannot be kept from it. */
function feeders(
  id: string,
  all: ReadonlyMap<string, Component>,
  remote: ReadonlyMap<string, string>,
  seen: ReadonlySet<string> = new Set(),
): readonly string[] {
  const component = all.get(remote.get(id) ?? id)
  if (component === undefined || seen.has(id)) return []
  if (component.kind !== 'funnel')
    return component.kind === 'processor' && seen.size === 0 ? [] : [component.identifier]
  const into = [...all.values()].filter(({ kind, json }) => {
    return kind === 'connection' && connectionEnds(json).destination.id === id
  })
  return into.flatMap((connection) => feeders(sourceOf(connection), all, remote, new Set([...seen, id])))
}
