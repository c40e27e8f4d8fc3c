import type { JsonObject } from '../../../../src/core/json.ts'
import type { ObjectFacts } from '../../resource.ts'
import type { WireAnswer } from '../wire.ts'

/** A folder as a Grafana has it, whichever API said so. */
export interface LiveFolder {
  readonly name: string
  readonly title: string
  /** Undefined: it is not told. */
  readonly description: string | undefined
  /** A uid; empty: it stands at the top. */
  readonly parent: string
  /** Both, for a Grafana that came to its newer API keeps the older number. */
  readonly ids: readonly string[]
  readonly facts: ObjectFacts
  /** Of the newer API: what the next write is made from. */
  readonly metadata: JsonObject
  readonly spec: JsonObject
}

/** What a folder is to be. Absent: as it is. */
export interface FolderWish {
  readonly title?: string
  readonly description?: string
  readonly parent?: string
}

/** The folders of one Grafana by one of its APIs. Answers are given as they are: what they mean is for those above. */
export interface FolderStore {
  list(signal: AbortSignal): Promise<readonly string[]>
  /** Those of the names that are there. `known`: of these none may be missed. */
  readAll(
    names: readonly string[],
    known: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly LiveFolder[]>
  /** Undefined: there is none of this name. */
  read(name: string, signal: AbortSignal): Promise<LiveFolder | undefined>
  create(name: string, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer>
  /** Bound to the very state that was read. */
  update(live: LiveFolder, wish: FolderWish, signal: AbortSignal): Promise<WireAnswer>
  remove(live: LiveFolder, signal: AbortSignal): Promise<WireAnswer>
  /** The folders right in each of these. */
  childrenOf(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>
  /** How much of what is in it that is no folder, by what people call it (`dashboards`). Empty: nothing, or no such folder. */
  contentsOf(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>>
}

/** Folders that are read at once. */
export const readAtOnce = 6

/** What counts of the two APIs call what is in a folder, and what people do. */
const nouns: readonly (readonly [RegExp, string])[] = [
  [/^dashboards?$/, 'dashboards'],
  [/^alertrules?$/, 'alert rules'],
  [/^recordingrules?$/, 'recording rules'],
  [/^(librarypanels?|library_elements)$/, 'library panels'],
]

/** The counts of a folder, by what people call it; folders are counted by their names. Of several words for the same the largest. */
export function countsOf(counts: Iterable<readonly [string, unknown]>): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [kind, count] of counts) {
    if (/^folders?$/.test(kind) || typeof count !== 'number' || count <= 0) continue
    const noun = nouns.find(([pattern]) => pattern.test(kind))?.[1] ?? kind
    found.set(noun, Math.max(count, found.get(noun) ?? 0))
  }
  return found
}
