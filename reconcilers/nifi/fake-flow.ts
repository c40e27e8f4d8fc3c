import { type Handler, named, ok } from './fake-call.ts'
import { componentEntity, connectionEntity, groupEntity, permissions } from './fake-entities.ts'

/** `GET /flow/process-groups/{id}`: what stands right in a group, as the canvas shows it. */
export const getFlow: Handler = (call) => {
  const { state } = call
  const group = state.group(named(call))
  const parts = (kind: 'processor' | 'input-port' | 'output-port' | 'funnel' | 'label') =>
    state.componentsIn(group.id, kind).map((part) => componentEntity(state, part))
  const flow = {
    processGroups: state.groupsIn(group.id).map((each) => groupEntity(state, each)),
    remoteProcessGroups: [],
    processors: parts('processor'),
    inputPorts: parts('input-port'),
    outputPorts: parts('output-port'),
    connections: state.connectionsIn(group.id).map((each) => connectionEntity(state, each)),
    labels: parts('label'),
    funnels: parts('funnel'),
  }
  const { id, groupId } = group
  return ok({
    revision: { ...group.revision },
    permissions,
    processGroupFlow: {
      id,
      uri: `http://nifi/nifi-api/flow/process-groups/${id}`,
      ...(groupId === '' ? {} : { parentGroupId: groupId }),
      flow,
      lastRefreshed: '20:00:00 UTC',
    },
  })
}
