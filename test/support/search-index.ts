import { normalizeIndex } from '../../reconcilers/elasticsearch/normalize.ts'
import { observeIndex, shownIndices } from '../../reconcilers/elasticsearch/observe-index.ts'
import type { Index } from '../../reconcilers/elasticsearch/resource.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import { diff } from '../../src/core/diff.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import type { Change, Fields } from '../../src/core/resource.ts'
import { updateWith } from './changes.ts'

/** An index as the server shows it: `settings` flat, and the rest as in the answer of `GET /<index>`. */
export interface ShownOptions {
  readonly settings?: Readonly<Record<string, string | readonly string[]>>
  readonly mappings?: Readonly<Record<string, unknown>>
  readonly aliases?: Readonly<Record<string, unknown>>
  /** The index behind the name where that is an alias; default: the name itself. */
  readonly index?: string
  /** Other indices in the same answer, by name. */
  readonly beside?: Readonly<Record<string, unknown>>
}

/** What the reconciler reads from such an answer. Throws if nothing bears the name. */
export function shownIndex(name: string, options: ShownOptions = {}): Index {
  const { settings, mappings = {}, index = name, beside } = options
  const own = index === name ? {} : { [name]: { is_write_index: true } }
  const shown = {
    settings: { ...serverSettings(index), ...settings },
    mappings,
    aliases: { ...own, ...options.aliases },
  }
  const observed = observeIndex(name, shownIndices({ ...beside, [index]: shown }))
  if (observed === undefined) throw new Error(`nothing bears the name ${name}`)
  return observed
}

function serverSettings(index: string) {
  return {
    'index.creation_date': '1795259797139',
    'index.number_of_replicas': '1',
    'index.number_of_shards': '1',
    'index.provided_name': index,
    'index.routing.allocation.include._tier_preference': 'data_content',
    'index.uuid': `uuid-of-${index}`,
    'index.version.created': '8537000',
  }
}

/**
 * The update that a plan would hold, before it is classified. `made`: what this ConfigMap wrote before; undefined: it is an
 * adoption. Throws where nothing differs.
 */
export function updateOf(observed: Index, written: WrittenIndex, made?: WrittenIndex): Change<Index> {
  const desired = normalizeIndex(observed.name, written)
  return changeBetween(desired, observed, made && normalizeIndex(observed.name, made).fields)
}

export function changeBetween(desired: Index, observed: Index, made: Fields | undefined): Change<Index> {
  const change = differenceOf(desired, observed, made)
  if (change === undefined) throw new Error(`nothing of ${observed.name} differs`)
  return change
}

/** The same; undefined where nothing differs. */
export function differenceOf(
  desired: Index,
  observed: Index,
  made: Fields | undefined,
): Change<Index> | undefined {
  const fields = diff(desired, observed, made && entryOf(observed, made), () => false)
  return fields.length === 0 ? undefined : updateWith(observed, desired, fields)
}

/** What was begun of a reindex is known from the intent to make it. */
function entryOf({ type, name, id, facts }: Index, made: Fields): InventoryEntry {
  const unfinished = facts?.unfinished
  return {
    type,
    name,
    ...(id === undefined ? {} : { id }),
    fields: made,
    deletable: true,
    ...(unfinished === undefined ? {} : { intended: new Map([['index', unfinished]]) }),
  }
}
