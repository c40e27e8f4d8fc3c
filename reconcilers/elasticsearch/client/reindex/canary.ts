import { ReconcileError } from '../../../../src/errors.ts'
import type { PassFailure } from './pass-result.ts'
import { reindexBody, reindexRequest, resultOf } from './pass.ts'
import { shardsOf } from './site.ts'
import { sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** Documents that are tried before all are copied, and from how many on it is worth it. */
export const sample = 1_000
/** The server's default. */
const mostSlices = 1_024
const limitMs = 30_000

/**
 * Copies a sample spread over the ids (a slice of about a thousand): what does not fit the new mapping mostly shows here, a second
 * after the beginning and not an hour.
 */
export async function tryCanary(work: Work, documents: number): Promise<PassFailure | undefined> {
  const request = reindexRequest(work, { above: undefined, operations: sample })
  const most = Number(sourceOf(work).settings.get('index.max_slices_per_scroll') ?? mostSlices)
  const slices = Math.min(most, Math.floor(documents / sample))
  const slice = slices > shardsOf(sourceOf(work)) ? { slice: { id: 0, max: slices } } : {}
  const body = { ...reindexBody(work, slice), max_docs: sample }
  try {
    return resultOf(await work.wire.send({ ...request, body, timeoutMs: limitMs }, work.signal)).failure
  } catch (error) {
    // Too slow for a sample: the pass itself has the time, and is preceded by the end of this one.
    if (error instanceof ReconcileError && error.reason === 'ServiceTimeout') return undefined
    throw error
  }
}
