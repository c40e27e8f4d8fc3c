import type { Json } from '../../src/core/resource.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import { illegalArgument } from './fake-refusal.ts'
import { javaText } from './fake-text.ts'
import { isList, isObject } from '../../src/core/json.ts'

/** Flat, `index.…` → text, a list of texts, or null (to be reset). */
export type FlatSettings = Map<string, Json>

type Settability = 'dynamic' | 'static' | 'final'

/** Docs "Index modules", and `IndexScopedSettings`: what an open index takes, what a closed one takes, what none takes. */
const known: readonly (readonly [Settability, string])[] = [
  [
    'final',
    'number_of_shards number_of_routing_shards routing_partition_size mode soft_deletes.enabled routing_path sort.*',
  ],
  [
    'static',
    'codec load_fixed_bitset_filters_eagerly shard.check_on_startup analysis.* similarity.* store.type store.preload',
  ],
  ['static', 'mapping.coerce mapping.ignore_malformed hidden_from_source'],
  [
    'dynamic',
    'number_of_replicas auto_expand_replicas refresh_interval search.* max_* analyze.* highlight.* query.*',
  ],
  [
    'dynamic',
    'routing.* gc_deletes default_pipeline final_pipeline hidden priority blocks.* write.* mapping.* indexing.*',
  ],
  [
    'dynamic',
    'translog.* merge.* unassigned.* lifecycle.* soft_deletes.retention.* warmer.* requests.* flush_after_merge',
  ],
]

export const tierPreference = 'index.routing.allocation.include._tier_preference'

const times = /^index\.(refresh_interval|gc_deletes|search\.idle\.after|unassigned\.|translog\.sync_interval)/
const integers = /^index\.(number_of_|max_|priority|mapping\..*limit|query\.max|analyze\.max)/
const booleans = /^index\.(blocks\.|hidden$|warmer\.|requests\.)/

/** Any spelling that the server reads, flat and as text. Nested objects, dotted keys, with or without `index.`. */
export function flatten(body: unknown): FlatSettings {
  const flat: FlatSettings = new Map()
  collect(body, '', flat)
  const spelled = [...flat].map(([key, value]): [string, Json] => [
    key.startsWith('index.') ? key : `index.${key}`,
    value,
  ])
  return new Map(spelled)
}

function collect(value: unknown, path: string, flat: FlatSettings): void {
  if (isObject(value)) {
    for (const [key, member] of Object.entries(value))
      collect(member, path === '' ? key : `${path}.${key}`, flat)
  } else flat.set(path, Array.isArray(value) ? value.map(text) : value === null ? null : text(value))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value)
}

/** `index.sort.field` → `{index: {sort: {field}}}`, as the server shows settings unless asked for flat ones. */
export function nested(settings: ReadonlyMap<string, Json>): Readonly<Record<string, unknown>> {
  const root = Object.create(null) as Record<string, unknown>
  for (const [key, value] of settings) {
    const parts = key.split('.')
    const last = parts.pop() ?? ''
    let at = root
    for (const part of parts) {
      const next = at[part]
      const into: unknown = isObject(next) ? next : Object.create(null)
      at[part] = into
      at = into as Record<string, unknown>
    }
    at[last] = value
  }
  return root
}

export function settabilityOf(key: string): Settability | undefined {
  const name = key.replace(/^index\./, '')
  for (const [settability, names] of known) {
    const hit = names
      .split(' ')
      .some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each))
    if (hit) return settability
  }
  return undefined
}

/** Words of 8.19.21 for what it does not know, and for values it cannot read. */
export function checkSettings(settings: ReadonlyMap<string, Json>, lacksLifecycle: boolean): void {
  for (const [key, value] of settings) {
    if (settabilityOf(key) === undefined || (lacksLifecycle && key.startsWith('index.lifecycle.'))) {
      const words =
        'please check that any required plugins are installed, or check the breaking changes documentation for removed settings'
      throw illegalArgument(`unknown setting [${key}] ${words}`)
    }
    if (typeof value === 'string') checkValue(key, value)
  }
  checkAnalysis(settings)
  checkSort(settings)
}

