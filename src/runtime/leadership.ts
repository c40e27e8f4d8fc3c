import { ReconcileError } from '../errors.ts'
import type { Clock } from '../reconcile/clock.ts'
import type { Fence } from '../reconcile/fence.ts'

export interface LeadershipParts {
  /** Of the lease, for the sentence. */
  readonly name: string
  readonly clock: Clock
  /** Milliseconds for which one confirmation is good: then everything is told to end. */
  readonly deadline: number
  /** Milliseconds after which another may lead: until then what ends may still clean up after itself. */
  readonly limit: number
}

/**
 * The right to write, for as long as the API server confirmed it in time. It counts from when a confirmation was asked for, by this
 * process's own clock, so it ends before anybody who saw that confirmation takes over. What is lost is lost for good.
 */
export class Leadership implements Fence {
  readonly #parts: LeadershipParts
  readonly #lost = new AbortController()
  #confirmedAt: number | undefined
  #trouble = ''
  #taken = false
  #ended = false
  #cancel: () => void = () => undefined

  constructor(parts: LeadershipParts) {
    this.#parts = parts
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  get leading(): boolean {
    return this.#confirmedAt !== undefined && !this.#ended && !this.signal.aborted
  }

  /** What was asked for at `askedAt` was granted. */
  confirm(askedAt: number): void {
    this.#confirmedAt = askedAt
    this.#trouble = ''
    this.#expire()
    this.#cancel()
    if (!this.leading) return
    const left = askedAt + this.#parts.deadline - this.#parts.clock.now()
    this.#cancel = this.#parts.clock.setTimeout(() => this.#expire(), left)
  }

  /** Why the last try to confirm it failed: told if it comes to the worst. */
  troubled(message: string): void {
    this.#trouble = message
  }

  check(): void {
    this.#expire()
    const age = this.#parts.clock.now() - (this.#confirmedAt ?? 0)
    if (this.#taken || age >= this.#parts.limit) this.signal.throwIfAborted()
  }

  /** Somebody else holds the lease. */
  taken(message: string): void {
    this.#taken = true
    this.#lose(message)
  }

  /** Given up on purpose, with nothing in flight: nothing is lost any more. */
  end(): void {
    this.#ended = true
    this.#cancel()
  }

  #lose(message: string): void {
    this.#cancel()
    if (!this.signal.aborted) this.#lost.abort(new ReconcileError('LeadershipLost', message))
  }

  #expire(): void {
    const { clock, deadline, name } = this.#parts
    if (!this.leading || clock.now() - (this.#confirmedAt ?? 0) < deadline) return
    const why = this.#trouble === '' ? 'this process stood still' : this.#trouble
    this.#lose(
      `the lease ${name} was not renewed for ${deadline / 1_000} s, so another replica may lead soon (${why})`,
    )
  }
}
