import { ReconcileError } from '../../src/errors.ts'
import type { Wire, WireAnswer, WireRequest } from './client/wire.ts'
import { type FakeCluster, type Fault, onlyReads } from './fake-cluster.ts'

/** The way to the fake cluster. */
export class FakeWire implements Wire {
  readonly #server: FakeCluster

  constructor(server: FakeCluster) {
    this.#server = server
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    signal.throwIfAborted()
    this.#server.tap(request, 'before')
    await Promise.resolve()
    const fault = this.#server.down ? ({ kind: 'fail' } as const) : this.#server.strike(request)
    const answer = fault === undefined || fault.moment === 'after' ? this.#server.handle(request) : undefined
    this.#server.requests.push({ ...request, reads: onlyReads(request), status: answer?.status })
    this.#server.tap(request, 'after')
    const given = fault === undefined ? answer : await suffer(fault, signal)
    if (given === undefined) throw new ReconcileError('InternalError', 'the fake gave no answer')
    if (given.status === 401)
      throw new ReconcileError('AuthenticationFailed', 'fake:9200 does not know the user')
    return given
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}

async function suffer(fault: Fault, signal: AbortSignal): Promise<WireAnswer> {
  if (fault.kind === 'hang') {
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    signal.throwIfAborted()
  }
  if (fault.kind === 'answer' && fault.answer !== undefined) return fault.answer
  if (fault.error !== undefined) throw fault.error
  throw fault.moment === 'after'
    ? new ReconcileError('ServiceTimeout', 'fake:9200 did not answer in time')
    : new ReconcileError('ServiceUnreachable', 'fake:9200 cannot be reached')
}
