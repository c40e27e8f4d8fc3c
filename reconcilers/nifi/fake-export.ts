import type { Json } from '../../src/core/resource.ts'
import { exportedDescriptors, exportedProperties, isServiceName, valuesOf } from './fake-properties.ts'
import {
  type Component,
  type Connection,
  type Context,
  type End,
  type FakeState,
  type Group,
  type Members,
  type Part,
  identifierOf,
} from './fake-state.ts'

/** A group as `GET /process-groups/{id}/download` gives it. */
export function exportGroup(state: FakeState, group: Group): Members {
  return {
    flowContents: contentsOf(state, group, true),
    externalControllerServices: externalServices(state, group),
    parameterContexts: Object.fromEntries(
      contextsOf(state, group).map((context) => [context.name, exportContext(state, context)]),
    ),
    flowEncodingVersion: '1.0',
    parameterProviders: {},
    latest: false,
  }
}

/** The word that NiFi has for a part. */
export function componentType(part: Part): string {
  return part.kind === 'group' ? 'PROCESS_GROUP' : part.kind.toUpperCase().replace('-', '_')
}

function contentsOf(state: FakeState, group: Group, top = false): Members {
  const list = (kind: Component['kind']): Json[] =>
    state.componentsIn(group.id, kind).map((part) => exportComponent(state, part))
  const context = group.contextId === undefined ? undefined : state.contexts.get(group.contextId)
  const { versionControl } = group
  return {
    ...{ identifier: identifierOf(group), instanceIdentifier: group.id, ...group.members },
    processGroups: state.groupsIn(group.id).map((child) => contentsOf(state, child)),
    remoteProcessGroups: [],
    processors: list('processor'),
    inputPorts: list('input-port'),
    outputPorts: list('output-port'),
    connections: state.connectionsIn(group.id).map((each) => exportConnection(state, each)),
    labels: list('label'),
    funnels: list('funnel'),
    controllerServices: list('controller-service'),
    ...(versionControl === undefined || top ? {} : { versionedFlowCoordinates: { ...versionControl } }),
    ...(context === undefined ? {} : { parameterContextName: context.name }),
    scheduledState: 'ENABLED',
    componentType: 'PROCESS_GROUP',
    ...(top ? {} : { groupIdentifier: groupIdentifier(state, group) }),
  }
}

function groupIdentifier(state: FakeState, part: Part): string {
  const group = state.groups.get(part.groupId)
  return group === undefined ? '' : identifierOf(group)
}

export function exportComponent(state: FakeState, part: Component): Members {
  const settled = ['processor', 'controller-service'].includes(part.kind)
    ? { properties: exportedProperties(state, part), propertyDescriptors: exportedDescriptors(part) }
    : {}
  return {
    ...{ identifier: identifierOf(part), instanceIdentifier: part.id, ...part.members, ...settled },
    ...scheduled(part),
    componentType: componentType(part),
    groupIdentifier: groupIdentifier(state, part),
  }
}

function scheduled(part: Component): Members {
  if (part.kind === 'funnel' || part.kind === 'label') return {}
  // NiFi says so of every service, whether it is enabled or not.
  if (part.kind === 'controller-service') return { scheduledState: 'DISABLED' }
  return { scheduledState: part.state === 'DISABLED' ? 'DISABLED' : 'ENABLED' }
}

export function exportConnection(state: FakeState, connection: Connection): Members {
  return {
    identifier: identifierOf(connection),
    instanceIdentifier: connection.id,
    source: exportEnd(state, connection.source),
    destination: exportEnd(state, connection.destination),
    ...connection.members,
    componentType: 'CONNECTION',
    groupIdentifier: groupIdentifier(state, connection),
  }
}

function exportEnd(state: FakeState, end: End): Members {
  const part = state.component(end.id)
  const group = state.groups.get(end.groupId)
  const name = part?.kind === 'funnel' ? 'Funnel' : (part?.members['name'] ?? null)
  return {
    id: part === undefined ? end.id : identifierOf(part),
    type: end.type,
    groupId: group === undefined ? end.groupId : identifierOf(group),
    name,
    ...(part?.kind === 'processor' || part?.kind === 'funnel'
      ? { comments: part.members['comments'] ?? '' }
      : {}),
    instanceIdentifier: end.id,
  }
}

/** Services from above that something in the group uses. */
function externalServices(state: FakeState, group: Group): Members {
  const inside = new Set(state.below(group.id).map(({ id }) => id))
  const found: Members = {}
  for (const part of state.componentsBelow(group.id)) {
    for (const [name, value] of valuesOf(part)) {
      const service = value !== null && isServiceName(part, name) ? state.component(value) : undefined
      if (service === undefined || inside.has(service.groupId)) continue
      const identifier = identifierOf(service)
      found[identifier] = { identifier, name: service.members['name'] ?? '' }
    }
  }
  return found
}

/** Those of the group and of all in it, and what these inherit from. */
function contextsOf(state: FakeState, group: Group): readonly Context[] {
  const found = new Map<string, Context>()
  const add = (id: string | undefined): void => {
    const context = id === undefined ? undefined : state.contexts.get(id)
    if (context === undefined || found.has(context.id)) return
    found.set(context.id, context)
    context.inherits.forEach(add)
  }
  for (const { contextId } of state.below(group.id)) add(contextId)
  return [...found.values()]
}

function exportContext(state: FakeState, context: Context): Members {
  return {
    name: context.name,
    parameters: [...context.parameters.values()].map(({ name, description, sensitive, value }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      sensitive,
      provided: false,
      ...(sensitive || value === undefined ? {} : { value }),
    })),
    inheritedParameterContexts: context.inherits.map((id) => state.contexts.get(id)?.name ?? id),
    componentType: 'PARAMETER_CONTEXT',
  }
}
