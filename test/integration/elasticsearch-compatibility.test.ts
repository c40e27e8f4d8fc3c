import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { classifyIndex } from '../../reconcilers/elasticsearch/classify.ts'
import { isObject, own, ownObject } from '../../src/core/json.ts'
import { canonicalIndex, normalizeIndex } from '../../reconcilers/elasticsearch/normalize.ts'
import { observeIndex, shownIndices } from '../../reconcilers/elasticsearch/observe-index.ts'
import type { Index } from '../../reconcilers/elasticsearch/resource.ts'
import { isPrivateSetting } from '../../reconcilers/elasticsearch/setting-checks.ts'
import { type SettingClass, settingClass } from '../../reconcilers/elasticsearch/setting-class.ts'
import { canonicalJson, equal } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { type RunningElasticsearch, startElasticsearch } from '../support/elasticsearch.ts'
import { changeBetween } from '../support/search-index.ts'

type Body = Readonly<Record<string, unknown>>
/** What is in an index, and what is asked of it: a field’s definition, or parameters at the root of the mappings. */
type Pair = readonly [before: Body, after: Body]

const is =
  (type: string) =>
  (more: Body = {}): Body => ({ type, ...more })
const keyword = is('keyword')
const text = is('text')
const date = is('date')
const long = is('long')
const object = is('object')
const nested = is('nested')
const flattened = is('flattened')
const completion = is('completion')
const alias = (path: string): Body => ({ type: 'alias', path })
const vector = (more: Body = {}): Body => ({ type: 'dense_vector', dims: 64, ...more })
const options = (type: string, more: Body = {}): Body => vector({ index_options: { type, ...more } })

/** A parameter set, and no longer set. */
const onAndOff = (field: (more?: Body) => Body, parameters: Body): readonly Pair[] =>
  Object.entries(parameters).flatMap(([name, value]): readonly Pair[] => [
    [field(), field({ [name]: value })],
    [field({ [name]: value }), field()],
  ])
/** Each of these in the place of each other. */
const all = <T>(values: readonly T[], field: (value: T) => Body): readonly Pair[] =>
  values.flatMap((a) => values.filter((b) => a !== b).map((b): Pair => [field(a), field(b)]))

const common = { index: false, store: true, doc_values: false, meta: { unit: 'ms' }, copy_to: ['g'] }
const types = ['keyword', 'text', 'long', 'date', 'flattened', 'object', 'nested', 'binary']
const indexing = ['hnsw', 'int8_hnsw', 'int4_hnsw', 'bbq_hnsw', 'flat', 'int8_flat', 'int4_flat', 'bbq_flat']

