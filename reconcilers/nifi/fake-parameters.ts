import { parametersIn, valuesOf } from './fake-properties.ts'
import type { Component, Context, FakeState, Group, Parameter } from './fake-state.ts'

/** A context's parameters and those that it inherits: its own come first, then those of the first context that it names. */
export function effectiveParameters(state: FakeState, context: Context): ReadonlyMap<string, Parameter> {
  const found = new Map(context.parameters)
  for (const id of context.inherits) {
    const parent = state.contexts.get(id)
    if (parent === undefined) continue
    for (const [name, parameter] of effectiveParameters(state, parent)) {
      if (!found.has(name)) found.set(name, parameter)
    }
  }
  return found
}

/** The context itself and all that inherit from it. */
export function heirsOf(state: FakeState, id: string): readonly Context[] {
  const heirs = [...state.contexts.values()].filter(({ inherits }) => inherits.includes(id))
  const self = state.contexts.get(id)
  return [...(self === undefined ? [] : [self]), ...heirs.flatMap((heir) => heirsOf(state, heir.id))]
}

export function groupsBoundTo(state: FakeState, contextId: string): readonly Group[] {
  return [...state.groups.values()].filter((group) => group.contextId === contextId)
}

/** Components of groups with this context, or with one that inherits from it, that refer to the parameter (or to any). */
export function consumersOf(state: FakeState, contextId: string, parameter?: string): readonly Component[] {
  const contexts = new Set(heirsOf(state, contextId).map(({ id }) => id))
  const groups = [...state.groups.values()].filter(
    ({ contextId: id }) => id !== undefined && contexts.has(id),
  )
  return groups.flatMap((group) => state.componentsIn(group.id).filter((part) => refersTo(part, parameter)))
}

export function refersTo(part: Component, parameter?: string): boolean {
  return [...valuesOf(part).values()].some((value) =>
    parametersIn(value).some((name) => parameter === undefined || name === parameter),
  )
}
