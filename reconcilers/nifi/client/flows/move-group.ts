import { ReconcileError } from '../../../../src/errors.ts'
import { textAt } from '../members.ts'
import type { Tools } from '../tools.ts'
import type { GroupNow } from './requests.ts'
import { revision, sent } from './requests.ts'

/**
 * Moves a group with all that is in it to another one: ids, queues and run states stay. The caller has seen that no connection leads
 * into or out of it, for NiFi would let that one cross the groups.
 */
export async function moveGroup(
  tools: Tools,
  group: GroupNow,
  parentId: string,
  signal: AbortSignal,
): Promise<void> {
  const doing = 'moving the process group'
  const snippet = {
    parentGroupId: group.parentId,
    processGroups: { [group.id]: revision(tools, group.revision) },
  }
  const made = await sent(
    tools,
    {
      method: 'POST',
      path: '/snippets',
      once: true,
      body: { snippet, disconnectedNodeAcknowledged: false },
    },
    doing,
    signal,
  )
  const id = textAt(made, 'snippet', 'id')
  if (id === '') throw new ReconcileError('ChangesFailed', `${doing}: NiFi made no snippet`)
  await sent(
    tools,
    {
      method: 'PUT',
      path: `/snippets/${encodeURIComponent(id)}`,
      body: { snippet: { id, parentGroupId: parentId }, disconnectedNodeAcknowledged: false },
    },
    doing,
    signal,
  )
}

/** The group at these names. Throws where it is not there. */
export async function parentIdOf(
  tools: Tools,
  path: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const id = await tools.findGroup(path, signal)
  if (id !== undefined) return id
  const where = ['root', ...path].join('/')
  throw new ReconcileError('DependencyMissing', `there is no process group ${where} to put the flow in`)
}
