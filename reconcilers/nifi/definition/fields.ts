import { canonicalJson, isList } from '../../../src/core/canonical.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Fields, Json } from '../../../src/core/resource.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'
import { type Component, componentsOf, connectionEnds, lists, textOf, titleOf } from './components.ts'
import { placementMembers } from './placement.ts'
import { externalServices, isParameterReference, propertiesOf } from './properties.ts'

/** The first part of the paths of each kind. */
const plurals: Readonly<Record<ComponentKind, string>> = {
  processor: 'processors',
  'input-port': 'input-ports',
  'output-port': 'output-ports',
  connection: 'connections',
  funnel: 'funnels',
  label: 'labels',
  'controller-service': 'controller-services',
  'remote-process-group': 'remote-process-groups',
  group: 'groups',
}
const kinds: ReadonlySet<string> = new Set(Object.values(plurals))

/** Of the flow's own group: what it is besides its name, comments and contexts. */
const ownPrefix = 'flow'

/** Identity, what is said elsewhere, and what the server makes of its own accord. */
const neverFields = new Set([
  'identifier',
  'instanceIdentifier',
  'groupIdentifier',
  'instanceGroupId',
  'componentType',
  'type',
  // NiFi takes another version of a bundle by itself where the one named is not there.
  'bundle',
  'propertyDescriptors',
  'sensitiveDynamicPropertyNames',
  'properties',
  'componentState',
  'scheduledState',
  'versionedFlowCoordinates',
])

const notOf: Readonly<Partial<Record<ComponentKind, ReadonlySet<string>>>> = {
  connection: new Set(['source', 'destination']),
  'controller-service': new Set(['controllerServiceApis']),
  // A log file suffix is taken only where none is set; variables are NiFi 1.x.
  group: new Set([...lists.keys(), 'parameterContextName', 'variables', 'logFileSuffix']),
  // The other NiFi says its name and which ports there are.
  'remote-process-group': new Set(['name', 'inputPorts', 'outputPorts', 'targetUri', 'proxyPassword']),
}

/** Lists whose order means nothing. */
const sets = new Set(['autoTerminatedRelationships', 'retriedRelationships', 'selectedRelationships'])

/** The path that says that a component is there; its value is the type, or the kind where there are no types. */
export function pathOf({ kind, identifier }: Pick<Component, 'kind' | 'identifier'>): string {
  return `${plurals[kind]}.${identifier}`
}

/** Whether a field is of the definition itself, and so made by a replace. */
export function isOfDefinition(path: string): boolean {
  const first = path.slice(0, path.indexOf('.'))
  return first === ownPrefix || kinds.has(first)
}

/**
 * The content of a definition, flat. What is null is absent. Two spellings of one content (other order, other instance ids, drawn
 * elsewhere) have the same fields.
 */
export function definitionFields(snapshot: Snapshot): Fields {
  const known = flattened.get(snapshot)
  if (known !== undefined) return known
  const external = externalServices(snapshot)
  const fields = new Map<string, Json>()
  for (const [name, value] of membersOfKind('group', snapshot.flowContents)) {
    if (name !== 'name' && name !== 'comments') fields.set(`${ownPrefix}.${name}`, value)
  }
  for (const component of componentsOf(snapshot).values()) {
    const path = pathOf(component)
    fields.set(path, typeOf(component))
    for (const [name, value] of fieldsOf(component, external)) fields.set(`${path}.${name}`, value)
  }
  flattened.set(snapshot, fields)
  return fields
}

const flattened = new WeakMap<Snapshot, Fields>()

function typeOf({ kind, json }: Component): string {
  return kind === 'processor' || kind === 'controller-service' ? textOf(json, 'type') : kind
}

function* fieldsOf(
  component: Component,
  external: ReadonlyMap<string, string>,
): Iterable<readonly [string, Json]> {
  const { kind, json, groupId } = component
  yield ['group', groupId]
  if (kind === 'connection') {
    const { source, destination } = connectionEnds(json)
    yield ['source', source.id]
    yield ['destination', destination.id]
  }
  if (kind === 'processor' || kind === 'input-port' || kind === 'output-port')
    yield ['scheduledState', json['scheduledState'] === 'DISABLED' ? 'DISABLED' : 'ENABLED']
  yield* membersOfKind(kind, json)
  for (const { name, value, sensitive } of propertiesOf(json)) {
    if (sensitive === true && !isParameterReference(value)) continue
    const service = external.get(value)
    yield [`properties.${name}`, service === undefined ? value : `external service "${service}"`]
  }
}

function* membersOfKind(kind: ComponentKind, json: JsonObject): Iterable<readonly [string, Json]> {
  for (const [name, value] of Object.entries(json)) {
    if (value === null || neverFields.has(name) || placementMembers.has(name)) continue
    if (notOf[kind]?.has(name) === true || isNameOfPublicPort(name, json)) continue
    yield [name, sets.has(name) && isList(value) ? sorted(value) : value]
  }
}

/** A replace leaves the names of ports that other NiFis see. */
function isNameOfPublicPort(name: string, json: JsonObject): boolean {
  return name === 'name' && json['allowRemoteAccess'] === true
}

function sorted(list: readonly Json[]): readonly Json[] {
  return list
    .map((each) => [canonicalJson(each), each] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each)
}

/** Path of a component → what people call it; two of one name in one group bear the beginning of their identifiers too. */
export function titlesOf(snapshot: Snapshot): ReadonlyMap<string, string> {
  const named = Map.groupBy(componentsOf(snapshot).values(), titleOf)
  return new Map(
    [...named].flatMap(([title, of]) =>
      of.map((component) => {
        const told = of.length > 1 ? `${title} (${component.identifier.slice(0, 8)})` : title
        return [pathOf(component), told] as const
      }),
    ),
  )
}

/** The component that a path is about: `processors.1a2b.properties.Batch Size` → `1a2b`. */
export function identifierIn(path: string, all: ReadonlyMap<string, unknown>): string | undefined {
  const first = path.indexOf('.')
  if (!kinds.has(path.slice(0, first))) return undefined
  for (let end = path.length; end > first; end = path.lastIndexOf('.', end - 1)) {
    const identifier = path.slice(first + 1, end)
    if (all.has(identifier)) return identifier
  }
  return undefined
}
