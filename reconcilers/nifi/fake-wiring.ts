import { own } from '../../src/core/json.ts'
import {
  type Handler,
  assertRevision,
  checkedRevision,
  flag,
  named,
  ok,
  revisionAsked,
  revisionIn,
  textOf,
  touch,
} from './fake-call.ts'
import { endAt } from './fake-connections.ts'
import { memberOf } from './fake-definition.ts'
import { connectionEntity } from './fake-entities.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import { describe } from './fake-running.ts'
import type { Component, Connection, FakeState, Members } from './fake-state.ts'

export const listConnections: Handler = (call) => {
  const { state } = call
  const group = state.group(named(call))
  const connections = flag(call, 'includeDescendantGroups')
    ? state.connectionsBelow(group.id)
    : state.connectionsIn(group.id)
  return ok({ connections: connections.map((each) => connectionEntity(state, each)) })
}

export const getConnection: Handler = (call) =>
  ok(connectionEntity(call.state, connectionOf(call.state, named(call))))

export function connectionOf(state: FakeState, id: string): Connection {
  const found = state.connections.get(id)
  if (found === undefined) throw missing(`Unable to find connection with id '${id}'.`)
  return found
}

const usual: Members = {
  ...{ labelIndex: 1, zIndex: 0, backPressureObjectThreshold: 10_000, backPressureDataSizeThreshold: '1 GB' },
  ...{ flowFileExpiration: '0 sec', prioritizers: [], bends: [] },
  ...{ loadBalanceStrategy: 'DO_NOT_LOAD_BALANCE', loadBalanceCompression: 'DO_NOT_COMPRESS' },
}

const settable = [
  ...['name', 'labelIndex', 'zIndex', 'backPressureObjectThreshold', 'backPressureDataSizeThreshold'],
  ...['flowFileExpiration', 'prioritizers', 'bends', 'selectedRelationships', 'loadBalanceStrategy'],
  ...['loadBalanceCompression'],
]

/** As somebody draws one. */
export const postConnection: Handler = (call) => {
  const { state, body } = call
  const group = state.group(named(call))
  const component = own(body, 'component')
  const revision = revisionIn(own(body, 'revision'))
  if (revision?.version !== 0)
    throw badRequest('A revision of 0 must be specified when creating a new Connection.')
  const connection: Connection = {
    ...{ id: state.newId(), kind: 'connection', groupId: group.id, versionedId: undefined },
    ...{ revision: { version: 0 }, flowFiles: 0, bytes: 0 },
    source: endAt(partAt(state, component, 'source')),
    destination: endAt(partAt(state, component, 'destination')),
    members: { ...usual, selectedRelationships: [''] },
  }
  set(connection, component)
  touch(connection, revision)
  state.connections.set(connection.id, connection)
  return ok(connectionEntity(state, connection), 201)
}

function partAt(state: FakeState, component: unknown, which: string): Component {
  const part = state.component(textOf(own(component, which), 'id') ?? '')
  if (part === undefined) throw badRequest(`The ${which} of the connection must be specified.`)
  return part
}

function set(connection: Connection, component: unknown): void {
  for (const name of settable) {
    const value = memberOf(component, name)
    if (value !== undefined) connection.members[name] = value
  }
}

export const putConnection: Handler = (call) => {
  const { state, body } = call
  const connection = connectionOf(state, named(call))
  const component = own(body, 'component')
  const revision = checkedRevision(connection, own(body, 'revision'))
  const destination = textOf(own(component, 'destination'), 'id')
  if (destination !== undefined && destination !== connection.destination.id) {
    if (state.component(connection.destination.id)?.state === 'RUNNING') {
      throw conflict('Cannot change the destination of connection because the current destination is running')
    }
    connection.destination = endAt(partAt(state, component, 'destination'))
  }
  set(connection, component)
  touch(connection, revision)
  return ok(connectionEntity(state, connection))
}

export const deleteConnection: Handler = (call) => {
  const { state } = call
  const connection = connectionOf(state, named(call))
  assertRevision(connection, revisionAsked(call))
  const source = state.component(connection.source.id)
  if (source?.state === 'RUNNING')
    throw conflict(
      `Upstream component of Connection (${describe(source, state.groups.get(source.groupId))}) is running`,
    )
  if (connection.flowFiles > 0) throw conflict(`Queue not empty for ${connection.id}`)
  const entity = { ...connectionEntity(state, connection), revision: undefined, status: undefined }
  state.connections.delete(connection.id)
  return ok(entity)
}
