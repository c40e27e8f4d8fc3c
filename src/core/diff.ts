import { expected, hasBaseline, isRespelled, isUntouched } from './baseline.ts'
import { equal } from './canonical.ts'
import { type InventoryEntry, setBefore } from './inventory.ts'
import { leafChanges } from './leaves.ts'
import type { Cause, FieldChange, Fields, Json, Resource } from './resource.ts'

/** Says whether a field of a resource is never compared (`infometis.io/ignore`). */
export type Ignore = (name: string, path: string) => boolean

/** Says whether another release of the service may spell a path anew. */
export type Respells = (path: string) => boolean

/**
 * The way from observed to desired, sorted by path. Only what is written is compared: the service's own defaults are no
 * drift. A field is removed only when this ConfigMap set it before and it is still set on the resource itself.
 */
export function diff(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
  ignore: Ignore,
  respells: Respells = () => false,
): readonly FieldChange[] {
  const renewed = isRespelled(observed, entry)
  const passes = (path: string) => !(ignore(desired.name, path) || (renewed && respells(path)))
  const untouched = isUntouched(observed, entry)
  const meant = expected(desired, entry)
  const changes = [
    ...corrections(desired, observed, entry, meant),
    ...removals(desired, observed, entry, meant),
  ]
  return changes
    .filter(({ path, cause }) => passes(path) && !(untouched && cause === 'drift'))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((change) => told(change, desired, observed))
}

/** What is there otherwise than it is meant to be. */
function corrections(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
  meant: Fields,
): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const path of new Set([...desired.fields.keys(), ...meant.keys()])) {
    const before = observed.fields.get(path)
    const after = desired.fields.get(path) ?? meant.get(path)
    if (after === undefined || equal(before, meant.get(path))) continue
    // What the service added by itself is nobody's wish.
    const cause = desired.fields.has(path) ? causeOf(entry, path, after, before) : 'drift'
    changes.push(before === undefined ? { path, after, cause } : { path, before, after, cause })
  }
  return changes
}

/** What is there and is not meant to be. */
function removals(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
  meant: Fields,
): readonly FieldChange[] {
  const all = hasBaseline(desired, entry)
  const changes: FieldChange[] = []
  for (const path of removable(desired, observed, entry)) {
    const before = observed.fields.get(path)
    if (before === undefined || desired.fields.has(path) || meant.has(path)) continue
    const explicit = all || observed.explicit?.has(path) !== false
    if (explicit && observed.permanent?.has(path) !== true)
      changes.push({ path, before, cause: causeOfRemoval(entry, path) })
  }
  return changes
}

/** The change in the words of people: what they call its path, and what stands behind its digests. */
export function told(change: FieldChange, desired: Resource, observed?: Resource): FieldChange {
  return titled(opened(change, desired, observed), desired, observed)
}

/** The change with the places in which its contents differ. */
function opened(change: FieldChange, desired: Resource, observed: Resource | undefined): FieldChange {
  const { path } = change
  const before = change.before === undefined ? undefined : observed?.contents?.get(path)
  const after = change.after === undefined ? undefined : desired.contents?.get(path)
  const isKnown =
    (change.before === undefined || before !== undefined) &&
    (change.after === undefined || after !== undefined)
  const within = isKnown ? leafChanges(before, after) : []
  return within.length === 0 ? change : { ...change, within }
}

/** The change with what people call its path, where that has a name. */
function titled(change: FieldChange, ...of: readonly (Resource | undefined)[]): FieldChange {
  const title = of
    .map((each) => each?.titles && titleOf(change.path, each.titles))
    .find((each) => each !== undefined)
  return title === undefined ? change : { ...change, title }
}

/** The longest first part of the path that has a title, and the rest as it is. */
function titleOf(path: string, titles: ReadonlyMap<string, string>): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const title = titles.get(path.slice(0, end))
    if (title === undefined) continue
    return end === path.length ? title : `${title}: ${path.slice(end + 1)}`
  }
  return undefined
}

/** What may go when it is not written: what this ConfigMap set, and of a resource that is written as a whole, everything. */
function removable(
  desired: Resource,
  observed: Resource,
  entry: InventoryEntry | undefined,
): Iterable<string> {
  if (desired.whole === true)
    return hasBaseline(desired, entry)
      ? observed.fields.keys()
      : (observed.explicit ?? observed.fields.keys())
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
