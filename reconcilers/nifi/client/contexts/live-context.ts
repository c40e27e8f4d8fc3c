import type { JsonObject } from '../../../../src/core/json.ts'
import { readMarker } from '../../marker.ts'
import { accepted } from '../failures.ts'
import { at, listAt, numberAt, textAt } from '../members.ts'
import type { Wire } from '../wire.ts'

/** A parameter context as NiFi has it now. Values of sensitive parameters are not in it: NiFi shows a mask, which is dropped here. */
export interface LiveContext {
  readonly id: string
  readonly name: string
  /** The marker included. */
  readonly description: string
  /** Counted in memory: begins again at 0 with every start of NiFi. */
  readonly version: number
  /** Its own, not the inherited ones. */
  readonly parameters: ReadonlyMap<string, LiveParameter>
  /** In their order: the first one wins. */
  readonly inherits: readonly Named[]
  /** Process groups. */
  readonly boundTo: readonly Named[]
}

export interface LiveParameter {
  readonly name: string
  readonly description: string
  readonly sensitive: boolean
  /** Null: none. Of a sensitive one always null. */
  readonly text: string | null
  /** Of a sensitive one, too. */
  readonly hasValue: boolean
  /** Components that refer to it, those in groups of inheriting contexts included: `processor InvokeHTTP (id)`. */
  readonly users: readonly string[]
}

export interface Named {
  readonly id: string
  readonly name: string
}

export interface LiveContexts {
  readonly contexts: readonly LiveContext[]
  /** Ids of those that this user may not look at. */
  readonly hidden: ReadonlySet<string>
}

/** All there are, in one request. */
export async function readContexts(wire: Wire, signal: AbortSignal): Promise<LiveContexts> {
  const answer = await wire.send({ method: 'GET', path: '/flow/parameter-contexts' }, signal)
  const entities = listAt(accepted(answer, 'reading parameter contexts'), 'parameterContexts')
  const readable = entities.filter((entity) => at(entity, 'permissions', 'canRead') !== false)
  return {
    contexts: readable.map(readContext),
    hidden: new Set(
      entities.filter((entity) => !readable.includes(entity)).map((entity) => textAt(entity, 'id')),
    ),
  }
}

export function readContext(entity: unknown): LiveContext {
  const component = at(entity, 'component')
  const parameters = listAt(component, 'parameters')
    .map((each) => at(each, 'parameter'))
    .filter((each) => at(each, 'inherited') !== true)
    .map(readParameter)
  return {
    id: textAt(entity, 'id'),
    name: textAt(component, 'name'),
    description: textAt(component, 'description'),
    version: numberAt(entity, 'revision', 'version'),
    parameters: new Map(parameters.map((each) => [each.name, each])),
    inherits: listAt(component, 'inheritedParameterContexts').map(readNamed),
    boundTo: listAt(component, 'boundProcessGroups').map(readNamed),
  }
}

/** Whether the description bears the marker of this entry. */
export function isMarked({ description }: LiveContext, name: string): boolean {
  const { marker } = readMarker(description)
  return marker?.type === 'parameter-contexts' && marker.name === name
}

/** How a request names an inherited context: NiFi reads one member and checks the other. */
export function reference(id: string): JsonObject {
  return { id, component: { id } }
}

/** `"a", "b"`; of many the first few. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ')
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown
}

const mostNames = 5

function readParameter(parameter: unknown): LiveParameter {
  const sensitive = at(parameter, 'sensitive') === true
  const value = at(parameter, 'value')
  return {
    name: textAt(parameter, 'name'),
    description: textAt(parameter, 'description'),
    sensitive,
    text: sensitive || typeof value !== 'string' ? null : value,
    hasValue: typeof value === 'string',
    users: listAt(parameter, 'referencingComponents').map(readUser),
  }
}

function readUser(entity: unknown): string {
  const component = at(entity, 'component')
  const kind = textAt(component, 'referenceType').toLowerCase().replaceAll('_', ' ')
  return [kind, textAt(component, 'name'), `(${textAt(entity, 'id')})`]
    .filter((part) => part !== '')
    .join(' ')
}

/** What may not be read shows its id only. */
function readNamed(entity: unknown): Named {
  return { id: textAt(entity, 'id'), name: textAt(entity, 'component', 'name') || textAt(entity, 'id') }
}
