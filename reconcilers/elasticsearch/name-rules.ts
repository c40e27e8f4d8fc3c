import type { Change } from '../../src/core/resource.ts'
import type { Finding, RuleContext } from '../../src/core/rules.ts'
import { parseGeneration } from './generations.ts'
import { type Index, type SearchResource, isIndex } from './resource.ts'

/**
 * A create is of something that was not seen under its name. If the server lists the name nevertheless, it is there and cannot be
 * read. If it lists a generation of it, the alias was taken away, and a new index would be an empty one beside the documents.
 */
export function judgeNameTaken(
  { action, cause, desired, name }: Change<SearchResource>,
  { names }: RuleContext<SearchResource>,
): Finding | undefined {
  if (action !== 'create' || desired === undefined) return undefined
  const { all, generations } = listing(names)
  if (all.has(name)) return { message: `something named ${name} exists, and cannot be read as an index` }
  const [one] = generations.get(name) ?? []
  const wasAlias = reindexes(desired) || cause === 'drift'
  return one !== undefined && wasAlias
    ? { message: `${one} exists, but the alias ${name} does not point to it` }
    : undefined
}

/** Another entry has this one's name as its alias, or is the index behind it, or is one of its generations. */
export function judgeNameCollision(
  { action, name, observed }: Change<SearchResource>,
  { desired }: RuleContext<SearchResource>,
): Finding | undefined {
  if (action === 'delete') return undefined
  const written = entriesIn(desired)
  const message =
    alsoAlias(name, written) ?? alsoBehind(name, observed, written) ?? alsoGeneration(name, written)
  return message === undefined ? undefined : { message }
}

function alsoAlias(name: string, { byAlias }: Entries): string | undefined {
  const bearer = byAlias.get(name)?.find((other) => other !== name)
  return bearer === undefined ? undefined : `${name} is also written as an alias of ${bearer}`
}

function alsoBehind(
  name: string,
  observed: SearchResource | undefined,
  { byName }: Entries,
): string | undefined {
  const behind = observed !== undefined && isIndex(observed) ? observed.facts?.index : undefined
  return behind !== undefined && behind !== name && byName.has(behind)
    ? `${name} stands for ${behind}, which is also an entry of its own`
    : undefined
}

function alsoGeneration(name: string, { byName }: Entries): string | undefined {
  const whole = byName.get(parseGeneration(name)?.name ?? '')
  return whole !== undefined && reindexes(whole)
    ? `${name} is one of the indices behind ${whole.name}, which is also written`
    : undefined
}

function reindexes(resource: SearchResource): boolean {
  return isIndex(resource) && resource.options?.onIncompatible === 'reindex'
}

interface Entries {
  readonly byName: ReadonlyMap<string, Index>
  /** Alias → the entries that write it. */
  readonly byAlias: ReadonlyMap<string, readonly string[]>
}

interface Listing {
  readonly all: ReadonlySet<string>
  /** `orders` → `orders-000001` and its like. */
  readonly generations: ReadonlyMap<string, readonly string[]>
}

/** Kept per list, so that a thousand creates do not index it a thousand times. */
const entries = new WeakMap<readonly SearchResource[], Entries>()
const listings = new WeakMap<readonly string[], Listing>()

function entriesIn(desired: readonly SearchResource[]): Entries {
  const known = entries.get(desired)
  if (known !== undefined) return known
  const indices = desired.filter(isIndex)
  const byAlias = new Map<string, string[]>()
  for (const { name, body } of indices) {
    for (const alias of Object.keys(body.aliases)) byAlias.set(alias, [...(byAlias.get(alias) ?? []), name])
  }
  const found = { byName: new Map(indices.map((index) => [index.name, index])), byAlias }
  entries.set(desired, found)
  return found
}

function listing(names: readonly string[]): Listing {
  const known = listings.get(names)
  if (known !== undefined) return known
  const generations = Map.groupBy(names, (name) => parseGeneration(name)?.name ?? '')
  const found = { all: new Set(names), generations }
  listings.set(names, found)
  return found
}
