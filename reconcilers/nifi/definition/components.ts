import { isList, isMap } from '../../../src/core/canonical.ts'
import { own } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'

/** A component of a definition, wherever it stands. */
export interface Component {
  /** What NiFi keeps as the versioned id. */
  readonly identifier: string
  readonly kind: ComponentKind
  /** What a person reads on the canvas; of a connection without a name, its ends. */
  readonly name: string
  /** Path of the group that it stands in: `/` is the flow's own, `/ingest/parse` one in it (see `pathIn`). */
  readonly groupPath: string
  /** Identifier of the group that it stands in; `/` for the flow's own, whose identifier NiFi does not keep. */
  readonly groupId: string
  /** As in the definition. A group's holds everything in it. */
  readonly json: JsonObject
}

/** A group of a definition; the first of a list is the flow's own. */
export interface Group {
  /** `/` for the flow's own. */
  readonly identifier: string
  readonly name: string
  /** `/`, `/ingest`, `/ingest/parse`. */
  readonly path: string
  /** Undefined: the flow's own group. */
  readonly parentId: string | undefined
  readonly json: JsonObject
}

/** The flow's own group, as an identifier and as a path. */
export const ownGroup = '/'

/** Where each kind stands in a group's JSON. */
export const lists: ReadonlyMap<string, ComponentKind> = new Map<string, ComponentKind>([
  ['processors', 'processor'],
  ['inputPorts', 'input-port'],
  ['outputPorts', 'output-port'],
  ['connections', 'connection'],
  ['funnels', 'funnel'],
  ['labels', 'label'],
  ['controllerServices', 'controller-service'],
  ['remoteProcessGroups', 'remote-process-group'],
  ['processGroups', 'group'],
])

/** All components by identifier, groups among them; not the flow's own group. */
export function componentsOf(snapshot: Snapshot): ReadonlyMap<string, Component> {
  const known = indexed.get(snapshot.flowContents)
  if (known !== undefined) return known
  const found = new Map<string, Component>()
  for (const component of walk(snapshot.flowContents, ownGroup, ownGroup))
    found.set(component.identifier, component)
  indexed.set(snapshot.flowContents, found)
  return found
}

const indexed = new WeakMap<JsonObject, ReadonlyMap<string, Component>>()

/** All groups, the flow's own first, each before those in it. */
export function groupsOf(snapshot: Snapshot): readonly Group[] {
  const first = {
    identifier: ownGroup,
    name: textOf(snapshot.flowContents, 'name'),
    path: ownGroup,
    parentId: undefined,
    json: snapshot.flowContents,
  }
  const groups = [...componentsOf(snapshot).values()].filter(({ kind }) => kind === 'group')
  const below = groups.map(({ identifier, name, groupPath, groupId, json }) => {
    return { identifier, name, path: pathIn(groupPath, name), parentId: groupId, json }
  })
  return [first, ...below]
}

/** The path of a group in another: a slash in a name is written `~1`, a tilde `~0`. */
function pathIn(groupPath: string, name: string): string {
  return `${groupPath === ownGroup ? '' : groupPath}/${escapeName(name)}`
}

export function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

export function unescapeName(escaped: string): string {
  return escaped.replaceAll('~1', '/').replaceAll('~0', '~')
}

function* walk(group: JsonObject, path: string, id: string): Iterable<Component> {
  for (const [list, kind] of lists) {
    for (const json of membersOf(group, list)) {
      const identifier = textOf(json, 'identifier')
      const name = nameOf(kind, json)
      yield { identifier, kind, name, groupPath: path, groupId: id, json }
      if (kind === 'group') yield* walk(json, pathIn(path, name), identifier)
    }
  }
}

/** The objects in a list of a group, or of a remote process group. */
export function membersOf(json: JsonObject, list: string): readonly JsonObject[] {
  const members = json[list]
  return isList(members) ? members.filter(isMap) : []
}

export function textOf(json: unknown, member: string): string {
  const text = own(json, member)
  return typeof text === 'string' ? text : ''
}

function nameOf(kind: ComponentKind, json: JsonObject): string {
  if (kind === 'label') return textOf(json, 'label').split('\n', 1)[0]?.slice(0, 40) ?? ''
  const name = textOf(json, 'name')
  return name === '' && kind === 'connection' ? endsOf(json) : name
}

/** `Generate orders → Send (success)`. */
function endsOf(connection: JsonObject): string {
  const { source, destination } = connectionEnds(connection)
  const relationships = own(connection, 'selectedRelationships')
  const through = Array.isArray(relationships) && relationships.length > 0
  return `${source.name} → ${destination.name}${through ? ` (${relationships.join(', ')})` : ''}`
}

export interface End {
  readonly id: string
  readonly name: string
  /** `PROCESSOR`, `INPUT_PORT`, `OUTPUT_PORT`, `FUNNEL`, `REMOTE_INPUT_PORT`, `REMOTE_OUTPUT_PORT`. */
  readonly type: string
  /** The group it stands in; of a remote port, the remote process group. */
  readonly groupId: string
}

export function connectionEnds(connection: JsonObject): { readonly source: End; readonly destination: End } {
  return { source: endOf(connection, 'source'), destination: endOf(connection, 'destination') }
}

function endOf(connection: JsonObject, member: 'source' | 'destination'): End {
  const end = own(connection, member)
  const type = textOf(end, 'type')
  const name = textOf(end, 'name') || type.toLowerCase().replaceAll('_', ' ')
  return { id: textOf(end, 'id'), name, type, groupId: textOf(end, 'groupId') }
}

/** Remote ports by identifier → the identifier of the remote process group that they belong to. */
export function remotePortsOf(snapshot: Snapshot): ReadonlyMap<string, string> {
  const ports = new Map<string, string>()
  for (const { identifier, kind, json } of componentsOf(snapshot).values()) {
    if (kind !== 'remote-process-group') continue
    for (const port of portsOf(json)) ports.set(port, identifier)
  }
  return ports
}

/** The identifiers of a remote process group's ports. */
export function portsOf(remoteGroup: JsonObject): readonly string[] {
  return ['inputPorts', 'outputPorts'].flatMap((list) =>
    membersOf(remoteGroup, list).map((port) => textOf(port, 'identifier')),
  )
}

/** Whether a component is there as the same one: NiFi looks for it in its group, among those of its kind. */
export function standsIn(
  { identifier, kind, groupId }: Component,
  all: ReadonlyMap<string, Component>,
): boolean {
  const other = all.get(identifier)
  return other?.kind === kind && other.groupId === groupId
}

/** A port of the flow's own group: through it FlowFiles enter or leave the flow. */
export function isOuterPort({ kind, groupId }: Component): boolean {
  return groupId === ownGroup && (kind === 'input-port' || kind === 'output-port')
}

const words: Readonly<Record<ComponentKind, string>> = {
  processor: 'processor',
  'input-port': 'input port',
  'output-port': 'output port',
  connection: 'connection',
  funnel: 'funnel',
  label: 'label',
  'controller-service': 'controller service',
  'remote-process-group': 'remote process group',
  group: 'process group',
}

/** `processor "Generate orders" in /ingest`. */
export function titleOf({ kind, name, identifier, groupPath }: Component): string {
  const what = name === '' ? `${words[kind]} ${identifier.slice(0, 8)}` : `${words[kind]} ${quote(name, 80)}`
  return groupPath === ownGroup ? what : `${what} in ${groupPath}`
}
