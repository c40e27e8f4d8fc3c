import { createHash } from 'node:crypto'

/** A part of a definition as it is written; the same name gives the same identifier. */
export type Part = Readonly<Record<string, unknown>> & { readonly identifier: string }

/** A name-based identifier, so that tests can say which component they mean. */
export function identifierOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-3${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const standard = 'org.apache.nifi.processors.standard.'
const bundle = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }

/** A processor of NiFi's standard bundle. `more` stands beside its properties. */
export function processor(
  name: string,
  type: string,
  properties: Readonly<Record<string, string | null>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Part {
  return {
    identifier: identifierOf(name),
    componentType: 'PROCESSOR',
    name,
    type: standard + type,
    bundle,
    properties,
    propertyDescriptors: {},
    position: { x: 0, y: 0 },
    schedulingStrategy: 'TIMER_DRIVEN',
    schedulingPeriod: '0 sec',
    autoTerminatedRelationships: [],
    scheduledState: 'ENABLED',
    ...more,
  }
}

/** Counts what goes through it, in NiFi's own counter of its name. */
export function counter(name: string, more: Readonly<Record<string, unknown>> = {}): Part {
  return processor(name, 'UpdateCounter', { 'counter-name': name, delta: '1' }, more)
}

/** The same as the end of a flow. */
export function sink(name: string): Part {
  return counter(name, { autoTerminatedRelationships: ['success'] })
}

export function port(name: string, componentType: 'INPUT_PORT' | 'OUTPUT_PORT' = 'INPUT_PORT'): Part {
  return {
    identifier: identifierOf(name),
    componentType,
    name,
    type: componentType,
    position: { x: 0, y: 0 },
    concurrentlySchedulableTaskCount: 1,
    scheduledState: 'ENABLED',
    allowRemoteAccess: false,
    portFunction: 'STANDARD',
  }
}

export function funnel(name: string): Part {
  return { identifier: identifierOf(name), componentType: 'FUNNEL', position: { x: 0, y: 0 } }
}

/** By default the relationship `success`; of ports and funnels none has a name. */
export function connection(
  from: Part,
  to: Part,
  more: Readonly<Record<string, unknown>> & { readonly name?: string } = {},
): Part {
  const title = more.name ?? `${String(from['name'])} to ${String(to['name'])}`
  const isProcessor = from['componentType'] === 'PROCESSOR'
  return {
    componentType: 'CONNECTION',
    name: '',
    source: { id: from.identifier, type: from['componentType'], groupId: '', name: from['name'] ?? '' },
    destination: { id: to.identifier, type: to['componentType'], groupId: '', name: to['name'] ?? '' },
    selectedRelationships: [isProcessor ? 'success' : ''],
    labelIndex: 0,
    zIndex: 0,
    bends: [],
    prioritizers: [],
    flowFileExpiration: '0 sec',
    backPressureObjectThreshold: 100_000,
    backPressureDataSizeThreshold: '1 GB',
    loadBalanceStrategy: 'DO_NOT_LOAD_BALANCE',
    loadBalanceCompression: 'DO_NOT_COMPRESS',
    ...more,
    identifier: identifierOf(title),
  }
}

/** A group of these parts; connections learn here in which groups their ends stand. */
export function group(
  name: string,
  parts: readonly Part[],
  more: Readonly<Record<string, unknown>> = {},
): Part {
  const identifier = identifierOf(name)
  const home = new Map<string, string>(parts.map((part) => [part.identifier, identifier]))
  for (const inner of parts.filter((part) => part['componentType'] === 'PROCESS_GROUP')) {
    for (const list of Object.values(inner).filter(Array.isArray)) {
      for (const part of list as readonly Part[]) home.set(part.identifier, inner.identifier)
    }
  }
  const of = (type: string) =>
    parts
      .filter((part) => part['componentType'] === type)
      .map((part) => ({ ...part, ...ends(part, home), groupIdentifier: identifier }))
  return {
    identifier,
    componentType: 'PROCESS_GROUP',
    name,
    comments: '',
    position: { x: 0, y: 0 },
    processors: of('PROCESSOR'),
    inputPorts: of('INPUT_PORT'),
    outputPorts: of('OUTPUT_PORT'),
    connections: of('CONNECTION'),
    funnels: of('FUNNEL'),
    labels: of('LABEL'),
    controllerServices: of('CONTROLLER_SERVICE'),
    processGroups: of('PROCESS_GROUP'),
    remoteProcessGroups: [],
    flowFileConcurrency: 'UNBOUNDED',
    flowFileOutboundPolicy: 'STREAM_WHEN_AVAILABLE',
    defaultFlowFileExpiration: '0 sec',
    defaultBackPressureObjectThreshold: 10_000,
    defaultBackPressureDataSizeThreshold: '1 GB',
    executionEngine: 'INHERITED',
    maxConcurrentTasks: 1,
    statelessFlowTimeout: '1 min',
    scheduledState: 'ENABLED',
    ...more,
  }
}

function ends(part: Part, home: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  if (part['componentType'] !== 'CONNECTION') return {}
  const side = (name: 'source' | 'destination') => {
    const end = part[name] as Readonly<Record<string, unknown>> & { readonly id: string }
    return { [name]: { ...end, groupId: home.get(end.id) ?? '' } }
  }
  return { ...side('source'), ...side('destination') }
}

/** A definition as NiFi's "Download flow definition" gives it. */
export function definition(
  parts: readonly Part[],
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    flowContents: group('the flow', parts, more),
    externalControllerServices: {},
    parameterContexts: {},
    parameterProviders: {},
    flowEncodingVersion: '1.0',
    latest: false,
  }
}
