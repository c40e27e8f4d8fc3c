import { type Component, componentsOf, connectionEnds } from '../../definition/components.ts'
import type { Snapshot } from '../../resource.ts'

/**
 * What has to stand still so that nothing more comes into these connections, while everything that empties a filled one of them still
 * works. By identifier. Asked again as they become empty, it reaches from the first components of each chain to all that feed one. A
 * component with a filled connection to itself goes on, because only it can empty that.
 */
export function standingFor(
  snapshot: Snapshot,
  connections: ReadonlySet<string>,
  filled: ReadonlySet<string>,
): ReadonlySet<string> {
  const needed = new Set(
    connectionsOf(snapshot)
      .filter(({ identifier }) => connections.has(identifier) && filled.has(identifier))
      .map(({ json }) => connectionEnds(json).destination.id),
  )
  return new Set([...feedersOf(snapshot, connections)].filter((identifier) => !needed.has(identifier)))
}

/** What puts FlowFiles into these connections, by identifier; ahead of a funnel, which cannot be stopped, what feeds that. */
export function feedersOf(snapshot: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  const all = withFunnels(snapshot, connections)
  const components = componentsOf(snapshot)
  const sources = connectionsOf(snapshot)
    .filter(({ identifier }) => all.has(identifier))
    .map(({ json }) => connectionEnds(json).source.id)
  return new Set(sources.filter((id) => components.get(id)?.kind !== 'funnel'))
}

/** The connections, and those through which a funnel gets what it puts into them: it passes on at once, and to every way out of it. */
export function withFunnels(snapshot: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  const all = connectionsOf(snapshot)
  const into = Map.groupBy(all, ({ json }) => connectionEnds(json).destination.id)
  const found = new Set(connections)
  for (const identifier of found) {
    const connection = componentsOf(snapshot).get(identifier)
    if (connection === undefined || !isFromFunnel(connection)) continue
    for (const each of into.get(connectionEnds(connection.json).source.id) ?? []) found.add(each.identifier)
  }
  return found
}

export function isFromFunnel({ json }: Component): boolean {
  return connectionEnds(json).source.type === 'FUNNEL'
}

function connectionsOf(snapshot: Snapshot): readonly Component[] {
  return [...componentsOf(snapshot).values()].filter(({ kind }) => kind === 'connection')
}
