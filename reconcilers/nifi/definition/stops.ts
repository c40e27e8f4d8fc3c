import type { ComponentKind, Snapshot } from '../resource.ts'
import {
  type Component,
  componentsOf,
  connectionEnds,
  ownGroup,
  remotePortsOf,
  textOf,
} from './components.ts'
import { servicesUsedBy } from './properties.ts'

/** What differs between live and a proposal. */
export interface Difference {
  readonly removed: readonly Component[]
  readonly added: readonly Component[]
  readonly changed: readonly {
    readonly live: Component
    readonly desired: Component
    readonly members: readonly string[]
  }[]
  /** Drawn in another way that is a difference to NiFi. */
  readonly redrawn: readonly Component[]
  /** Paths of the flow's own group. */
  readonly ownGroup: readonly string[]
}

export interface Stopped {
  readonly stops: readonly Component[]
  readonly disables: readonly Component[]
  readonly mustStand: readonly Component[]
}

const stoppable: ReadonlySet<ComponentKind> = new Set([
  'processor',
  'input-port',
  'output-port',
  'remote-process-group',
])

/**
 * The components of live that NiFi stops to make a difference (`getComponentsAffectedByFlowUpdate`): those that go or change, both
 * ends of each connection that comes, goes or changes, and whatever uses a service that changes. How something is drawn counts for
 * connections (bends) and processors (style), where it stands does not.
 */
export function stopped(live: Snapshot, difference: Difference): Stopped {
  const all = componentsOf(live)
  const remote = remotePortsOf(live)
  const { removed, added, changed, redrawn } = difference
  const touched = [...removed, ...changed.map((each) => each.live), ...redrawn]
  const connections = [...touched, ...added].filter(({ kind }) => kind === 'connection')
  const ends = connections.flatMap(({ json }) => {
    const { source, destination } = connectionEnds(json)
    return [source.id, destination.id].map((id) => all.get(remote.get(id) ?? id))
  })
  const services = closure(
    touched.filter(({ kind }) => kind === 'controller-service'),
    all,
  )
  const users = [...all.values()].filter(({ json, kind }) => {
    return (
      kind === 'processor' && servicesUsedBy(json, all).some(({ identifier }) => services.has(identifier))
    )
  })
  const affected = [...touched, ...ends.filter((each) => each !== undefined), ...users]
  const reached = new Set(
    affected.filter(({ kind }) => stoppable.has(kind)).map(({ identifier }) => identifier),
  )
  const whole = statelessGroups(all, live).filter((group) =>
    [...reached].some((id) => isIn(all.get(id), group, all)),
  )
  const stops = [...all.values()].filter((each) => {
    return (
      stoppable.has(each.kind) &&
      (reached.has(each.identifier) || whole.some((group) => isIn(each, group, all)))
    )
  })
  return { stops, disables: [...services.values()], mustStand: standing(all, difference) }
}

/** Services, and the services that use them. */
function closure(
  services: readonly Component[],
  all: ReadonlyMap<string, Component>,
): ReadonlyMap<string, Component> {
  const found = new Map(services.map((service) => [service.identifier, service]))
  for (const service of found.values()) {
    for (const user of all.values()) {
      const uses = user.kind === 'controller-service' && servicesUsedBy(user.json, all).includes(service)
      if (uses) found.set(user.identifier, user)
    }
  }
  return found
}

/** Groups that run as one: NiFi stops them as one. The flow's own group is `/`. */
function statelessGroups(all: ReadonlyMap<string, Component>, { flowContents }: Snapshot): readonly string[] {
  const groups = [...all.values()].filter(({ kind, json }) => kind === 'group' && isStateless(json))
  const own = isStateless(flowContents) ? [ownGroup] : []
  return [...own, ...groups.map(({ identifier }) => identifier)]
}

function isStateless(group: Component['json']): boolean {
  return textOf(group, 'executionEngine') === 'STATELESS'
}

function isIn(component: Component | undefined, group: string, all: ReadonlyMap<string, Component>): boolean {
  if (component === undefined) return false
  return component.groupId === group || isIn(all.get(component.groupId), group, all)
}

/** A group changes its engine only while nothing in it runs, and NiFi stops nothing for that. */
function standing(
  all: ReadonlyMap<string, Component>,
  { changed, ownGroup: paths }: Difference,
): readonly Component[] {
  const groups = changed.filter(
    ({ live, members }) => live.kind === 'group' && members.includes('executionEngine'),
  )
  const ids = groups.map(({ live }) => live.identifier)
  if (paths.includes('flow.executionEngine')) ids.push(ownGroup)
  return [...all.values()].filter((each) => stoppable.has(each.kind) && ids.some((id) => isIn(each, id, all)))
}
