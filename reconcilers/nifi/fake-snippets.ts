import { own, ownObject } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import { type Handler, assertRevision, named, ok, revisionIn, textOf, touch } from './fake-call.ts'
import { recordGroup } from './fake-groups.ts'
import { badRequest, missing } from './fake-refusal.ts'
import type { FakeState, Group } from './fake-state.ts'

/** Groups that somebody has picked up, to put them down elsewhere. */
export interface Snippet {
  readonly id: string
  readonly parentGroupId: string
  readonly groups: readonly Group[]
}

const held = new WeakMap<FakeState, Map<string, Snippet>>()

function snippetsOf(state: FakeState): Map<string, Snippet> {
  const found = held.get(state) ?? new Map<string, Snippet>()
  held.set(state, found)
  return found
}

export const postSnippet: Handler = ({ state, body }) => {
  const given = own(body, 'snippet')
  const parentGroupId = textOf(given, 'parentGroupId')
  if (parentGroupId === undefined)
    throw badRequest('The parent Process Group of the snippet must be specified.')
  const groups = Object.entries(ownObject(given, 'processGroups')).map(([id, revision]) => {
    const group = state.group(id)
    assertRevision(group, revisionIn(revision) ?? { version: 0 })
    return group
  })
  const snippet: Snippet = { id: state.newId(), parentGroupId, groups }
  snippetsOf(state).set(snippet.id, snippet)
  return ok({ snippet: shown(snippet) }, 201)
}

function shown({ id, parentGroupId, groups }: Snippet): Json {
  return {
    ...{ id, parentGroupId },
    processGroups: Object.fromEntries(groups.map((group) => [group.id, { ...group.revision }])),
  }
}

/** Puts it down in another group; then there is no snippet any more. Runs what runs, and keeps what waits. */
export const putSnippet: Handler = (call) => {
  const { state, body } = call
  const snippet = snippetsOf(state).get(named(call))
  if (snippet === undefined) throw missing(`Unable to find snippet with id '${named(call)}'.`)
  const target = state.group(textOf(own(body, 'snippet'), 'parentGroupId') ?? snippet.parentGroupId)
  for (const group of snippet.groups) {
    group.groupId = target.id
    touch(group, group.revision)
    recordGroup(state, group, 'Move')
  }
  snippetsOf(state).delete(snippet.id)
  return ok({ snippet: shown({ ...snippet, parentGroupId: target.id }) })
}

export function forgetSnippets(state: FakeState): void {
  held.delete(state)
}
