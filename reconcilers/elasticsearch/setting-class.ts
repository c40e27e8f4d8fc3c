/**
 * How a setting of an existing index can change. `dynamic`: at any time. `static`: while the index is closed. `final`: never.
 */
export type SettingClass = 'dynamic' | 'static' | 'final'

/**
 * What no index changes after its creation, open or closed. All but two are `Property.Final` in the server ("final … setting, not
 * updateable"). `number_of_routing_shards` is accepted by a closed index and then has no effect; `soft_deletes.enabled` and what
 * only time series have are final as well, and 8.x refuses them at creation already.
 */
const finals = new Set(
  [
    'fast_refresh',
    'format',
    'logsdb.route_on_sort_fields',
    'mapping.source.mode',
    'mode',
    'number_of_routing_shards',
    'number_of_shards',
    'recovery.use_synthetic_source',
    'routing_partition_size',
    'routing_path',
    'soft_deletes.enabled',
    'time_series.es87tsdb_codec.enabled',
    'time_series.start_time',
  ].map((key) => `index.${key}`),
)
const finalGroups = ['index.sort.']

/** What 8.19.21 sets on a closed index only ("Can't update non dynamic settings … for open indices"). */
const statics = new Set(
  [
    'codec',
    'data_path',
    'failure_store.version',
    'fielddata.cache',
    'load_fixed_bitset_filters_eagerly',
    'mapping.coerce',
    'mapping.ignore_above',
    'mapping.ignore_malformed',
    'mapping.synthetic_source_keep',
    'queries.cache.enabled',
    'query.parse.allow_unmapped_fields',
    'query_string.lenient',
    'recovery.type',
    'shard.check_on_startup',
    'store.fs.fs_lock',
    'store.preload',
    'store.stats_refresh_interval',
    'store.type',
    'xpack.version',
  ].map((key) => `index.${key}`),
)
const staticGroups = ['index.analysis.', 'index.similarity.']

/**
 * The class of a setting by its full key, `index.codec`. What is not known here counts as dynamic: the server decides, and the
 * client hears from it which keys are not. test/integration/elasticsearch-compatibility.test.ts compares this with a real server's registry.
 */
export function settingClass(key: string): SettingClass {
  if (finals.has(key) || finalGroups.some((group) => key.startsWith(group))) return 'final'
  if (statics.has(key) || staticGroups.some((group) => key.startsWith(group))) return 'static'
  return 'dynamic'
}
