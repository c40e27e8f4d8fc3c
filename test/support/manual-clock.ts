import type { Clock } from '../../src/reconcile/clock.ts'

interface Timer {
  readonly due: number
  readonly run: () => void
}

/** A clock for tests: it stands still until `advance`, and every random number is the one it was given. */
export class ManualClock implements Clock {
  #now = 0
  #timers = new Set<Timer>()
  readonly #random: number

  constructor(random = 0.5) {
    this.#random = random
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return this.#random
  }

  setTimeout(run: () => void, ms: number): () => void {
    const timer = { due: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers wait: the queue must need one, however many keys are delayed. */
  get timers(): number {
    return this.#timers.size
  }

  /** Lets promises settle, then moves time on, running due timers in their order with the same rest between them. */
  async advance(ms: number): Promise<void> {
    await settled()
    const end = this.#now + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.run()
      await settled()
    }
    this.#now = end
    await settled()
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end)
    return due.sort((a, b) => a.due - b.due)[0]
  }
}

/** Resolves after every promise that could settle without time or I/O has settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
