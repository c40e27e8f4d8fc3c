import type { ProcessorType } from './fake-extension.ts'
import { descriptorOf, shownProperties, typeOf, usersOf } from './fake-properties.ts'
import { canRun, simpleType, threadsOf } from './fake-running.ts'
import {
  without,
  type Component,
  type Connection,
  type End,
  type FakeState,
  type Group,
  type Part,
} from './fake-state.ts'
import { componentSnapshot, connectionSnapshot, groupSnapshot, runStatus } from './fake-status.ts'
import { errorsOf, relationshipsOf, validationOf } from './fake-validation.ts'

type Shown = Readonly<Record<string, unknown>>

export const permissions = { canRead: true, canWrite: true }

/** Where a part is found: the plural in its address. */
export const addresses: Readonly<Record<Part['kind'], string>> = {
  processor: 'processors',
  'input-port': 'input-ports',
  'output-port': 'output-ports',
  funnel: 'funnels',
  label: 'labels',
  'controller-service': 'controller-services',
  connection: 'connections',
  group: 'process-groups',
}

function frame(part: Part): Shown {
  return {
    revision: { ...part.revision },
    id: part.id,
    uri: `http://nifi/nifi-api/${addresses[part.kind]}/${part.id}`,
    permissions,
    bulletins: [],
  }
}

export function identity(part: Part): Shown {
  return {
    id: part.id,
    ...(part.versionedId === undefined ? {} : { versionedComponentId: part.versionedId }),
    ...(part.groupId === '' ? {} : { parentGroupId: part.groupId }),
  }
}

export function groupEntity(state: FakeState, group: Group): Shown {
  const { flowFileConcurrency, flowFileOutboundPolicy } = group.members
  const members = without(group.members, 'flowFileConcurrency', 'flowFileOutboundPolicy')
  const counts = countsOf(state, group)
  const context = contextReference(state, group.contextId)
  return {
    ...frame(group),
    position: group.members['position'],
    component: {
      ...identity(group),
      ...members,
      flowfileConcurrency: flowFileConcurrency,
      flowfileOutboundPolicy: flowFileOutboundPolicy,
      ...(context === undefined ? {} : { parameterContext: context }),
      ...(group.versionControl === undefined
        ? {}
        : { versionControlInformation: { groupId: group.id, ...group.versionControl } }),
      ...counts,
    },
    ...(context === undefined ? {} : { parameterContext: context }),
    ...(group.versionControl === undefined ? {} : { versionedFlowState: 'UP_TO_DATE' }),
    status: { id: group.id, name: group.members['name'], aggregateSnapshot: groupSnapshot(state, group) },
    ...counts,
  }
}

export function contextReference(state: FakeState, id: string | undefined): Shown | undefined {
  const context = id === undefined ? undefined : state.contexts.get(id)
  return context === undefined
    ? undefined
    : { id: context.id, permissions, component: { id: context.id, name: context.name } }
}

function countsOf(state: FakeState, group: Group): Shown {
  const parts = state.componentsBelow(group.id).filter(canRun)
  const statuses = parts.map((part) => runStatus(state, part))
  const count = (status: string): number => statuses.filter((each) => each === status).length
  return {
    runningCount: count('Running'),
    stoppedCount: count('Stopped') + count('Validating'),
    invalidCount: count('Invalid'),
    disabledCount: count('Disabled'),
    activeRemotePortCount: 0,
    inactiveRemotePortCount: 0,
    localInputPortCount: state.componentsIn(group.id, 'input-port').length,
    localOutputPortCount: state.componentsIn(group.id, 'output-port').length,
    inputPortCount: state.componentsIn(group.id, 'input-port').length,
    outputPortCount: state.componentsIn(group.id, 'output-port').length,
  }
}

/** Processors and ports. */
export function componentEntity(state: FakeState, part: Component): Shown {
  if (part.kind === 'controller-service') return serviceEntity(state, part)
  const shown = part.kind === 'processor' ? processorMembers(state, part) : portMembers(state, part)
  return {
    ...frame(part),
    position: part.members['position'],
    component: { ...identity(part), ...shown },
    ...(part.kind === 'funnel' || part.kind === 'label' ? { bulletins: undefined } : {}),
    ...(canRun(part)
      ? {
          operatePermissions: permissions,
          status: {
            ...{ groupId: part.groupId, id: part.id, name: part.members['name'] },
            runStatus: runStatus(state, part),
            aggregateSnapshot: componentSnapshot(state, part),
          },
        }
      : {}),
  }
}

