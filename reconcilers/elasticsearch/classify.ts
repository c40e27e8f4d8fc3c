import type { Cause, Change, FieldChange, LeftBehind } from '../../src/core/resource.ts'
import { type ChangeClass, type Placed, changeClasses, placeFields, shortName } from './field-class.ts'
import { generationName } from './generations.ts'
import { standing } from './resource.ts'
import type { Index, IndexFacts } from './resource.ts'

/** How many fields a reason names. */
const named = 3

/**
 * An update of an index as the parts that Elasticsearch makes in different ways, from the gentlest to the longest: "in place",
 * "reopen" (the index is closed for a moment) and "reindex" (a `replace`: a new index is built and swapped in). Together they hold
 * every field once. A reindex has one field more, `index`, from the index that is to the one that will be; where a copy was begun
 * already, that takes the place of the wish to give it up. What is not one index is left as it is: the rules refuse it.
 */
export function classifyIndex(change: Change<Index>): readonly Change<Index>[] {
  const { observed, desired, fields } = change
  const facts = observed?.facts
  if (observed === undefined || facts === undefined || !isOneIndex(facts)) return [change]
  const onIncompatible = desired?.options?.onIncompatible ?? 'hold'
  const placed = placeFields({ fields, observed, onIncompatible })
  const groups = Map.groupBy(fields, ({ path }) => placed.get(path)?.class ?? 'in place')
  const reindexes = groups.has('reindex')
  return changeClasses.flatMap((way) => {
    const all = groups.get(way) ?? []
    const of = reindexes ? all.filter(({ path }) => path !== standing) : all
    if (of.length === 0) return []
    const reason = reasonFor(of, placed, facts)
    return [way === 'reindex' ? replacing(change, facts, of, reason) : part(change, way, of, reason)]
  })
}

/** Whether a name stands for exactly one index, itself or through an alias. */
export function isOneIndex({ standsFor }: IndexFacts): boolean {
  return standsFor === 'index' || standsFor === 'alias'
}

function part(
  change: Change<Index>,
  way: ChangeClass,
  fields: readonly FieldChange[],
  reason: string,
): Change<Index> {
  return { ...change, cause: commonCause(fields), fields, class: way, reason }
}

function replacing(
  change: Change<Index>,
  facts: IndexFacts,
  fields: readonly FieldChange[],
  reason: string,
): Change<Index> {
  // The name of a copy that was begun already is kept, so that an approval still names this very change.
  const after = facts.unfinished ?? facts.next
  const target: FieldChange = { path: standing, before: facts.index, after, cause: commonCause(fields) }
  const all = [...fields, target].sort((a, b) => (a.path < b.path ? -1 : 1))
  return { ...part(change, 'reindex', all, reason), action: 'replace', leaves: leftBehind(change, facts) }
}

/** An alias leaves the index it stood for. A concrete index has to give up its name, so that its clone is what stays. */
function leftBehind({ name, observed }: Change<Index>, { standsFor, index }: IndexFacts): LeftBehind {
  if (standsFor === 'index') return { name: generationName(name, 0) }
  return { name: index, ...(observed?.id === undefined ? {} : { id: observed.id }) }
}

/** The cause of all of them; `written` when they differ. */
function commonCause(fields: readonly FieldChange[]): Cause {
  const [first] = fields
  return first !== undefined && fields.every(({ cause }) => cause === first.cause) ? first.cause : 'written'
}

/** `title: its type cannot change from text to keyword; index.number_of_shards: fixed when an index is created (+2 more)` */
function reasonFor(
  fields: readonly FieldChange[],
  placed: ReadonlyMap<string, Placed>,
  { unfinished }: IndexFacts,
): string {
  const givenUp = fields.some(({ path }) => path === standing)
  const others = fields.filter(({ path }) => path !== standing)
  const shown = others.slice(0, named)
  const whys = Map.groupBy(shown, ({ path }) => placed.get(path)?.why ?? '')
  const sentences = [...whys].map(
    ([why, of]) => `${of.map(({ path }) => shortName(path)).join(', ')}: ${why}`,
  )
  if (givenUp) sentences.unshift(`the unfinished reindex into ${unfinished ?? 'another index'} is given up`)
  const more = others.length - shown.length
  return `${sentences.join('; ')}${more > 0 ? ` (+${more} more)` : ''}`
}