const fieldPairs: readonly Pair[] = [
  ...all(types, (type) => ({ type })),
  ...onAndOff(keyword, {
    ...common,
    eager_global_ordinals: true,
    ignore_above: 5,
    index_options: 'freqs',
    norms: true,
    normalizer: 'lower',
    null_value: 'none',
    similarity: 'boolean',
    split_queries_on_whitespace: true,
    synthetic_source_keep: 'all',
    time_series_dimension: true,
  }),
  ...onAndOff(text, {
    analyzer: 'simple',
    copy_to: 'g',
    eager_global_ordinals: true,
    fielddata: true,
    fielddata_frequency_filter: { min: 0.01, max: 0.1, min_segment_size: 50 },
    index: false,
    index_options: 'docs',
    index_phrases: true,
    index_prefixes: {},
    meta: { a: 'b' },
    norms: false,
    position_increment_gap: 50,
    search_analyzer: 'simple',
    search_quote_analyzer: 'simple',
    similarity: 'boolean',
    store: true,
    term_vector: 'yes',
  }),
  [text(), text({ analyzer: 'standard' })],
  [text(), text({ similarity: 'BM25' })],
  [text({ analyzer: 'simple', search_analyzer: 'standard' }), text({ analyzer: 'simple' })],
  [keyword({ ignore_above: 5 }), keyword({ ignore_above: 8 })],
  [keyword({ copy_to: 'g' }), keyword({ copy_to: ['g', 'h'] })],
  ...onAndOff(long, {
    ...common,
    coerce: false,
    ignore_malformed: true,
    null_value: 3,
    time_series_dimension: true,
    time_series_metric: 'gauge',
  }),
  ...all(['byte', 'integer', 'float', 'half_float', 'double'], (type) => ({ type })),
  ...onAndOff(date, { ...common, format: 'yyyy', ignore_malformed: true, locale: 'de', null_value: '2020' }),
  ...onAndOff(is('date_nanos'), { format: 'yyyy', ignore_malformed: true, store: true }),
  ...onAndOff(is('boolean'), { ...common, ignore_malformed: true, null_value: true }),
  ...onAndOff(is('ip'), { ...common, ignore_malformed: true, null_value: '1.1.1.1' }),
  ...onAndOff(is('geo_point'), {
    doc_values: false,
    ignore_malformed: true,
    ignore_z_value: false,
    index: false,
    null_value: '1,1',
  }),
  ...onAndOff(is('binary'), { doc_values: true, store: true, meta: { a: 'b' } }),
  ...onAndOff(is('integer_range'), { index: false, doc_values: false, store: true, coerce: false }),
  ...onAndOff(is('date_range'), { format: 'yyyy', coerce: false }),
  ...onAndOff(flattened, {
    depth_limit: 3,
    doc_values: false,
    eager_global_ordinals: true,
    ignore_above: 5,
    index: false,
    index_options: 'freqs',
    null_value: 'none',
    similarity: 'boolean',
    split_queries_on_whitespace: true,
  }),
  ...onAndOff(completion, {
    analyzer: 'standard',
    contexts: [{ name: 'place', type: 'category' }],
    max_input_length: 20,
    preserve_position_increments: false,
    preserve_separators: false,
    search_analyzer: 'standard',
  }),
  ...onAndOff(is('sparse_vector'), { store: true, meta: { a: 'b' } }),
  [alias('g'), alias('h')],
  [alias('g'), keyword()],
  [keyword(), alias('g')],
  ...onAndOff(object, { dynamic: 'strict', enabled: false, subobjects: false, synthetic_source_keep: 'all' }),
  ...onAndOff(nested, { dynamic: false, include_in_parent: true, include_in_root: true }),
  ...all(['true', 'false', 'strict', 'runtime'], (dynamic) => object({ dynamic })),
  [object({ enabled: false }), object({ enabled: false, properties: { x: keyword() } })],
  [nested(), nested({ properties: { x: keyword() } })],
  [keyword(), { properties: { x: keyword() } }],
  [{ properties: { x: keyword() } }, keyword()],
  [{ properties: { x: keyword() } }, { properties: { x: keyword(), y: { properties: { z: long() } } } }],
  [{ properties: { x: keyword() } }, { properties: { x: long() } }],
  [text(), text({ fields: { raw: keyword() } })],
  [text({ fields: { raw: keyword() } }), text({ fields: { raw: keyword({ ignore_above: 5 }) } })],
  [text({ fields: { raw: keyword() } }), text({ fields: { raw: text() } })],
  [text({ fields: { raw: keyword() } }), text({ fields: { raw: keyword(), more: keyword() } })],
  ...all(indexing, (type) => options(type)),
  ...['hnsw', 'int8_hnsw', 'bbq_hnsw'].flatMap((type): readonly Pair[] => [
    [options(type, { m: 16 }), options(type, { m: 32 })],
    [options(type, { m: 32 }), options(type, { m: 16 })],
    [options(type), options(type, { ef_construction: 200 })],
    [options(type, { ef_construction: 200 }), options(type)],
  ]),
  ...['int8_hnsw', 'int4_hnsw', 'int8_flat', 'int4_flat'].flatMap((type): readonly Pair[] => [
    [options(type), options(type, { confidence_interval: 0.95 })],
    [options(type, { confidence_interval: 0.95 }), options(type)],
    [options(type, { confidence_interval: 0.95 }), options(type, { confidence_interval: 0.99 })],
  ]),
  [options('int8_hnsw'), options('int8_hnsw', { rescore_vector: { oversample: 2 } })],
  [options('hnsw', { m: 32 }), options('int8_hnsw')],
  [options('hnsw'), options('int8_hnsw', { m: 32 })],
  [options('flat'), options('hnsw', { m: 4 })],
  [vector(), options('bbq_hnsw')],
  [vector(), vector({ dims: 128 })],
  [is('dense_vector')(), vector()],
  [vector(), vector({ similarity: 'dot_product' })],
  [vector(), vector({ index: false })],
  [vector({ index: false }), vector({ index: false, element_type: 'byte' })],
  [is('passthrough')({ priority: 1 }), is('passthrough')({ priority: 2 })],
  [object(), is('passthrough')({ priority: 1 })],
]

const day = { day: { type: 'keyword' } }
const templates = (name: string) => ({ dynamic_templates: [{ [name]: { mapping: { type: 'keyword' } } }] })

