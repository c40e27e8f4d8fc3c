import type { Json } from '../../src/core/resource.ts'
import { contentOf } from './definition.ts'
import { objectOf } from '../../src/core/json.ts'
import { generationOf, parseGeneration } from './generations.ts'
import { isMarker, parseBuildingAlias, parseRollbackAlias } from './markers.ts'
import type { Definition, Index, IndexFacts, JsonObject } from './resource.ts'
import { expandsReplicas } from './setting-checks.ts'
import type { WrittenIndex } from './schema.ts'
import { isInjected, isPrivateSetting } from './settings-text.ts'

/**
 * Observed → what a person would write. Undefined for what is not for people: hidden names, data streams, aliases over several
 * indices, what ILM is in charge of, what a reindex builds or left behind, and the index behind the alias that bears the name.
 */
export function toWrittenIndex(observed: Index): WrittenIndex | undefined {
  const { facts, body, name } = observed
  if (facts === undefined || !isForPeople(observed, facts)) return undefined
  const settings = settingsToWrite(body.settings)
  const aliases = aliasesToWrite(body.aliases, name)
  return {
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(Object.keys(body.mappings).length > 0 && { mappings: body.mappings }),
    ...(Object.keys(aliases).length > 0 && { aliases }),
    ...(isOwnGeneration(name, facts) && { 'on-incompatible': 'reindex' as const }),
  }
}

function isForPeople({ name, body }: Index, facts: IndexFacts): boolean {
  if (name.startsWith('.') || facts.lifecycle !== undefined) return false
  if (facts.standsFor === 'several' || facts.standsFor === 'data-stream') return false
  const { name: base } = parseGeneration(name) ?? {}
  return !Object.keys(body.aliases).some((alias) => alias === base || standsAside(alias))
}

/** The target of a reindex, or what one left behind: the entry that it belongs to bears another name. */
function standsAside(alias: string): boolean {
  return parseBuildingAlias(alias) !== undefined || parseRollbackAlias(alias) !== undefined
}

/** `orders` → `orders-000001` is what `"on-incompatible": "reindex"` makes; any other alias is somebody's own arrangement. */
function isOwnGeneration(name: string, facts: IndexFacts): boolean {
  return facts.standsFor === 'alias' && generationOf(name, facts.index) !== undefined
}

/** A definition as it is written; undefined for the server's own, and for what another tool marked as managed. */
export function toWrittenDefinition(observed: Definition): JsonObject | undefined {
  return observed.foreign === true ? undefined : contentOf(observed)
}

function aliasesToWrite(
  aliases: Index['body']['aliases'],
  name: string,
): Readonly<Record<string, JsonObject>> {
  return objectOf(Object.entries(aliases).filter(([alias]) => alias !== name && !isMarker(alias)))
}

/** Without `index.`; analysis and similarity, which have many keys with long common beginnings, as maps inside each other. */
function settingsToWrite(settings: Readonly<Record<string, Json>>): Readonly<Record<string, unknown>> {
  const written = new Map<string, unknown>()
  for (const key of Object.keys(settings).sort()) {
    const value = settings[key]
    if (value === undefined || isPrivateSetting(key) || isInjected(key, value)) continue
    if (key === 'index.number_of_replicas' && expandsReplicas(settings['index.auto_expand_replicas']))
      continue
    const short = key.slice('index.'.length)
    if (!/^(analysis|similarity)\./.test(short) || !nest(written, short.split('.'), value))
      written.set(short, value)
  }
  return toPlain(written)
}

/** False where a value stands on the way: the key is then written flat. */
function nest(into: Map<string, unknown>, path: readonly string[], value: Json): boolean {
  const [first = '', ...rest] = path
  const there = into.get(first)
  if (rest.length === 0) {
    if (there === undefined) into.set(first, value)
    return there === undefined
  }
  if (there !== undefined && !(there instanceof Map)) return false
  const next = (there as Map<string, unknown> | undefined) ?? new Map<string, unknown>()
  if (!nest(next, rest, value)) return false
  into.set(first, next)
  return true
}

function toPlain(map: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  return objectOf(
    [...map].map(([name, value]) => [name, value instanceof Map ? toPlain(value) : value] as const),
  )
}
