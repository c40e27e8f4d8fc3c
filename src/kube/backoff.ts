import type { Clock } from '../reconcile/clock.ts'

/** client-go's reflector: 0.8 s, doubled up to 30 s. */
const firstMs = 800
const capMs = 30_000

/** Waits that grow and are drawn from zero up (full jitter), so that many clients of a restarted server do not return together. */
export class Backoff {
  readonly #clock: Clock
  #attempt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): number {
    const ceiling = Math.min(capMs, firstMs * 2 ** this.#attempt)
    this.#attempt = Math.min(this.#attempt + 1, 16)
    return this.#clock.random() * ceiling
  }

  reset(): void {
    this.#attempt = 0
  }
}
