import type { Change } from '../../../src/core/resource.ts'
import type { Verdict } from '../../../src/reconcile/service-client.ts'
import { isOfIndex } from '../resource.ts'
import type { SearchResource } from '../resource.ts'
import { objectToDeletion } from './delete-facts.ts'
import { refusalOf } from './failures.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import { pathPart } from './requests.ts'
import type { Wire } from './wire.ts'

const asksAtOnce = 4

/**
 * What the server itself says of changes that are not made at once: index templates are composed and checked without a write, and a
 * deletion of an index is told with what would be lost. The rest was said by `canonical`, or can only be said by doing it.
 */
export async function validateChanges(
  wire: Wire,
  changes: readonly Change<SearchResource>[],
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  return inParallel(changes, asksAtOnce, async (change): Promise<Verdict> => {
    if (isOfIndex(change) && change.action === 'delete') {
      return objectToDeletion(wire, change, signal)
    }
    if (change.type === 'index-templates' && change.action !== 'delete') return simulate(wire, change, signal)
    return { ok: true }
  })
}

/** Under its own name, so that a template that is there already is no rival of itself. */
async function simulate(
  wire: Wire,
  { name, desired }: Change<SearchResource>,
  signal: AbortSignal,
): Promise<Verdict> {
  const path = `/_index_template/_simulate/${pathPart(name)}`
  const answer = await wire.send({ method: 'POST', path, body: desired?.body ?? {} }, signal)
  const refusal = refusalOf(answer)
  // Whatever may pass (a missing privilege, a busy server) is for apply to tell.
  if (refusal?.reason !== 'RejectedByServer') return { ok: true }
  return { ok: false, code: 'RejectedByServer', message: refusal.message }
}
