import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'

type Spelling = readonly [title: string, written: WrittenIndex]

function fields(properties: Record<string, unknown>): WrittenIndex {
  return { mappings: { properties } }
}

/** A member called `__proto__`, which an object literal takes for the prototype. */
function parsed(json: string): Record<string, unknown> {
  return JSON.parse(json) as Record<string, unknown>
}

const settings: readonly Spelling[] = [
  ['nothing at all', {}],
  ['empty maps', { settings: {}, mappings: {}, aliases: {} }],
  ['settings nested', { settings: { index: { number_of_replicas: 0, refresh_interval: '30s' } } }],
  ['settings without index.', { settings: { number_of_replicas: 0, refresh_interval: '30s' } }],
  ['settings flat', { settings: { 'index.number_of_replicas': '0', 'index.refresh_interval': '30s' } }],
  [
    'settings mixed',
    { settings: { index: { 'translog.durability': 'async' }, 'index.translog': { sync_interval: '5s' } } },
  ],
  ['what is taken but never shown', { settings: { number_of_shards: 2, number_of_routing_shards: 8 } }],
  ['numbers as texts', { settings: { number_of_shards: '2', 'index.number_of_replicas': '1' } }],
  ['booleans as booleans', { settings: { 'index.hidden': false, 'index.blocks.write': false } }],
  ['booleans as texts', { settings: { 'index.requests.cache.enable': 'false' } }],
  ['times in another unit', { settings: { refresh_interval: '60s', 'index.gc_deletes': '60000ms' } }],
  ['a time that is off', { settings: { refresh_interval: -1 } }],
  ['a time in upper case', { settings: { refresh_interval: '30S' } }],
  ['sizes in another unit', { settings: { 'index.translog.flush_threshold_size': '1024mb' } }],
  [
    'a sort by one field',
    {
      settings: { 'sort.field': 'at', 'sort.order': 'desc' },
      mappings: { properties: { at: { type: 'date' } } },
    },
  ],
  [
    'a sort by a list of one',
    {
      settings: { 'sort.field': ['at'], 'sort.order': ['desc'] },
      mappings: { properties: { at: { type: 'date' } } },
    },
  ],
  [
    'a sort by two fields',
    {
      settings: { 'sort.field': 'at,n', 'sort.order': 'desc, asc' },
      mappings: { properties: { at: { type: 'date' }, n: { type: 'long' } } },
    },
  ],
  ['query.default_field as a text', { settings: { 'query.default_field': 'title' } }],
  ['query.default_field as a list', { settings: { 'query.default_field': ['title', 'body'] } }],
  ['query.default_field with commas', { settings: { 'query.default_field': 'title,body' } }],
  ['auto_expand_replicas', { settings: { auto_expand_replicas: '0-1' } }],
  ['auto_expand_replicas off', { settings: { auto_expand_replicas: false, number_of_replicas: 1 } }],
  ['a codec', { settings: { codec: 'best_compression' } }],
  [
    'allocation by attribute',
    { settings: { 'routing.allocation.exclude.rack': '1d', 'routing.allocation.total_shards_per_node': 5 } },
  ],
  [
    'a tier of its own',
    { settings: { 'routing.allocation.include._tier_preference': 'data_hot,data_content' } },
  ],
  [
    'limits on fields',
    { settings: { 'mapping.total_fields.limit': 2000, mapping: { depth: { limit: 30 } } } },
  ],
  [
    'slow logs',
    {
      settings: {
        'search.slowlog.threshold.query.warn': '10s',
        'indexing.slowlog.threshold.index.warn': '1m',
      },
    },
  ],
  [
    'an analyzer as maps',
    {
      settings: {
        analysis: {
          analyzer: {
            folded: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'stop'] },
          },
          normalizer: { low: { type: 'custom', filter: ['lowercase'] } },
        },
      },
      mappings: {
        properties: { t: { type: 'text', analyzer: 'folded' }, k: { type: 'keyword', normalizer: 'low' } },
      },
    },
  ],
  [
    'an analyzer flat',
    {
      settings: {
        'index.analysis.analyzer.a.type': 'standard',
        'index.analysis.analyzer.a.stopwords': ['the', 'a'],
      },
    },
  ],
  [
    'a list of one stopword',
    { settings: { analysis: { filter: { s: { type: 'stop', stopwords: ['the'] } } } } },
  ],
  [
    'stopwords with commas in them',
    { settings: { analysis: { filter: { s: { type: 'stop', stopwords: ['a, b', 'c,d'] } } } } },
  ],
  [
    'one stopword with a comma',
    { settings: { analysis: { filter: { s: { type: 'stop', stopwords: ['a, b'] } } } } },
  ],
  [
    'a similarity',
    {
      settings: { similarity: { mine: { type: 'BM25', b: 0.5, k1: '1.3' } } },
      mappings: { properties: { t: { type: 'text', similarity: 'mine' } } },
    },
  ],
]

