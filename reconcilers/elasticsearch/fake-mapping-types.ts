import type { Json } from '../../src/core/resource.ts'

/** One parameter of a field type. */
export interface Parameter {
  readonly name: string
  /** Undefined: none; the server then says `null`. */
  readonly initial: Json | undefined
  /** `once`: only from true to false (norms), or from nothing to something (dims). */
  readonly updatable: boolean | 'once'
  /** Shown even when the default was written (numbers' `coerce` and `ignore_malformed`). */
  readonly sticky: boolean
}

/**
 * `name=default`; `~` can be updated in place, `>` only once, `+` is shown even with its default. In the order in which 8.19.21
 * names them in a conflict (keyword, text, long and date were asked, the rest is by the anchors' table of updatable parameters).
 */
const any = '~meta ~copy_to ~on_script_error=fail script'
const indexed = 'index=true doc_values=true store=false'
const number = `${indexed} ~+ignore_malformed=false ~+coerce=true null_value ${any} time_series_dimension=false time_series_metric`
const words = 'analyzer=default ~search_analyzer ~search_quote_analyzer'

const tables: Readonly<Record<string, string>> = {
  keyword: `${indexed} null_value ~ignore_above=2147483647 index_options=docs norms=false similarity normalizer ~eager_global_ordinals=false ~split_queries_on_whitespace=false time_series_dimension=false ${any}`,
  text: `index=true store=false index_options=positions >norms=true term_vector=no ${words} similarity index_phrases=false index_prefixes position_increment_gap=-1 ~fielddata=false ~fielddata_frequency_filter ~eager_global_ordinals=false ${any}`,
  match_only_text: any,
  search_as_you_type: `index=true store=false max_shingle_size=3 norms=true term_vector=no ${words} similarity ${any}`,
  long: number,
  integer: number,
  short: number,
  byte: number,
  double: number,
  float: number,
  half_float: number,
  unsigned_long: number,
  scaled_float: `${number} scaling_factor`,
  boolean: `${indexed} null_value ~+ignore_malformed=false ${any}`,
  date: `${indexed} format=strict_date_optional_time||epoch_millis locale=en null_value ~ignore_malformed=false ${any}`,
  date_nanos: `${indexed} format=strict_date_optional_time_nanos||epoch_millis locale=en null_value ~ignore_malformed=false ${any}`,
  ip: `${indexed} null_value ~ignore_malformed=false time_series_dimension=false ${any}`,
  geo_point: `${indexed} ~ignore_malformed=false ~ignore_z_value=true null_value ${any}`,
  geo_shape: `${indexed} orientation=right ~ignore_malformed=false ~coerce=false ~ignore_z_value=true ${any}`,
  binary: 'store=false doc_values=false ~meta',
  alias: '~path',
  flattened: `index=true doc_values=true ~depth_limit=20 ~ignore_above=2147483647 null_value index_options=docs similarity ~eager_global_ordinals=false ~split_queries_on_whitespace=false time_series_dimensions ~meta`,
  dense_vector: `element_type=float >dims index similarity ~index_options ~meta`,
  sparse_vector: 'store=false ~index_options ~meta',
  semantic_text: '~inference_id ~search_inference_id ~chunking_settings ~model_settings ~meta',
  completion: `analyzer=simple ~search_analyzer preserve_separators=true preserve_position_increments=true ~max_input_length=50 contexts ~meta`,
  token_count: `${number} analyzer=default enable_position_increments=true`,
  rank_feature: 'positive_score_impact=true ~meta',
  rank_features: 'positive_score_impact=true ~meta',
  constant_keyword: '>value ~meta',
  wildcard: `~ignore_above=2147483647 null_value ~meta ~copy_to`,
  version: '~meta ~copy_to',
  integer_range: `${indexed} ~coerce=true ${any}`,
  long_range: `${indexed} ~coerce=true ${any}`,
  date_range: `${indexed} format=strict_date_optional_time||epoch_millis ~coerce=true ${any}`,
  ip_range: `${indexed} ~coerce=true ${any}`,
  join: '~relations eager_global_ordinals=true ~meta',
  percolator: '~meta',
}

const parsed = new Map<string, ReadonlyMap<string, Parameter>>()

/** Undefined: no such type (the server may need a module for it). */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> | undefined {
  const known = parsed.get(type)
  if (known !== undefined) return known
  const table = Object.hasOwn(tables, type) ? tables[type] : undefined
  if (table === undefined) return undefined
  const parameters = table.split(' ').map((token): [string, Parameter] => {
    const [, marks = '', name = '', initial] = /^([~>+]*)([a-z_]+)(?:=(.*))?$/.exec(token) ?? []
    const updatable = marks.includes('>') ? 'once' : marks.includes('~')
    return [name, { name, initial: literal(initial), updatable, sticky: marks.includes('+') }]
  })
  const map = new Map(parameters)
  parsed.set(type, map)
  return map
}

function literal(text: string | undefined): Json | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : text
}

export const numberTypes: ReadonlySet<string> = new Set(
  'long integer short byte double float half_float unsigned_long scaled_float'.split(' '),
)
