import type { Change } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import type { Index } from '../resource.ts'
import { type Refusal, refusalOf } from './failures.ts'
import { indexWithId } from './indices.ts'
import { pathPart, writeTimes } from './requests.ts'
import type { Wire } from './wire.ts'

/**
 * Deletes the index with this uuid, whatever else bears its name, by its own name, never by alias or pattern. The uuid is looked up
 * right before: the server has no deletion by uuid. "Already gone" is done.
 */
export async function deleteIndex(wire: Wire, change: Change<Index>, signal: AbortSignal): Promise<Outcome> {
  const { name, id } = change
  if (id === undefined) {
    const message = `the uuid of ${name} is not known, and by name another index could be deleted`
    return { state: 'failed', reason: 'NotVerified', message }
  }
  const index = await indexWithId(wire, name, id, signal)
  if (index === undefined) return { state: 'done' }
  const refusal = await deleteByName(wire, index, signal)
  return refusal === undefined ? { state: 'done' } : { state: 'failed', ...refusal }
}

/** Exactly this index, never what a pattern or an alias stands for. Undefined: it is gone, or already was. */
export async function deleteByName(
  wire: Wire,
  index: string,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const query = {
    ...writeTimes,
    ignore_unavailable: false,
    allow_no_indices: false,
    expand_wildcards: 'none',
  }
  const answer = await wire.send({ method: 'DELETE', path: `/${pathPart(index)}`, query }, signal)
  return answer.status === 404 ? undefined : refusalOf(answer)
}
