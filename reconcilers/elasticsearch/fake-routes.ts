import { getAlias, postAliases } from './fake-aliases.ts'
import type { Handler } from './fake-call.ts'
import {
  deletePipeline,
  deletePolicy,
  getPipeline,
  getPolicy,
  putPipeline,
  putPolicy,
} from './fake-definitions.ts'
import { bulk, getDocument, putDocument, refresh } from './fake-documents.ts'
import {
  closeIndex,
  deleteIndex,
  headIndex,
  openIndex,
  putBlock,
  putMapping,
  putSettings,
  showIndices,
} from './fake-indices.ts'
import { cloneIndex, putIndex } from './fake-create.ts'
import {
  clusterBlocks,
  clusterState,
  diskStats,
  getClusterSettings,
  hasPrivileges,
  health,
  info,
  nodes,
  putClusterSettings,
  putDataStream,
  resolveNames,
  stats,
} from './fake-info.ts'
import { reindex } from './fake-reindex.ts'
import { clearScroll, count, nextPage, search } from './fake-search.ts'
import { cancelTask, deleteTaskResult, getTask, listTasks } from './fake-tasks.ts'
import {
  deleteComponentTemplate,
  deleteIndexTemplate,
  getTemplates,
  putComponentTemplate,
  putIndexTemplate,
  simulate,
} from './fake-templates.ts'

export interface Route {
  readonly methods: ReadonlySet<string>
  /** Its groups are the names in the path. */
  readonly path: RegExp
  /** Query parameters beside those that every API takes; the server refuses any other. */
  readonly parameters: ReadonlySet<string>
  readonly handle: Handler
  /** True: it changes nothing that anybody keeps (a refresh only shows what is kept). */
  readonly reads: boolean
}

const times = 'master_timeout timeout'
const which = 'expand_wildcards ignore_unavailable allow_no_indices'
const searching = `${which} size from scroll routing preference track_total_hits allow_partial_search_results rest_total_hits_as_int version seq_no_primary_term sort`
const writing =
  'refresh routing version version_type op_type if_seq_no if_primary_term pipeline require_alias timeout wait_for_active_shards'

/** `*` in a path is a name. First match wins. */
function route(
  methods: string,
  path: string,
  handle: Handler,
  parameters = '',
  reads = methods === 'GET' || methods === 'HEAD',
): Route {
  const pattern = path
    .split('*')
    .map((part) => part.replace(/[.]/g, '\\.'))
    .join('([^/]+)')
  return {
    methods: new Set(methods.split(' ')),
    path: new RegExp(`^${pattern}$`),
    parameters: new Set(parameters.split(' ')),
    handle,
    reads,
  }
}

