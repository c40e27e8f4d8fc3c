import { own } from '../../src/core/json.ts'
import {
  type Call,
  type Handler,
  assertRevision,
  flag,
  listOf,
  named,
  ok,
  revisionAsked,
  revisionIn,
  textOf,
  touch,
} from './fake-call.ts'
import { contextEntity } from './fake-context-entity.ts'
import { consumersOf, effectiveParameters, groupsBoundTo } from './fake-parameters.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import { type Context, type FakeState, type Parameter, inNoOrder } from './fake-state.ts'

export const listContexts: Handler = ({ state }) => {
  const contexts = inNoOrder([...state.contexts.values()])
  return ok({
    parameterContexts: contexts.map((context) => contextEntity(state, context)),
    currentTime: '20:00:00 UTC',
  })
}

export const getContext: Handler = (call) => {
  const context = contextOf(call.state, named(call))
  return ok(contextEntity(call.state, context, flag(call, 'includeInheritedParameters')))
}

export function contextOf(state: FakeState, id: string): Context {
  const found = state.contexts.get(id)
  if (found === undefined) throw missing(`Unable to find Parameter Context with id '${id}'.`)
  return found
}

export const postContext: Handler = (call) => {
  const { state, body } = call
  const component = own(body, 'component')
  const revision = revisionIn(own(body, 'revision'))
  if (revision?.version !== 0)
    throw badRequest('A revision of 0 must be specified when creating a new Parameter Context.')
  const name = textOf(component, 'name')
  if (name === undefined) throw badRequest("Parameter Context's Name must be specified")
  assertNames(component)
  if ([...state.contexts.values()].some((context) => context.name === name)) {
    throw conflict(
      `Cannot create Parameter Context with name '${name}' because a Parameter Context already exists with that name`,
    )
  }
  const context: Context = {
    ...{ id: state.newId(), name, description: textOf(component, 'description'), revision: { version: 0 } },
    ...{ parameters: new Map(), inherits: inheritedIn(state, component, name) ?? [] },
  }
  for (const given of parametersIn(component)) {
    const parameter = parameterOf(given, undefined)
    context.parameters.set(parameter.name, parameter)
  }
  assertConsistent(state, context)
  touch(context, revision)
  state.contexts.set(context.id, context)
  recordContext(state, context, 'Add', undefined)
  for (const { name: parameter, sensitive, value } of context.parameters.values()) {
    const shown = value === undefined ? {} : { value: sensitive ? '********' : value }
    recordContext(state, context, 'Configure', { name: parameter, ...shown })
  }
  const value = context.inherits.join(', ')
  if (value !== '')
    recordContext(state, context, 'Configure', { name: 'Inherited Parameter Contexts', value })
  return ok(contextEntity(state, context), 201)
}

/** Bound to groups where nothing runs it goes, and they have none any more. */
export const deleteContext: Handler = (call) => {
  const { state } = call
  const context = contextOf(state, named(call))
  assertRevision(context, revisionAsked(call))
  if (consumersOf(state, context.id).some((part) => part.state === 'RUNNING')) {
    throw conflict(
      `Cannot delete Parameter Context with ID ${context.id} because it is in use by at least one Processor that is running`,
    )
  }
  const heir = [...state.contexts.values()].find(({ inherits }) => inherits.includes(context.id))
  if (heir !== undefined) {
    throw conflict(
      `Cannot delete Parameter Context with ID [${context.id}] because it is referenced by at least one Parameter Context [${heir.name}]`,
    )
  }
  const entity = { ...contextEntity(state, context), revision: undefined }
  for (const group of groupsBoundTo(state, context.id)) group.contextId = undefined
  state.contexts.delete(context.id)
  recordContext(state, context, 'Remove', undefined)
  return ok(entity)
}

export function parametersIn(component: unknown): readonly unknown[] {
  return listOf(component, 'parameters').map((each) => own(each, 'parameter'))
}

export function assertNames(component: unknown): void {
  for (const given of parametersIn(component)) {
    const name = textOf(given, 'name') ?? ''
    if (/^[A-Za-z0-9 ._-]+$/.test(name)) continue
    throw badRequest(
      `Request contains an illegal Parameter Name (${name}). Parameter names may only include letters, numbers, spaces, and the special characters .-_`,
    )
  }
}

/** What is not said of a parameter that there is stays as it was. */
export function parameterOf(given: unknown, before: Parameter | undefined): Parameter {
  const removed = own(given, 'valueRemoved') === true
  return {
    name: textOf(given, 'name') ?? '',
    sensitive: own(given, 'sensitive') === true,
    description: textOf(given, 'description') ?? before?.description,
    value: removed ? undefined : (textOf(given, 'value') ?? before?.value),
  }
}

/** Undefined: the body does not speak of it. */
export function inheritedIn(state: FakeState, component: unknown, name: string | null): string[] | undefined {
  if (!Array.isArray(own(component, 'inheritedParameterContexts'))) return undefined
  return listOf(component, 'inheritedParameterContexts').map((each) => {
    const id = textOf(own(each, 'component'), 'id')
    if (id === undefined) {
      throw badRequest(
        `Could not resolve inherited parameter context references in Parameter Context [${String(name)}]`,
      )
    }
    return contextOf(state, id).id
  })
}

/** No circles, and no sensitive parameter under one that is not. */
export function assertConsistent(state: FakeState, context: Context): void {
  assertNoCycle(state, context, [])
  const seen = new Map<string, Parameter>()
  const contexts = context.inherits.flatMap((id) => state.contexts.get(id) ?? [])
  for (const parameters of [
    context.parameters,
    ...contexts.map((each) => effectiveParameters(state, each)),
  ]) {
    for (const [name, parameter] of parameters) {
      const above = seen.get(name)
      if (above === undefined) seen.set(name, parameter)
      else if (above.sensitive !== parameter.sensitive) throw mixed(name, above.sensitive)
    }
  }
}

function mixed(name: string, sensitiveWins: boolean): Error {
  const [under, over] = sensitiveWins ? ['Non Sensitive', 'Sensitive'] : ['Sensitive', 'Non Sensitive']
  return conflict(
    `Cannot add ParameterContext because ${under} Parameter [${name}] would be overridden by a ${over} Parameter with the same name`,
  )
}

function assertNoCycle(state: FakeState, context: Context, path: readonly Context[]): void {
  const here = [...path, context]
  for (const id of context.inherits) {
    const again = here.find((each) => each.id === id)
    if (again !== undefined) {
      throw conflict(
        `Circular references in Parameter Contexts not allowed. [${again.name}] was detected in a cycle.`,
      )
    }
    const parent = state.contexts.get(id)
    if (parent !== undefined) assertNoCycle(state, parent, here)
  }
}

export function recordContext(
  state: FakeState,
  context: Context,
  operation: string,
  details: Readonly<Record<string, string>> | undefined,
): void {
  const { id: sourceId, name: sourceName } = context
  state.record({ sourceId, sourceName, sourceType: 'ParameterContext', operation, details })
}

export function callContext(call: Call): Context {
  return contextOf(call.state, named(call))
}
