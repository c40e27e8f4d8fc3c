import { equal } from './canonical.ts'
import { type InventoryEntry, setBefore } from './inventory.ts'
import type { Cause, FieldChange, Json, Resource } from './resource.ts'

/** Says whether a field of a resource is never compared (`infometis.io/ignore`). */
export type Ignore = (name: string, path: string) => boolean

/**
 * The way from observed to desired, sorted by path. Only what is written is compared: the service's own defaults are no
 * drift. A field is removed only when this ConfigMap set it before and it is still set on the resource itself.
 */
export function diff(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
  ignore: Ignore,
): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const [path, after] of desired.fields) {
    const before = observed.fields.get(path)
    if (ignore(desired.name, path) || equal(before, after)) continue
    const change = { path, after, cause: causeOf(entry, path, after, before) }
    changes.push(before === undefined ? change : { ...change, before })
  }
  for (const path of removable(desired, observed, entry)) {
    const before = observed.fields.get(path)
    if (desired.fields.has(path) || ignore(desired.name, path) || before === undefined) continue
    if (canGo(path, observed)) changes.push({ path, before, cause: causeOfRemoval(entry, path) })
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function canGo(path: string, { explicit, permanent }: Resource): boolean {
  return explicit?.has(path) !== false && permanent?.has(path) !== true
}

/** What may go when it is not written: what this ConfigMap set, and of a resource that is written as a whole, everything. */
function removable(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
): Iterable<string> {
  if (desired.whole === true) return observed.explicit ?? observed.fields.keys()
  return entry === undefined ? [] : setBefore(entry)
}

function causeOfRemoval(entry: InventoryEntry | undefined, path: string): Cause {
  if (entry === undefined) return 'adoption'
  return entry.fields.has(path) || entry.intended?.has(path) === true ? 'written' : 'drift'
}

/** The paths that this ConfigMap set, no longer writes, and that the service cannot remove; sorted. */
export function retained(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
  ignore: Ignore,
): readonly string[] {
  if (entry === undefined || observed.permanent === undefined) return []
  return [...observed.permanent]
    .filter((path) => {
      const value = observed.fields.get(path)
      if (value === undefined || desired.fields.has(path) || ignore(desired.name, path)) return false
      // Of what a crashed pass meant, only what came true.
      return entry.fields.has(path) || equal(entry.intended?.get(path), value)
    })
    .sort()
}

/**
 * Drift is: we applied this very value before, and now something else is there, which we did not mean either (after a crash it
 * may be our own).
 */
function causeOf(
  entry: InventoryEntry | undefined,
  path: string,
  after: Json,
  before: Json | undefined,
): Cause {
  if (entry === undefined) return 'adoption'
  if (before !== undefined && equal(entry.intended?.get(path), before)) return 'written'
  return equal(entry.fields.get(path), after) ? 'drift' : 'written'
}

/**
 * The ignore rules of a ConfigMap: `config.retention.ms` for every entry, `user-events:config.retention.ms` for one;
 * a trailing `*` stands for any rest of the path.
 */
export function ignoring(rules: readonly string[]): Ignore {
  const parsed = rules.map((rule) => {
    const colon = rule.indexOf(':')
    return colon < 0
      ? { name: undefined, path: rule }
      : { name: rule.slice(0, colon), path: rule.slice(colon + 1) }
  })
  return (name, path) =>
    parsed.some(
      (rule) =>
        (rule.name === undefined || rule.name === name) &&
        (rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path),
    )
}
