import { own, ownObject } from '../../src/core/json.ts'
import { textOf } from './fake-call.ts'
import { compatibleBundle, processorType, serviceType } from './fake-catalogue.ts'
import { keptOf, memberOf } from './fake-definition.ts'
import { Unexpected } from './fake-refusal.ts'
import { descriptorsOf, isSensitive, isServiceName } from './fake-properties.ts'
import {
  wordOf,
  type Component,
  type FakeState,
  type Group,
  type Members,
  identifierOf,
} from './fake-state.ts'

/** Adds a component of a definition to a group, or changes the one that is there; its properties come later. */
export function putComponent(
  state: FakeState,
  group: Group,
  kind: Component['kind'],
  given: unknown,
): Component {
  const identifier = textOf(given, 'identifier')
  const found = state.componentsIn(group.id, kind).find((each) => identifierOf(each) === identifier)
  const part = found ?? newComponent(state, group.id, kind, identifier)
  // It is on the canvas before it is given what is in it: what fails then leaves it there.
  state.components.set(part.id, part)
  const properties = part.members['properties'] ?? {}
  if (isSettled(kind)) part.members = { ...part.members, ...typeIn(given), properties }
  findType(part)
  part.members = { ...keptOf(kind, given), ...(isSettled(kind) ? { properties } : {}) }
  findType(part)
  schedule(part, own(given, 'scheduledState'))
  return part
}

export function newComponent(
  state: FakeState,
  groupId: string,
  kind: Component['kind'],
  versionedId: string | undefined,
): Component {
  return {
    ...{ id: state.newId(), kind, groupId, versionedId, revision: { version: 0 }, members: {} },
    ...{
      state: kind === 'controller-service' ? 'DISABLED' : 'STOPPED',
      ghost: false,
      starting: false,
      unchecked: true,
      migrated: false,
    },
  }
}

function typeIn(given: unknown): Members {
  return { type: memberOf(given, 'type') ?? null, bundle: memberOf(given, 'bundle') ?? null }
}

function isSettled(kind: Component['kind']): boolean {
  return kind === 'processor' || kind === 'controller-service'
}

/** NiFi takes the only bundle that has the type, whatever was asked for; without one there is a ghost. */
export function findType(part: Component): void {
  if (part.kind !== 'processor' && part.kind !== 'controller-service') return
  const type = wordOf(part, 'type')
  part.members['bundle'] = compatibleBundle(part.kind, type, part.members['bundle']) as Members
  const find = part.kind === 'processor' ? processorType : serviceType
  const found = find(type, part.members['bundle'])
  part.ghost = found === undefined
  if (found !== undefined && 'apis' in found) {
    part.members['controllerServiceApis'] = found.apis.map((api) => ({
      type: api,
      bundle: { group: 'org.apache.nifi', artifact: 'nifi-standard-services-api-nar', version: '2.3.0' },
    }))
  }
}

function schedule(part: Component, wanted: unknown): void {
  if (part.kind === 'controller-service' || part.kind === 'funnel' || part.kind === 'label') return
  if (wanted === 'DISABLED') part.state = 'DISABLED'
  else if (part.state === 'DISABLED') part.state = 'STOPPED'
  if (part.state !== 'DISABLED') part.unchecked = false
  if (wanted === 'RUNNING' && part.state === 'STOPPED') part.starting = true
}

/**
 * What a definition says of properties: what it leaves out goes back to its default, but for sensitive values, which no definition
 * has. Services are found by identifier in the group and above, else by the name that the definition gives for one outside of it.
 */
export function setProperties(state: FakeState, part: Component, given: unknown, externals: unknown): void {
  const wanted = ownObject(given, 'properties')
  if (Object.keys(wanted).length > 0 && (own(given, 'propertyDescriptors') ?? null) === null)
    throw new Unexpected()
  const values: Members = { ...migrationOf(part, wanted), ...secretsOf(part) }
  for (const [name, value] of Object.entries(wanted)) {
    if (typeof value !== 'string') continue
    values[name] = isServiceName(part, name) ? serviceId(state, part.groupId, value, externals) : value
  }
  part.members['properties'] = values
  part.migrated = true
}

function migrationOf(part: Component, wanted: Readonly<Record<string, unknown>>): Members {
  if (part.migrated) return {}
  const older = Object.entries(descriptorsOf(part)).flatMap(([name, type]) =>
    type.older === undefined || Object.hasOwn(wanted, name) ? [] : [[name, type.older] as const],
  )
  return Object.fromEntries(older)
}

function secretsOf(part: Component): Members {
  const kept = Object.entries(ownObject(part.members, 'properties')).flatMap(([name, value]) =>
    isSensitive(part, name) && typeof value === 'string' && !value.startsWith('#{')
      ? [[name, value] as const]
      : [],
  )
  return Object.fromEntries(kept)
}

function serviceId(state: FakeState, groupId: string, identifier: string, externals: unknown): string {
  const visible = servicesSeenFrom(state, groupId)
  const found = visible.find((service) => identifierOf(service) === identifier)
  if (found !== undefined) return found.id
  const name = textOf(own(externals, identifier), 'name')
  const named = visible.filter((service) => service.members['name'] === name)
  return named.length === 1 && named[0] !== undefined ? named[0].id : identifier
}

/** Those of the group and of the groups that it stands in. */
export function servicesSeenFrom(state: FakeState, groupId: string): readonly Component[] {
  const group = state.groups.get(groupId)
  if (group === undefined) return []
  return [...state.componentsIn(groupId, 'controller-service'), ...servicesSeenFrom(state, group.groupId)]
}
