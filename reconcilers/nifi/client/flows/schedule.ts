import { accepted, isMissing } from '../failures.ts'
import { at, listAt, numberAt, textAt } from '../members.ts'
import type { Instance } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { revision, sent } from './requests.ts'

export type RunState = 'RUNNING' | 'STOPPED'

/** Everything in the group and below that can run; NiFi leaves out what is disabled or invalid. */
export async function scheduleAll(
  tools: Tools,
  groupId: string,
  state: RunState,
  signal: AbortSignal,
): Promise<void> {
  const path = `/flow/process-groups/${encodeURIComponent(groupId)}`
  const doing = state === 'RUNNING' ? 'starting the flow' : 'stopping the flow'
  const body = { id: groupId, state, disconnectedNodeAcknowledged: false }
  await sent(tools, { method: 'PUT', path, body }, doing, signal)
}

/** Remote process groups are no part of what starts and stops with a group. */
export async function scheduleRemotes(
  tools: Tools,
  groupId: string,
  state: RunState,
  signal: AbortSignal,
): Promise<void> {
  const path = `/remote-process-groups/process-group/${encodeURIComponent(groupId)}/run-status`
  const body = {
    state: state === 'RUNNING' ? 'TRANSMITTING' : 'STOPPED',
    disconnectedNodeAcknowledged: false,
  }
  await sent(tools, { method: 'PUT', path, body }, 'switching the remote process groups', signal)
}

/**
 * Some processors and ports. What is gone, invalid or disabled, or in that state already, is left out: one of these among them, and
 * NiFi would start none. The answer: names of those that cannot be started yet, because they have not ended their work.
 */
export async function scheduleSome(
  tools: Tools,
  instances: readonly Instance[],
  state: RunState,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ending: string[] = []
  for (const [groupId, wanted] of Map.groupBy(instances, (instance) => instance.groupId)) {
    const path = `/flow/process-groups/${encodeURIComponent(groupId)}`
    const answer = await tools.wire.send({ method: 'GET', path }, signal)
    if (isMissing(answer)) continue
    const flow = at(accepted(answer, 'reading run states'), 'processGroupFlow', 'flow')
    const ids = new Set(wanted.map(({ id }) => id))
    const ready = ['processors', 'inputPorts', 'outputPorts']
      .flatMap((list) => listAt(flow, list))
      .filter((entity) => ids.has(textAt(entity, 'id')) && canBecome(entity, state))
    const busy = state === 'RUNNING' ? ready.filter(isAtWork) : []
    ending.push(...busy.map((entity) => textAt(entity, 'component', 'name')))
    const components = Object.fromEntries(
      ready
        .filter((entity) => !busy.includes(entity))
        .map((entity) => [textAt(entity, 'id'), revision(tools, numberAt(entity, 'revision', 'version'))]),
    )
    if (Object.keys(components).length === 0) continue
    const body = { id: groupId, state, components, disconnectedNodeAcknowledged: false }
    const doing = state === 'RUNNING' ? 'starting components' : 'stopping components'
    await sent(tools, { method: 'PUT', path, body }, doing, signal)
  }
  return ending
}

/** Stopped, and yet not: NiFi starts it only once its last thread has ended. */
function isAtWork(entity: unknown): boolean {
  return numberAt(entity, 'status', 'aggregateSnapshot', 'activeThreadCount') > 0
}

function canBecome(entity: unknown, state: RunState): boolean {
  const now = textAt(entity, 'component', 'state')
  if (state === 'STOPPED') return now === 'RUNNING'
  // A port tells only its errors.
  const invalid =
    textAt(entity, 'component', 'validationStatus') === 'INVALID' ||
    listAt(entity, 'component', 'validationErrors').length > 0
  return now === 'STOPPED' && !invalid
}

/** All services in the group and below; NiFi leaves out what is invalid. */
export async function scheduleServices(
  tools: Tools,
  groupId: string,
  state: 'ENABLED' | 'DISABLED',
  signal: AbortSignal,
): Promise<void> {
  const path = `/flow/process-groups/${encodeURIComponent(groupId)}/controller-services`
  const body = { id: groupId, state, disconnectedNodeAcknowledged: false }
  const doing = state === 'ENABLED' ? 'enabling controller services' : 'disabling controller services'
  await sent(tools, { method: 'PUT', path, body }, doing, signal)
}
