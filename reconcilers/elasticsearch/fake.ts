import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ElasticsearchClient } from './client/elasticsearch-client.ts'
import type { Time } from './client/reindex/work.ts'
import type { Wire } from './client/wire.ts'
import { FakeCluster } from './fake-cluster.ts'
import type { ClusterOptions } from './fake-state.ts'
import { FakeWire } from './fake-wire.ts'
import type { SearchResource } from './resource.ts'

export { FakeCluster } from './fake-cluster.ts'

export interface FakeOptions extends ClusterOptions {
  /** The client’s time; default: the real one. */
  readonly time?: Partial<Time>
  /** Connects a second client to a cluster that there is already. */
  readonly server?: FakeCluster
}

/** A cluster in memory and a client of it: the real client, and below it a wire that needs no network. */
export function createFake(options: FakeOptions = {}): {
  readonly server: FakeCluster
  readonly wire: Wire
  readonly client: ServiceClient<SearchResource>
} {
  const server = options.server ?? new FakeCluster(options)
  const wire = new FakeWire(server)
  return { server, wire, client: new ElasticsearchClient(wire, options.time) }
}
