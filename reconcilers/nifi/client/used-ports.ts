import { componentsOf, isOuterPort } from '../definition/components.ts'
import type { Snapshot } from '../resource.ts'
import { accepted, isMissing } from './failures.ts'
import { instanceId } from './flow-facts.ts'
import { at, listAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

/** Ids of ports that connections of a group use, of whatever group these ports are. */
export async function readConnectedPorts(
  wire: Wire,
  groupId: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const path = `/process-groups/${encodeURIComponent(groupId)}/connections`
  const answer = await wire.send({ method: 'GET', path }, signal)
  if (isMissing(answer)) return new Set()
  const connections = listAt(accepted(answer, 'reading the connections around the flow'), 'connections')
  // The entity names its ends even to one who may not read the connection.
  return new Set(connections.flatMap((each) => [end(each, 'source'), end(each, 'destination')]))
}

function end(connection: unknown, which: 'source' | 'destination'): string {
  return textAt(connection, `${which}Id`) || textAt(at(connection, 'component', which), 'id')
}

/** Identifiers and ids of the ports through which FlowFiles enter and leave the flow. */
export function outerPorts(download: Snapshot): ReadonlyMap<string, string> {
  const own = [...componentsOf(download).values()].filter(isOuterPort)
  return new Map(own.map(({ identifier, json }) => [identifier, instanceId(json)]))
}
