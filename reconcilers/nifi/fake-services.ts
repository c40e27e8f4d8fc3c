import { own } from '../../src/core/json.ts'
import { type Handler, checkedRevision, flag, named, ok, textOf, touch } from './fake-call.ts'
import { serviceType } from './fake-catalogue.ts'
import { servicesSeenFrom } from './fake-components.ts'
import { memberOf } from './fake-definition.ts'
import { serviceEntity } from './fake-entities.ts'
import { add, configure, record } from './fake-parts.ts'
import { usersOf } from './fake-properties.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import { find } from './fake-run-states.ts'
import { describe } from './fake-running.ts'
import type { Component, FakeState } from './fake-state.ts'
import { looked } from './fake-status.ts'
import { isValid } from './fake-validation.ts'

/** `GET /flow/process-groups/{id}/controller-services`. Those of the groups above come along unless it is said otherwise. */
export const listServices: Handler = (call) => {
  const { state, query } = call
  const group = state.groups.get(named(call) === 'root' ? state.rootId : named(call))
  if (group === undefined) throw missing(`Could not find Process Group with ID ${named(call)}`)
  const below = flag(call, 'includeDescendantGroups')
    ? state.componentsBelow(group.id, 'controller-service')
    : state.componentsIn(group.id, 'controller-service')
  const above = query.get('includeAncestorGroups') === 'false' ? [] : servicesSeenFrom(state, group.groupId)
  const withUsers = query.get('includeReferencingComponents') !== 'false'
  const services = [...below, ...above]
  const answer = ok({
    controllerServices: services.map((service) => serviceEntity(state, service, withUsers)),
    currentTime: '20:00:00 UTC',
  })
  looked(state, services)
  return answer
}

/** `PUT /flow/process-groups/{id}/controller-services`: all of a group and below. What is invalid stays on its way. */
export const putGroupServices: Handler = (call) => {
  const { state, body } = call
  const group = state.group(named(call))
  const wanted = textOf(body, 'state') ?? ''
  if (wanted !== 'ENABLED' && wanted !== 'DISABLED')
    throw badRequest('The controller service state must be one of [DISABLED, ENABLED].')
  const services = state.componentsBelow(group.id, 'controller-service')
  if (wanted === 'DISABLED') for (const service of services) assertUnused(state, service, services)
  for (const service of services) setState(service, wanted)
  return ok({ id: group.id, state: wanted })
}

export const getService: Handler = (call) => {
  const service = find(call.state, named(call), ['controller-service'])
  const answer = ok(serviceEntity(call.state, service))
  looked(call.state, [service])
  return answer
}

export const putServiceState: Handler = (call) => {
  const { state, body } = call
  const service = find(state, named(call), ['controller-service'])
  const wanted = textOf(body, 'state') ?? ''
  if (wanted !== 'ENABLED' && wanted !== 'DISABLED')
    throw badRequest(`The desired state '${wanted}' is not supported.`)
  checkedRevision(service, own(body, 'revision'))
  if (wanted === 'DISABLED') assertUnused(state, service, [])
  setState(service, wanted)
  return ok(serviceEntity(state, service))
}

function setState(service: Component, wanted: 'ENABLED' | 'DISABLED'): void {
  const under = wanted === 'ENABLED' ? 'ENABLING' : 'DISABLING'
  if (service.state === wanted || service.state === under) return
  service.state = under
  touch(service, undefined)
}

/** One cannot be disabled while something runs that uses it; `going`: services that are disabled with it. */
function assertUnused(state: FakeState, service: Component, going: readonly Component[]): void {
  if (service.state === 'DISABLED') return
  const users = usersOf(state, service).filter((user) => !going.includes(user))
  const busy = users.filter((user) => user.state === 'RUNNING' || user.state === 'ENABLED')
  if (busy.length === 0) return
  const names = busy.map(({ id }) => id).join(', ')
  throw conflict(
    `${describe(service)} cannot be disabled because it is referenced by ${busy.length} components that are currently running: [${names}]`,
  )
}

/** What is on its way arrives, where nothing is in the way. */
export function stepServices(state: FakeState): void {
  for (const service of state.components.values()) {
    if (service.state === 'DISABLING') service.state = 'DISABLED'
    if (service.state !== 'ENABLING' || state.slowServices.has(service.id)) continue
    if (isValid(state, service)) service.state = 'ENABLED'
  }
}

export const postService: Handler = (call) => {
  const component = own(call.body, 'component')
  const type = textOf(component, 'type') ?? ''
  if (serviceType(type, own(component, 'bundle')) === undefined)
    throw conflict(`Unable to find bundle that supports ${type}`)
  const answer = add(call, 'controller-service', {
    ...{ name: textOf(component, 'name') ?? type.replace(/^.*\./, ''), comments: '', bulletinLevel: 'WARN' },
    ...{ type, bundle: memberOf(component, 'bundle') ?? null, properties: {} },
  })
  return answer
}

export const putService: Handler = (call) => {
  const { state, body } = call
  const service = find(state, named(call), ['controller-service'])
  const revision = checkedRevision(service, own(body, 'revision'))
  if (service.state !== 'DISABLED')
    throw conflict(`${describe(service)} cannot be updated because it is not disabled`)
  const component = own(body, 'component')
  const name = textOf(component, 'name')
  if (name !== undefined) service.members['name'] = name
  configure(service, component)
  touch(service, revision)
  record(state, service, 'Configure')
  return ok(serviceEntity(state, service))
}
