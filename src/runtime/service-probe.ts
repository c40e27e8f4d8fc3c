import { toReconcileError } from '../errors.ts'
import type { ServerInfo } from '../reconcile/service-client.ts'
import type { Clock } from '../reconcile/clock.ts'
import { pause } from '../reconcile/clock.ts'
import type { PingOutcome } from './health.ts'
import type { Logger } from './logger.ts'

export interface ProbeParts {
  readonly ping: (signal: AbortSignal) => Promise<ServerInfo>
  readonly clock: Clock
  readonly log: Logger
  /** After every ping. `recovered`: it answers again after it did not. */
  readonly told: (up: boolean, recovered: boolean) => void
}

const whileUp = 15_000
/** Shorter while it is down: the first answer sends everything that waits for the service on its way. */
const whileDown = 5_000
const deadline = 10_000

/** Pings the service now and then, for /ready, `infometis_service_up` and to notice that it is back. */
export class ServiceProbe {
  readonly #parts: ProbeParts
  readonly #stop = new AbortController()
  #outcome: PingOutcome | undefined
  #done: Promise<void> = Promise.resolve()

  constructor(parts: ProbeParts) {
    this.#parts = parts
  }

  get outcome(): PingOutcome | undefined {
    return this.#outcome
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopping()) {
      const before = this.#outcome
      const after = await this.#once()
      if (this.#stopping()) return
      this.#outcome = after
      const recovered = before?.ok === false && after.ok
      if (before?.ok !== after.ok)
        this.#parts.log[after.ok ? 'info' : 'warn']({ service: after.says }, 'service pinged')
      this.#parts.told(after.ok, recovered)
      await pause(this.#parts.clock, after.ok ? whileUp : whileDown, this.#stop.signal).catch(() => undefined)
    }
  }

  async #once(): Promise<PingOutcome> {
    const late = new AbortController()
    const end = (): void =>
      late.abort(new DOMException(`no answer within ${deadline / 1_000} s`, 'TimeoutError'))
    const cancel = this.#parts.clock.setTimeout(end, deadline)
    this.#stop.signal.addEventListener('abort', end, { once: true })
    try {
      const { version, clusterId } = await this.#parts.ping(late.signal)
      return { ok: true, says: `version ${version}, cluster ${clusterId}` }
    } catch (error) {
      const { reason, message } = toReconcileError(error)
      return { ok: false, says: `${reason}: ${message}` }
    } finally {
      cancel()
      this.#stop.signal.removeEventListener('abort', end)
    }
  }

  #stopping(): boolean {
    return this.#stop.signal.aborted
  }
}
