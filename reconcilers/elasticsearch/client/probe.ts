import { ReconcileError } from '../../../src/errors.ts'
import type { ServerInfo } from '../../../src/reconcile/service-client.ts'
import { own, ownObject } from '../../../src/core/json.ts'
import { accepted, isUnsupported } from './failures.ts'
import type { Wire } from './wire.ts'

/** Which server answers, and which cluster it is of. Most say so at `/`; one built of its modules alone does not have that page. */
export class Probe {
  readonly #wire: Wire
  /** Whether `/` is there; forgotten with the connection, for another server may answer the next time. */
  #hasRoot: boolean | undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Throws ServiceUnhealthy while the cluster has no uuid yet: before its first master was elected. */
  async ping(signal: AbortSignal): Promise<ServerInfo> {
    try {
      const info = (await this.#askRoot(signal)) ?? (await this.#askNode(signal))
      if (info.clusterId !== '' && info.clusterId !== '_na_') return info
      throw new ReconcileError('ServiceUnhealthy', 'the cluster has not formed yet: it has no master')
    } catch (error) {
      this.#hasRoot = undefined
      throw error
    }
  }

  async #askRoot(signal: AbortSignal): Promise<ServerInfo | undefined> {
    if (this.#hasRoot === false) return undefined
    const answer = await this.#wire.send({ method: 'GET', path: '/' }, signal)
    this.#hasRoot = !isUnsupported(answer)
    if (!this.#hasRoot) return undefined
    const body = accepted(answer, 'asking the server who it is')
    return infoOf(own(ownObject(body, 'version'), 'number'), own(body, 'cluster_uuid'))
  }

  async #askNode(signal: AbortSignal): Promise<ServerInfo> {
    const ask = async (path: string, filter: string) =>
      accepted(
        await this.#wire.send({ method: 'GET', path, query: { filter_path: filter } }, signal),
        'asking the server who it is',
      )
    const [nodes, state] = await Promise.all([
      ask('/_nodes/_local', 'nodes.*.version'),
      ask('/_cluster/state/version', 'cluster_uuid'),
    ])
    const [node] = Object.values(ownObject(nodes, 'nodes'))
    return infoOf(own(node, 'version'), own(state, 'cluster_uuid'))
  }
}

function infoOf(version: unknown, clusterId: unknown): ServerInfo {
  return {
    version: typeof version === 'string' ? version : 'unknown',
    clusterId: typeof clusterId === 'string' ? clusterId : '',
  }
}
