import { ReconcileError } from '../../../src/errors.ts'
import type { ServerInfo } from '../../../src/reconcile/service-client.ts'
import { accepted } from './failures.ts'
import { at, numberAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

const doing = 'asking NiFi who it is'

/** Which NiFi answers. It is known by its root process group: made on its first start, and kept with the flow ever after. */
export async function probe(wire: Wire, signal: AbortSignal): Promise<ServerInfo> {
  const ask = async (path: string) => accepted(await wire.send({ method: 'GET', path }, signal), doing)
  const version = versionOf(await ask('/flow/about'))
  const [summary, root] = await Promise.all([ask('/flow/cluster/summary'), ask('/process-groups/root')])
  requireWhole(at(summary, 'clusterSummary'))
  const clusterId = textAt(root, 'id')
  if (clusterId !== '') return { version, clusterId }
  throw new ReconcileError(
    'AuthorizationFailed',
    'NiFi does not show its root process group: give the user the policies "view the user interface" and, on the root process group, "view the component"',
  )
}

function versionOf(about: unknown): string {
  const version = textAt(about, 'about', 'version')
  if (/^\d/.test(version) && Number.parseInt(version, 10) >= 2) return version
  throw new ReconcileError(
    'NotSupportedByServer',
    version === ''
      ? 'what answers does not say which NiFi it is: let NIFI_URL name NiFi 2.0 or later'
      : `NiFi ${version} answers, but 2.0 or later is needed`,
  )
}

/** While a node of a cluster is away, NiFi takes no changes, or takes some that are lost when it comes back. */
function requireWhole(summary: unknown): void {
  if (at(summary, 'clustered') !== true) return
  const [connected, total] = [numberAt(summary, 'connectedNodeCount'), numberAt(summary, 'totalNodeCount')]
  if (at(summary, 'connectedToCluster') !== true) {
    throw new ReconcileError(
      'ServiceUnhealthy',
      'this node is not connected to its cluster: what is changed on it would be lost; bring it back, or let NIFI_URL name another node',
    )
  }
  if (connected >= total) return
  throw new ReconcileError(
    'ServiceUnhealthy',
    `${connected} of ${total} nodes of the cluster are connected: changes wait until all are`,
  )
}