const mappings: readonly Spelling[] = [
  [
    'defaults written out',
    fields({
      k: { type: 'keyword', index: true, doc_values: true, store: false },
      n: { type: 'long', coerce: true, ignore_malformed: false },
    }),
  ],
  [
    'a default date format',
    fields({ d: { type: 'date', format: 'strict_date_optional_time||epoch_millis' } }),
  ],
  [
    'a date format of its own',
    fields({ d: { type: 'date', format: 'yyyy-MM-dd||epoch_second', locale: 'de' } }),
  ],
  ['a dotted name', fields({ 'user.name': { type: 'keyword' } })],
  [
    'a dotted name beside its object',
    fields({ user: { properties: { id: { type: 'long' } } }, 'user.name': { type: 'keyword' } }),
  ],
  ['a deep dotted name', fields({ 'a.b.c.d': { type: 'boolean' } })],
  [
    'dots without objects',
    { mappings: { subobjects: false, properties: { 'a.b': { type: 'keyword' }, a: { type: 'keyword' } } } },
  ],
  [
    'dots without objects further down',
    fields({ m: { type: 'object', subobjects: false, properties: { 'a.b': { type: 'keyword' } } } }),
  ],
  ['an object with its type', fields({ o: { type: 'object', properties: { a: { type: 'keyword' } } } })],
  ['an object without its type', fields({ o: { properties: { a: { type: 'keyword' } } } })],
  ['an empty object', fields({ o: { type: 'object' } })],
  ['an object with no properties', fields({ o: { properties: {} } })],
  ['an object that is only not enabled', fields({ o: { enabled: false } })],
  [
    'an object with everything',
    fields({
      o: {
        type: 'object',
        dynamic: 'strict',
        enabled: true,
        properties: { p: { type: 'object', dynamic: false } },
      },
    }),
  ],
  ['properties as an empty list', { mappings: { properties: [] } }],
  [
    'nested',
    fields({
      n: {
        type: 'nested',
        dynamic: true,
        properties: { a: { type: 'keyword' }, deep: { type: 'nested', include_in_root: true } },
      },
    }),
  ],
  ['dynamic false as a boolean', { mappings: { dynamic: false } }],
  ['dynamic false as a text', { mappings: { dynamic: 'false' } }],
  ['dynamic strict', { mappings: { dynamic: 'strict' } }],
  ['dynamic runtime', { mappings: { dynamic: 'runtime' } }],
  ['dynamic true', { mappings: { dynamic: true } }],
  [
    'a template that matches one pattern',
    {
      mappings: {
        dynamic_templates: [
          { s: { match_mapping_type: 'string', match: 's_*', mapping: { type: 'keyword' } } },
        ],
      },
    },
  ],
  [
    'templates that match lists',
    {
      mappings: {
        dynamic_templates: [
          { s: { match: ['s_*'], mapping: { type: 'keyword' } } },
          { t: { path_match: ['a.*', 'b.*'], unmatch: 'x', mapping: { type: 'text', norms: false } } },
        ],
      },
    },
  ],
  [
    'root parameters',
    {
      mappings: {
        date_detection: false,
        numeric_detection: true,
        dynamic_date_formats: ['yyyy'],
        _meta: { owner: 'team', n: 1.5, deep: { list: [1, 'a', null] } },
      },
    },
  ],
  [
    'root parameters at their defaults',
    {
      mappings: {
        date_detection: true,
        numeric_detection: false,
        dynamic_templates: [],
        _source: { enabled: true },
      },
    },
  ],
  ['a source without some fields', { mappings: { _source: { excludes: ['secret'] } } }],
  ['required routing', { mappings: { _routing: { required: true } } }],
  [
    'runtime fields without a script',
    { mappings: { runtime: { day: { type: 'keyword' }, n: { type: 'long' } } } },
  ],
  [
    'sub-fields',
    fields({
      t: {
        type: 'text',
        fields: { raw: { type: 'keyword', ignore_above: 256 }, en: { type: 'text', analyzer: 'simple' } },
      },
    }),
  ],
  [
    'copy_to as a text and as a list',
    fields({
      a: { type: 'text', copy_to: 'all' },
      b: { type: 'text', copy_to: ['all'] },
      all: { type: 'text' },
    }),
  ],
  [
    'text with all its parameters',
    fields({
      t: {
        type: 'text',
        analyzer: 'standard',
        search_analyzer: 'simple',
        norms: false,
        index_options: 'positions',
        term_vector: 'yes',
        position_increment_gap: 5,
        eager_global_ordinals: true,
        fielddata: true,
      },
    }),
  ],
  ['index_prefixes at defaults', fields({ t: { type: 'text', index_prefixes: {} } })],
  [
    'keyword with all its parameters',
    fields({
      k: {
        type: 'keyword',
        ignore_above: 10,
        null_value: 'none',
        split_queries_on_whitespace: true,
        eager_global_ordinals: true,
        meta: { unit: 'x' },
      },
    }),
  ],
  [
    'numbers of every kind',
    fields({
      l: { type: 'long', null_value: 7 },
      i: { type: 'integer', ignore_malformed: true },
      s: { type: 'short' },
      b: { type: 'byte' },
      d: { type: 'double', null_value: 1.5 },
      f: { type: 'float' },
      h: { type: 'half_float' },
      u: { type: 'long', coerce: false },
    }),
  ],
  ['a null value beyond 2^53', fields({ l: { type: 'long', null_value: 9007199254740993n } })],
  [
    'booleans, ips and ranges',
    fields({
      b: { type: 'boolean', null_value: 'true' },
      i: { type: 'ip', null_value: '::1' },
      r: { type: 'integer_range', coerce: false },
      dr: { type: 'date_range', format: 'yyyy' },
      ir: { type: 'ip_range' },
    }),
  ],
  ['dates at nanoseconds', fields({ d: { type: 'date_nanos', null_value: '2020-01-01' } })],
  ['points', fields({ g: { type: 'geo_point', ignore_malformed: true, null_value: 'POINT (1 2)' } })],
  ['flattened', fields({ f: { type: 'flattened', depth_limit: 3, ignore_above: 100 } })],
  ['an alias of a field', fields({ k: { type: 'keyword' }, a: { type: 'alias', path: 'k' } })],
  [
    'binary and completion',
    fields({ b: { type: 'binary' }, c: { type: 'completion', max_input_length: 20 } }),
  ],
  ['a vector with dims', fields({ v: { type: 'dense_vector', dims: 3 } })],
  ['a vector without dims', fields({ v: { type: 'dense_vector' } })],
  [
    'a vector of bytes with options',
    fields({
      v: {
        type: 'dense_vector',
        dims: 4,
        element_type: 'byte',
        similarity: 'l2_norm',
        index_options: { type: 'hnsw', m: 8, ef_construction: 50 },
      },
    }),
  ],
  [
    'names that are members of every object',
    fields(
      parsed(
        '{"__proto__":{"type":"keyword"},"constructor":{"properties":{"prototype":{"type":"long"}}},"toString":{"type":"text","fields":{"__proto__":{"type":"keyword"}}}}',
      ),
    ),
  ],
  [
    'names with odd characters',
    fields({
      '@timestamp': { type: 'date' },
      größe: { type: 'long' },
      'with space': { type: 'keyword' },
      日本: { type: 'text' },
    }),
  ],
  [
    'names that look like parameters',
    fields({
      type: { type: 'keyword' },
      properties: { properties: { fields: { type: 'keyword' }, properties: { type: 'long' } } },
      fields: { type: 'text', fields: { fields: { type: 'keyword' } } },
    }),
  ],
]

