import type { Snapshot } from '../../resource.ts'
import { accepted, isMissing } from '../failures.ts'
import { at, numberAt, textAt } from '../members.ts'
import type { Tools } from '../tools.ts'
import type { WireAnswer, WireRequest } from '../wire.ts'

/** A process group as it is now: what the next change of it needs. */
export interface GroupNow {
  readonly id: string
  readonly revision: number
  readonly parentId: string
  readonly name: string
  /** The marker included. */
  readonly comments: string
}

export function groupPath(id: string): string {
  return `/process-groups/${encodeURIComponent(id)}`
}

/** Undefined: there is none of this id any more. */
export async function readGroupNow(
  tools: Tools,
  id: string,
  signal: AbortSignal,
): Promise<GroupNow | undefined> {
  const answer = await tools.wire.send({ method: 'GET', path: groupPath(id) }, signal)
  if (isMissing(answer)) return undefined
  const entity = accepted(answer, 'reading the process group')
  const component = at(entity, 'component')
  return {
    id,
    revision: numberAt(entity, 'revision', 'version'),
    parentId: textAt(component, 'parentGroupId'),
    name: textAt(component, 'name'),
    comments: textAt(component, 'comments'),
  }
}

/** Changes settings of a group itself. A revision that is stale by now is refused, and the change then begins anew. */
export async function putGroup(
  tools: Tools,
  group: Pick<GroupNow, 'id' | 'revision'>,
  settings: Readonly<Record<string, unknown>>,
  doing: string,
  signal: AbortSignal,
): Promise<void> {
  await sent(
    tools,
    {
      method: 'PUT',
      path: groupPath(group.id),
      body: {
        revision: revision(tools, group.revision),
        disconnectedNodeAcknowledged: false,
        component: { id: group.id, ...settings },
      },
    },
    doing,
    signal,
  )
}

export interface Import {
  readonly parentId: string
  readonly name: string
  readonly position: { readonly x: number; readonly y: number }
  readonly snapshot: Snapshot
}

/** Makes a process group of a definition. Sent once: NiFi makes another one each time. */
export async function importFlow(tools: Tools, flow: Import, signal: AbortSignal): Promise<WireAnswer> {
  return tools.wire.send(
    {
      method: 'POST',
      path: `${groupPath(flow.parentId)}/process-groups/import`,
      once: true,
      body: {
        groupId: flow.parentId,
        groupName: flow.name,
        positionDTO: flow.position,
        revisionDTO: revision(tools, 0),
        disconnectedNodeAcknowledged: false,
        flowSnapshot: flow.snapshot,
      },
    },
    signal,
  )
}

/** Deletes the group of this id and revision. "Already gone" is done. */
export async function deleteGroup(
  tools: Tools,
  group: Pick<GroupNow, 'id' | 'revision'>,
  signal: AbortSignal,
): Promise<void> {
  const answer = await tools.wire.send(
    {
      method: 'DELETE',
      path: groupPath(group.id),
      query: { version: group.revision, clientId: tools.clientId, disconnectedNodeAcknowledged: false },
    },
    signal,
  )
  if (!isMissing(answer)) accepted(answer, 'deleting the process group')
}

export function revision(tools: Tools, version: number): Readonly<Record<string, unknown>> {
  return { version, clientId: tools.clientId }
}

/** The answer’s body; throws ReconcileError where NiFi refused. */
export async function sent(
  tools: Tools,
  request: WireRequest,
  doing: string,
  signal: AbortSignal,
): Promise<unknown> {
  return accepted(await tools.wire.send(request, signal), doing)
}