function validity(state: FakeState, part: Component): Shown {
  const errors = errorsOf(state, part)
  const status = validationOf(state, part)
  return status === 'INVALID' ? { validationErrors: errors } : {}
}

function processorMembers(state: FakeState, part: Component): Shown {
  const type = typeOf(part) as ProcessorType | undefined
  const { name, position, bundle, style, type: ofType } = part.members
  const config = without(part.members, 'name', 'position', 'bundle', 'style', 'type', 'properties')
  const ended = config['autoTerminatedRelationships']
  return {
    ...{ name, position, type: ofType, bundle, style, state: part.state },
    relationships: relationshipsOf(part)
      .toSorted()
      .map((each) => ({
        name: each,
        autoTerminate: Array.isArray(ended) && ended.includes(each),
        retry: false,
      })),
    supportsBatching: type?.batching ?? false,
    restricted: type?.restricted ?? false,
    inputRequirement: type?.input ?? 'INPUT_ALLOWED',
    config: { properties: shownProperties(part), descriptors: descriptorsShown(part), ...config },
    ...validity(state, part),
    validationStatus: validationOf(state, part),
    extensionMissing: part.ghost,
  }
}

function descriptorsShown(part: Component): Shown {
  const shown = Object.keys(shownProperties(part)).map((name) => {
    const known = descriptorOf(part, name)
    const service = known?.service
    return [
      name,
      {
        ...{ name, displayName: known?.title ?? name, required: known?.required === true },
        ...{ sensitive: known?.sensitive === true, dynamic: known === undefined },
        ...(known?.usual === undefined ? {} : { defaultValue: known.usual }),
        ...(service === undefined ? {} : { identifiesControllerService: service }),
      },
    ] as const
  })
  return Object.fromEntries(shown)
}

function portMembers(state: FakeState, part: Component): Shown {
  if (!canRun(part)) return part.members
  return { ...without(part.members, 'allowRemoteAccess'), state: part.state, ...validity(state, part) }
}

export function connectionEntity(state: FakeState, connection: Connection): Shown {
  const { source, destination, members } = connection
  const relationships = members['selectedRelationships']
  const selected =
    source.type === 'PROCESSOR' && Array.isArray(relationships) && relationships.length > 0
      ? { selectedRelationships: relationships }
      : {}
  const unset = members['partitioningAttribute'] === '' ? ['partitioningAttribute'] : []
  const rest = without(members, 'selectedRelationships', ...unset)
  return {
    ...{ ...frame(connection), bulletins: undefined },
    component: {
      ...identity(connection),
      ...{ source: endShown(state, source), destination: endShown(state, destination) },
      ...{ ...rest, ...selected },
    },
    status: {
      ...{ id: connection.id, groupId: connection.groupId },
      aggregateSnapshot: connectionSnapshot(state, connection),
    },
    ...{ sourceId: source.id, sourceGroupId: source.groupId, sourceType: source.type },
    ...{ destinationId: destination.id, destinationGroupId: destination.groupId },
    destinationType: destination.type,
  }
}

function endShown(state: FakeState, end: End): Shown {
  const part = state.component(end.id)
  const name = part?.kind === 'funnel' ? 'Funnel' : part?.members['name']
  return { ...end, name, running: part?.kind === 'funnel' || part?.state === 'RUNNING' }
}

export function serviceEntity(state: FakeState, service: Component, withUsers = true): Shown {
  const members = without(service.members, 'properties')
  return {
    ...frame(service),
    parentGroupId: service.groupId,
    component: {
      ...identity(service),
      ...{ ...members, state: service.state },
      ...{ properties: shownProperties(service), descriptors: descriptorsShown(service) },
      referencingComponents: withUsers ? usersOf(state, service).map((user) => userEntity(state, user)) : [],
      ...validity(state, service),
      validationStatus: validationOf(state, service),
      extensionMissing: service.ghost,
    },
    operatePermissions: permissions,
    status: { runStatus: service.state, validationStatus: validationOf(state, service) },
  }
}

function userEntity(state: FakeState, user: Component): Shown {
  const ofService = user.kind === 'controller-service'
  return {
    ...frame(user),
    component: {
      ...{ groupId: user.groupId, id: user.id, name: user.members['name'] },
      type: simpleType(user),
      state: user.state,
      ...validity(state, user),
      referenceType: ofService ? 'ControllerService' : 'Processor',
      activeThreadCount: threadsOf(state, user),
    },
  }
}
