import { ReconcileError } from '../../../../src/errors.ts'
import { figureAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import { takeCensus } from './census.ts'
import { differingDrawers } from './drawers.ts'
import { refresh } from './pass.ts'
import { readShards } from './shards.ts'
import type { Shards } from './shards.ts'
import { readSite } from './site.ts'
import type { SiteIndex } from './site.ts'
import { beginSweep, sweepFound, sweepOn } from './sweep.ts'
import { grouped } from './words.ts'
import { ask, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/**
 * How many documents both hold. Nothing is written any more, and everything that the source holds was copied: so with as many
 * documents both hold the same ids, and with the same sum of versions the same documents. What the target holds beyond was deleted in
 * the source, and goes now. Undefined: it holds less, because documents of the source share an id under several routings.
 */
export async function verify(work: Work, source: SiteIndex, target: SiteIndex): Promise<number | undefined> {
  await refresh(work, target)
  const [there, first] = await Promise.all([takeCensus(work, source), takeCensus(work, target)])
  let here = first
  for (const sweep of [sweepDrawers, sweepAll, sweepVersions]) {
    if (here.documents <= there.documents) break
    await sweep(work, here.documents, here.documents - there.documents)
    await refresh(work, target)
    here = await takeCensus(work, target)
  }
  if (here.documents < there.documents && (await isRouted(work, source))) return undefined
  const known = here.versions !== undefined && there.versions !== undefined
  if (here.documents === there.documents && (!known || here.versions === there.versions))
    return here.documents
  work.note.distrusted = true
  throw new ReconcileError(
    'ChangesFailed',
    `${target.name} does not hold what ${source.name} holds (${grouped(here.documents)} and ${grouped(there.documents)} documents)`,
  )
}

/** Only documents that are routed by something else than their id can share one. */
async function isRouted(work: Work, source: SiteIndex): Promise<boolean> {
  const path = `/${pathPart(source.name)}/_count`
  const body = { query: { exists: { field: '_routing' } } }
  return (figureAt(await ask(work, { method: 'POST', path, body }, 'counting'), 'count') ?? 0) > 0
}

/** Where both hold different numbers of documents; that finds most of what there is to find, at once. */
async function sweepDrawers(work: Work, documents: number): Promise<void> {
  await sweepFound(work, (await differingDrawers(work, documents)) ?? [])
}

async function sweepAll(work: Work, _documents: number, enough: number): Promise<void> {
  await walk(work, false, enough)
}

/** Compares routings too. */
async function sweepVersions(work: Work, _documents: number, enough: number): Promise<void> {
  await walk(work, true, enough)
}

async function walk(work: Work, versions: boolean, enough: number): Promise<void> {
  await sweepOn(work, await beginSweep(work, versions), Infinity, enough)
}

/** Right before the swap: nobody lifted the block, made the index anew or moved the name. */
export async function requireUnchanged(work: Work, source: SiteIndex, held: Shards): Promise<void> {
  const [shards, site] = await Promise.all([
    readShards(work.wire, source, undefined, work.signal),
    readSite(work.wire, work.wish.name, work.signal),
  ])
  work.site = site
  const now = sourceOf(work)
  const same = shards.last.every((number, shard) => number === held.last[shard])
  const bears = work.site.bearers.length === 1 && work.site.bearers[0] === now
  if (same && bears && now.settings.get('index.blocks.write') === 'true') return
  throw new ReconcileError(
    'ChangesFailed',
    `${source.name} was changed by somebody else while writers were held back`,
  )
}
