import { objectOf } from '../../../../src/core/json.ts'
import type { JsonObject } from '../../../../src/core/json.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { groupsOf } from '../../definition/components.ts'
import { contextOf, sendable } from '../../definition/sendable.ts'
import type { Flow, Snapshot } from '../../resource.ts'
import { numberAt } from '../members.ts'

/** What the group on the server is to be replaced by: of what is desired, all that this change is about. */
export function proposalFor(desired: Flow, live: Flow, fields: Change['fields'] | undefined): Snapshot {
  const { snapshot } = live
  const position = {
    x: numberAt(snapshot.flowContents, 'position', 'x'),
    y: numberAt(snapshot.flowContents, 'position', 'y'),
  }
  return withContexts(
    sendable(desired, { position, live: snapshot, ...(fields === undefined ? {} : { fields }) }),
  )
}

/**
 * NiFi binds a group to the context that it names only where the definition brings a context of that name along. An empty one does;
 * it changes nothing of the context. One that is not there would be made, so it is looked for before.
 */
export function withContexts(snapshot: Snapshot): Snapshot {
  const names = [...contextNames(snapshot)]
  const contexts = objectOf(names.map((name) => [name, emptyContext(name)] as const))
  return { ...snapshot, parameterContexts: contexts }
}

/** Names of all contexts that groups of a definition are bound to. */
export function contextNames(snapshot: Snapshot): ReadonlySet<string> {
  return new Set(
    groupsOf(snapshot)
      .map(({ json }) => contextOf(json))
      .filter((name) => name !== undefined),
  )
}

function emptyContext(name: string): JsonObject {
  return { name, parameters: [], inheritedParameterContexts: [], componentType: 'PARAMETER_CONTEXT' }
}
