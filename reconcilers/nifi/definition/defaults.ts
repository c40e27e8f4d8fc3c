import { objectOf } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { ComponentKind } from '../resource.ts'
import { simpleName } from './code.ts'
import { textOf } from './components.ts'

const scheduling = {
  schedulingStrategy: 'TIMER_DRIVEN',
  schedulingPeriod: '0 sec',
  executionNode: 'ALL',
  penaltyDuration: '30 sec',
  yieldDuration: '1 sec',
  runDurationMillis: 0,
  concurrentlySchedulableTaskCount: 1,
  autoTerminatedRelationships: [],
  retriedRelationships: [],
}
const drawn = { position: { x: 0, y: 0 } }
const configured = { comments: '', bulletinLevel: 'WARN', properties: {}, propertyDescriptors: {} }
const port = {
  ...drawn,
  concurrentlySchedulableTaskCount: 1,
  allowRemoteAccess: false,
  portFunction: 'STANDARD',
}

/**
 * What NiFi's own UI gives a component. NiFi does not fill these in: an import that lacks one of them ends in an internal error, with
 * half of the group made.
 */
const defaults: Readonly<Record<ComponentKind, JsonObject>> = {
  processor: { ...drawn, ...configured, ...scheduling, style: {} },
  'controller-service': configured,
  'input-port': { ...port, type: 'INPUT_PORT' },
  'output-port': { ...port, type: 'OUTPUT_PORT' },
  connection: {
    name: '',
    labelIndex: 0,
    zIndex: 0,
    selectedRelationships: [],
    prioritizers: [],
    bends: [],
    backPressureObjectThreshold: 10_000,
    backPressureDataSizeThreshold: '1 GB',
    flowFileExpiration: '0 sec',
    loadBalanceStrategy: 'DO_NOT_LOAD_BALANCE',
    loadBalanceCompression: 'DO_NOT_COMPRESS',
    partitioningAttribute: '',
  },
  funnel: drawn,
  label: { ...drawn, label: '', width: 150, height: 150, zIndex: 0, style: {} },
  'remote-process-group': { ...drawn, inputPorts: [], outputPorts: [] },
  group: { ...drawn, comments: '' },
}

const types: Readonly<Record<ComponentKind, string>> = {
  processor: 'PROCESSOR',
  'input-port': 'INPUT_PORT',
  'output-port': 'OUTPUT_PORT',
  connection: 'CONNECTION',
  funnel: 'FUNNEL',
  label: 'LABEL',
  'controller-service': 'CONTROLLER_SERVICE',
  'remote-process-group': 'REMOTE_PROCESS_GROUP',
  group: 'PROCESS_GROUP',
}

/** A component with everything that NiFi has to be told of it. */
export function complete(kind: ComponentKind, json: JsonObject): JsonObject {
  const given = Object.entries(json).filter(([, value]) => value !== null)
  return objectOf<Json>([
    ...Object.entries(defaults[kind]),
    ...(kind === 'processor' || kind === 'controller-service'
      ? [['name', simpleName(textOf(json, 'type'))] as const]
      : []),
    ...given,
    ['componentType', types[kind]],
    ...stateOf(kind, json),
  ])
}

/** A definition says only what is disabled; a state RUNNING would leave a processor half started. */
function stateOf(kind: ComponentKind, json: JsonObject): readonly (readonly [string, Json])[] {
  if (kind === 'controller-service') return [['scheduledState', 'DISABLED']]
  if (kind !== 'processor' && kind !== 'input-port' && kind !== 'output-port') return []
  return [['scheduledState', json['scheduledState'] === 'DISABLED' ? 'DISABLED' : 'ENABLED']]
}
