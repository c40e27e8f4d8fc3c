import { ReconcileError } from '../../../src/errors.ts'
import { tail } from '../../../src/stack/log-tail.ts'
import type { Server } from '../../../src/stack/server.ts'
import type { Timings } from './messages.ts'

/** The API server does not end by itself while somebody watches, but it serves nobody either. */
const restartGraceMs = 1_000

/** The parts of a cluster that run: how long each took to be ready, and which of them has ended by itself. */
export class Parts {
  readonly #began = performance.now()
  readonly #times: Record<string, number> = {}
  readonly #restarting = new Set<Server>()
  readonly #tellEnd: (message: string) => void
  readonly #lost = Promise.withResolvers<never>()

  constructor(tellEnd: (message: string) => void) {
    this.#tellEnd = tellEnd
    // Whoever waits for it hears of it; later nobody does.
    this.#lost.promise.catch(() => undefined)
  }

  get timings(): Timings {
    return { ...this.#times }
  }

  /** The result of the work, but an error as soon as a part has ended by itself: the others would only wait for it. */
  async unlessLost<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#lost.promise])
  }

  async timed<T>(name: string, work: Promise<T>): Promise<T> {
    const value = await work
    this.#times[name] = Math.round(performance.now() - this.#began)
    return value
  }

  /** Starts a part; resolves when it is ready. */
  async up(server: Server): Promise<Server> {
    await this.timed(server.name, server.start())
    void this.#watchOver(server)
    return server
  }

  /** Milliseconds from its end, which is on purpose, until it is ready again. */
  async restart(server: Server): Promise<number> {
    const began = performance.now()
    this.#restarting.add(server)
    try {
      await server.stop(restartGraceMs)
      await server.start()
    } finally {
      this.#restarting.delete(server)
    }
    void this.#watchOver(server)
    return Math.round(performance.now() - began)
  }

  async #watchOver(server: Server): Promise<void> {
    const how = await server.exited()
    if (this.#restarting.has(server)) return
    const log = await tail(server.logFile, 15)
    const message = `${server.name} ended with ${how}; its log ${server.logFile} ends:\n${log}`
    this.#tellEnd(message)
    this.#lost.reject(new ReconcileError('StackFailed', message))
  }
}
