import { own, ownObject } from '../../src/core/json.ts'
import { listOf, textOf } from './fake-call.ts'
import { effectiveParameters } from './fake-parameters.ts'
import { Unexpected } from './fake-refusal.ts'
import type { Context, FakeState, Group, Parameter } from './fake-state.ts'
import type { Proposal } from './fake-proposal.ts'

/**
 * The parameter context of a group after a definition: none where the definition names none. One that is bound stays, even if
 * another is named; then it gets what parameters the named one brings. Values that there are never change.
 */
export function bindContext(state: FakeState, group: Group, { contents, contexts }: Proposal): void {
  const name = textOf(contents, 'parameterContextName')
  if (name === undefined) {
    group.contextId = undefined
    return
  }
  const given = own(contexts, name)
  if (given === undefined || given === null) return
  const named = [...state.contexts.values()].find((context) => context.name === name)
  const context = named ?? createFrom(state, name, given, contexts)
  const bound = group.contextId === undefined ? context : (state.contexts.get(group.contextId) ?? context)
  if (bound !== context || named !== undefined) addMissing(state, bound, given)
  group.contextId = bound.id
}

function createFrom(state: FakeState, name: string, given: unknown, contexts: unknown): Context {
  const context: Context = {
    ...{ id: state.newId(), name, description: textOf(given, 'description'), revision: { version: 0 } },
    parameters: new Map(),
    inherits: listOf(given, 'inheritedParameterContexts').flatMap((each) =>
      typeof each === 'string' ? [inherited(state, each, contexts)] : [],
    ),
  }
  state.contexts.set(context.id, context)
  addMissing(state, context, given)
  return context
}

function inherited(state: FakeState, name: string, contexts: unknown): string {
  const found = [...state.contexts.values()].find((context) => context.name === name)
  if (found !== undefined) return found.id
  return createFrom(state, name, ownObject(contexts, name), contexts).id
}

/** Neither the revision nor the history shows it. */
function addMissing(state: FakeState, context: Context, given: unknown): void {
  if (!Array.isArray(own(given, 'parameters'))) throw new Unexpected()
  const known = effectiveParameters(state, context)
  for (const each of listOf(given, 'parameters')) {
    const parameter = parameterOf(each)
    if (!known.has(parameter.name)) context.parameters.set(parameter.name, parameter)
  }
}

function parameterOf(given: unknown): Parameter {
  return {
    name: textOf(given, 'name') ?? '',
    sensitive: own(given, 'sensitive') === true,
    description: textOf(given, 'description'),
    value: textOf(given, 'value'),
  }
}
