import { FakeWire as AnyFakeWire } from '../../src/client/fake-wire.ts'
import type { WireRequest } from './client/wire.ts'
import type { FakeServer } from './fake-server.ts'

/** The way to the fake NiFi. */
export class FakeWire extends AnyFakeWire<WireRequest> {
  constructor(server: FakeServer, user: string) {
    super('fake:8443', server, {
      handle: (request) => server.handle(request, user),
      onlyReads: ({ method }) => method === 'GET',
    })
  }
}
