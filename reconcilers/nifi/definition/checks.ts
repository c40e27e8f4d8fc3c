import { isList, isMap } from '../../../src/core/canonical.ts'
import { own, ownObject } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { ComponentKind, Snapshot } from '../resource.ts'
import { connectionEnds, lists, membersOf, portsOf, textOf } from './components.ts'
import type { End } from './components.ts'
import { plainTextIn } from './secret-checks.ts'

export interface DefinitionIssue {
  /** From the group downwards. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

type Path = DefinitionIssue['path']

/** A component on the way through a definition that may be wrong in any place. */
interface Place {
  readonly json: JsonObject
  readonly kind: ComponentKind
  readonly path: Path
}

/** What NiFi would refuse, or take and do something else with. Pure; an empty list is a definition that can be worked with. */
export function checkDefinition({ flowContents, ...rest }: Snapshot): readonly DefinitionIssue[] {
  const shape = [...shapeIssues(flowContents, [])]
  if (shape.length > 0) return shape
  const places = [...placesIn(flowContents, [])]
  return [
    ...rootIdentifier(flowContents),
    ...places.flatMap(componentIssues),
    ...duplicates(flowContents, places),
    ...looseEnds(places),
    ...contextIssues(rest['parameterContexts']),
  ]
}

/** Everything else reads lists of objects, so this is looked at first. */
function* shapeIssues(group: JsonObject, path: Path): Iterable<DefinitionIssue> {
  for (const list of lists.keys()) {
    const members = group[list] ?? null
    if (members === null) continue
    if (!isList(members)) {
      yield { path: [...path, list], message: `must be a list; ${quote(members)} is not` }
      continue
    }
    for (const [at, member] of members.entries()) {
      const here = [...path, list, at]
      if (!isMap(member)) yield { path: here, message: `must be a component; ${quote(member)} is not` }
      else if (list === 'processGroups') yield* shapeIssues(member, here)
    }
  }
}

function* placesIn(group: JsonObject, path: Path): Iterable<Place> {
  for (const [list, kind] of lists) {
    for (const [at, json] of membersOf(group, list).entries()) {
      const here = [...path, list, at]
      yield { json, kind, path: here }
      if (kind === 'group') yield* placesIn(json, here)
    }
  }
}

function* rootIdentifier(group: JsonObject): Iterable<DefinitionIssue> {
  if (textOf(group, 'identifier') === '')
    yield { path: ['identifier'], message: 'is missing: the definition’s own group needs one' }
}

function componentIssues(place: Place): readonly DefinitionIssue[] {
  return [
    ...[...missing(place), ...stateIssues(place), ...registryIssues(place), ...secretIssues(place)],
    ...relationshipIssues(place),
  ]
}

/** Without these NiFi answers with an internal error and leaves half of a group behind. */
const needed: Readonly<Partial<Record<ComponentKind, readonly string[]>>> = {
  processor: ['type', 'bundle'],
  'controller-service': ['type', 'bundle'],
  'input-port': ['name'],
  'output-port': ['name'],
  group: ['name'],
}

function* missing(place: Place): Iterable<DefinitionIssue> {
  const { json, kind, path } = place
  const what = called(place)
  if (textOf(json, 'identifier').trim() === '')
    yield {
      path: [...path, 'identifier'],
      message: `is missing: without it the ${what} cannot be found again`,
    }
  for (const member of needed[kind] ?? []) {
    if (isGiven(json[member])) continue
    yield { path: [...path, member], message: `is missing: NiFi needs it of the ${what}` }
  }
}

/** `input port "in"`. */
function called({ json, kind }: Place): string {
  return `${kind.replaceAll('-', ' ')} ${quote(textOf(json, 'name'))}`
}

function isGiven(value: Json | undefined): boolean {
  return isMap(value) || (typeof value === 'string' && value.trim() !== '')
}

function* stateIssues({ json, path }: Place): Iterable<DefinitionIssue> {
  const state = json['componentState'] ?? null
  if (state === null || (isMap(state) && Object.keys(state).length === 0)) return
  const message =
    'is the state of a running component, which NiFi takes for no update; download the definition without component state'
  yield { path: [...path, 'componentState'], message }
}

/** NiFi refuses to make such a connection, takes the change of one that is there, and does not start any more after that. */
function* relationshipIssues({ json, kind, path }: Place): Iterable<DefinitionIssue> {
  if (kind !== 'connection' || connectionEnds(json).source.type !== 'PROCESSOR') return
  const selected = json['selectedRelationships'] ?? null
  if (isList(selected) && selected.length > 0) return
  const message = 'is empty: a connection that comes from a processor has at least one of its relationships'
  yield { path: [...path, 'selectedRelationships'], message }
}

/** A nested group that a registry keeps elsewhere comes without what is in it. */
function* registryIssues({ json, kind, path }: Place): Iterable<DefinitionIssue> {
  if (kind !== 'group' || !isMap(json['versionedFlowCoordinates'])) return
  if ([...lists.keys()].some((list) => membersOf(json, list).length > 0)) return
  const message = `is kept in a registry, and the definition has only a reference to it; download the flow definition with the contents of ${quote(textOf(json, 'name'))}`
  yield { path: [...path, 'versionedFlowCoordinates'], message }
}

function secretIssues({ json, path }: Place): readonly DefinitionIssue[] {
  return plainTextIn(json).map(({ member, message }) => ({ path: [...path, ...member], message }))
}

function* duplicates(group: JsonObject, places: readonly Place[]): Iterable<DefinitionIssue> {
  const seen = new Map([[textOf(group, 'identifier'), 'the definition’s own group']])
  for (const place of places) {
    const { json, path } = place
    const identifier = textOf(json, 'identifier')
    const first = seen.get(identifier)
    if (identifier !== '' && first !== undefined)
      yield {
        path: [...path, 'identifier'],
        message: `${identifier} stands twice: it is also that of ${first}`,
      }
    seen.set(identifier, `the ${called(place)}`)
  }
}

function* looseEnds(places: readonly Place[]): Iterable<DefinitionIssue> {
  const known = new Set(places.filter(({ kind }) => isEndOfConnections(kind)).flatMap(identifiersOf))
  for (const { json, kind, path } of places) {
    if (kind !== 'connection') continue
    for (const [side, end] of Object.entries(connectionEnds(json) satisfies Readonly<Record<string, End>>)) {
      if (known.has(end.id)) continue
      const which =
        end.id === '' ? 'nothing' : `${quote(end.name)} (${end.id}), which is not in the definition`
      yield {
        path: [...path, side],
        message: `the connection ${side === 'source' ? 'comes from' : 'leads to'} ${which}`,
      }
    }
  }
}

function isEndOfConnections(kind: ComponentKind): boolean {
  return kind !== 'connection' && kind !== 'label' && kind !== 'group' && kind !== 'controller-service'
}

function identifiersOf({ json, kind }: Place): readonly string[] {
  return kind === 'remote-process-group' ? portsOf(json) : [textOf(json, 'identifier')]
}

/** The definition's own contexts are not used, and yet nobody wants their secrets in Git. */
function* contextIssues(contexts: Json | undefined): Iterable<DefinitionIssue> {
  for (const [context, value] of Object.entries(ownObject({ contexts }, 'contexts'))) {
    const parameters = own(value, 'parameters')
    for (const parameter of Array.isArray(parameters) ? parameters : []) {
      if (own(parameter, 'sensitive') !== true || (own(parameter, 'value') ?? null) === null) continue
      const message = `parameter ${quote(textOf(parameter, 'name'))} of the parameter context ${quote(context)} is sensitive and has its value in plain text; take the value out, change the secret, and write the parameter in a document parameter-contexts with "secret"`
      yield { path: [], message }
    }
  }
}
