import { type Component, componentsOf, textOf } from '../../definition/components.ts'
import { own } from '../../../../src/core/json.ts'
import type { Snapshot } from '../../resource.ts'

/**
 * What has to stand still so that nothing more comes into these connections and everything that feeds one of them from another still
 * works: the first components of each chain. By identifier. A component with a connection to itself among them goes on, because only
 * it can empty that.
 */
export function heads(snapshot: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  const chosen = [...connectionsOf(snapshot)].filter(({ identifier }) => connections.has(identifier))
  const fed = new Set(chosen.map((connection) => end(connection, 'destination')))
  return new Set([...sources(snapshot, chosen)].filter((identifier) => !fed.has(identifier)))
}

/** What puts FlowFiles into these connections, by identifier; ahead of a funnel, which cannot be stopped, what feeds that. */
export function feedersOf(snapshot: Snapshot, connections: ReadonlySet<string>): ReadonlySet<string> {
  return sources(
    snapshot,
    [...connectionsOf(snapshot)].filter(({ identifier }) => connections.has(identifier)),
  )
}

function sources(snapshot: Snapshot, chosen: readonly Component[]): ReadonlySet<string> {
  const components = componentsOf(snapshot)
  const into = Map.groupBy(connectionsOf(snapshot), (connection) => end(connection, 'destination'))
  const found = new Set<string>()
  const funnels = new Set<string>()
  const add = (connection: Component): void => {
    const source = end(connection, 'source')
    if (components.get(source)?.kind !== 'funnel') {
      found.add(source)
      return
    }
    if (funnels.has(source)) return
    funnels.add(source)
    for (const each of into.get(source) ?? []) add(each)
  }
  for (const connection of chosen) add(connection)
  return found
}

function connectionsOf(snapshot: Snapshot): readonly Component[] {
  return [...componentsOf(snapshot).values()].filter(({ kind }) => kind === 'connection')
}

function end({ json }: Component, which: 'source' | 'destination'): string {
  return textOf(own(json, which), 'id')
}