function checkValue(key: string, value: string): void {
  if (times.test(key) && !/^(-1|0|\d+(\.\d+)?(nanos|micros|ms|s|m|h|d))$/.test(value)) {
    throw illegalArgument(
      `failed to parse setting [${key}] with value [${value}] as a time value: unit is missing or unrecognized`,
    )
  }
  if (booleans.test(key) && value !== 'true' && value !== 'false') {
    throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`)
  }
  if (integers.test(key)) checkInteger(key, value)
}

function checkInteger(key: string, value: string): void {
  if (!/^-?\d+$/.test(value)) throw illegalArgument(`Failed to parse value [${value}] for setting [${key}]`)
  const [least, most] = key.endsWith('number_of_shards') ? [1, 1_024] : [0, 2_147_483_647]
  if (Number(value) < least)
    throw illegalArgument(`Failed to parse value [${value}] for setting [${key}] must be >= ${least}`)
  if (Number(value) > most)
    throw illegalArgument(`Failed to parse value [${value}] for setting [${key}] must be <= ${most}`)
}

const tokenizers = new Set(
  'standard keyword whitespace letter lowercase classic uax_url_email ngram edge_ngram pattern path_hierarchy char_group simple_pattern'.split(
    ' ',
  ),
)
const tokenFilters = new Set(
  'lowercase uppercase asciifolding stop stemmer porter_stem kstem snowball trim unique truncate shingle word_delimiter word_delimiter_graph edge_ngram ngram synonym synonym_graph length reverse elision apostrophe decimal_digit flatten_graph'.split(
    ' ',
  ),
)

/** A custom analyzer names parts that the server has, or that are defined beside it. */
function checkAnalysis(settings: ReadonlyMap<string, Json>): void {
  const defined = (kind: string) => new Set(partsOf(settings, `index.analysis.${kind}.`))
  for (const name of defined('analyzer')) {
    const part = (member: string) => settings.get(`index.analysis.analyzer.${name}.${member}`)
    const tokenizer = part('tokenizer')
    if (typeof tokenizer === 'string' && !tokenizers.has(tokenizer) && !defined('tokenizer').has(tokenizer)) {
      throw illegalArgument(`Custom Analyzer [${name}] failed to find tokenizer under name [${tokenizer}]`)
    }
    const filters = part('filter')
    for (const filter of isList(filters ?? []) ? ((filters ?? []) as readonly Json[]) : [filters]) {
      if (typeof filter !== 'string' || tokenFilters.has(filter) || defined('filter').has(filter)) continue
      throw illegalArgument(`Custom Analyzer [${name}] failed to find filter under name [${filter}]`)
    }
  }
}

function partsOf(settings: ReadonlyMap<string, Json>, prefix: string): readonly string[] {
  return [...settings.keys()].flatMap((key) =>
    key.startsWith(prefix) ? [key.slice(prefix.length).split('.')[0] ?? ''] : [],
  )
}

function checkSort(settings: ReadonlyMap<string, Json>): void {
  const list = (key: string) => {
    const value = settings.get(key)
    return typeof value === 'string'
      ? value.split(',')
      : value !== undefined && isList(value)
        ? value.map(javaText)
        : undefined
  }
  const [fields, orders] = [list('index.sort.field'), list('index.sort.order')]
  if (fields !== undefined && orders !== undefined && fields.length !== orders.length) {
    throw illegalArgument(
      `index.sort.field:[${fields.join(', ')}] index.sort.order:[${orders.join(', ')}], size mismatch`,
    )
  }
}

/** Names of the analyzers or normalizers that a mapping can use. */
export function analyzersOf(
  settings: ReadonlyMap<string, Json>,
  kind: 'analyzer' | 'normalizer',
): ReadonlySet<string> {
  const builtIn =
    kind === 'analyzer'
      ? 'default standard simple stop whitespace keyword pattern fingerprint english german french spanish italian dutch portuguese'
      : 'lowercase'
  return new Set([...builtIn.split(' '), ...partsOf(settings, `index.analysis.${kind}.`)])
}