/** Every API that the fake has. */
export const routes: readonly Route[] = [
  route('GET', '/', info),
  route('GET', '/_nodes/_local', nodes),
  route('GET', '/_cluster/state/version', clusterState),
  route('GET', '/_cluster/state/blocks/*', clusterBlocks, `${which} master_timeout local`),
  route(
    'GET',
    '/_cluster/health',
    health,
    `${times} level wait_for_status wait_for_no_initializing_shards wait_for_no_relocating_shards wait_for_active_shards local`,
  ),
  route(
    'GET',
    '/_cluster/health/*',
    health,
    `${times} level wait_for_status wait_for_no_initializing_shards wait_for_no_relocating_shards wait_for_active_shards local`,
  ),
  route('GET', '/_cluster/settings', getClusterSettings, `${times} flat_settings include_defaults`),
  route('PUT', '/_cluster/settings', putClusterSettings, `${times} flat_settings`),
  route('GET', '/_nodes/stats/fs', diskStats, 'timeout level'),
  route('GET', '/_resolve/index/*', resolveNames, which),
  route('POST GET', '/_security/user/_has_privileges', hasPrivileges, '', true),
  route('PUT', '/_data_stream/*', putDataStream, times),

  route('POST', '/_aliases', postAliases, times),
  route('GET', '/_alias', getAliasesOfAll(), which),
  route('GET', '/_alias/*', getAliasesOfAll(), which),
  route('GET', '/*/_alias', getAlias, which),
  route('GET', '/*/_alias/*', getAlias, which),

  route(
    'GET',
    '/_component_template',
    getTemplates('component'),
    'flat_settings master_timeout local include_defaults',
  ),
  route(
    'GET',
    '/_component_template/*',
    getTemplates('component'),
    'flat_settings master_timeout local include_defaults',
  ),
  route('PUT POST', '/_component_template/*', putComponentTemplate, `${times} create`),
  route('DELETE', '/_component_template/*', deleteComponentTemplate, times),
  route('POST', '/_index_template/_simulate', simulate, 'create cause master_timeout', true),
  route('POST', '/_index_template/_simulate/*', simulate, 'create cause master_timeout', true),
  route(
    'GET',
    '/_index_template',
    getTemplates('index'),
    'flat_settings master_timeout local include_defaults',
  ),
  route(
    'GET',
    '/_index_template/*',
    getTemplates('index'),
    'flat_settings master_timeout local include_defaults',
  ),
  route('PUT POST', '/_index_template/*', putIndexTemplate, `${times} create cause`),
  route('DELETE', '/_index_template/*', deleteIndexTemplate, times),
  route('GET', '/_ingest/pipeline', getPipeline, 'summary master_timeout'),
  route('GET', '/_ingest/pipeline/*', getPipeline, 'summary master_timeout'),
  route('PUT', '/_ingest/pipeline/*', putPipeline, `${times} if_version`),
  route('DELETE', '/_ingest/pipeline/*', deletePipeline, times),
  route('GET', '/_ilm/policy', getPolicy, times),
  route('GET', '/_ilm/policy/*', getPolicy, times),
  route('PUT', '/_ilm/policy/*', putPolicy, times),
  route('DELETE', '/_ilm/policy/*', deletePolicy, times),

  route(
    'GET',
    '/_tasks',
    listTasks,
    'actions detailed group_by nodes parent_task_id timeout wait_for_completion',
  ),
  route('GET', '/_tasks/*', getTask, 'timeout wait_for_completion'),
  route('POST', '/_tasks/*/_cancel', cancelTask, 'wait_for_completion'),
  route('DELETE', '/.tasks/_doc/*', deleteTaskResult, writing),
  route(
    'POST',
    '/_reindex',
    reindex,
    'wait_for_completion slices refresh require_alias max_docs requests_per_second scroll timeout wait_for_active_shards',
  ),

  route('POST PUT', '/_bulk', bulk, writing),
  route('POST PUT', '/*/_bulk', bulk, writing),
  route('GET POST', '/_search/scroll', nextPage, 'scroll', true),
  route('DELETE', '/_search/scroll', clearScroll, '', true),
  route('GET POST', '/_search', search, searching, true),
  route('GET POST', '/*/_search', search, searching, true),
  route('GET POST', '/_count', count, which, true),
  route('GET POST', '/*/_count', count, which, true),
  route('GET POST', '/*/_refresh', refresh, which, true),
  route('GET', '/*/_stats', stats, `${which} level`),
  route('GET', '/*/_stats/*', stats, `${which} level`),
  route('GET', '/*/_doc/*', getDocument, 'routing realtime refresh'),
  route('PUT POST DELETE', '/*/_doc/*', putDocument(false), writing),
  route('POST', '/*/_doc', putDocument(false), writing),
  route('PUT POST', '/*/_create/*', putDocument(true), writing),

  route(
    'GET',
    '/*/_settings',
    showIndices('settings'),
    `${which} ${times} flat_settings include_defaults local`,
  ),
  route(
    'GET',
    '/*/_settings/*',
    showIndices('settings'),
    `${which} ${times} flat_settings include_defaults local`,
  ),
  route('PUT', '/*/_settings', putSettings, `${which} ${times} flat_settings preserve_existing reopen`),
  route('GET', '/*/_mapping', showIndices('mappings'), `${which} ${times} local`),
  route('PUT POST', '/*/_mapping', putMapping, `${which} ${times} write_index_only`),
  route('PUT', '/*/_block/*', putBlock, `${which} ${times}`),
  route('POST', '/*/_close', closeIndex, `${which} ${times} wait_for_active_shards`),
  route('POST', '/*/_open', openIndex, `${which} ${times} wait_for_active_shards`),
  route('PUT POST', '/*/_clone/*', cloneIndex, `${times} wait_for_active_shards`),
  route('HEAD', '/*', headIndex, which),
  route('GET', '/*', showIndices(), `${which} ${times} flat_settings include_defaults local features`),
  route('PUT', '/*', putIndex, `${times} wait_for_active_shards`),
  route('DELETE', '/*', deleteIndex, `${which} ${times}`),
]

function getAliasesOfAll(): Handler {
  return (call) => getAlias({ ...call, names: ['', ...call.names] })
}
