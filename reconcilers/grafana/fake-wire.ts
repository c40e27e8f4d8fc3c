import { type FakeEnd, FakeWire as AnyFakeWire } from '../../src/client/fake-wire.ts'
import type { WireAnswer, WireRequest } from './client/wire.ts'

interface Asked extends FakeEnd<WireRequest> {
  answerClient(request: WireRequest, login: string | undefined): WireAnswer
}

/** The way to the fake Grafana. */
export class FakeWire extends AnyFakeWire<WireRequest> {
  constructor(grafana: Asked, login: string | undefined) {
    super('fake:3000', grafana, {
      handle: (request) => grafana.answerClient(request, login),
      // Of what our client asks, only the parts that honour it get `dryRun`.
      onlyReads: ({ method, query }) => method === 'GET' || query?.['dryRun'] === 'All',
    })
  }
}
