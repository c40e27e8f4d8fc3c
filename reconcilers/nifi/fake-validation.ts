import { own } from '../../src/core/json.ts'
import type { ProcessorType, PropertyType } from './fake-extension.ts'
import { effectiveParameters } from './fake-parameters.ts'
import {
  descriptorOf,
  descriptorsOf,
  isSensitive,
  isServiceName,
  parametersIn,
  typeOf,
  valuesOf,
} from './fake-properties.ts'
import { wordOf, type Component, type FakeState, type Parameter } from './fake-state.ts'

/** Why a component cannot run, in NiFi's words. */
export function errorsOf(state: FakeState, part: Component): readonly string[] {
  if (part.kind === 'funnel' || part.kind === 'label') return []
  if (part.kind === 'input-port' || part.kind === 'output-port') return errorsOfPort(state, part)
  if (part.ghost) return [ofGhost(part)]
  const errors = errorsOfProperties(state, part)
  return part.kind === 'processor' ? [...errors, ...errorsOfConnections(state, part)] : errors
}

/** VALID, INVALID or VALIDATING. */
export function validationOf(state: FakeState, part: Component): string {
  if (part.kind === 'processor' && part.state === 'DISABLED' && part.unchecked) return 'VALIDATING'
  if ((state.validating.get(part.id) ?? 0) > 0) return 'VALIDATING'
  return errorsOf(state, part).length > 0 ? 'INVALID' : 'VALID'
}

export function isValid(state: FakeState, part: Component): boolean {
  return errorsOf(state, part).length === 0
}

function ofGhost(part: Component): string {
  const what = part.kind === 'processor' ? 'Processor' : 'Controller Service'
  return `'Missing ${what}' validated against 'Any Property' is invalid because ${what} is of type ${wordOf(part, 'type')}, but this is not a valid ${what} type`
}

function errorsOfPort(state: FakeState, port: Component): readonly string[] {
  const name = wordOf(port, 'name')
  const errors: string[] = []
  const words = (direction: string): string =>
    `'Port '${name}'' is invalid because Port has no ${direction} connections`
  if (state.into(port.id).length === 0) errors.push(words('incoming'))
  if (state.outOf(port.id).length === 0) errors.push(words('outgoing'))
  return errors
}

function errorsOfProperties(state: FakeState, part: Component): readonly string[] {
  const group = state.groups.get(part.groupId)
  const context = group?.contextId === undefined ? undefined : state.contexts.get(group.contextId)
  const parameters = context === undefined ? undefined : effectiveParameters(state, context)
  const values = valuesOf(part)
  const errors: string[] = []
  for (const [name, value] of values) {
    const known = descriptorOf(part, name)
    if (known !== undefined && !counts(known, values)) continue
    errors.push(...errorsOfValue(state, part, { name, value, known, parameters }))
  }
  const text = (property: string): boolean => values.get(property) !== null
  if (wordOf(part, 'type').endsWith('.StandardSSLContextService') && !stores.some(text)) {
    const words =
      "'Keystore/truststore properties' is invalid because Either the keystore and/or truststore must be populated"
    errors.push(words, words)
  }
  return errors
}

const stores = ['Keystore Filename', 'Truststore Filename']

interface Value {
  readonly name: string
  readonly value: string | null
  readonly known: PropertyType | undefined
  /** Undefined: the group has no parameter context. */
  readonly parameters: ReadonlyMap<string, Parameter> | undefined
}

function errorsOfValue(state: FakeState, part: Component, given: Value): readonly string[] {
  const { name, value, known, parameters } = given
  const title = known?.title ?? name
  if (value === null) {
    return known?.required === true ? [`'${title}' is invalid because ${title} is required`] : []
  }
  const referred = parametersIn(value)
  if (referred.length > 0) return errorsOfReferences(title, referred, parameters, isSensitive(part, name))
  if (isServiceName(part, name)) return errorsOfService(state, title, value)
  return known === undefined ? errorsOfDynamic(part, name, value) : errorsOfChoice(title, known, value)
}

