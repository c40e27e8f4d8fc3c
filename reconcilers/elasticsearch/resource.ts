import type { JsonObject } from '../../src/core/json.ts'
import type { Change, Json, Resource } from '../../src/core/resource.ts'

export type { JsonObject } from '../../src/core/json.ts'

/** The config types, in the order in which one can need another. */
export const searchTypes = [
  'component-templates',
  'ingest-pipelines',
  'ilm-policies',
  'index-templates',
  'indices',
] as const

export type SearchType = (typeof searchTypes)[number]

/** What an index is made of, in the server's spelling once it went through `canonical`. */
export interface IndexBody {
  /** Flat, `index.number_of_replicas` → text, or a list of texts. */
  readonly settings: Readonly<Record<string, Json>>
  readonly mappings: JsonObject
  readonly aliases: Readonly<Record<string, JsonObject>>
}

/** How InfoMetis treats an index, apart from what is sent to the server. */
export interface IndexOptions {
  /** `hold`: a change that needs a new index waits for an approval. `reindex`: it is made behind the alias. */
  readonly onIncompatible: 'hold' | 'reindex'
  /** Milliseconds. */
  readonly maxWriteBlock: number
  /** Milliseconds that the old index is meant to stay after a reindex. */
  readonly keepOldIndex: number
}

/** What only the server can say of an index. */
export interface IndexFacts {
  /** What bears the name: an index, an alias over one index, an alias over several (or none that writes), a data stream. */
  readonly standsFor: 'index' | 'alias' | 'several' | 'data-stream'
  /** The index itself: the name, or what the alias points to. Of `several` and `data-stream`: the first. */
  readonly index: string
  readonly closed: boolean
  /** The ILM policy, where one is in charge. */
  readonly lifecycle: string | undefined
  /** The target of a reindex that was begun and is neither finished nor given up. */
  readonly unfinished: string | undefined
  /** The name that the next generation would get: `orders-000002`. */
  readonly next: string
}

/**
 * An index (or the alias that stands for it), with flat fields: `settings.index.refresh_interval`, `mappings.dynamic`,
 * `mappings.properties.user.name` (a field's own definition, without its sub-fields), `mappings.properties.title.fields.raw`,
 * `mappings.runtime.day`, `aliases.profiles`. `id` is the uuid of the index behind the name.
 */
export interface Index extends Resource {
  readonly type: 'indices'
  readonly body: IndexBody
  /** Desired only. */
  readonly options?: IndexOptions
  /** Observed only. */
  readonly facts?: IndexFacts
}

/** A template, pipeline or policy: one document that is always written whole. */
export interface Definition extends Resource {
  readonly type: Exclude<SearchType, 'indices'>
  /** What is sent to the server, without the name. */
  readonly body: JsonObject
  /** Observed only: the server's own, or some other tool's (`_meta.managed`). */
  readonly foreign?: true
}

export type SearchResource = Index | Definition

/** The path of the synthetic field that says which index a name stands for. */
export const standing = 'index'

export function isIndex(resource: SearchResource): resource is Index {
  return resource.type === 'indices'
}

export function isOfIndex(change: Change<SearchResource>): change is Change<Index> {
  return change.type === 'indices'
}
