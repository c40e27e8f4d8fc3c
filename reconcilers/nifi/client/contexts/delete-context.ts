import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { ParameterContext } from '../../resource.ts'
import { isConflict, isMissing, refusalOf } from '../failures.ts'
import type { Tools } from '../tools.ts'
import { type LiveContext, type LiveContexts, isMarked, listed, readContexts } from './live-context.ts'

/**
 * Deletes the context of this id, whatever it is called by now, and only while nothing uses it: from groups that are stopped NiFi would
 * just take it away. "Already gone" is done.
 */
export async function deleteContext(
  tools: Tools,
  change: Change<ParameterContext>,
  signal: AbortSignal,
): Promise<Outcome<ParameterContext>> {
  const all = await readContexts(tools.wire, signal)
  if (change.id !== undefined && all.hidden.has(change.id)) {
    const message = `parameter context "${change.name}" may not be read any more, and so is not deleted`
    return { state: 'failed', reason: 'AuthorizationFailed', message }
  }
  const live = all.contexts.find((each) => isMeant(each, change))
  if (live === undefined) return { state: 'done' }
  const use = useOf(live, all)
  if (use !== undefined) {
    const message = `parameter context "${live.name}" is still used by ${use}: end that use, then it is deleted`
    return { state: 'failed', reason: 'ChangesFailed', message }
  }
  const answer = await tools.wire.send(
    {
      method: 'DELETE',
      path: `/parameter-contexts/${encodeURIComponent(live.id)}`,
      query: { version: live.version, clientId: tools.clientId, disconnectedNodeAcknowledged: false },
    },
    signal,
  )
  if (isMissing(answer)) return { state: 'done' }
  const refusal = refusalOf(answer)
  if (refusal === undefined) return { state: 'done' }
  const reason = isConflict(answer) ? 'ServiceBusy' : refusal.reason
  return { state: 'failed', reason, message: refusal.message }
}

/** Without an id it is ours only by its marker. */
function isMeant(live: LiveContext, { id, name }: Change<ParameterContext>): boolean {
  return id === undefined ? live.name === name && isMarked(live, name) : live.id === id
}

function useOf(live: LiveContext, { contexts }: LiveContexts): string | undefined {
  const heirs = contexts.filter(({ inherits }) => inherits.some(({ id }) => id === live.id))
  const uses = [
    ...live.boundTo.map(({ name }) => `process group "${name}"`),
    ...heirs.map(({ name }) => `parameter context "${name}", which inherits it`),
  ]
  return uses.length === 0 ? undefined : listed(uses.toSorted())
}