const aliases: readonly Spelling[] = [
  ['a plain alias', { aliases: { 'spelled-plain': {} } }],
  ['routing for both', { aliases: { 'spelled-routed': { routing: '1' } } }],
  ['routing for each', { aliases: { 'spelled-each': { index_routing: '1', search_routing: '1,2' } } }],
  [
    'a filter',
    {
      aliases: { 'spelled-filtered': { filter: { term: { k: 'x' } } } },
      mappings: { properties: { k: { type: 'keyword' } } },
    },
  ],
  [
    'a filter in the short and the long form',
    {
      aliases: {
        'spelled-long': {
          filter: {
            bool: { filter: [{ term: { k: { value: 'x' } } }, { range: { n: { gte: 1, lt: 9.5 } } }] },
          },
        },
      },
    },
  ],
  [
    'is_write_index true and false',
    { aliases: { 'spelled-writes': { is_write_index: true }, 'spelled-reads': { is_write_index: false } } },
  ],
  [
    'hidden and not',
    { aliases: { 'spelled-hidden': { is_hidden: true }, 'spelled-shown': { is_hidden: false } } },
  ],
]

/** Ways in which people write an index, each of which a second look has to find as it is (anchors §6, 18 to 33). */
export const spellings: readonly Spelling[] = [...settings, ...mappings, ...aliases]
