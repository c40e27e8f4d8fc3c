import { own, toJson } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { listOf, textOf } from './fake-call.ts'
import { Unexpected, badRequest } from './fake-refusal.ts'
import { type Component, type Members, groupDefaults } from './fake-state.ts'

/** What a definition lists, by the member that lists it. */
export const kinds = {
  controllerServices: 'controller-service',
  funnels: 'funnel',
  inputPorts: 'input-port',
  outputPorts: 'output-port',
  labels: 'label',
  processors: 'processor',
} as const satisfies Readonly<Record<string, Component['kind']>>

/** Members that NiFi reads without asking whether they are there (measured: each one that is missing is a 500). */
const needed: Readonly<Record<string, readonly string[]>> = {
  processor: [
    ...['name', 'position', 'properties', 'schedulingStrategy', 'executionNode', 'penaltyDuration'],
    ...['yieldDuration', 'bulletinLevel', 'runDurationMillis', 'concurrentlySchedulableTaskCount'],
  ],
  'controller-service': ['name', 'properties'],
  connection: [
    ...['labelIndex', 'zIndex', 'selectedRelationships', 'backPressureObjectThreshold'],
    ...['backPressureDataSizeThreshold', 'flowFileExpiration'],
  ],
  'input-port': ['position', 'concurrentlySchedulableTaskCount'],
  'output-port': ['position', 'concurrentlySchedulableTaskCount'],
  funnel: ['position'],
  label: ['position', 'width', 'height'],
}

/** What NiFi puts where a definition says nothing. */
const usual: Readonly<Record<string, Members>> = {
  processor: {
    ...{ style: {}, autoTerminatedRelationships: [], retryCount: 10, retriedRelationships: [] },
    ...{ backoffMechanism: 'PENALIZE_FLOWFILE', maxBackoffPeriod: '10 mins' },
  },
  'controller-service': { bulletinLevel: 'WARN', controllerServiceApis: [] },
  connection: {
    ...{ prioritizers: [], bends: [], loadBalanceStrategy: 'DO_NOT_LOAD_BALANCE' },
    ...{ loadBalanceCompression: 'DO_NOT_COMPRESS' },
  },
  'input-port': { allowRemoteAccess: false, portFunction: 'STANDARD' },
  'output-port': { allowRemoteAccess: false, portFunction: 'STANDARD' },
  funnel: {},
  label: { zIndex: 0, style: {} },
  group: { ...groupDefaults },
}

const notKept = new Set([
  ...['identifier', 'instanceIdentifier', 'groupIdentifier', 'componentType', 'scheduledState'],
  ...['propertyDescriptors', 'componentState', 'source', 'destination', 'versionedFlowCoordinates'],
  ...['processGroups', 'remoteProcessGroups', 'connections', 'parameterContextName', ...Object.keys(kinds)],
])

/** What NiFi keeps of a component of a definition; fails as NiFi does where it misses something. */
export function keptOf(kind: string, given: unknown): Members {
  for (const name of needed[kind] ?? []) {
    if ((own(given, name) ?? null) === null) throw new Unexpected()
  }
  const kept: Members = { ...usual[kind] }
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    if (!notKept.has(name) && value !== null && value !== undefined) kept[name] = toJson(value)
  }
  if (kind === 'input-port' || kind === 'output-port') kept['type'] = kind.toUpperCase().replace('-', '_')
  return kept
}

/** What NiFi looks at in a definition before it begins with anything. */
export function assertReadable(snapshot: unknown): unknown {
  const contents = own(snapshot, 'flowContents')
  if (contents === undefined || contents === null) throw new Unexpected()
  assertGroup(contents)
  return contents
}

function assertGroup(group: unknown): void {
  for (const each of [...listOf(group, 'processors'), ...listOf(group, 'controllerServices')]) {
    if (textOf(each, 'type') === undefined) throw badRequest('Class type cannot be null')
    if ((own(each, 'bundle') ?? null) === null) throw new Unexpected()
  }
  listOf(group, 'processGroups').forEach(assertGroup)
}

export function memberOf(given: unknown, name: string): Json | undefined {
  const found = own(given, name)
  return found === undefined || found === null ? undefined : toJson(found)
}
