import type { Json } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { generationName } from '../../generations.ts'
import { objectOf } from '../../json.ts'
import { isMarker } from '../../markers.ts'
import { pathPart } from '../requests.ts'
import { takeCensus } from './census.ts'
import { at } from './figures.ts'
import { cloneAlias } from './marks.ts'
import { refresh } from './pass.ts'
import { readSite } from './site.ts'
import type { Site, SiteIndex } from './site.ts'
import { discardIndex } from './target.ts'
import { ask } from './work.ts'
import type { Work } from './work.ts'

const times = { master_timeout: '5s', timeout: '10s' } as const

/**
 * What stays of a concrete index once its name is an alias: a copy by hard links that inherits the write block, with as many
 * documents as its source.
 */
export async function cloneSource(work: Work, source: SiteIndex): Promise<SiteIndex> {
  const { name } = work.wish
  const clone = generationName(name, 0)
  const body = { aliases: objectOf<Json>([[cloneAlias(name), objectOf<Json>([['is_hidden', true]])]]) }
  const request = {
    method: 'POST',
    path: `/${pathPart(source.name)}/_clone/${pathPart(clone)}`,
    query: { ...times, wait_for_active_shards: 1 },
    body,
    once: true,
  } as const
  const shown = await ask(work, request, `cloning ${source.name}`)
  if (at(shown, 'shards_acknowledged') !== true) {
    throw new ReconcileError('ServiceTimeout', `the clone ${clone} was not ready in time`)
  }
  const site = await readSite(work.wire, name, work.signal)
  const made = site.indices.find((index) => index.name === clone)
  if (made === undefined) throw new ReconcileError('ChangesFailed', `the clone ${clone} is gone`)
  await refresh(work, made)
  const [original, copy] = [await takeCensus(work, source), await takeCensus(work, made)]
  if (copy.documents === original.documents) return made
  throw new ReconcileError('ChangesFailed', `the clone ${clone} does not hold what ${source.name} holds`)
}

/** Clones that no swap made use of: they are as old as the write block under which they were made. */
export function staleClones({ name, indices }: Site): readonly SiteIndex[] {
  return indices.filter(({ aliases }) => aliases.has(cloneAlias(name)) && [...aliases.keys()].every(isMarker))
}

export async function discardClones(work: Pick<Work, 'wire' | 'signal'>, site: Site): Promise<void> {
  for (const clone of staleClones(site)) await discardIndex(work, clone.name)
}

/** A person's own index under the name that the clone would have. */
export function requireCloneName({ site, wish }: Pick<Work, 'site' | 'wish'>): void {
  const clone = generationName(wish.name, 0)
  const taken = site.indices.find((index) => index.name === clone)
  if (taken === undefined || taken.aliases.has(cloneAlias(wish.name))) return
  const words = `the name ${clone} is taken, and ${wish.name} would be kept under it: rename or delete that index`
  throw new ReconcileError('ChangesFailed', words)
}
