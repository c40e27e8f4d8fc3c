import type { JsonObject } from '../../../src/core/json.ts'
import type { Fields, Json } from '../../../src/core/resource.ts'
import { digestOf } from '../digest.ts'
import { placeOf } from '../folder.ts'
import type { DashboardContent, Edits } from '../resource.ts'
import { type Piece, piecesOf } from './pieces.ts'

/** What is said of a dashboard besides its content. */
export interface Setting {
  /** A uid; `''` or `general`: at the top. */
  readonly folder: string
  /** Undefined where the service cannot tell. */
  readonly edits: Edits | undefined
}

/** A dashboard as it is compared, and as it is told to people. */
export interface DashboardFields {
  readonly fields: Fields
  /** Path → what stands behind a digest. */
  readonly contents: ReadonlyMap<string, Json>
  readonly titles: ReadonlyMap<string, string>
}

/**
 * Of both sides. What is null is absent, and so is what is empty at the root. The content is worked through once, however often it is
 * asked for.
 */
export function dashboardFields(content: DashboardContent, { folder, edits }: Setting): DashboardFields {
  const { fields, contents, titles } = contentFields(content)
  const set = new Map<string, Json>([['folder', placeOf(folder)]])
  if (edits !== undefined) set.set('edits', edits)
  return { fields: new Map([...set, ...fields]), contents, titles }
}

function contentFields(content: DashboardContent): DashboardFields {
  const known = flattened.get(content.spec)
  if (known !== undefined) return known
  const pieces = piecesOf(content)
  const fields = new Map<string, Json>([['model', content.model]])
  const contents = new Map<string, Json>()
  for (const { path, value } of pieces) {
    if (value === undefined) continue
    const field = digestOf(value)
    fields.set(path, field)
    if (field !== value) contents.set(path, value)
  }
  const made = { fields, contents, titles: titlesOf(pieces) }
  flattened.set(content.spec, made)
  return made
}

const flattened = new WeakMap<JsonObject, DashboardFields>()

/** Two of one title bear their ids, too. */
function titlesOf(pieces: readonly Piece[]): ReadonlyMap<string, string> {
  const count = new Map<string, number>()
  for (const { title } of pieces) if (title !== undefined) count.set(title, (count.get(title) ?? 0) + 1)
  return new Map(
    pieces.flatMap(({ path, place, title }) => {
      if (title === undefined) return []
      const told = count.get(title) === 1 ? title : `${title} (${path.slice(place.length + 1)})`
      return [[path, told] as const]
    }),
  )
}

/** What the pages of Grafana write of their own accord, whether anybody wishes it or not. */
const filledIn = new Set([
  'folder',
  'edits',
  'model',
  'title',
  'editable',
  'fiscalYearStartMonth',
  'graphTooltip',
  'hideControls',
  'liveNow',
  'preload',
  'refresh',
  'schemaVersion',
  'sharedCrosshair',
  'style',
  'time',
  'timepicker',
  'timezone',
  'weekStart',
  'cursorSync',
  'layout',
  'timeSettings',
])

/** The paths that are somebody’s wish. */
export function explicitIn(fields: Fields): ReadonlySet<string> {
  return new Set([...fields.keys()].filter((path) => !filledIn.has(path)))
}
