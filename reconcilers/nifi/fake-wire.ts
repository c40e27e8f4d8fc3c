import { ReconcileError } from '../../src/errors.ts'
import type { Wire, WireAnswer, WireRequest } from './client/wire.ts'
import type { FakeServer, Fault } from './fake-server.ts'

/** The way to the fake NiFi. */
export class FakeWire implements Wire {
  readonly #server: FakeServer
  readonly #user: string

  constructor(server: FakeServer, user: string) {
    this.#server = server
    this.#user = user
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    signal.throwIfAborted()
    const server = this.#server
    server.tap(request, 'before')
    await Promise.resolve()
    const fault = server.down ? ({ kind: 'fail' } as const) : server.strike(request)
    const answer =
      fault === undefined || fault.moment === 'after' ? server.handle(request, this.#user) : undefined
    server.requests.push({ ...request, reads: request.method === 'GET', status: answer?.status })
    server.tap(request, 'after')
    const given = fault === undefined ? answer : await suffer(fault, signal)
    if (given === undefined) throw new ReconcileError('InternalError', 'the fake gave no answer')
    if (given.status === 401)
      throw new ReconcileError('AuthenticationFailed', 'fake:8443 does not know the user')
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
    ? new ReconcileError('ServiceTimeout', 'fake:8443 did not answer in time')
    : new ReconcileError('ServiceUnreachable', 'fake:8443 cannot be reached')
}
