import { own } from '../../src/core/json.ts'
import { textOf } from './fake-call.ts'
import { keptOf } from './fake-definition.ts'
import { Unexpected, badRequest } from './fake-refusal.ts'
import {
  type Component,
  type Connection,
  type End,
  type FakeState,
  type Group,
  identifierOf,
} from './fake-state.ts'

/** A connection of a definition. */
export function addConnection(state: FakeState, group: Group, given: unknown): void {
  const connection: Connection = {
    ...{ id: state.newId(), kind: 'connection', groupId: group.id, versionedId: textOf(given, 'identifier') },
    ...{ revision: { version: 0 }, flowFiles: 0, bytes: 0 },
    source: endOf(state, group, given, 'source'),
    destination: endOf(state, group, given, 'destination'),
    members: keptOf('connection', given),
  }
  state.connections.set(connection.id, connection)
}

/** What waits in it stays, wherever it leads to now. */
export function updateConnection(
  state: FakeState,
  group: Group,
  connection: Connection,
  given: unknown,
): void {
  connection.destination = endOf(state, group, given, 'destination')
  connection.members = keptOf('connection', given)
}

function endOf(state: FakeState, group: Group, given: unknown, which: 'source' | 'destination'): End {
  const end = own(given, which)
  if (end === undefined || end === null) throw new Unexpected()
  const id = textOf(end, 'id')
  const found = candidates(state, group).find((each) => identifierOf(each) === id)
  if (found === undefined) {
    throw badRequest(
      `Connection has a ${which} with identifier ${String(id)} but no component could be found in the Process Group with a corresponding identifier`,
    )
  }
  return endAt(found)
}

/** What a connection in a group can begin or end at: what stands in it, and ports of the groups in it. */
function candidates(state: FakeState, group: Group): readonly Component[] {
  const inner = state.groupsIn(group.id).flatMap(({ id }) => state.componentsIn(id).filter(isPort))
  return [...state.componentsIn(group.id), ...inner]
}

function isPort({ kind }: Component): boolean {
  return kind === 'input-port' || kind === 'output-port'
}

export function endAt(part: Component): End {
  return { id: part.id, type: part.kind.toUpperCase().replace('-', '_'), groupId: part.groupId }
}