const rootPairs: readonly Pair[] = [
  ...all(['true', 'false', 'strict', 'runtime'], (dynamic) => ({ dynamic })),
  [{}, { dynamic: 'strict' }],
  [{}, { _meta: { a: 1 } }],
  [{ _meta: { a: 1 } }, { _meta: { b: 2 } }],
  [{}, { date_detection: false }],
  [{ date_detection: false }, { date_detection: true }],
  [{}, { numeric_detection: true }],
  [{ dynamic_date_formats: ['yyyy'] }, { dynamic_date_formats: ['MM'] }],
  [templates('a'), templates('b')],
  [templates('a'), { dynamic_templates: [] }],
  [{}, { runtime: day }],
  [{ runtime: day }, { runtime: { day: { type: 'long' } } }],
  [{}, { _routing: { required: true } }],
  [{}, { _source: { excludes: ['a'] } }],
  [{ _source: { excludes: ['a'] } }, { _source: { excludes: ['b'] } }],
  [{}, { subobjects: false }],
  [{ subobjects: false }, { subobjects: true }],
  [{}, { enabled: false }],
]

/** What the server does and InfoMetis does not, because it cannot be undone. */
const deliberate: readonly Pair[] = [
  [{}, { _source: { enabled: false } }],
  [{}, { _source: { mode: 'synthetic' } }],
]

const beside = { g: keyword(), h: keyword() }
/** As many fields in one index: fewer make more indices, more make each request slower. */
const together = 50
const fieldName = (number: number) => `f${number}`

/** What the server did with a pair, and what InfoMetis expected of it. */
interface Asked {
  readonly pair: Pair
  /** Taken, and then shown. */
  readonly accepted: boolean
  readonly inPlace: boolean
  readonly words: string
}

const analysis = {
  'index.analysis.normalizer.lower.type': 'custom',
  'index.analysis.normalizer.lower.filter': 'lowercase',
}

/** A field of a change, and the way in which it would be made. */
interface Place {
  readonly path: string
  readonly after: Json | undefined
  readonly way: string | undefined
}

/** One server, asked with its own API. */
class Oracle {
  #number = 0
  readonly #server: RunningElasticsearch

  constructor(server: RunningElasticsearch) {
    this.#server = server
  }

  async ask(...request: Parameters<RunningElasticsearch['ask']>): ReturnType<RunningElasticsearch['ask']> {
    return this.#server.ask(...request)
  }

  /** The pairs whose types and parameters this server knows, and tells apart. */
  async known(pairs: readonly Pair[]): Promise<readonly Pair[]> {
    const known: Pair[] = []
    for (const pair of pairs) {
      const answers = await Promise.all(
        pair.map((each) => this.#simulate({ properties: { ...beside, [fieldName(0)]: each } })),
      )
      const [first, second] = answers.map(({ body }) => canonicalJson(body))
      if (answers.every(({ status }) => status === 200) && first !== second) known.push(pair)
    }
    return known
  }

  /** Pairs of definitions, each asked for by itself. */
  async fields(pairs: readonly Pair[]): Promise<readonly Asked[]> {
    const asked: Asked[] = []
    for (let from = 0; from < pairs.length; from += together)
      asked.push(...(await this.#fieldsOfOne(pairs.slice(from, from + together))))
    return asked
  }

  async #fieldsOfOne(pairs: readonly Pair[]): Promise<readonly Asked[]> {
    const side = (which: 0 | 1) => ({
      properties: {
        ...beside,
        ...Object.fromEntries(pairs.map((pair, index) => [fieldName(index), pair[which]])),
      },
    })
    const requests = pairs.map(([, second], index) => ({ properties: { [fieldName(index)]: second } }))
    const { name, places } = await this.#begin(side(0), side(1))
    const answers: Awaited<ReturnType<Oracle['ask']>>[] = []
    for (const request of requests) answers.push(await this.ask('PUT', `/${name}/_mapping`, request))
    const shown = await this.observe(name)
    return pairs.map((pair, index) => {
      const prefix = `mappings.properties.${fieldName(index)}`
      const own = places.filter(({ path }) => path === prefix || path.startsWith(`${prefix}.`))
      return this.#compare(pair, own, shown, answers[index])
    })
  }

  /** A pair of mappings, with fields in them. */
  async mappings(pair: Pair): Promise<Asked> {
    const [first, second] = pair
    const { name, places } = await this.#begin(
      { properties: beside, ...first },
      { properties: beside, ...second },
    )
    const answer = await this.ask('PUT', `/${name}/_mapping`, second)
    return this.#compare(pair, places, await this.observe(name), answer)
  }

  #compare(
    pair: Pair,
    places: readonly Place[],
    shown: Index,
    answer: Awaited<ReturnType<Oracle['ask']>> | undefined,
  ): Asked {
    assert.ok(places.length > 0, `nothing differs between ${JSON.stringify(pair)}`)
    const shows = places.every(({ path, after }) => equal(shown.fields.get(path), after))
    return {
      pair,
      accepted: answer?.status === 200 && shows,
      inPlace: places.every(({ way }) => way === 'in place'),
      words: JSON.stringify(answer?.body),
    }
  }

