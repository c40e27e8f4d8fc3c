import { ReconcileError } from '../../../../src/errors.ts'
import { refusalOf } from '../failures.ts'
import { figureAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import type { SiteIndex } from './site.ts'
import { accept } from './work.ts'
import type { Work } from './work.ts'

/** What an index holds, as its last refresh shows it. */
interface Census {
  /** Documents, without the hidden ones that nested fields are made of. */
  readonly documents: number
  /**
   * Sum of the documents' versions: where one document of a copy is older than in its source, it is lower. Undefined where the server
   * cannot add them, or where they add up to more than a double holds exactly.
   */
  readonly versions: number | undefined
  /** Documents that a search finds by their sequence number; undefined where the server does not say. */
  readonly numbered: number | undefined
}

/** Throws ServiceUnhealthy where a shard does not answer: what it holds would be taken for deleted. */
export async function takeCensus(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  index: SiteIndex,
): Promise<Census> {
  const path = `/${pathPart(index.name)}/_search`
  const query = {
    size: 0,
    allow_partial_search_results: false,
    track_total_hits: true,
    filter_path: '_shards,hits.total,aggregations',
  }
  const numbered = { filter: { range: { _seq_no: { gte: 0 } } } }
  const body = { aggs: { versions: { sum: { field: '_version' } }, numbered } }
  const answer = await wire.send({ method: 'POST', path, query, body }, signal)
  const refused = refusalOf(answer)?.reason === 'RejectedByServer'
  const shown = refused ? await counted({ wire, signal }, path) : accept(answer, `counting ${index.name}`)
  requireAllShards(shown, index)
  const versions = figureAt(shown, 'aggregations', 'versions', 'value')
  return {
    documents: figureAt(shown, 'hits', 'total', 'value') ?? 0,
    numbered: figureAt(shown, 'aggregations', 'numbered', 'doc_count'),
    versions: versions !== undefined && Number.isSafeInteger(versions) ? versions : undefined,
  }
}

/** A server that does not add versions still counts. */
async function counted({ wire, signal }: Pick<Work, 'wire' | 'signal'>, path: string): Promise<unknown> {
  const query = { size: 0, allow_partial_search_results: false, track_total_hits: true }
  return accept(await wire.send({ method: 'POST', path, query }, signal), 'counting')
}

/** An answer of some shards only would be read as if the other ones held nothing. */
export function requireAllShards(shown: unknown, index: SiteIndex): void {
  if (figureAt(shown, '_shards', 'failed') === 0) return
  throw new ReconcileError('ServiceUnhealthy', `a shard of ${index.name} does not answer searches`)
}
