import { conflict } from './fake-refusal.ts'
import { describe } from './fake-running.ts'
import type { Component, FakeState, Group } from './fake-state.ts'

/** What keeps a group from being deleted, in the order in which NiFi looks. */
export function assertDeletable(state: FakeState, group: Group): void {
  for (const { id } of state.below(group.id)) {
    for (const part of state.componentsIn(id)) assertAtRest(part)
    for (const connection of state.connectionsIn(id)) {
      if (connection.flowFiles > 0) throw conflict(`Queue not empty for ${connection.id}`)
    }
  }
  for (const port of state.componentsIn(group.id).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))) {
    const words = (which: string, connection: string): string =>
      `Cannot delete Process Group because ${which} Port ${port.id} has at least one ${connection} a component outside of the Process Group. Delete this connection first.`
    if (port.kind === 'input-port' && state.into(port.id).length > 0)
      throw conflict(words('Input', 'incoming connection from'))
    if (port.kind === 'output-port' && state.outOf(port.id).some(({ groupId }) => groupId !== group.id))
      throw conflict(words('Output', 'outgoing connection to'))
  }
}

function assertAtRest(part: Component): void {
  if (part.kind === 'controller-service' && part.state !== 'DISABLED')
    throw conflict(`${describe(part)} cannot be deleted because it is not disabled`)
  if (part.state !== 'RUNNING') return
  const words = part.kind === 'processor' ? 'Processor' : 'Port'
  throw conflict(`Cannot delete ${describe(part)} because ${words} is running`)
}
