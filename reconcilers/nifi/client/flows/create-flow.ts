import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { componentsOf } from '../../definition/components.ts'
import { sendable } from '../../definition/sendable.ts'
import type { Flow } from '../../resource.ts'
import { refusalOf } from '../failures.ts'
import type { Tools } from '../tools.ts'
import { contextIds } from './contexts.ts'
import { freePlace } from './free-place.ts'
import { parentIdOf } from './move-group.ts'
import { type Step, failed } from './outcomes.ts'
import { contextNames, withContexts } from './proposal.ts'
import { deleteGroup, importFlow, readGroupNow } from './requests.ts'
import { type Live, lookAt, siteOf } from './site.ts'
import { settle } from './settle.ts'
import { advance } from './update-flow.ts'

/**
 * Makes a flow, once. The definition carries the marker, and it is looked for right before: a group that a lost answer or a crash left
 * behind is completed instead.
 */
export async function createFlow(
  tools: Tools,
  change: Change<Flow>,
  desired: Flow,
  signal: AbortSignal,
): Promise<Outcome<Flow>> {
  const there = await lookAt(tools, change, signal)
  if (there?.facts.marked === true) return advance(siteOf(tools, change, desired, there), signal)
  if (there !== undefined) {
    return failed(
      'ChangesFailed',
      'a process group of this name was made meanwhile, and not by InfoMetis: nothing was done to it',
    )
  }
  await importOnce(tools, change, desired, signal)
  const made = await lookAt(tools, change, signal)
  if (made === undefined) throw new ReconcileError('ChangesFailed', 'the flow was made and does not show')
  return lostIdentity(desired, made) ?? settle(siteOf(tools, change, desired, made), signal)
}

/** Throws where NiFi refused; then nothing is left of it. */
async function importOnce(
  tools: Tools,
  change: Change<Flow>,
  desired: Flow,
  signal: AbortSignal,
): Promise<void> {
  const { options } = desired
  const parentId = await parentIdOf(tools, options?.parent ?? [], signal)
  const position = await freePlace(tools, parentId, signal)
  const snapshot = withContexts(sendable(desired, { position }))
  await contextIds(tools, contextNames(snapshot), signal)
  const name = options?.groupName ?? change.name
  const refusal = refusalOf(await importFlow(tools, { parentId, name, position, snapshot }, signal))
  if (refusal === undefined) return
  const rest = await lookAt(tools, change, signal)
  if (rest?.facts.marked === true) await removeRest(tools, rest, signal)
  throw new ReconcileError(refusal.reason, `making the flow: ${refusal.message}`)
}

function lostIdentity(desired: Flow, { live }: Live): Step {
  const there = componentsOf(live.snapshot)
  const lost = [...componentsOf(desired.snapshot).keys()].filter((identifier) => !there.has(identifier))
  if (lost.length === 0) return undefined
  return failed(
    'RejectedByServer',
    `NiFi gave ${lost.length} of the components other identifiers than they have in the definition, so that they would not be recognized later; the flow was made and not started`,
  )
}

/** NiFi leaves what it had made before it found something to refuse. None of it ever ran. */
async function removeRest(tools: Tools, { groupId }: Live, signal: AbortSignal): Promise<void> {
  const group = await readGroupNow(tools, groupId, signal)
  if (group !== undefined) await deleteGroup(tools, group, signal)
}
