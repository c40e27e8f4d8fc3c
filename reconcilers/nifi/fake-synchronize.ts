import { own } from '../../src/core/json.ts'
import { listOf, textOf } from './fake-call.ts'
import { addConnection, updateConnection } from './fake-connections.ts'
import { bindContext } from './fake-binding.ts'
import type { Proposal } from './fake-proposal.ts'
import { keptOf, kinds, memberOf } from './fake-definition.ts'
import { putComponent, setProperties } from './fake-components.ts'
import { Unexpected, badRequest, conflict } from './fake-refusal.ts'
import { describe } from './fake-running.ts'
import {
  wordOf,
  type Component,
  type Connection,
  type FakeState,
  type Group,
  identifierOf,
} from './fake-state.ts'

/**
 * Makes a group like a definition, in the order in which NiFi does it. What fails on the way leaves done what was done before: NiFi
 * has no way back.
 */
export function synchronize(state: FakeState, group: Group, proposal: Proposal, settings: boolean): void {
  const { contents } = proposal
  if (settings) setGroup(group, contents)
  bindContext(state, group, proposal)
  const services = putAll(state, group, contents, 'controllerServices')
  for (const [service, given] of services) setProperties(state, service, given, proposal.externals)
  removeConnections(state, group, contents)
  for (const given of listOf(contents, 'processGroups')) synchronizeChild(state, group, given, proposal)
  for (const list of ['funnels', 'inputPorts', 'outputPorts', 'labels'] as const)
    putAll(state, group, contents, list)
  const processors = putAll(state, group, contents, 'processors')
  for (const [processor, given] of processors) setProperties(state, processor, given, proposal.externals)
  for (const given of listOf(contents, 'connections')) {
    const found = state
      .connectionsIn(group.id)
      .find((each) => identifierOf(each) === textOf(given, 'identifier'))
    if (found === undefined) addConnection(state, group, given)
    else updateConnection(state, group, found, given)
  }
  removeMissing(state, group, contents)
}

/** What is refused at once: a port that goes while somebody outside of the group uses it. */
export function assertPortsFree(state: FakeState, group: Group, contents: unknown): void {
  const ports = new Set([...listOf(contents, 'inputPorts'), ...listOf(contents, 'outputPorts')].map(idOf))
  for (const port of state.componentsIn(group.id)) {
    if (ports.has(identifierOf(port))) continue
    if (port.kind === 'input-port' && state.into(port.id).length > 0) {
      throw conflict(
        `${unlike(group)} the Input Port ${describe(port, group)} and the Input Port currently has an incoming connection`,
      )
    }
    if (port.kind === 'output-port' && state.outOf(port.id).some(({ groupId }) => groupId !== group.id)) {
      throw conflict(
        `${unlike(group)} the Output Port ${describe(port, group)} and the Output Port currently has an outgoing connection`,
      )
    }
  }
}

/** What is refused before anything of the flow is touched: a connection that goes while something waits in it. */
export function assertQueuesFree(state: FakeState, group: Group, contents: unknown): void {
  const proposed = identifiers(contents)
  for (const connection of state.connectionsBelow(group.id)) {
    if (connection.flowFiles > 0 && !proposed.has(identifierOf(connection))) {
      throw conflict(
        `${unlike(group)} a match for ${describeConnection(connection)} and the connection currently has data in the queue.`,
      )
    }
  }
}

function unlike(group: Group): string {
  return `${describeGroup(group)} cannot be updated to the proposed flow because the proposed flow does not contain`
}

export function describeGroup(group: Group): string {
  return `StandardProcessGroup[identifier=${group.id},name=${wordOf(group, 'name')}]`
}

function describeConnection({ id, source, destination }: Connection): string {
  return `Connection[ID=${id}, Source ID=${source.id}, Dest ID=${destination.id}]`
}

function idOf(given: unknown): string | undefined {
  return textOf(given, 'identifier')
}

/** Of all connections, at any depth. */
function identifiers(contents: unknown): ReadonlySet<string | undefined> {
  const inner = listOf(contents, 'processGroups').flatMap((group) => [...identifiers(group)])
  return new Set([...listOf(contents, 'connections').map(idOf), ...inner])
}

function setGroup(group: Group, contents: unknown): void {
  const kept = keptOf('group', contents)
  // A name and a position that are not written are left as they are.
  group.members = {
    ...kept,
    name: memberOf(contents, 'name') ?? group.members['name'] ?? '',
    position: memberOf(contents, 'position') ?? group.members['position'] ?? { x: 0, y: 0 },
  }
}

function synchronizeChild(state: FakeState, parent: Group, given: unknown, proposal: Proposal): void {
  const identifier = idOf(given)
  let child = state.groupsIn(parent.id).find((each) => identifierOf(each) === identifier)
  if (child === undefined) {
    child = newGroup(state, parent.id, identifier)
    state.groups.set(child.id, child)
  }
  if (!textOf(given, 'name')) throw badRequest('The name of the process group must be specified.')
  synchronize(state, child, { ...proposal, contents: given }, true)
}

export function newGroup(state: FakeState, parentId: string, versionedId: string | undefined): Group {
  return {
    ...{ id: state.newId(), kind: 'group', groupId: parentId, versionedId, revision: { version: 0 } },
    ...{ members: {}, contextId: undefined, versionControl: undefined },
  }
}

/** Adds and changes all components of a kind; what is not proposed goes last. */
function putAll(
  state: FakeState,
  group: Group,
  contents: unknown,
  list: keyof typeof kinds,
): readonly (readonly [Component, unknown])[] {
  return listOf(contents, list).map(
    (given) => [putComponent(state, group, kinds[list], given), given] as const,
  )
}

/** What is not proposed, and what gets another source: NiFi makes that anew, and only where nothing waits in it. */
function removeConnections(state: FakeState, group: Group, contents: unknown): void {
  const proposed = new Map(listOf(contents, 'connections').map((each) => [idOf(each), own(each, 'source')]))
  for (const connection of state.connectionsIn(group.id)) {
    const source = proposed.get(identifierOf(connection))
    const present = state.component(connection.source.id)
    if (source !== undefined && present !== undefined && textOf(source, 'id') === identifierOf(present))
      continue
    if (connection.flowFiles > 0) throw conflict(`Queue not empty for ${connection.id}`)
    state.connections.delete(connection.id)
  }
}

function removeMissing(state: FakeState, group: Group, contents: unknown): void {
  const groups = new Set(listOf(contents, 'processGroups').map(idOf))
  for (const child of state.groupsIn(group.id)) {
    if (!groups.has(identifierOf(child))) removeGroup(state, child)
  }
  for (const [list, kind] of Object.entries(kinds)) {
    const proposed = new Set(listOf(contents, list).map(idOf))
    for (const part of state.componentsIn(group.id, kind)) {
      if (!proposed.has(identifierOf(part))) removeComponent(state, part)
    }
  }
}

function removeComponent(state: FakeState, part: Component): void {
  if (state.into(part.id).length + state.outOf(part.id).length > 0) {
    throw new Unexpected(`${part.id} cannot be removed until its connections are removed`)
  }
  state.components.delete(part.id)
}

/** With all that is in it. */
export function removeGroup(state: FakeState, group: Group): void {
  for (const { id } of state.below(group.id)) {
    for (const connection of state.connectionsIn(id)) state.connections.delete(connection.id)
    for (const part of state.componentsIn(id)) state.components.delete(part.id)
    state.groups.delete(id)
  }
}
