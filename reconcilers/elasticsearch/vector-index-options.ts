import { equal } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { isJsonObject } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'

const graphs = ['hnsw', 'int8_hnsw', 'int4_hnsw', 'bbq_hnsw'] as const
const flats = ['flat', 'int8_flat', 'int4_flat', 'bbq_flat'] as const

/** From each way of indexing vectors to those that an existing field can take up: towards graphs and smaller numbers (8.19.21, asked). */
const upgrades: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...graphs.map((type, rank) => [type, new Set<string>(graphs.slice(rank))] as const),
  ...flats.map((type, rank) => [type, new Set<string>(flats.slice(rank))] as const),
  ['flat', new Set<string>([...graphs, ...flats])],
  ['int8_flat', new Set<string>([...graphs, ...flats.slice(1)])],
  ['int4_flat', new Set<string>([...graphs, ...flats.slice(2)])],
  ['bbq_flat', new Set<string>(['bbq_hnsw', 'bbq_flat'])],
])

/** Members that change within one type, and those that cannot or only in one direction. */
const free = new Set(['ef_construction', 'rescore_vector', 'type'])

/** Why the `index_options` of an existing dense_vector cannot become those; undefined when they can. */
export function vectorIncompatibility(before: Json | undefined, after: Json | undefined): string | undefined {
  // A vector that is not indexed has none, and one whose dims are not known has none yet on 9.x.
  if (before === undefined) return undefined
  if (!isJsonObject(before) || !isJsonObject(after)) return 'index_options cannot be taken away'
  const from = typeOf(before)
  const to = typeOf(after)
  if (upgrades.get(from)?.has(to) !== true) return `index_options cannot go from ${from} to ${to}`
  const fewer = connections(before) > connections(after)
  if (fewer && graphs.some((type) => type === from)) return 'm of index_options cannot become smaller'
  return from === to ? withinType(from, before, after) : undefined
}

function withinType(type: string, before: JsonObject, after: JsonObject): string | undefined {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (free.has(name) || name === 'm' || equal(before[name], after[name])) continue
    if (name !== 'confidence_interval')
      return `${name} of index_options is not known to be changeable in an existing index`
    if (!confidenceChanges(type, before[name])) return 'confidence_interval of index_options cannot change'
  }
  return undefined
}

function confidenceChanges(type: string, before: Json | undefined): boolean {
  return type.endsWith('_flat') || (type === 'int8_hnsw' && before === undefined)
}

function typeOf({ type }: JsonObject): string {
  return typeof type === 'string' ? type : 'unknown'
}

function connections({ m }: JsonObject): number {
  return typeof m === 'number' ? m : 16
}
