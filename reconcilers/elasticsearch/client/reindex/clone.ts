import type { Json } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { generationName } from '../../generations.ts'
import { objectOf } from '../../../../src/core/json.ts'
import { cloneAlias, isMarker } from '../../markers.ts'
import { at } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import { takeCensus } from './census.ts'
import { refresh } from './pass.ts'
import { readSite } from './site.ts'
import type { Site, SiteIndex } from './site.ts'
import { discardIndex } from './target.ts'
import { ask, sourceOf } from './work.ts'
import type { Work } from './work.ts'

const times = { master_timeout: '5s', timeout: '10s' } as const

/** What stays of a concrete index once its name is an alias: a copy by hard links that inherits the write block. */
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
  return made
}

/** `documents`: how many the source holds under the write block. */
export async function requireWhole(work: Work, clone: SiteIndex, documents: number): Promise<void> {
  await refresh(work, clone)
  const copy = await takeCensus(work, clone)
  if (copy.documents === documents) return
  const words = `the clone ${clone.name} does not hold what ${sourceOf(work).name} holds`
  throw new ReconcileError('ChangesFailed', words)
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