function errorsOfDynamic(part: Component, name: string, value: string): readonly string[] {
  if (typeOf(part)?.dynamic === true) return []
  return [
    `'${name}' validated against '${value}' is invalid because '${name}' is not a supported property or has no Validator associated with it`,
  ]
}

function errorsOfChoice(title: string, { values }: PropertyType, value: string): readonly string[] {
  if (values === undefined || values.includes(value)) return []
  const allowed = values.join(', ')
  return [
    `'${title}' validated against '${value}' is invalid because Given value not found in allowed set '${allowed}'`,
  ]
}

function errorsOfReferences(
  title: string,
  referred: readonly string[],
  parameters: ReadonlyMap<string, Parameter> | undefined,
  sensitive: boolean,
): readonly string[] {
  const because = (words: string): string => `'${title}' is invalid because ${words}`
  if (parameters === undefined) {
    return [
      because(
        'Property references one or more Parameters but no Parameter Context is currently set on the Process Group',
      ),
    ]
  }
  return referred.flatMap((name) => {
    const found = parameters.get(name)
    if (found === undefined) {
      return because(
        `Property references Parameter '${name}' but the currently selected Parameter Context does not have a Parameter with that name`,
      )
    }
    if (found.sensitive !== sensitive) {
      return because(
        `The property '${title}' cannot reference Parameter '${name}' because the Sensitivity of the parameter does not match the Sensitivity of the property.`,
      )
    }
    return []
  })
}

function errorsOfService(state: FakeState, title: string, id: string): readonly string[] {
  const words = (why: string): string => `'${title}' validated against '${id}' is invalid because ${why}`
  const service = state.component(id)
  if (service === undefined) {
    return [
      words('Property references a Controller Service that does not exist'),
      words(`Invalid Controller Service: ${id} is not a valid Controller Service Identifier`),
    ]
  }
  if (service.state === 'ENABLED' || service.state === 'DISABLING') return []
  return [words(`Controller Service with ID ${id} is disabled`)]
}

/** What depends on a property with another value is not looked at. */
function counts({ when }: PropertyType, values: ReadonlyMap<string, string | null>): boolean {
  return Object.entries(when ?? {}).every(([name, wanted]) => {
    const value = values.get(name) ?? null
    return value !== null && (wanted.length === 0 || wanted.includes(value))
  })
}

export function relationshipsOf(part: Component): readonly string[] {
  const type = typeOf(part) as ProcessorType | undefined
  if (type === undefined) return []
  if (!wordOf(part, 'type').endsWith('.RouteOnAttribute')) return type.relationships
  const dynamic = [...valuesOf(part).keys()].filter((name) => !Object.hasOwn(descriptorsOf(part), name))
  return [...dynamic, ...type.relationships]
}

function errorsOfConnections(state: FakeState, part: Component): readonly string[] {
  const ended = own(part.members, 'autoTerminatedRelationships')
  const used = new Set<unknown>(Array.isArray(ended) ? ended : [])
  for (const { members } of state.outOf(part.id)) {
    const selected = own(members, 'selectedRelationships')
    for (const name of Array.isArray(selected) ? selected : []) used.add(name)
  }
  const errors = relationshipsOf(part)
    .filter((name) => !used.has(name))
    .map(
      (name) =>
        `'Relationship ${name}' is invalid because Relationship '${name}' is not connected to any component and is not auto-terminated`,
    )
  const input = (typeOf(part) as ProcessorType | undefined)?.input
  const incoming = state.into(part.id).length
  const upstream = (words: string): string => `'Upstream Connections' is invalid because Processor ${words}`
  if (input === 'INPUT_REQUIRED' && incoming === 0)
    errors.push(upstream('requires an upstream connection but currently has none'))
  if (input === 'INPUT_FORBIDDEN' && incoming > 0)
    errors.push(upstream(`does not allow upstream connections but currently has ${incoming}`))
  return errors
}
