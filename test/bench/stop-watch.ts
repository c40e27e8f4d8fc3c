import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessorStatus } from './bare-canvas.ts'

/** A time in which a processor did not run. */
export interface Stop {
  readonly id: string
  /** Milliseconds, at the most: from asking when it ran last until the answer that it runs again. */
  readonly ms: number
}

const everyMs = 15

/** Asks NiFi again and again which processors run. What stops and runs again between two looks it does not see. */
export class StopWatch {
  readonly #look: () => Promise<readonly ProcessorStatus[]>
  readonly #bench: AbortSignal
  readonly #stop = new AbortController()
  /** When it was asked that said last that the processor runs. */
  readonly #ran = new Map<string, number>()
  readonly #stopped = new Set<string>()
  #done: Promise<void> = Promise.resolve()
  readonly stops: Stop[] = []
  /** Milliseconds between two answers. */
  readonly gaps: number[] = []

  constructor(look: () => Promise<readonly ProcessorStatus[]>, signal: AbortSignal) {
    this.#look = look
    this.#bench = signal
  }

  start(): this {
    this.#done = this.#watch()
    // Whoever stops it is told; a failure before that must not end the process.
    this.#done.catch(() => undefined)
    return this
  }

  /** What does not run then has stopped until then. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
    const now = performance.now()
    for (const id of this.#stopped) this.#again(id, now)
  }

  /** How many processors there are to watch. */
  get watched(): number {
    return this.#ran.size
  }

  async #watch(): Promise<void> {
    let before: number | undefined
    while (!this.#stop.signal.aborted) {
      const asked = performance.now()
      const processors = await this.#look()
      const answered = performance.now()
      if (before !== undefined) this.gaps.push(answered - before)
      before = answered
      for (const each of processors) this.#note(each, asked, answered)
      await sleep(everyMs, undefined, { signal: this.#bench })
    }
  }

  #note({ id, runStatus }: ProcessorStatus, asked: number, answered: number): void {
    if (!this.#ran.has(id)) this.#ran.set(id, asked)
    if (runStatus !== 'Running') {
      this.#stopped.add(id)
      return
    }
    if (this.#stopped.has(id)) this.#again(id, answered)
    this.#ran.set(id, asked)
  }

  #again(id: string, until: number): void {
    this.#stopped.delete(id)
    this.stops.push({ id, ms: until - (this.#ran.get(id) ?? until) })
  }
}
