import type { Handler } from './fake-call.ts'
import { deleteContextUpdate, getContextUpdate, postContextUpdate } from './fake-context-updates.ts'
import { deleteContext, getContext, listContexts, postContext } from './fake-contexts.ts'
import { getFlow } from './fake-flow.ts'
import {
  deleteGroup,
  download,
  getGroup,
  importGroup,
  listGroups,
  postGroup,
  putGroup,
  putRemoteStates,
} from './fake-groups.ts'
import {
  about,
  bulletinBoard,
  clusterSummary,
  counters,
  currentUser,
  history,
  listProcessorTypes,
  listServiceTypes,
  postToken,
} from './fake-info.ts'
import {
  deleteComponent,
  getInputPort,
  getOutputPort,
  getProcessor,
  listFunnels,
  listInputPorts,
  listLabels,
  listOutputPorts,
  listProcessors,
  postFunnel,
  postInputPort,
  postLabel,
  postOutputPort,
  postProcessor,
  putLabel,
  putPort,
  putProcessor,
} from './fake-parts.ts'
import {
  deleteDropRequest,
  deleteEmptyAll,
  getDropRequest,
  getEmptyAll,
  postDropRequest,
  postEmptyAll,
} from './fake-queues.ts'
import { deleteReplaceRequest, getReplaceRequest, postReplaceRequest } from './fake-replace.ts'
import { putGroupState, putInputPortState, putOutputPortState, putProcessorState } from './fake-run-states.ts'
import {
  getService,
  listServices,
  postService,
  putGroupServices,
  putService,
  putServiceState,
} from './fake-services.ts'
import { postSnippet, putSnippet } from './fake-snippets.ts'
import { getConnectionStatus, getStatus } from './fake-status.ts'
import {
  deleteConnection,
  getConnection,
  listConnections,
  postConnection,
  putConnection,
} from './fake-wiring.ts'

export interface Route {
  readonly method: string
  /** Its groups are the names in the path. */
  readonly path: RegExp
  readonly handle: Handler
}

/** `*` is a name, and so are words in brackets, of which it is one. The first that fits is taken. */
function route(method: string, path: string, handle: Handler): Route {
  const pattern = path
    .replace(/\[(.+)\]/, (_, words: string) => `(${words.replaceAll(' ', '|')})`)
    .replaceAll('*', '([^/]+)')
  return { method, path: new RegExp(`^${pattern}$`), handle }
}

const groups = '/process-groups/*'

export const routes: readonly Route[] = [
  route('GET', '/flow/about', about),
  route('GET', '/flow/current-user', currentUser),
  route('GET', '/flow/cluster/summary', clusterSummary),
  route('GET', '/flow/processor-types', listProcessorTypes),
  route('GET', '/flow/controller-service-types', listServiceTypes),
  route('GET', '/flow/bulletin-board', bulletinBoard),
  route('GET', '/flow/history', history),
  route('GET', '/counters', counters),
  route('POST', '/access/token', postToken),

  route('GET', '/process-groups/replace-requests/*', getReplaceRequest),
  route('DELETE', '/process-groups/replace-requests/*', deleteReplaceRequest),
  route('POST', `${groups}/replace-requests`, postReplaceRequest),
  route('GET', groups, getGroup),
  route('PUT', groups, putGroup),
  route('DELETE', groups, deleteGroup),
  route('GET', `${groups}/download`, download),
  route('GET', `${groups}/process-groups`, listGroups),
  route('POST', `${groups}/process-groups`, postGroup),
  route('POST', `${groups}/process-groups/import`, importGroup),
  route('GET', '/flow/process-groups/*/status', getStatus),
  route('GET', '/flow/process-groups/*', getFlow),
  route('PUT', '/flow/process-groups/*', putGroupState),
  route('PUT', '/remote-process-groups/process-group/*/run-status', putRemoteStates),

  route('GET', '/flow/process-groups/*/controller-services', listServices),
  route('PUT', '/flow/process-groups/*/controller-services', putGroupServices),
  route('POST', `${groups}/controller-services`, postService),
  route('GET', '/controller-services/*', getService),
  route('PUT', '/controller-services/*', putService),
  route('PUT', '/controller-services/*/run-status', putServiceState),

  route('GET', `${groups}/processors`, listProcessors),
  route('POST', `${groups}/processors`, postProcessor),
  route('GET', `${groups}/input-ports`, listInputPorts),
  route('POST', `${groups}/input-ports`, postInputPort),
  route('GET', `${groups}/output-ports`, listOutputPorts),
  route('POST', `${groups}/output-ports`, postOutputPort),
  route('GET', `${groups}/funnels`, listFunnels),
  route('POST', `${groups}/funnels`, postFunnel),
  route('GET', `${groups}/labels`, listLabels),
  route('POST', `${groups}/labels`, postLabel),
  route('GET', '/processors/*', getProcessor),
  route('PUT', '/processors/*', putProcessor),
  route('PUT', '/processors/*/run-status', putProcessorState),
  route('GET', '/input-ports/*', getInputPort),
  route('PUT', '/input-ports/*', putPort),
  route('PUT', '/input-ports/*/run-status', putInputPortState),
  route('GET', '/output-ports/*', getOutputPort),
  route('PUT', '/output-ports/*', putPort),
  route('PUT', '/output-ports/*/run-status', putOutputPortState),
  route('PUT', '/labels/*', putLabel),
  route(
    'DELETE',
    '/[processors input-ports output-ports funnels labels controller-services]/*',
    deleteComponent,
  ),

  route('GET', `${groups}/connections`, listConnections),
  route('POST', `${groups}/connections`, postConnection),
  route('GET', '/connections/*', getConnection),
  route('GET', '/flow/connections/*/status', getConnectionStatus),
  route('PUT', '/connections/*', putConnection),
  route('DELETE', '/connections/*', deleteConnection),

  route('POST', '/flowfile-queues/*/drop-requests', postDropRequest),
  route('GET', '/flowfile-queues/*/drop-requests/*', getDropRequest),
  route('DELETE', '/flowfile-queues/*/drop-requests/*', deleteDropRequest),
  route('POST', `${groups}/empty-all-connections-requests`, postEmptyAll),
  route('GET', `${groups}/empty-all-connections-requests/*`, getEmptyAll),
  route('DELETE', `${groups}/empty-all-connections-requests/*`, deleteEmptyAll),

  route('GET', '/flow/parameter-contexts', listContexts),
  route('POST', '/parameter-contexts', postContext),
  route('GET', '/parameter-contexts/*', getContext),
  route('DELETE', '/parameter-contexts/*', deleteContext),
  route('POST', '/parameter-contexts/*/update-requests', postContextUpdate),
  route('GET', '/parameter-contexts/*/update-requests/*', getContextUpdate),
  route('DELETE', '/parameter-contexts/*/update-requests/*', deleteContextUpdate),

  route('POST', '/snippets', postSnippet),
  route('PUT', '/snippets/*', putSnippet),
]
