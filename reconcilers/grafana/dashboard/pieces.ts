import { isList, isMap } from '../../../src/core/canonical.ts'
import { own } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { DashboardContent } from '../resource.ts'
import { type Draft, annotationOf, elementOf, memberOf, panelOf, rowOf, variableOf } from './drafts.ts'

/** Where a piece stands in a dashboard. */
export type Place = 'member' | 'panels' | 'rows' | 'variables' | 'annotations' | 'elements' | 'order'

/** A part of a dashboard that is told and compared as one. */
export interface Piece {
  readonly path: string
  readonly place: Place
  /** The member's or the element's name. */
  readonly name: string
  /** Of a panel in a row: the row's path. */
  readonly parent?: string
  /** As it was written, a row without its panels. */
  readonly raw: Json
  /** As it is compared; undefined: it is not. */
  readonly value?: Json
  readonly title?: string
}

/** Each part of a dashboard once, whatever its ids and names are. */
export function piecesOf({ model, spec }: DashboardContent): readonly Piece[] {
  const collected = new Collection()
  if (model === 'v2') cutV2(spec, collected)
  else cutClassic(spec, collected)
  return collected.pieces
}

const standsAlone: ReadonlySet<Place> = new Set(['member', 'order'])

/** Gives each piece a path of its own. */
class Collection {
  readonly pieces: Piece[] = []
  readonly #taken = new Map<string, number>([
    ['folder', 1],
    ['edits', 1],
    ['model', 1],
  ])

  add(place: Place, draft: Draft, parent?: string): string {
    const path = this.#free(standsAlone.has(place) ? draft.name : `${place}.${draft.name}`)
    const { name, raw, value, title } = draft
    this.pieces.push({
      ...{ path, place, name, raw },
      ...(parent !== undefined && { parent }),
      ...(value !== undefined && { value }),
      ...(title !== undefined && { title }),
    })
    return path
  }

  /** The path itself, or with `#2` and so on: nothing is lost where two have one name. */
  #free(path: string): string {
    const count = (this.#taken.get(path) ?? 0) + 1
    this.#taken.set(path, count)
    return count === 1 ? path : this.#free(`${path}#${count}`)
  }
}

function cutClassic(spec: JsonObject, into: Collection): void {
  for (const [name, value] of Object.entries(spec)) {
    const list = own(value, 'list') as Json | undefined
    if (name === 'panels' && isList(value)) cutPanels(value, into)
    else if (name === 'rows' && isList(value)) cutRows(value, into)
    else if (name === 'templating' && isList(list)) cutList('variables', list, into)
    else if (name === 'annotations' && isList(list)) cutList('annotations', list, into)
    else into.add('member', memberOf(name, value))
  }
}

function cutV2(spec: JsonObject, into: Collection): void {
  for (const [name, value] of Object.entries(spec)) {
    if (name === 'elements' && isMap(value))
      for (const [key, element] of Object.entries(value)) into.add('elements', elementOf(key, element))
    else if ((name === 'variables' || name === 'annotations') && isList(value)) cutList(name, value, into)
    else into.add('member', memberOf(name, value))
  }
}

function cutPanels(panels: readonly Json[], into: Collection, parent?: string): void {
  for (const [index, panel] of panels.entries()) {
    const path = into.add('panels', panelOf(panel, index), parent)
    const inside = own(panel, 'panels') as Json | undefined
    if (isList(inside)) cutPanels(inside, into, path)
  }
}

function cutRows(rows: readonly Json[], into: Collection): void {
  for (const [index, row] of rows.entries()) {
    const path = into.add('rows', rowOf(row, index))
    const inside = own(row, 'panels') as Json | undefined
    if (isList(inside)) cutPanels(inside, into, path)
  }
}

/** Their order is seen above the dashboard. */
function cutList(place: 'variables' | 'annotations', list: readonly Json[], into: Collection): void {
  const drafts = list.map(place === 'variables' ? variableOf : annotationOf)
  const names = drafts.filter(({ value }) => value !== undefined).map(({ name }) => name)
  if (names.length > 1)
    into.add('order', { name: place, raw: names, value: names, title: `order of ${place}` })
  for (const draft of drafts) into.add(place, draft)
}
