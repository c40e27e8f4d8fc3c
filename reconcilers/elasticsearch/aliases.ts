import type { Json } from '../../src/core/resource.ts'
import { isJsonObject, objectOf, toJsonObject, without } from '../../src/core/json.ts'
import { isMarker } from './markers.ts'
import type { JsonObject } from './resource.ts'

/** Aliases by name, each in one spelling. Without a prototype. */
export function canonicalAliases(written: unknown): Readonly<Record<string, JsonObject>> {
  return objectOf(
    Object.entries(toJsonObject(written)).map(
      ([name, alias]) => [name, canonicalAlias(isJsonObject(alias) ? alias : toJsonObject({}))] as const,
    ),
  )
}

/**
 * `routing` is `index_routing` and `search_routing` at once, as text: of a number the server takes no notice in a template.
 * `is_hidden: false` is the default and goes; `is_write_index: false` stays, because it means something else than its absence.
 */
function canonicalAlias(alias: JsonObject): JsonObject {
  const { routing, index_routing: forIndex = routing, search_routing: forSearch = routing, ...rest } = alias
  const members = new Map<string, Json>(Object.entries(rest))
  if (forIndex !== undefined && forIndex !== null) members.set('index_routing', textOf(forIndex))
  if (forSearch !== undefined && forSearch !== null) members.set('search_routing', textOf(forSearch))
  for (const [name, value] of members) if (value === null) members.delete(name)
  if (members.get('is_hidden') === false) members.delete('is_hidden')
  if (isEmpty(members.get('filter'))) members.delete('filter')
  return objectOf(members)
}

/** Of a filter without a condition the server keeps nothing. */
function isEmpty(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0
}

function textOf(value: Json): Json {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

/**
 * Aliases as flat fields, `aliases.profiles`. Left out: InfoMetis' own marks, and the alias that bears the index's own name
 * when all that it says is that writes go here, which InfoMetis sees to by itself.
 */
export function* aliasFields(
  aliases: Readonly<Record<string, JsonObject>>,
  ownName?: string,
  prefix = '',
): Iterable<readonly [string, Json]> {
  for (const [alias, definition] of Object.entries(aliases)) {
    if (isMarker(alias)) continue
    const compared = alias === ownName ? withoutWrites(definition) : definition
    if (compared !== undefined) yield [`${prefix}aliases.${alias}`, compared]
  }
}

function withoutWrites(definition: JsonObject): JsonObject | undefined {
  const rest = without(definition, new Set(['is_write_index']))
  return isEmpty(rest) ? undefined : rest
}
