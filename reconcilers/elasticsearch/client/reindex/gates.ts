import { ReconcileError } from '../../../../src/errors.ts'
import { isObject } from '../../../../src/core/json.ts'
import { at, figureAt, textAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import { requireSpace } from './disk.ts'
import type { Allocation } from './disk.ts'
import { hasSetting } from './site.ts'
import type { SiteIndex } from './site.ts'
import { ask, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/**
 * What has to be so before a copy begins, and (without the disk) again before writers are held back. Throws with a reason that is
 * tried again, and a sentence; nothing was touched then.
 */
export async function checkGates(work: Work, before: 'start' | 'block'): Promise<void> {
  const source = sourceOf(work)
  requireCopyable(source)
  await requireHealth(work, source)
  const allocation = await requireAllocation(work)
  if (before === 'start') await requireSpace(work, source, allocation)
}

const hindrances: readonly (readonly [string, string])[] = [
  ['index.blocks.read_only_allow_delete', 'a node ran out of disk space, and the index takes no writes'],
  ['index.blocks.read_only', 'it is read-only, so that no alias of it can be moved'],
  ['index.blocks.metadata', 'its metadata is blocked, so that no alias of it can be moved'],
  ['index.blocks.read', 'reading it is blocked'],
  ['index.verified_before_close', 'it is closed'],
]

function requireCopyable(source: SiteIndex): void {
  for (const [key, words] of hindrances) {
    if (!hasSetting(source, key, 'true')) continue
    const reason = key.endsWith('allow_delete') ? 'StorageFull' : 'ServiceUnhealthy'
    throw new ReconcileError(reason, `${source.name} cannot be copied: ${words} (${key})`)
  }
  const kept = source.mappings['_source']
  if (!isObject(kept)) return
  if (kept['enabled'] === false || kept['includes'] !== undefined || kept['excludes'] !== undefined) {
    const words = 'it does not keep the documents whole (_source), so they cannot be copied'
    throw new ReconcileError('ServiceUnhealthy', `${source.name}: ${words}`)
  }
}

async function requireHealth(work: Work, source: SiteIndex): Promise<void> {
  const status = textAt(await healthOf(work, source), 'status')
  if (status !== 'green' && status !== 'yellow') {
    throw new ReconcileError(
      'ServiceUnhealthy',
      `${source.name} is ${status || 'not there'}: bring its shards back first`,
    )
  }
}

async function healthOf(work: Work, { name }: SiteIndex): Promise<unknown> {
  const path = `/_cluster/health/${pathPart(name)}`
  return ask(work, { method: 'GET', path, query: { timeout: '0s' } }, 'reading the health')
}

async function requireAllocation(work: Work): Promise<Allocation> {
  const query = {
    include_defaults: true,
    filter_path: '*.cluster.routing.allocation.enable,*.cluster.routing.allocation.disk',
  }
  const shown = await ask(
    work,
    { method: 'GET', path: '/_cluster/settings', query },
    'reading the cluster settings',
  )
  const allocation: Allocation = (...path) =>
    ['transient', 'persistent', 'defaults']
      .map((layer) => at(shown, layer, 'cluster', 'routing', 'allocation', ...path))
      .find((value) => value !== undefined)
  const enabled = allocation('enable')
  if (enabled !== undefined && enabled !== 'all') {
    const words = `shards are not allocated now (cluster.routing.allocation.enable is ${JSON.stringify(enabled)}): set it to all`
    throw new ReconcileError('ServiceUnhealthy', words)
  }
  return allocation
}

/** Copies of the target that are still being made. */
export async function copiesInTheMaking(work: Work, target: SiteIndex): Promise<number> {
  const shown = await healthOf(work, target)
  if (textAt(shown, 'status') === 'red') {
    throw new ReconcileError('ServiceUnhealthy', `${target.name} lost a shard: bring its node back`)
  }
  return (figureAt(shown, 'initializing_shards') ?? 0) + (figureAt(shown, 'relocating_shards') ?? 0)
}
