import type { Json } from '../../src/core/resource.ts'

/**
 * What `PUT _mapping` can change of an existing field, from the `updateable` flag of the mappers' parameters (8.19). The types of the
 * server itself are checked against a real one in test/integration/elasticsearch-compatibility.test.ts; those of modules and x-pack that
 * are not in that distribution were read in the sources: scaled_float, search_as_you_type, wildcard, semantic_text, join, constant_keyword.
 */
const everywhere = ['copy_to', 'meta', 'on_script_error', 'synthetic_source_keep']
const searching = ['search_analyzer', 'search_quote_analyzer']
const numeric = ['coerce', 'ignore_malformed']
const text = [...searching, 'eager_global_ordinals', 'fielddata', 'fielddata_frequency_filter']
const keywords = ['eager_global_ordinals', 'ignore_above', 'split_queries_on_whitespace']

const updatable: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    ...same('byte,short,integer,long,half_float,float,double,scaled_float,unsigned_long', numeric),
    ...same('integer_range,long_range,float_range,double_range,date_range,ip_range', ['coerce']),
    ...same('boolean,date,date_nanos,ip', ['ignore_malformed']),
    ...same('geo_point,point', ['ignore_malformed', 'ignore_z_value']),
    ...same('geo_shape,shape', ['coerce', 'ignore_malformed', 'ignore_z_value', 'orientation']),
    ...same('text,annotated_text', text),
    search_as_you_type: searching,
    keyword: keywords,
    wildcard: ['ignore_above'],
    flattened: [...keywords, 'depth_limit'],
    completion: ['max_input_length', 'search_analyzer'],
    semantic_text: ['chunking_settings', 'index_options', 'search_inference_id'],
    join: ['eager_global_ordinals'],
    passthrough: ['priority', 'time_series_dimension'],
    alias: ['path'],
  }).map(([type, names]) => [type, new Set(names)]),
)
const updatableEverywhere = new Set(everywhere)

function same(types: string, names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(types.split(',').map((type) => [type, names]))
}

export function isUpdatable(type: string, parameter: string): boolean {
  if (!isObjectType(type) && updatableEverywhere.has(parameter)) return true
  return updatable.get(type)?.has(parameter) === true
}

/** The kinds that hold fields. The server merges their parameters (an omitted one stays), those of a leaf it replaces. */
export function isObjectType(type: string): boolean {
  return type === 'object' || type === 'nested' || type === 'passthrough'
}

/** Known never to change on an existing field, of whatever type it is one. */
const fixed = new Set([
  'analyzer',
  'contexts',
  'dims',
  'doc_values',
  'dynamic',
  'element_type',
  'enabled',
  'format',
  'include_in_parent',
  'include_in_root',
  'index',
  'index_options',
  'index_phrases',
  'index_prefixes',
  'inference_id',
  'locale',
  'max_shingle_size',
  'normalizer',
  'norms',
  'null_value',
  'position_increment_gap',
  'preserve_position_increments',
  'preserve_separators',
  'relations',
  'scaling_factor',
  'script',
  'similarity',
  'store',
  'subobjects',
  'synthetic_source_keep',
  'term_vector',
  'time_series_dimension',
  'time_series_dimensions',
  'time_series_metric',
  'value',
])

export function isFixed(parameter: string): boolean {
  return fixed.has(parameter)
}

const withNorms = new Set(['annotated_text', 'search_as_you_type', 'text'])

/**
 * What an omitted parameter stands for, where that matters: the server omits what is a default, but shows the analyzer beside a
 * search analyzer, and norms change in one direction only.
 */
export function defaultOf(type: string, parameter: string): Json | undefined {
  if (parameter === 'norms') return withNorms.has(type)
  return parameter === 'analyzer' ? 'default' : undefined
}
