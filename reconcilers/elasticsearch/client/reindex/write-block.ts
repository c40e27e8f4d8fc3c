import { ReconcileError } from '../../../../src/errors.ts'
import { ownObject } from '../../../../src/core/json.ts'
import { blockedAlias, permitAlias } from '../../markers.ts'
import { addMark, takeOff } from '../alias-actions.ts'
import { refusalOf } from '../failures.ts'
import { at, listAt } from '../../../../src/core/members.ts'
import { pathPart, promptTimes } from '../requests.ts'
import { sendSettings } from '../set-settings.ts'
import { hasSetting, readSite } from './site.ts'
import type { Site, SiteIndex } from './site.ts'
import { accept, changeAliases, patiently } from './work.ts'
import type { Work } from './work.ts'

const lookMs = 200
/** For so many looks in a row no block may show up, where a request for one may still be under way: longer than the master keeps it. */
const looksAfterCrash = 30

/** Blocked by somebody else before us: such an index takes no writes anyway, and keeps its block. */
export function isBlockedByOthers(index: SiteIndex, name: string): boolean {
  return hasSetting(index, 'index.blocks.write', 'true') && !index.aliases.has(blockedAlias(name))
}

/**
 * Holds writers back: first the mark that says whose block it is, and the permit for the swap, then the block. The server answers
 * when every write that it took is on every copy. A block that is asked for and not waited for comes later all the same, after
 * it was lifted: so its answer is waited for, and what was never answered is looked after by the next call (`isAsked`).
 */
export async function holdWriters(work: Work, source: SiteIndex, target: SiteIndex): Promise<void> {
  const { note, wish, wire } = work
  const permit = addMark(target.name, permitAlias(wish.name))
  if (isBlockedByOthers(source, wish.name)) return changeAliases(work, [permit], 'preparing the swap')
  await changeAliases(
    work,
    [addMark(source.name, blockedAlias(wish.name)), permit],
    'marking the write block',
  )
  note.isAsked = true
  const path = `/${pathPart(source.name)}/_block/write`
  const request = { method: 'PUT', path, query: promptTimes, once: true } as const
  const answer = await patiently(work, (signal) => wire.send(request, signal))
  note.isAsked = false
  const shown = accept(answer, 'holding writers back')
  const blocked = listAt(shown, 'indices').some((index) => at(index, 'blocked') === true)
  if (at(shown, 'shards_acknowledged') === true && blocked) return
  throw new ReconcileError('ServiceTimeout', `not every shard of ${source.name} took the write block in time`)
}

/** What is left of a write block by whoever was here before, and by a request whose answer never came. */
export async function releaseAfterCrash(
  work: Pick<Work, 'wire' | 'time' | 'signal'>,
  name: string,
): Promise<Site> {
  const site = await withdrawSwap(work, name)
  for (const index of site.blocked) await lift(work, index, looksAfterCrash)
  return unmark(work, site)
}

/** Lets writers go on at once. A block of which it is not known whether it is still to come keeps its mark, for the next call. */
export async function releaseWriters(work: Work): Promise<Site> {
  const site = await withdrawSwap(work, work.wish.name)
  for (const index of site.blocked) await lift(work, index, 1)
  return work.note.isAsked ? site : unmark(work, site)
}

/** First of all: no swap can happen behind our back once writers go on. */
async function withdrawSwap(work: Pick<Work, 'wire' | 'signal'>, name: string): Promise<Site> {
  const site = await readSite(work.wire, name, work.signal)
  const permits = site.indices.filter(({ aliases }) => aliases.has(permitAlias(name)))
  if (permits.length === 0) return site
  const actions = permits.map((index) => takeOff(index.name, permitAlias(name)))
  await changeAliases(work, actions, 'withdrawing the swap')
  return readSite(work.wire, name, work.signal)
}

async function unmark(work: Pick<Work, 'wire' | 'signal'>, site: Site): Promise<Site> {
  const { name, blocked } = site
  if (blocked.length === 0) return site
  const actions = blocked.map((index) => takeOff(index.name, blockedAlias(name)))
  await changeAliases(work, actions, 'unmarking the write block')
  return readSite(work.wire, name, work.signal)
}

/** Lifts until `looks` in a row show no block. The setting alone does not tell: a block on its way has none, nor has a late one. */
async function lift(
  work: Pick<Work, 'wire' | 'time' | 'signal'>,
  index: SiteIndex,
  looks: number,
): Promise<void> {
  const { time, signal } = work
  for (let clear = 0, first = true; clear < looks; first = false) {
    if (!first) await time.sleep(lookMs, signal)
    if (first || clear === 0) await removeBlock(work, index)
    clear = (await isBlocked(work, index)) ? 0 : clear + 1
  }
}

async function removeBlock(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  { name }: SiteIndex,
): Promise<void> {
  const answer = await sendSettings(wire, name, new Map([['index.blocks.write', null]]), signal, promptTimes)
  const refusal = refusalOf(answer)
  if (refusal === undefined || answer.status === 404) return
  throw new ReconcileError(refusal.reason, `letting writers of ${name} go on: ${refusal.message}`)
}

/** As the cluster state has it, with a block that is only on its way. What we may not ask is taken for not blocked. */
async function isBlocked(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  { name }: SiteIndex,
): Promise<boolean> {
  const path = `/_cluster/state/blocks/${pathPart(name)}`
  const answer = await wire.send({ method: 'GET', path, query: { filter_path: 'blocks.indices' } }, signal)
  const blocks = ownObject(at(answer.body, 'blocks', 'indices'), name)
  return Object.values(blocks).some((block) => listAt(block, 'levels').includes('write'))
}
