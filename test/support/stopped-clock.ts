import { ManualClock } from './manual-clock.ts'

/** A clock in a process that was stopped and goes on: `skip` lets time pass without a timer having fired. */
export class StoppedClock extends ManualClock {
  #skipped = 0

  override now(): number {
    return super.now() + this.#skipped
  }

  skip(ms: number): void {
    this.#skipped += ms
  }
}