  /** An index with these mappings, and how InfoMetis would make it one with those. */
  async #begin(
    first: Body,
    second: Body,
  ): Promise<{ readonly name: string; readonly places: readonly Place[] }> {
    this.#number += 1
    const name = `pairs-${this.#number}`
    const created = await this.ask('PUT', `/${name}`, { settings: analysis, mappings: first })
    assert.equal(created.status, 200, JSON.stringify(created.body))
    const change = changeBetween(await this.#spelled(name, second), await this.observe(name), new Map())
    const places = classifyIndex(change).flatMap((part) =>
      part.fields.map(({ path, after: value }) => ({ path, after: value, way: part.class })),
    )
    return { name, places: places.filter(({ path }) => path !== 'index') }
  }

  /** Desired as the client would have it. */
  async #spelled(name: string, mappings: Body): Promise<Index> {
    const answer = await this.#simulate(mappings)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const spelled = normalizeIndex(name, { mappings: ownObject(own(answer.body, 'template'), 'mappings') })
    return canonicalIndex(normalizeIndex(name, { mappings }), spelled.body)
  }

  async #simulate(mappings: Body): ReturnType<RunningElasticsearch['ask']> {
    const template = { settings: analysis, mappings }
    const body = { index_patterns: ['nothing-has-this-name-*'], priority: 1_000, template }
    return this.ask('POST', '/_index_template/_simulate', body)
  }

  async observe(name: string): Promise<Index> {
    const answer = await this.ask('GET', `/${name}?flat_settings=true`)
    const observed = observeIndex(name, shownIndices(answer.body))
    assert.ok(observed !== undefined, `${name} cannot be read: ${JSON.stringify(answer.body)}`)
    return observed
  }

  async settingClassOf(key: string, sample: unknown): Promise<SettingClass | 'unknown'> {
    const open = await this.ask('PUT', '/settings/_settings', { [key]: null })
    if (open.status === 200) return 'dynamic'
    if (!JSON.stringify(open.body).includes('non dynamic settings')) return 'unknown'
    const closed = await this.ask('PUT', '/closed/_settings', { [key]: sample })
    const final = JSON.stringify(closed.body).includes('final closed setting')
    assert.ok(
      final || closed.status === 200,
      `${key} takes no ${String(sample)}: ${JSON.stringify(closed.body)}`,
    )
    return final ? 'final' : 'static'
  }
}

/** A value that differs from the default, for every setting that an open index does not take. */
const samples: Readonly<Record<string, unknown>> = {
  'index.analysis.analyzer.a.type': 'standard',
  'index.codec': 'best_compression',
  'index.failure_store.version': 1,
  'index.fast_refresh': true,
  'index.fielddata.cache': 'none',
  'index.format': 6,
  'index.load_fixed_bitset_filters_eagerly': false,
  'index.logsdb.route_on_sort_fields': true,
  'index.mapping.coerce': false,
  'index.mapping.ignore_above': 100,
  'index.mapping.ignore_malformed': true,
  'index.mapping.source.mode': 'stored',
  'index.mapping.synthetic_source_keep': 'arrays',
  'index.mode': 'logsdb',
  'index.number_of_shards': 2,
  'index.queries.cache.enabled': false,
  'index.query.parse.allow_unmapped_fields': false,
  'index.query_string.lenient': true,
  'index.recovery.use_synthetic_source': false,
  'index.routing_partition_size': 2,
  'index.routing_path': 'a',
  'index.shard.check_on_startup': 'checksum',
  'index.similarity.default.type': 'boolean',
  'index.soft_deletes.enabled': false,
  'index.sort.field': ['a'],
  'index.sort.missing': ['_first'],
  'index.sort.mode': ['min'],
  'index.sort.order': ['asc'],
  'index.store.fs.fs_lock': 'simple',
  'index.store.preload': ['nvd'],
  'index.store.stats_refresh_interval': '20s',
  'index.store.type': 'niofs',
  'index.time_series.es87tsdb_codec.enabled': false,
  'index.time_series.start_time': '2020-01-01T00:00:00Z',
  'index.xpack.version': 'x',
}

