import { isDeepStrictEqual } from 'node:util'
import { own, ownObject } from '../../src/core/json.ts'
import { listOf, textOf } from './fake-call.ts'
import { kinds } from './fake-definition.ts'
import { exportComponent, exportConnection } from './fake-export.ts'
import { descriptorOf, usersOf } from './fake-properties.ts'
import { type Component, type FakeState, type Group, identifierOf } from './fake-state.ts'

/** What NiFi stops for a replacement: what it will change or remove, and both ends of connections that it will. */
export function affectedBy(state: FakeState, group: Group, contents: unknown): ReadonlySet<Component> {
  const groups = byIdentifier(contents, 'processGroups')
  const inner = state.groupsIn(group.id).flatMap((child) => {
    const given = groups.get(identifierOf(child))
    return given === undefined ? state.componentsBelow(child.id) : [...affectedBy(state, child, given)]
  })
  const ends = [...changedConnections(state, group, contents), ...newConnections(state, group, contents)]
  return withUsers(state, new Set([...inner, ...changedComponents(state, group, contents), ...ends]))
}

function changedComponents(state: FakeState, group: Group, contents: unknown): readonly Component[] {
  return Object.entries(kinds).flatMap(([list, kind]) => {
    const proposed = byIdentifier(contents, list)
    return state.componentsIn(group.id, kind).filter((part) => {
      const given = proposed.get(identifierOf(part))
      return given === undefined || differs(state, part, given)
    })
  })
}

function changedConnections(state: FakeState, group: Group, contents: unknown): readonly Component[] {
  const proposed = byIdentifier(contents, 'connections')
  return state.connectionsIn(group.id).flatMap((connection) => {
    const given = proposed.get(identifierOf(connection))
    if (given !== undefined && sameConnection(exportConnection(state, connection), given)) return []
    return [connection.source, connection.destination].flatMap(({ id }) => state.component(id) ?? [])
  })
}

function newConnections(state: FakeState, group: Group, contents: unknown): readonly Component[] {
  const present = new Set<string | undefined>(state.connectionsIn(group.id).map(identifierOf))
  return [...byIdentifier(contents, 'connections')]
    .filter(([identifier]) => !present.has(identifier))
    .flatMap(([, given]) => ['source', 'destination'].map((end) => own(given, end)))
    .flatMap((end) => byEnd(state, group, end) ?? [])
}

/** Who uses a service that changes stops, too. */
function withUsers(state: FakeState, affected: Set<Component>): ReadonlySet<Component> {
  const services = [...affected].filter(({ kind }) => kind === 'controller-service')
  const users = services.flatMap((service) => usersOf(state, service)).filter((part) => !affected.has(part))
  if (users.length === 0) return affected
  return withUsers(state, new Set([...affected, ...users]))
}

function byIdentifier(contents: unknown, list: string): ReadonlyMap<string | undefined, unknown> {
  return new Map(listOf(contents, list).map((given) => [textOf(given, 'identifier'), given]))
}

function byEnd(state: FakeState, group: Group, end: unknown): Component | undefined {
  const id = textOf(end, 'id')
  return state.componentsBelow(group.id).find((part) => identifierOf(part) === id)
}

const layout = ['position', 'style', 'bends', 'labelIndex', 'zIndex', 'width', 'height']
const notCompared = new Set([
  ...layout,
  ...['instanceIdentifier', 'groupIdentifier', 'propertyDescriptors', 'bundle', 'properties'],
  ...['componentState', 'controllerServiceApis'],
])

function differs(state: FakeState, part: Component, given: unknown): boolean {
  if (part.kind === 'label' || part.kind === 'funnel') return false
  const live = exportComponent(state, part)
  if (part.kind === 'controller-service') delete live['scheduledState']
  const names = Object.keys(live).filter((name) => !notCompared.has(name))
  if (names.some((name) => !alike(live[name], own(given, name)))) return true
  const had = ownObject(live, 'properties')
  const wanted = ownObject(given, 'properties')
  return [...new Set([...Object.keys(had), ...Object.keys(wanted)])].some((name) => {
    const before = had[name] ?? null
    const usual = descriptorOf(part, name)?.usual ?? null
    const after = own(wanted, name) ?? (Object.hasOwn(wanted, name) ? null : usual)
    return before !== after
  })
}

/** Where a definition says nothing it gets the default: the same thing, where that is what there is. */
function alike(live: unknown, given: unknown): boolean {
  if (given === undefined || given === null) return isDefault(live)
  return isDeepStrictEqual(sorted(live), sorted(given))
}

function isDefault(live: unknown): boolean {
  const usual: readonly unknown[] = [
    '',
    10,
    'PENALIZE_FLOWFILE',
    '10 mins',
    'ENABLED',
    'STANDARD',
    'WARN',
    false,
  ]
  return live === undefined || usual.includes(live) || (Array.isArray(live) && live.length === 0)
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).toSorted() : value
}

/** The group of an end counts: NiFi takes a connection for changed whose definition names the group by another identifier. */
function sameConnection(live: unknown, given: unknown): boolean {
  const end = (of: unknown, which: string): unknown[] => {
    const found = own(of, which)
    return [textOf(found, 'id'), textOf(found, 'groupId'), textOf(found, 'type')]
  }
  const members = [
    ...['name', 'selectedRelationships', 'backPressureObjectThreshold', 'backPressureDataSizeThreshold'],
    ...['flowFileExpiration', 'prioritizers', 'loadBalanceStrategy', 'loadBalanceCompression'],
    ...['partitioningAttribute'],
  ]
  const ends = ['source', 'destination'].every((which) =>
    isDeepStrictEqual(end(live, which), end(given, which)),
  )
  const usual = new Set(['DO_NOT_LOAD_BALANCE', 'DO_NOT_COMPRESS'])
  return (
    ends &&
    members.every((name) => {
      const has = own(live, name)
      return alike(
        typeof has === 'string' && usual.has(has) ? undefined : has,
        givenUnlessUsual(own(given, name), usual),
      )
    })
  )
}

function givenUnlessUsual(value: unknown, usual: ReadonlySet<string>): unknown {
  return typeof value === 'string' && usual.has(value) ? undefined : value
}
