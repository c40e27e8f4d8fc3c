import { sha256 } from '../../../../src/core/canonical.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { isObject, ownObject } from '../../../../src/core/json.ts'
import { at, figureAt, listAt, textAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import type { Wire } from '../wire.ts'
import { shardsOf } from './site.ts'
import type { SiteIndex } from './site.ts'
import { accept } from './work.ts'

/** Where the shards of a source are, by their number. */
export interface Shards {
  /** Every operation up to this sequence number is on every copy of the shard: a refresh after now makes it visible everywhere. */
  readonly sure: readonly number[]
  /** The last sequence number given. -1: nothing was ever written. */
  readonly last: readonly number[]
  /** Bytes of the primary shards. */
  readonly bytes: number
  /** Changes when a primary shard of one of the two indices lost what it knew (restored, or allocated empty by force). */
  readonly history: string
}

/** One request. Throws ServiceUnhealthy while a primary shard is missing. */
export async function readShards(
  wire: Wire,
  source: SiteIndex,
  target: SiteIndex | undefined,
  signal: AbortSignal,
): Promise<Shards> {
  const indices = target === undefined ? [source] : [source, target]
  const query = { level: 'shards', filter_path: 'indices.*.shards' }
  const path = `/${indices.map(({ name }) => pathPart(name)).join(',')}/_stats/docs,store`
  const shown = accept(await wire.send({ method: 'GET', path, query }, signal), 'reading shard statistics')
  const primaries = primariesOf(shown, source)
  return {
    sure: primaries.map((shard) => figureAt(shard, 'seq_no', 'global_checkpoint') ?? -1),
    last: primaries.map((shard) => figureAt(shard, 'seq_no', 'max_seq_no') ?? -1),
    bytes: primaries.reduce<number>(
      (sum, shard) => sum + (figureAt(shard, 'store', 'size_in_bytes') ?? 0),
      0,
    ),
    history: historyOf(indices.map((index) => primariesOf(shown, index))),
  }
}

function primariesOf(shown: unknown, index: SiteIndex): readonly unknown[] {
  const shards = ownObject(at(shown, 'indices', index.name), 'shards')
  return Array.from({ length: shardsOf(index) }, (_, number) => {
    const primary = listAt(shards, String(number)).find((copy) => at(copy, 'routing', 'primary') === true)
    if (isObject(primary)) return primary
    throw new ReconcileError('ServiceUnhealthy', `shard ${number} of ${index.name} has no primary copy`)
  })
}

function historyOf(indices: readonly (readonly unknown[])[]): string {
  const all = indices.map((shards) =>
    shards.map((shard) => textAt(shard, 'commit', 'user_data', 'history_uuid')),
  )
  return sha256(JSON.stringify(all)).slice(0, 12)
}
