import { toJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Snapshot } from '../../reconcilers/nifi/resource.ts'

type Members = Readonly<Record<string, unknown>>

const bundle = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }

/** A processor as NiFi exports one; `name` defaults to the identifier in upper case. */
export function processor(identifier: string, more: Members = {}): Members {
  return {
    identifier,
    name: identifier.toUpperCase(),
    comments: '',
    type: 'org.apache.nifi.processors.standard.LogAttribute',
    bundle,
    position: { x: 0, y: 0 },
    properties: {},
    propertyDescriptors: {},
    style: {},
    schedulingPeriod: '0 sec',
    schedulingStrategy: 'TIMER_DRIVEN',
    executionNode: 'ALL',
    penaltyDuration: '30 sec',
    yieldDuration: '1 sec',
    bulletinLevel: 'WARN',
    runDurationMillis: 0,
    concurrentlySchedulableTaskCount: 1,
    autoTerminatedRelationships: [],
    scheduledState: 'ENABLED',
    retryCount: 10,
    retriedRelationships: [],
    backoffMechanism: 'PENALIZE_FLOWFILE',
    maxBackoffPeriod: '10 mins',
    componentType: 'PROCESSOR',
    ...more,
  }
}

export function service(identifier: string, more: Members = {}): Members {
  return {
    identifier,
    name: identifier.toUpperCase(),
    comments: '',
    type: 'org.apache.nifi.dbcp.DBCPConnectionPool',
    bundle,
    properties: {},
    propertyDescriptors: {},
    bulletinLevel: 'WARN',
    scheduledState: 'DISABLED',
    componentType: 'CONTROLLER_SERVICE',
    ...more,
  }
}

/** `type` and `groupId` of an end default to a processor in the flow's own group. */
export interface EndOf {
  readonly id: string
  readonly type?: string
  readonly groupId?: string
}

export function connection(
  identifier: string,
  from: string | EndOf,
  to: string | EndOf,
  more: Members = {},
): Members {
  return {
    identifier,
    name: '',
    source: endOf(from),
    destination: endOf(to),
    labelIndex: 0,
    zIndex: 0,
    selectedRelationships: ['success'],
    backPressureObjectThreshold: 10_000,
    backPressureDataSizeThreshold: '1 GB',
    flowFileExpiration: '0 sec',
    prioritizers: [],
    bends: [],
    loadBalanceStrategy: 'DO_NOT_LOAD_BALANCE',
    partitioningAttribute: '',
    loadBalanceCompression: 'DO_NOT_COMPRESS',
    componentType: 'CONNECTION',
    ...more,
  }
}

function endOf(end: string | EndOf): Members {
  const { id, type = 'PROCESSOR', groupId = 'own' } = typeof end === 'string' ? { id: end } : end
  return { id, type, groupId, name: id.toUpperCase(), comments: '' }
}

export function port(identifier: string, kind: 'INPUT_PORT' | 'OUTPUT_PORT', more: Members = {}): Members {
  const name = identifier.toUpperCase()
  const place = { x: 0, y: 0 }
  return {
    identifier,
    name,
    type: kind,
    position: place,
    scheduledState: 'ENABLED',
    componentType: kind,
    ...more,
  }
}

export function funnel(identifier: string): Members {
  return { identifier, position: { x: 0, y: 0 }, componentType: 'FUNNEL' }
}

/** A group in another; `contents` are its lists, and whatever else it has. */
export function groupNamed(identifier: string, name: string, contents: Members = {}): Members {
  return {
    identifier,
    name,
    comments: '',
    position: { x: 0, y: 0 },
    componentType: 'PROCESS_GROUP',
    ...contents,
  }
}

/** A definition whose own group is `own`. */
export function definitionOf(contents: Members = {}, around: Members = {}): Snapshot {
  const flowContents: JsonObject = toJsonObject(groupNamed('own', 'orders', contents))
  return { ...toJsonObject(around), flowContents }
}

/** Generate → Send, with the connection c. */
export function pipeline(contents: Members = {}, around: Members = {}): Snapshot {
  return definitionOf(
    { processors: [processor('a'), processor('b')], connections: [connection('c', 'a', 'b')], ...contents },
    around,
  )
}
