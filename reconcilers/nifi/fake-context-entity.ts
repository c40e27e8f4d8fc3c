import { addresses, contextReference, identity, permissions } from './fake-entities.ts'
import { consumersOf, groupsBoundTo } from './fake-parameters.ts'
import { mask } from './fake-properties.ts'
import { threadsOf } from './fake-running.ts'
import type { Component, Context, FakeState, Parameter } from './fake-state.ts'

type Shown = Readonly<Record<string, unknown>>

export function contextEntity(state: FakeState, context: Context, inherited = false): Shown {
  const groups = groupsBoundTo(state, context.id)
  return {
    revision: { ...context.revision },
    id: context.id,
    uri: `http://nifi/nifi-api/parameter-contexts/${context.id}`,
    permissions,
    component: {
      name: context.name,
      ...(context.description === undefined ? {} : { description: context.description }),
      parameters: parametersOf(state, context, inherited, new Set()),
      boundProcessGroups: groups.map((group) => ({
        ...{ revision: { ...group.revision }, id: group.id, permissions },
        component: {
          ...identity(group),
          name: group.members['name'],
        },
      })),
      inheritedParameterContexts: context.inherits.map((id) => contextReference(state, id)),
      id: context.id,
    },
  }
}

function parametersOf(
  state: FakeState,
  context: Context,
  inherited: boolean,
  seen: Set<string>,
): readonly Shown[] {
  const own = [...context.parameters.values()].filter(({ name }) => !seen.has(name))
  for (const { name } of own) seen.add(name)
  const shown = own.map((parameter) => parameterShown(state, context, parameter))
  if (!inherited) return shown
  const above = context.inherits.flatMap((id) => {
    const parent = state.contexts.get(id)
    return parent === undefined ? [] : parametersOf(state, parent, true, seen).map(asInherited)
  })
  return [...above, ...shown]
}

function asInherited(shown: Shown): Shown {
  return { ...shown, parameter: { ...(shown['parameter'] as Shown), inherited: true } }
}

function parameterShown(state: FakeState, context: Context, parameter: Parameter): Shown {
  const { name, description, sensitive, value } = parameter
  return {
    canWrite: true,
    parameter: {
      name,
      ...(description === undefined ? {} : { description }),
      sensitive,
      ...(value === undefined ? {} : { value: sensitive ? mask : value }),
      provided: false,
      referencedAssets: [],
      referencingComponents: consumersOf(state, context.id, name).map((part) => consumer(state, part)),
      parameterContext: contextReference(state, context.id),
      inherited: false,
    },
  }
}

export function consumer(state: FakeState, part: Component): Shown {
  const referenceType = part.kind === 'processor' ? 'PROCESSOR' : 'CONTROLLER_SERVICE'
  const group = state.groups.get(part.groupId)
  return {
    ...{ revision: { ...part.revision }, id: part.id, permissions, bulletins: [] },
    uri: `http://nifi/nifi-api/${addresses[part.kind]}/${part.id}`,
    component: {
      ...{ processGroupId: part.groupId, id: part.id, referenceType, name: part.members['name'] },
      ...{ state: part.state, activeThreadCount: threadsOf(state, part) },
    },
    processGroup: { id: part.groupId, name: group?.members['name'] },
    referenceType,
  }
}
