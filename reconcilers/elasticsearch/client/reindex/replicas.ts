import { equal } from '../../../../src/core/canonical.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import { settingsToFinish, wantedSettings, whileBuilding } from './blueprint.ts'
import { copiesInTheMaking } from './gates.ts'
import { readSite } from './site.ts'
import { setSettings } from './target.ts'
import { builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/**
 * The target gets its replicas while writers still go on, so that no document that is acknowledged after the swap has one copy only.
 * What no node can hold (replicas on a single node) is not waited for: the source is no better off.
 */
export async function haveReplicas(work: Work): Promise<Outcome | undefined> {
  const target = builtTarget(work)
  const { replicas } = settingsToFinish(wantedSettings(work.change, sourceOf(work)))
  const missing = [...replicas].filter(([key, value]) => !equal(target.settings.get(key), value ?? undefined))
  const unset = missing.filter(
    ([key, value]) => value !== null || equal(target.settings.get(key), whileBuilding[key]),
  )
  if (unset.length > 0) {
    await setSettings(work, target, new Map(unset))
    work.site = await readSite(work.wire, work.wish.name, work.signal)
  }
  const making = await copiesInTheMaking(work, target)
  if (making === 0) return undefined
  return { state: 'pending', message: `waiting for ${making} replica shards of ${target.name}` }
}
