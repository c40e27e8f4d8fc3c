import { own } from '../../src/core/json.ts'
import {
  type Call,
  type Handler,
  assertRevision,
  checkedRevision,
  named,
  ok,
  revisionAsked,
  revisionIn,
  textOf,
  touch,
} from './fake-call.ts'
import { assertReadable, keptOf, memberOf } from './fake-definition.ts'
import { groupEntity } from './fake-entities.ts'
import { exportGroup } from './fake-export.ts'
import { assertDeletable } from './fake-group-deletion.ts'
import { refersTo } from './fake-parameters.ts'
import { Unexpected, badRequest, conflict, missing } from './fake-refusal.ts'
import { describe } from './fake-running.ts'
import { type FakeState, type Group, groupDefaults } from './fake-state.ts'
import { describeGroup, newGroup, removeGroup, synchronize } from './fake-synchronize.ts'

export const getGroup: Handler = (call) => ok(groupEntity(call.state, call.state.group(named(call))))

export const listGroups: Handler = ({ state, ...call }) => {
  const group = state.group(call.names[0] ?? '')
  return ok({ processGroups: state.groupsIn(group.id).map((each) => groupEntity(state, each)) })
}

/** There are no remote process groups here. */
export const putRemoteStates: Handler = (call) => {
  call.state.group(named(call))
  return ok({})
}

export const download: Handler = (call) => ok(exportGroup(call.state, call.state.group(named(call))))

/** A plain group, as somebody draws one. */
export const postGroup: Handler = (call) => {
  const { state, body } = call
  const parent = state.group(named(call))
  const component = own(body, 'component')
  const revision = revisionIn(own(body, 'revision'))
  if (revision?.version !== 0)
    throw badRequest('A revision of 0 must be specified when creating a new Process group.')
  const name = textOf(component, 'name')
  if (name === undefined)
    throw badRequest('The group name is required when the group is not imported from version control.')
  const group = newGroup(state, parent.id, undefined)
  group.members = {
    ...groupDefaults,
    ...{ name, comments: textOf(component, 'comments') ?? '' },
    position: memberOf(component, 'position') ?? { x: 0, y: 0 },
  }
  touch(group, revision)
  state.groups.set(group.id, group)
  recordGroup(state, group, 'Add')
  return ok(groupEntity(state, group), 201)
}

/** NiFi looks at little before it begins, and leaves what it has made when it fails. */
export const importGroup: Handler = (call) => {
  const { state, body } = call
  if (own(body, 'groupId') === undefined && own(body, 'flowSnapshot') === undefined)
    throw badRequest('Process group details must be specified.')
  const name = textOf(body, 'groupName')
  if (name === undefined) throw badRequest("Process Group's name must be specified")
  const snapshot = own(body, 'flowSnapshot')
  const contents = assertReadable(snapshot)
  const parent = state.groups.get(named(call) === 'root' ? state.rootId : named(call))
  if (parent === undefined) throw new Unexpected()
  if (name === '') throw badRequest('The name of the process group must be specified.')
  const revision = revisionIn(own(body, 'revisionDTO')) ?? { version: 0 }
  const group = newGroup(state, parent.id, undefined)
  const position = memberOf(body, 'positionDTO') ?? { x: 0, y: 0 }
  group.members = { ...keptOf('group', contents), name, position }
  touch(group, revision)
  state.groups.set(group.id, group)
  const contexts = own(snapshot, 'parameterContexts')
  const externals = own(snapshot, 'externalControllerServices')
  synchronize(state, group, { contents, contexts, externals }, false)
  touch(group, revision)
  recordGroup(state, group, 'Add')
  recordGroup(state, group, 'Start Version Control')
  return ok(groupEntity(state, group), 201)
}

const settable = [
  ...['name', 'comments', 'position', 'defaultFlowFileExpiration', 'defaultBackPressureObjectThreshold'],
  ...['defaultBackPressureDataSizeThreshold', 'executionEngine', 'maxConcurrentTasks'],
  ...['statelessFlowTimeout', 'logFileSuffix'],
]

export const putGroup: Handler = (call) => {
  const { state, body } = call
  const group = state.group(named(call))
  const component = own(body, 'component')
  if (component === undefined || component === null)
    throw badRequest('Process group details must be specified.')
  const revision = checkedRevision(group, own(body, 'revision'))
  if (textOf(component, 'name') === '') throw badRequest('The name of the process group must be specified.')
  const context = contextAsked(state, component)
  const targets = targetsOf(state, group, textOf(body, 'processGroupUpdateStrategy'))
  if (context !== undefined) for (const each of targets) assertContextChange(state, each, context.id)
  for (const name of settable) {
    const value = memberOf(component, name)
    if (value !== undefined) group.members[name] = value
  }
  if (context !== undefined) for (const each of targets) each.contextId = context.id
  for (const each of new Set([group, ...targets])) touch(each, each === group ? revision : undefined)
  recordGroup(state, group, 'Configure')
  return ok(groupEntity(state, group))
}

function targetsOf(state: FakeState, group: Group, strategy: string | undefined): readonly Group[] {
  if (strategy === 'ALL_DESCENDANTS') return state.below(group.id)
  return strategy === 'DIRECT_CHILDREN' ? [group, ...state.groupsIn(group.id)] : [group]
}

/** Undefined: the body does not speak of a context. */
function contextAsked(state: FakeState, component: unknown): { readonly id: string | undefined } | undefined {
  const asked = own(component, 'parameterContext')
  if (asked === undefined || asked === null) return undefined
  const id = textOf(asked, 'id')
  if (id !== undefined && !state.contexts.has(id))
    throw missing(`Unable to find Parameter Context with id '${id}'.`)
  return { id }
}

function assertContextChange(state: FakeState, group: Group, id: string | undefined): void {
  if (group.contextId === id) return
  const user = state.componentsIn(group.id).find((part) => part.state === 'RUNNING' && refersTo(part))
  if (user === undefined) return
  throw conflict(
    `Cannot change Parameter Context for ${describeGroup(group)} because ${describe(user)} is referencing at least one Parameter and is running`,
  )
}

export const deleteGroup: Handler = (call) => {
  const group = callGroup(call)
  assertRevision(group, revisionAsked(call))
  assertDeletable(call.state, group)
  const entity = {
    ...groupEntity(call.state, group),
    ...{ revision: undefined, bulletins: undefined, status: undefined },
  }
  removeGroup(call.state, group)
  recordGroup(call.state, group, 'Remove')
  return ok(entity)
}

function callGroup(call: Call): Group {
  return call.state.group(named(call))
}

export function recordGroup(state: FakeState, group: Group, operation: string): void {
  const sourceName = textOf(group.members, 'name') ?? ''
  state.record({ sourceId: group.id, sourceName, sourceType: 'ProcessGroup', operation, details: undefined })
}