/** Registered, and still nothing that a person would set on an index: the server shows them with its defaults only. */
const unasked = ['index.data_path', 'index.force_memory_term_dictionary', 'index.recovery.type']

const sayPairs = (asked: readonly Asked[]) =>
  asked.map(({ pair, words }) => `${JSON.stringify(pair)}: ${words}`)

for (const version of ['8.19.21', '9.5.3', '7.17.29'] as const) {
  describe(`what an index can take, asked of Elasticsearch ${version}`, () => {
    let server: RunningElasticsearch
    let oracle: Oracle

    before(async () => {
      server = await startElasticsearch({ version })
      oracle = new Oracle(server)
    })

    after(async () => server.stop())

    if (version === '8.19.21') exactly(() => oracle)
    else cautiously(() => oracle)

    it('every setting that the server has registered is of the class that it has there', async () => {
      await oracle.ask('PUT', '/settings', {})
      await oracle.ask('PUT', '/closed', { mappings: { properties: { a: keyword() } } })
      await oracle.ask('POST', '/closed/_close')
      const answer = await oracle.ask('GET', '/settings/_settings?flat_settings=true&include_defaults=true')
      const shown = own(answer.body, 'settings')
      const registered = Object.keys({ ...ownObject(shown, 'settings'), ...ownObject(shown, 'defaults') })
      assert.ok(registered.length > 100, `only ${registered.length} settings are registered`)
      const keys = new Set([...registered, ...Object.keys(samples)].filter((key) => !unasked.includes(key)))
      const wrong: string[] = []
      for (const key of keys) {
        if (isPrivateSetting(key) || key === 'index.number_of_routing_shards') continue
        const found = await oracle.settingClassOf(key, samples[key])
        if (found !== 'unknown' && found !== settingClass(key)) wrong.push(`${key} is ${found}`)
      }
      assert.deepEqual(wrong, [])
    })

    it('number_of_routing_shards is accepted by a closed index and moves no document, so it counts as final', async () => {
      const put = await oracle.ask('PUT', '/closed/_settings', { 'index.number_of_routing_shards': 8 })
      assert.equal(put.status, 200)
      const state = await oracle.ask('GET', '/_cluster/state/metadata/closed?flat_settings=true')
      const index = own(own(own(state.body, 'metadata'), 'indices'), 'closed')
      assert.ok(isObject(index))
      assert.notEqual(index['routing_num_shards'], 8)
      assert.equal(settingClass('index.number_of_routing_shards'), 'final')
    })
  })
}

/** The version whose mappers the tables are written from. */
function exactly(oracle: () => Oracle): void {
  const agree = (all: readonly Asked[]): readonly [accepted: number, refused: number] => {
    assert.deepEqual(sayPairs(all.filter(({ accepted, inPlace }) => accepted !== inPlace)), [])
    const accepted = all.filter((each) => each.accepted).length
    return [accepted, all.length - accepted]
  }

  it('a field changes in place exactly where the server changes it', async () => {
    const [accepted, refused] = agree(await oracle().fields(fieldPairs))
    assert.ok(accepted > 100 && refused > 100, `${accepted} accepted, ${refused} refused`)
  })

  it('so does a parameter at the root of the mappings', async () => {
    const asked: Asked[] = []
    for (const pair of rootPairs) asked.push(await oracle().mappings(pair))
    const [accepted, refused] = agree(asked)
    assert.ok(accepted > 10 && refused > 4, `${accepted} accepted, ${refused} refused`)
  })

  it('only what could not be undone is not done, though the server would', async () => {
    for (const pair of deliberate) {
      const { accepted, inPlace } = await oracle().mappings(pair)
      assert.deepEqual([accepted, inPlace], [true, false], JSON.stringify(pair))
    }
  })
}

/** Other versions change a little more (9.x), or know less (7.x). */
function cautiously(oracle: () => Oracle): void {
  it('nothing is taken for a change in place that the server refuses, and little for more than it is', async () => {
    const asked = await oracle().fields(await oracle().known(fieldPairs))
    assert.ok(asked.length > 250, `the server knows only ${asked.length} of the pairs`)
    assert.deepEqual(sayPairs(asked.filter(({ accepted, inPlace }) => inPlace && !accepted)), [])
    const held = asked.filter(({ accepted, inPlace }) => accepted && !inPlace)
    assert.ok(held.length < 10, sayPairs(held).join('\n'))
  })
}
