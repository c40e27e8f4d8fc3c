import { type Handler, flag, named, ok, textOf } from './fake-call.ts'
import { activeThreads, queuedIn, queuedMembers, usage } from './fake-figures.ts'
import { missing } from './fake-refusal.ts'
import { canRun, simpleType, threadsOf } from './fake-running.ts'
import { wordOf, type Component, type Connection, type FakeState, type Group } from './fake-state.ts'
import { validationOf } from './fake-validation.ts'

type Shown = Readonly<Record<string, unknown>>

/** `GET /flow/process-groups/{id}/status`. */
export const getStatus: Handler = (call) => {
  const group = call.state.group(named(call))
  const name = nameOf(group)
  const aggregateSnapshot = snapshotOf(call.state, group, flag(call, 'recursive') ? Infinity : 1)
  const processGroupStatus = { id: group.id, name, statsLastRefreshed: '20:00:00 UTC', aggregateSnapshot }
  const answer = ok({ processGroupStatus, canRead: true })
  looked(call.state, call.state.componentsBelow(group.id))
  return answer
}

/** `GET /flow/connections/{id}/status`. */
export const getConnectionStatus: Handler = (call) => {
  const id = named(call)
  const connection = call.state.connections.get(id)
  if (connection === undefined) throw missing(`Unable to find connection with id '${id}'.`)
  const aggregateSnapshot = connectionSnapshot(call.state, connection)
  return ok({ connectionStatus: { id, groupId: connection.groupId, aggregateSnapshot }, canRead: true })
}

/** A look that found a component being validated: it will be at an end some day. */
export function looked(state: FakeState, parts: readonly Component[]): void {
  for (const { id } of parts) {
    const left = state.validating.get(id)
    if (left !== undefined) state.validating.set(id, left - 1)
  }
}

function snapshotOf(state: FakeState, group: Group, depth: number): Shown {
  const list = (kind: Component['kind'], member: string): Shown[] =>
    state.componentsIn(group.id, kind).map((part) => ({
      id: part.id,
      [member]: componentSnapshot(state, part),
      canRead: true,
    }))
  const inner = depth === 0 ? [] : state.groupsIn(group.id)
  return {
    ...groupSnapshot(state, group),
    connectionStatusSnapshots: state.connectionsIn(group.id).map((connection) => ({
      id: connection.id,
      connectionStatusSnapshot: connectionSnapshot(state, connection),
      canRead: true,
    })),
    processorStatusSnapshots: list('processor', 'processorStatusSnapshot'),
    processGroupStatusSnapshots: inner.map((child) => ({
      id: child.id,
      processGroupStatusSnapshot: snapshotOf(state, child, depth - 1),
      canRead: true,
    })),
    remoteProcessGroupStatusSnapshots: [],
    inputPortStatusSnapshots: list('input-port', 'portStatusSnapshot'),
    outputPortStatusSnapshots: list('output-port', 'portStatusSnapshot'),
  }
}

export function groupSnapshot(state: FakeState, group: Group): Shown {
  return {
    id: group.id,
    name: nameOf(group),
    ...(group.versionControl === undefined ? {} : { versionedFlowState: 'UP_TO_DATE' }),
    statelessActiveThreadCount: 0,
    ...moved(),
    ...queuedMembers(queuedIn(state, group.id)),
    activeThreadCount: activeThreads(state, group),
    terminatedThreadCount: 0,
  }
}

export function componentSnapshot(state: FakeState, part: Component): Shown {
  return {
    id: part.id,
    groupId: part.groupId,
    name: nameOf(part),
    ...(part.kind === 'processor' ? { type: shownType(part), executionNode: 'ALL' } : {}),
    runStatus: runStatus(state, part),
    ...moved(),
    flowFilesOut: state.made.get(part.id) ?? 0,
    activeThreadCount: threadsOf(state, part),
    ...(part.kind === 'processor' ? { terminatedThreadCount: 0 } : {}),
  }
}

function shownType(part: Component): string {
  return part.ghost ? `(Missing) ${simpleType(part)}` : simpleType(part)
}

/** In one word: NiFi shows that something is invalid only where it does not run. */
export function runStatus(state: FakeState, part: Component): string {
  if (!canRun(part)) return ''
  if (part.state === 'RUNNING') return 'Running'
  if (part.state === 'DISABLED') return 'Disabled'
  const validation = validationOf(state, part)
  if (validation === 'INVALID') return 'Invalid'
  return validation === 'VALIDATING' ? 'Validating' : 'Stopped'
}

export function connectionSnapshot(state: FakeState, connection: Connection): Shown {
  const { count, bytes } = usage(connection)
  return {
    id: connection.id,
    groupId: connection.groupId,
    name: connectionName(connection),
    sourceName: endName(state, connection.source.id),
    destinationName: endName(state, connection.destination.id),
    ...moved(),
    ...queuedMembers(connection),
    percentUseCount: count,
    percentUseBytes: bytes,
    flowFileAvailability: connection.flowFiles === 0 ? 'ACTIVE_QUEUE_EMPTY' : 'FLOWFILE_AVAILABLE',
  }
}

function connectionName({ members }: Connection): string {
  const own = textOf(members, 'name') ?? ''
  const relationships = members['selectedRelationships']
  return own !== '' || !Array.isArray(relationships) ? own : relationships.join(', ')
}

function endName(state: FakeState, id: string): string {
  const part = state.component(id)
  return part === undefined ? '' : part.kind === 'funnel' ? 'Funnel' : nameOf(part)
}

/** Nothing is measured here of the last five minutes. */
function moved(): Shown {
  return { flowFilesIn: 0, bytesIn: 0, flowFilesOut: 0, bytesOut: 0 }
}

function nameOf(part: Group | Component): string {
  return wordOf(part, 'name')
}
