import { equal } from '../../src/core/canonical.ts'
import { quote } from '../../src/core/quote.ts'
import type { Json } from '../../src/core/resource.ts'
import { isJsonObject, isList } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import { defaultOf, isFixed, isObjectType, isUpdatable } from './updatable-parameters.ts'
import { vectorIncompatibility } from './vector-index-options.ts'

/**
 * Why an existing field cannot get another definition by `PUT _mapping`, in a few words; undefined when it can, and then shows it.
 * Both are a field's own definition (without fields below it) in the server's spelling; `before` undefined: a new field. What the
 * server learns from documents (`dims`) is a value of its own, that can be set once.
 */
export function incompatibility(before: Json | undefined, after: Json | undefined): string | undefined {
  if (before === undefined || equal(before, after)) return undefined
  if (after === undefined) return 'a field cannot be removed from an index'
  const from = typeOf(before)
  const to = typeOf(after)
  if (from === undefined || to === undefined || !isJsonObject(before) || !isJsonObject(after))
    return `it cannot change from ${show(before)} to ${show(after)}`
  if (from !== to) return `its type cannot change from ${from} to ${to}`
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const conflicts = names.map((name) => parameterConflict(from, name, before, after))
  return conflicts.filter((each) => each !== undefined).join(' and ') || undefined
}

/** The type that a field's definition names; undefined for what is no definition. */
export function typeOf(definition: Json | undefined): string | undefined {
  const type = isJsonObject(definition) && Object.hasOwn(definition, 'type') ? definition['type'] : undefined
  return typeof type === 'string' ? type : undefined
}

function parameterConflict(
  type: string,
  name: string,
  before: JsonObject,
  after: JsonObject,
): string | undefined {
  const was = before[name] ?? defaultOf(type, name)
  const is = after[name] ?? defaultOf(type, name)
  if (equal(was, is) || isUpdatable(type, name)) return undefined
  const conflict = special(type, name, was, is)
  if (conflict !== unknown) return conflict
  if (isFixed(name)) return `${name} cannot change from ${show(before[name])} to ${show(after[name])}`
  return `${name} is not known to be changeable in an existing index`
}

const unknown = Symbol('no special rule')

/** Parameters that change in one direction only. */
function special(
  type: string,
  name: string,
  before: Json | undefined,
  after: Json | undefined,
): string | undefined | typeof unknown {
  if (name === 'norms') return before === true ? undefined : 'norms cannot be turned on'
  switch (`${isObjectType(type) ? 'object' : type}.${name}`) {
    case 'object.dynamic':
      return after === undefined ? `dynamic stays ${show(before)} until another value is written` : undefined
    case 'dense_vector.index_options':
      return vectorIncompatibility(before, after)
    case 'join.relations':
      return relationsConflict(before, after)
    default:
      return unknown
  }
}

/** New relations may come, with names that were not there; the known ones stay as they are. */
function relationsConflict(before: Json | undefined, after: Json | undefined): string | undefined {
  const was = relationsOf(before)
  const is = relationsOf(after)
  const known = new Set([...was].flatMap(([parent, children]) => [parent, ...children]))
  const stay = [...was].every(([parent, children]) =>
    children.every((child) => is.get(parent)?.includes(child)),
  )
  const added = [...is].flatMap(([parent, children]) => [
    ...(was.has(parent) ? [] : [parent]),
    ...children.filter((child) => was.get(parent)?.includes(child) !== true),
  ])
  return stay && !added.some((name) => known.has(name)) ? undefined : 'relations can only get new members'
}

function relationsOf(value: Json | undefined): ReadonlyMap<string, readonly Json[]> {
  const relations = isJsonObject(value) ? Object.entries(value) : []
  return new Map(relations.map(([parent, children]) => [parent, isList(children) ? children : [children]]))
}

/** What `PUT _mapping` replaces at the root of a mapping. `_size` comes with a plugin; that it can be turned on and off is in its source. */
const updatableAtRoot = new Set([
  '_meta',
  '_size',
  'date_detection',
  'dynamic',
  'dynamic_date_formats',
  'dynamic_templates',
  'numeric_detection',
])

/**
 * The server lets `_source` be turned off, or made synthetic, in an existing index. It could not be turned on again, and what comes
 * in from then on could not be copied any more, so that is treated like what it refuses.
 */
const fixedAtRoot: ReadonlyMap<string, string> = new Map([
  ['_source', 'it does not change in an existing index, whose documents are kept by it'],
  ...['_routing', 'enabled', 'subobjects'].map(
    (name) => [name, 'it is fixed once an index has a mapping'] as const,
  ),
])

/** The same for a parameter at the root of the mappings: `dynamic`, `_routing`. */
export function rootIncompatibility(
  parameter: string,
  before: Json | undefined,
  after: Json | undefined,
): string | undefined {
  if (equal(before, after) || (after !== undefined && updatableAtRoot.has(parameter))) return undefined
  if (after === undefined) return `it stays ${show(before)} until another value is written`
  return fixedAtRoot.get(parameter) ?? 'it is not known to be changeable in an existing index'
}

/** A value for people, short. */
function show(value: Json | undefined): string {
  return value === undefined ? 'the default' : quote(value, 60)
}
