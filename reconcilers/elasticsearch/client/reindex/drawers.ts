import { refusalOf } from '../failures.ts'
import { at, figureAt, listAt } from '../../../../src/core/members.ts'
import { pathPart } from '../requests.ts'
import type { SiteIndex } from './site.ts'
import { drawerQuery, tellingFields } from './telling-field.ts'
import type { TellingField } from './telling-field.ts'
import { builtTarget, sourceOf } from './work.ts'
import type { Work } from './work.ts'

/** Drawers per index: many enough that one holds few documents, and few enough for one answer (`search.max_buckets`). */
const mostDrawers = 20_000
const documentsPerDrawer = 50

/**
 * Queries for the parts of a target in which it holds more documents than its source: both are sorted into drawers by a field that
 * they have in common and counted, which takes a server a moment for millions, and only where the counts differ ids have to be
 * compared. Undefined where nothing tells the documents apart; then all of them have to be looked at.
 */
export async function differingDrawers(
  work: Work,
  documents: number,
): Promise<readonly object[] | undefined> {
  const [source, target] = [sourceOf(work), builtTarget(work)]
  const field = await mostTelling(work, target, tellingFields(source.mappings, target.mappings))
  if (field === undefined) return undefined
  const width = await drawerWidth(work, target, field, documents)
  if (width === undefined) return undefined
  const [there, here] = await Promise.all([
    counts(work, source, field, width),
    counts(work, target, field, width),
  ])
  if (there === undefined || here === undefined) return undefined
  const differing = [...here].filter(([key, count]) => count > (there.get(key) ?? 0))
  const without = { bool: { must_not: { exists: { field: field.path } } } }
  return [...differing.map(([key]) => drawerQuery(field, key, key + width)), without]
}

/** The field with the most different values. */
async function mostTelling(
  work: Work,
  target: SiteIndex,
  fields: readonly TellingField[],
): Promise<TellingField | undefined> {
  if (fields.length === 0) return undefined
  const aggs = Object.fromEntries(
    fields.map(({ path }, index) => [
      `f${index}`,
      { cardinality: { field: path, precision_threshold: 100 } },
    ]),
  )
  const shown = await aggregate(work, target, aggs)
  const sizes = fields.map((_, index) => figureAt(shown, `f${index}`, 'value') ?? 0)
  const best = Math.max(...sizes)
  return best > 1 ? fields[sizes.indexOf(best)] : undefined
}

async function drawerWidth(
  work: Work,
  target: SiteIndex,
  { path }: TellingField,
  documents: number,
): Promise<number | undefined> {
  const shown = await aggregate(work, target, { values: { stats: { field: path } } })
  const [min, max] = [figureAt(shown, 'values', 'min'), figureAt(shown, 'values', 'max')]
  if (min === undefined || max === undefined || max <= min) return undefined
  return (max - min) / Math.max(1, Math.min(mostDrawers, Math.ceil(documents / documentsPerDrawer)))
}

/** How many documents each drawer holds, by the value that it begins with. */
async function counts(
  work: Work,
  index: SiteIndex,
  { path }: TellingField,
  width: number,
): Promise<ReadonlyMap<number, number> | undefined> {
  const drawers = { histogram: { field: path, interval: width, min_doc_count: 1 } }
  const shown = await aggregate(work, index, { drawers })
  if (at(shown, 'drawers', 'buckets') === undefined) return undefined
  return new Map(
    listAt(shown, 'drawers', 'buckets').map((drawer) => [
      figureAt(drawer, 'key') ?? 0,
      figureAt(drawer, 'doc_count') ?? 0,
    ]),
  )
}

/** Undefined where the server will not: this only saves time. */
async function aggregate({ wire, signal }: Work, index: SiteIndex, aggs: object): Promise<unknown> {
  const query = { size: 0, allow_partial_search_results: false, filter_path: 'aggregations' }
  const request = { method: 'POST', path: `/${pathPart(index.name)}/_search`, query, body: { aggs } } as const
  const answer = await wire.send(request, signal)
  return refusalOf(answer) === undefined ? at(answer.body, 'aggregations') : undefined
}
