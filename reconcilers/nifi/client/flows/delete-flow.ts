import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { componentsOf } from '../../definition/components.ts'
import { readMarker } from '../../marker.ts'
import type { Flow, Removal } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { standingFor } from './feeders.ts'
import { type FlowStatus, readFlowStatus, waitingIn } from './flow-status.ts'
import { type Step, failed, inWords, pending, seconds } from './outcomes.ts'
import { deleteGroup, putGroup, readGroupNow } from './requests.ts'
import { scheduleSome } from './schedule.ts'
import { type Live, lookAt } from './site.ts'
import { disableServices, instancesOf, stopWhole } from './stillness.ts'
import { patienceMs, until } from './waiting.ts'
import { forget, workOn } from './work.ts'

/** How long queues may take to become empty before a flow is deleted. */
const emptyWithinMs = 300_000

/** A flow that is no longer written: what becomes of it was written while it still was. */
export async function deleteFlow(
  tools: Tools,
  change: Change<Flow>,
  signal: AbortSignal,
): Promise<Outcome<Flow>> {
  const live = await lookAt(tools, change, signal)
  const isOurs = live?.facts.marked === true && (change.id === undefined || change.id === live.groupId)
  if (live === undefined || !isOurs) return { state: 'done' }
  const step = await removals[removalOf(change)](tools, live, signal)
  if (step !== undefined) return step
  forget(tools, live.groupId)
  return { state: 'done' }
}

const removals = { stop: stopAndLetGo, delete: deleteEmpty, keep: letGo }

/** What is not known is not deleted. */
function removalOf({ remembered }: Change<Flow>): Removal {
  const said = remembered?.get('on-removal')
  return said === 'delete' || said === 'keep' ? said : 'stop'
}

async function stopAndLetGo(tools: Tools, live: Live, signal: AbortSignal): Promise<Step> {
  return (await stopWhole(tools, live, signal)) ?? letGo(tools, live, signal)
}

/** Without the marker it is nobody’s: InfoMetis does not look at it again. */
async function letGo(tools: Tools, { groupId }: Live, signal: AbortSignal): Promise<Step> {
  const group = await readGroupNow(tools, groupId, signal)
  if (group === undefined) return undefined
  const { text, marker } = readMarker(group.comments)
  if (marker === undefined) return undefined
  await putGroup(tools, group, { comments: text }, 'taking the marker off the process group', signal)
  return undefined
}

async function deleteEmpty(tools: Tools, live: Live, signal: AbortSignal): Promise<Step> {
  if (live.facts.usedPorts.size > 0) {
    return failed(
      'ChangesFailed',
      'connections outside of the flow lead to its ports: remove these in NiFi first',
    )
  }
  const rest =
    (await empty(tools, live, signal)) ??
    (await stopWhole(tools, live, signal)) ??
    (await disableServices(tools, live.groupId, signal))
  if (rest !== undefined) return rest
  const group = await readGroupNow(tools, live.groupId, signal)
  if (group === undefined) return undefined
  // What was at work when it was stopped can have put something into a queue.
  const status = await readFlowStatus(tools, live.groupId, signal)
  if (status !== undefined && left(status).flowFiles > 0) {
    await startAgain(tools, live, signal)
    return pending(`waits for ${inWords(left(status))} to leave the flow`)
  }
  await deleteGroup(tools, group, signal)
  return undefined
}

/** Nothing new comes in; what is in the flow goes on its way. Nothing is ever dropped. */
async function empty(tools: Tools, live: Live, signal: AbortSignal): Promise<Step> {
  const { groupId, facts } = live
  const work = workOn(tools, groupId)
  if (facts.queues.size === 0) return undefined
  work.ran ??= facts.running
  if (work.ran.size === 0) {
    return failed(
      'ChangesFailed',
      `${inWords(sumOf(live))} wait in the flow and nothing of it runs: start it, or empty its queues in NiFi, then it is deleted`,
    )
  }
  work.emptying ??= { connections: '*', since: tools.now() }
  await scheduleSome(tools, instancesOf(live, first(live)), 'STOPPED', signal)
  let status: FlowStatus | undefined
  const look = async () => {
    status = await readFlowStatus(tools, groupId, signal)
    return status === undefined || left(status).flowFiles === 0
  }
  if (await until(tools, patienceMs, look, signal)) return undefined
  const waiting = inWords(status === undefined ? { flowFiles: 0, bytes: 0 } : left(status))
  if (tools.now() - work.emptying.since <= emptyWithinMs)
    return pending(`waits for ${waiting} to leave the flow, whose sources stand still`)
  await startAgain(tools, live, signal)
  forget(tools, groupId)
  return failed(
    'TimeLimitReached',
    `${waiting} are still in the flow after ${seconds(emptyWithinMs)}; it was not deleted, its sources run again, and nothing was dropped`,
  )
}

/** What lets FlowFiles into the flow: all that nothing in it feeds any more. */
function first({ live: { snapshot }, facts }: Live): ReadonlySet<string> {
  const components = [...componentsOf(snapshot).values()]
  const connections = components.filter(({ kind }) => kind === 'connection')
  const all = new Set(connections.map(({ identifier }) => identifier))
  return standingFor(snapshot, all, new Set(facts.queues.keys()))
}

async function startAgain(tools: Tools, live: Live, signal: AbortSignal): Promise<void> {
  const ran = workOn(tools, live.groupId).ran ?? new Set<string>()
  await scheduleSome(tools, instancesOf(live, ran), 'RUNNING', signal)
}

function left(status: FlowStatus) {
  return waitingIn(status, status.queues.keys())
}

function sumOf({ facts }: Live) {
  const queues = [...facts.queues.values()]
  return {
    flowFiles: queues.reduce((sum, { flowFiles }) => sum + flowFiles, 0),
    bytes: queues.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
