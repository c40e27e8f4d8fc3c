import {
  type Plan,
  type PlannedChange,
  type Resource,
  type ResourceKey,
  keyOf,
  resourceOf,
} from '../core/resource.ts'
import { listed } from '../core/text.ts'
import type { ResourceType } from './resource-type.ts'
import type { ServiceClient } from './service-client.ts'

/** What each change needs, where it would be applied. */
type Needs<R extends Resource> = ReadonlyMap<PlannedChange<R>, readonly ResourceKey[]>

/**
 * Withholds what needs resources that are neither there nor about to be made by this plan. They are listed only where something needs
 * them. `coming`: what a plan of another type makes before this one is applied.
 */
export async function awaitNeeds<R extends Resource>(
  type: ResourceType<R>,
  planned: Plan<R>,
  client: Pick<ServiceClient<Resource>, 'list'>,
  { coming }: { readonly coming?: ReadonlySet<ResourceKey> },
  signal: AbortSignal,
): Promise<Plan<R>> {
  const needs: Needs<R> = new Map(
    planned.changes.map((each): [PlannedChange<R>, readonly ResourceKey[]] => {
      const { desired } = each.change
      const asks = isApplied(each) && desired !== undefined
      const keys = asks ? (type.requires?.(desired) ?? []) : []
      return [each, keys.filter((key) => coming?.has(key) !== true)]
    }),
  )
  if ([...needs.values()].every((keys) => keys.length === 0)) return planned
  const there = await existing(new Set([...needs.values()].flat()), client, signal)
  const made = madeTogether(planned, needs, there)
  const changes = planned.changes.map((each): PlannedChange<R> => {
    const missing = (needs.get(each) ?? []).filter((key) => !there.has(key) && !made.has(key))
    if (missing.length === 0) return each
    const message = `waits for ${listed(missing)}`
    return { change: each.change, judgement: { verdict: 'waiting', code: 'DependencyMissing', message } }
  })
  return { ...planned, changes }
}

/** What the plan itself makes: what waits for something else makes nothing, and so on for what waits for that. */
function madeTogether<R extends Resource>(
  planned: Plan<R>,
  needs: Needs<R>,
  there: ReadonlySet<ResourceKey>,
): ReadonlySet<ResourceKey> {
  let made = new Set<ResourceKey>()
  let left = planned.changes.filter((each) => isApplied(each) && each.change.action === 'create')
  for (;;) {
    made = new Set(left.map(({ change }) => keyOf(change)))
    const ready = left.filter((each) =>
      (needs.get(each) ?? []).every((key) => there.has(key) || made.has(key)),
    )
    if (ready.length === left.length) return made
    left = ready
  }
}

function isApplied({ judgement }: PlannedChange): boolean {
  return judgement.verdict === 'apply'
}

async function existing(
  keys: ReadonlySet<ResourceKey>,
  client: Pick<ServiceClient<Resource>, 'list'>,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceKey>> {
  const found = new Set<ResourceKey>()
  for (const type of new Set([...keys].map((key) => resourceOf(key).type))) {
    for (const name of await client.list(type, signal)) found.add(keyOf({ type, name }))
  }
  return found
}
