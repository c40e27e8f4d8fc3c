import type { Change } from '../../../src/core/resource.ts'
import type { Verdict } from '../../../src/reconcile/service-client.ts'
import { own, ownObject } from '../../../src/core/json.ts'
import type { Index } from '../resource.ts'
import { wayBack } from '../way-back.ts'
import { figureAt } from '../../../src/core/members.ts'
import { isIndexName, pathPart } from './requests.ts'
import type { Wire } from './wire.ts'

/** What the server knows of an index without a refresh: Lucene documents (nested ones too) that a search could see by now, and bytes. */
interface Weight {
  readonly id: unknown
  readonly documents: number
  readonly bytes: number
}

/**
 * What would be lost: every deletion of an index is objected to, whatever it holds. The counts are for a person to recognise it by;
 * nothing is concluded from them, because documents that no refresh has shown yet are in none of them.
 */
export async function objectToDeletion(
  wire: Wire,
  change: Change<Index>,
  signal: AbortSignal,
): Promise<Verdict> {
  const index = change.observed?.facts?.index ?? change.name
  const weight = isIndexName(index) ? await weigh(wire, index, signal) : undefined
  if (weight !== undefined && change.id !== undefined && weight.id !== change.id) return { ok: true }
  const holds =
    weight === undefined
      ? 'with all that it holds (how much that is cannot be told: it is closed, or has no shard in use)'
      : `with about ${weight.documents.toLocaleString('en')} documents, ${showBytes(weight.bytes)} (not counting what no refresh has shown yet)`
  return {
    ok: false,
    code: 'DeletesIndex',
    message: `${index} (uuid ${change.id ?? 'unknown'}) would be deleted ${holds}${wayBack(change.observed)}`,
  }
}

async function weigh(wire: Wire, index: string, signal: AbortSignal): Promise<Weight | undefined> {
  const query = { filter_path: 'indices.*.uuid,indices.*.primaries' }
  const answer = await wire.send(
    { method: 'GET', path: `/${pathPart(index)}/_stats/docs,store`, query },
    signal,
  )
  const shown = own(ownObject(answer.body, 'indices'), index)
  const documents = figureAt(shown, 'primaries', 'docs', 'count')
  const bytes = figureAt(shown, 'primaries', 'store', 'size_in_bytes')
  if (answer.status >= 400 || documents === undefined || bytes === undefined) return undefined
  return { id: own(shown, 'uuid'), documents, bytes }
}

function showBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const amount = bytes / 1_000 ** power
  return `${amount.toLocaleString('en', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`
}
