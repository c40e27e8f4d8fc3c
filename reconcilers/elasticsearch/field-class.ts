import type { FieldChange, Json } from '../../src/core/resource.ts'
import { incompatibility, rootIncompatibility, typeOf } from './field-compatibility.ts'
import { isJsonObject, isList } from '../../src/core/json.ts'
import type { Index } from './resource.ts'
import { settingClass } from './setting-class.ts'
import { isObjectType } from './updatable-parameters.ts'

/** How an index is changed, from the gentlest way to the one that takes longest. */
export const changeClasses = ['in place', 'reopen', 'reindex'] as const
export type ChangeClass = (typeof changeClasses)[number]

/** The class of one field of a change and why, in a few words that follow the field's name. */
export interface Placed {
  readonly class: ChangeClass
  readonly why: string
}

/** What the class of a field depends on besides the field. */
export interface Surroundings {
  /** Every field of the change. */
  readonly fields: readonly FieldChange[]
  readonly observed: Index
  readonly onIncompatible: 'hold' | 'reindex'
}

const analysis = 'settings.index.analysis.'
const similarity = 'settings.index.similarity.'
const properties = 'mappings.properties.'

/**
 * The class of every field by its path. A mapping goes with what it cannot be made without: the field it lies in, the analyzer it
 * names, the field that an alias stands for. So no part of a change is rejected because another part of it waits.
 */
export function placeFields(surroundings: Surroundings): ReadonlyMap<string, Placed> {
  const changes = new Map(surroundings.fields.map((field) => [field.path, field]))
  const placed = new Map<string, Placed>()
  const place = (field: FieldChange): Placed => {
    const known = placed.get(field.path)
    if (known !== undefined) return known
    const alone = placeAlone(field, surroundings)
    // Already there when its own needs lead back to it.
    placed.set(field.path, alone)
    const needs = needsOf(field, changes, surroundings)
    const final = needs.reduce((so, need) => later(so, place(need), need), alone)
    placed.set(field.path, final)
    return final
  }
  for (const field of surroundings.fields) place(field)
  return placed
}

function later(so: Placed, other: Placed, need: FieldChange): Placed {
  const behind = changeClasses.indexOf(other.class) > changeClasses.indexOf(so.class)
  return behind ? { class: other.class, why: `goes with ${shortName(need.path)}` } : so
}

/** `title`, `index.codec`, `dynamic`: a path as a person wrote it. */
export function shortName(path: string): string {
  return path.replace(/^(mappings\.properties|mappings\.runtime|mappings|settings|aliases)\./, '')
}

function placeAlone(field: FieldChange, { observed, onIncompatible }: Surroundings): Placed {
  const { path, before, after } = field
  if (path.startsWith('settings.')) return placeSetting(path.slice('settings.'.length), onIncompatible)
  if (path.startsWith('aliases.')) return { class: 'in place', why: 'alias' }
  if (path.startsWith('mappings.runtime.')) return { class: 'in place', why: 'runtime field' }
  if (!path.startsWith('mappings.')) return { class: 'in place', why: 'no longer wanted' }
  const why = path.startsWith(properties)
    ? (incompatibility(before, after) ?? leafAbove(field, observed))
    : rootIncompatibility(path.slice('mappings.'.length), before, after)
  if (why !== undefined) return { class: 'reindex', why }
  return { class: 'in place', why: before === undefined ? 'new' : 'updatable' }
}

function placeSetting(key: string, onIncompatible: 'hold' | 'reindex'): Placed {
  const way = settingClass(key)
  if (way === 'dynamic') return { class: 'in place', why: 'dynamic' }
  if (way === 'final') return { class: 'reindex', why: 'fixed when an index is created' }
  if (onIncompatible === 'hold')
    return { class: 'reopen', why: 'static, only changed while the index is closed' }
  return { class: 'reindex', why: 'static, and a new index shuts nobody out' }
}

/** A new field below something that holds no fields: the server cannot merge it. */
function leafAbove({ path, before, after }: FieldChange, { fields }: Index): string | undefined {
  if (before !== undefined || typeOf(after) === undefined) return undefined
  const [parent] = ancestors(path).filter((each) => fields.has(each))
  if (parent === undefined || path.startsWith(`${parent}.fields.`)) return undefined
  const type = typeOf(fields.get(parent))
  if (type === undefined || isObjectType(type) || keepsDots(parent, fields)) return undefined
  return `${shortName(parent)} is of type ${type} and holds no fields`
}

/** Under `subobjects: false`, `a` and `a.b` are two fields side by side. */
function keepsDots(path: string, fields: Index['fields']): boolean {
  const own = [path, ...ancestors(path)].map((each) => fields.get(each))
  const parameters = own.map((definition) =>
    isJsonObject(definition) ? definition['subobjects'] : undefined,
  )
  return [...parameters, fields.get('mappings.subobjects')].some(
    (value) => value === 'false' || value === false,
  )
}

/** The paths that a path lies in, the nearest first. */
function ancestors(path: string): readonly string[] {
  const found: string[] = []
  for (let end = path.lastIndexOf('.'); end >= properties.length; end = path.lastIndexOf('.', end - 1))
    found.push(path.slice(0, end))
  return found
}

function needsOf(
  { path, after }: FieldChange,
  changes: ReadonlyMap<string, FieldChange>,
  surroundings: Surroundings,
): readonly FieldChange[] {
  if (!path.startsWith('mappings.')) return []
  const above = path.startsWith(properties) ? ancestors(path) : []
  const target = isJsonObject(after) && after['type'] === 'alias' ? after['path'] : undefined
  const aimedAt = typeof target === 'string' ? [`${properties}${target}`] : []
  const fields = [...above, ...aimedAt].flatMap((each) => changes.get(each) ?? [])
  return [...fields, ...analysisNeeds(after, surroundings)]
}

/** The changed settings that make what a mapping names, where the index does not have it yet. */
function analysisNeeds(after: Json | undefined, { fields, observed }: Surroundings): readonly FieldChange[] {
  const settings = fields.filter(({ path }) => path.startsWith(analysis) || path.startsWith(similarity))
  if (settings.length === 0) return []
  const missing = [...named(after)].filter(
    (group) => ![...observed.fields.keys()].some((path) => path.startsWith(group)),
  )
  return settings.filter(({ path }) => missing.some((group) => path.startsWith(group)))
}

const namedBy: ReadonlyMap<string, string> = new Map([
  ['analyzer', `${analysis}analyzer.`],
  ['normalizer', `${analysis}normalizer.`],
  ['search_analyzer', `${analysis}analyzer.`],
  ['search_quote_analyzer', `${analysis}analyzer.`],
  ['similarity', similarity],
])

/** Groups of settings that a definition, or a template in it, refers to: `settings.index.analysis.analyzer.folded.` */
function named(value: Json | undefined, found = new Set<string>()): ReadonlySet<string> {
  if (isList(value)) for (const each of value) named(each, found)
  if (!isJsonObject(value)) return found
  for (const [name, member] of Object.entries(value)) {
    const group = namedBy.get(name)
    if (group !== undefined && typeof member === 'string') found.add(`${group}${member}.`)
    else named(member, found)
  }
  return found
}
