import { FakeWire as AnyFakeWire } from '../../src/client/fake-wire.ts'
import type { WireRequest } from './client/wire.ts'
import { type FakeCluster, onlyReads } from './fake-cluster.ts'

/** The way to the fake cluster. */
export class FakeWire extends AnyFakeWire<WireRequest> {
  constructor(server: FakeCluster) {
    super('fake:9200', server, { handle: (request) => server.handle(request), onlyReads })
  }
}
