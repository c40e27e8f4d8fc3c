import type { Json } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { objectOf } from '../../../../src/core/json.ts'
import { isMarker } from '../../markers.ts'
import { deleteByName } from '../delete-index.ts'
import { isError, refusalOf } from '../failures.ts'
import { pathPart, promptTimes, writeTimes } from '../requests.ts'
import { sendSettings } from '../set-settings.ts'
import type { SettingChanges } from '../set-settings.ts'
import { settingsToBuild, wantedMappings, wantedSettings, whileBuilding } from './blueprint.ts'
import { checkGates } from './gates.ts'
import { requireReindex } from './pass.ts'
import { hasSetting, readSite } from './site.ts'
import type { Site, SiteIndex } from './site.ts'
import { stopTasks } from './tasks.ts'
import { accept, changeAliases, patiently, sourceOf, targetOf } from './work.ts'
import type { Work } from './work.ts'

/** The target of this very wish, ready to be copied into: found, or made after the gates; what another wish left goes first. */
export async function haveTarget(work: Work): Promise<Outcome | undefined> {
  const leftovers = work.site.unfinished.filter((index) => index !== targetOf(work))
  const pending = await discard(work, leftovers)
  if (pending !== undefined) return pending
  const target = targetOf(work)
  if (target === undefined) await createTarget(work)
  else await keepBuilding(work, target)
  return undefined
}

async function createTarget(work: Work): Promise<void> {
  const { wish, change, site, wire, signal } = work
  if (site.indices.some(({ name }) => name === wish.target)) throw taken(wish.target)
  await requireReindex(work)
  await checkGates(work, 'start')
  const source = sourceOf(work)
  const body = {
    settings: settingsToBuild(wantedSettings(change, source)),
    mappings: wantedMappings(change, source),
    aliases: objectOf<Json>([[wish.building, objectOf<Json>([['is_hidden', true]])]]),
  }
  const query = { ...writeTimes, wait_for_active_shards: 1 }
  const answer = await wire.send({ method: 'PUT', path: `/${pathPart(wish.target)}`, query, body }, signal)
  if (isError(answer, 'resource_already_exists_exception')) throw taken(wish.target)
  const refusal = refusalOf(answer)
  if (refusal !== undefined) throw new ReconcileError(refusal.reason, `${wish.target}: ${refusal.message}`)
  work.site = await readSite(wire, wish.name, signal)
  const target = targetOf(work)
  if (target === undefined) throw taken(wish.target)
  await keepBuilding(work, target)
}

function taken(target: string): ReconcileError {
  return new ReconcileError(
    'ChangesFailed',
    `${target} was made by somebody else meanwhile: the next pass plans another name`,
  )
}

/**
 * Settings that a crash after the last step, or a person, left in another state, and aliases that a template gave the new index:
 * nobody may find half a copy behind a name.
 */
async function keepBuilding(work: Work, target: SiteIndex): Promise<void> {
  const aliases = [...target.aliases.keys()].filter((alias) => !isMarker(alias))
  if (aliases.length > 0) {
    const actions = aliases.map((alias) => ({ remove: { index: target.name, alias } }))
    await changeAliases(work, actions, `taking aliases of a template off ${target.name}`)
  }
  const off = Object.entries(whileBuilding).filter(
    ([key, value]) => key in essential && !hasSetting(target, key, value),
  )
  if (off.length > 0) await setSettings(work, target, new Map(off))
  if (aliases.length + off.length > 0) work.site = await readSite(work.wire, work.wish.name, work.signal)
}

/** What has to hold in every pass; the rest only makes it quicker, and is given up before the end. */
const essential: Readonly<Record<string, true>> = {
  'index.default_pipeline': true,
  'index.final_pipeline': true,
  'index.gc_deletes': true,
  'index.translog.durability': true,
}

export async function setSettings(work: Work, { name }: SiteIndex, settings: SettingChanges): Promise<void> {
  const answer = await patiently(work, (signal) =>
    sendSettings(work.wire, name, settings, signal, promptTimes),
  )
  accept(answer, `setting ${[...settings.keys()].join(', ')} of ${name}`)
}

/**
 * Deletes what a reindex left, once nothing writes to it any more: only an index that bears our mark and serves nobody. Undefined
 * when it is gone; pending while a task ends.
 */
export async function discard(
  work: Pick<Work, 'wire' | 'time' | 'signal'> & { site: Site },
  indices: readonly SiteIndex[],
): Promise<Outcome | undefined> {
  const { wire, signal } = work
  const [first] = indices
  if (first === undefined) return undefined
  for (const index of indices) requireUnused(index, work.site)
  if (!(await stopTasks(work, indices))) {
    return { state: 'pending', message: `stopping what still copies into ${first.name}` }
  }
  for (const { name } of indices) await discardIndex(work, name)
  work.site = await readSite(wire, work.site.name, signal)
  return undefined
}

function requireUnused({ name, aliases }: SiteIndex, site: Site): void {
  const used = [...aliases.keys()].find((alias) => !isMarker(alias))
  if (used === undefined && name !== site.name) return
  throw new ReconcileError(
    'ChangesFailed',
    `${name} is left from an unfinished reindex, and something uses it by the alias ${used ?? name}: remove the alias, or delete the index`,
  )
}

/** What nobody uses: "already gone" is done. */
export async function discardIndex(
  { wire, signal }: Pick<Work, 'wire' | 'signal'>,
  name: string,
): Promise<void> {
  const refusal = await deleteByName(wire, name, signal)
  if (refusal === undefined) return
  throw new ReconcileError(refusal.reason, `deleting the unfinished ${name}: ${refusal.message}`)
}
