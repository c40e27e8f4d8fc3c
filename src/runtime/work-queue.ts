import type { Clock } from '../reconcile/clock.ts'
import { longestTimer } from '../reconcile/clock.ts'
import { DelayedKeys } from './delayed-keys.ts'
import type { Priority } from './priority.ts'
import { better, priorities } from './priority.ts'

/** What the queue tells the metrics. */
export interface QueueMeter {
  added(): void
  retried(): void
  /** Seconds a key waited from becoming ready to being taken. */
  waited(seconds: number): void
  /** Seconds from being taken to done. */
  worked(seconds: number): void
}

/** The first retry comes within a second, the later ones within twice as long each, up to `longestBackoff`. */
const firstBackoff = 1_000
export const longestBackoff = 600_000

/**
 * Level-triggered: it holds keys, never events, so whoever takes one reads the present state of the world and a thousand
 * changes of one key are one piece of work. One key is in flight once; a key that is added meanwhile runs once more
 * afterwards. Everything held is bounded by the number of keys.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #meter: QueueMeter
  /** Per priority: key → when it became ready. A Map keeps the order of arrival. */
  readonly #ready: Readonly<Record<Priority, Map<string, number>>> = {
    change: new Map(),
    retry: new Map(),
    resync: new Map(),
  }
  /** Key → when it was taken. */
  readonly #processing = new Map<string, number>()
  /** Added while in flight: key → the best priority asked for. */
  readonly #dirty = new Map<string, Priority>()
  readonly #delayed = new DelayedKeys()
  readonly #failures = new Map<string, number>()
  readonly #takers: ((key: string | undefined) => void)[] = []
  #alarm: { readonly due: number; readonly cancel: () => void } | undefined
  #open = true

  constructor(clock: Clock, meter: QueueMeter) {
    this.#clock = clock
    this.#meter = meter
  }

  /** Asks for the key soon. A key that waits already keeps the better of the two priorities. */
  add(key: string, priority: Priority): void {
    if (!this.#open) return
    if (this.#processing.has(key)) {
      this.#dirty.set(key, better(priority, this.#dirty.get(key) ?? priority))
      return
    }
    const waiting = priorities.find((each) => this.#ready[each].has(key))
    if (waiting !== undefined && better(waiting, priority) === waiting) return
    const since = waiting === undefined ? this.#clock.now() : this.#ready[waiting].get(key)
    if (waiting === undefined) this.#meter.added()
    else this.#ready[waiting].delete(key)
    this.#ready[priority].set(key, since ?? this.#clock.now())
    this.#serve()
  }

  /** Asks for the key after `ms`; of two times for one key the earlier counts. */
  addAfter(key: string, ms: number, priority: Priority): void {
    if (!this.#open) return
    this.#delayed.add({ key, due: this.#clock.now() + Math.max(0, ms), priority })
    this.#setAlarm()
  }

  /**
   * Asks for the key again after a failure: exponential with full jitter, so that keys that failed together do not come
   * back together. Returns the milliseconds chosen. `ceiling` is the longest wait for this kind of failure.
   */
  retry(key: string, ceiling = longestBackoff): number {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const longest = Math.min(ceiling, longestBackoff, firstBackoff * 2 ** Math.min(failures - 1, 20))
    const ms = this.#clock.random() * longest
    this.#meter.retried()
    this.addAfter(key, ms, 'retry')
    return ms
  }

  /** The key is well: its next failure is a first one. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, best priority first, else when there is one; undefined once the queue is shut. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#serve()
    })
  }

  /** Ends what `take` began. */
  done(key: string): void {
    const taken = this.#processing.get(key)
    if (taken === undefined) return
    this.#processing.delete(key)
    this.#meter.worked((this.#clock.now() - taken) / 1_000)
    const again = this.#dirty.get(key)
    this.#dirty.delete(key)
    if (again !== undefined) this.add(key, again)
  }

  /** Nothing more is given out; what is in flight may end. */
  shut(): void {
    this.#open = false
    this.#alarm?.cancel()
    this.#delayed.clear()
    this.#dirty.clear()
    for (const each of priorities) this.#ready[each].clear()
    this.#serve()
  }

  depth(priority: Priority): number {
    return this.#ready[priority].size
  }

  /** Seconds that the key which has waited longest has been ready; 0 where none is. */
  oldest(): number {
    const now = this.#clock.now()
    let first = now
    for (const priority of priorities)
      for (const since of this.#ready[priority].values()) first = Math.min(first, since)
    return (now - first) / 1_000
  }

  /** Keys that wait for a time: retries and resyncs. */
  get waiting(): number {
    return this.#delayed.size
  }

  /** Ages in seconds of what is in flight. */
  inFlight(): readonly number[] {
    const now = this.#clock.now()
    return [...this.#processing.values()].map((taken) => (now - taken) / 1_000)
  }

  #serve(): void {
    while (this.#takers.length > 0) {
      const key = this.#next()
      if (key === undefined && this.#open) return
      this.#takers.shift()?.(key)
    }
  }

  #next(): string | undefined {
    for (const priority of priorities) {
      const [first] = this.#ready[priority]
      if (first === undefined) continue
      const [key, since] = first
      const now = this.#clock.now()
      this.#ready[priority].delete(key)
      // Whoever ends the work says when the key comes again: an older date would only repeat what happens now.
      this.#delayed.delete(key)
      this.#processing.set(key, now)
      this.#meter.waited((now - since) / 1_000)
      return key
    }
    return undefined
  }

  /** One timer for all delayed keys, set to the earliest. */
  #setAlarm(): void {
    const due = this.#delayed.first?.due
    if (this.#alarm?.due === due) return
    this.#alarm?.cancel()
    this.#alarm = undefined
    if (due === undefined) return
    const ms = Math.min(Math.max(0, due - this.#clock.now()), longestTimer)
    const cancel = this.#clock.setTimeout(() => this.#ring(), ms)
    this.#alarm = { due, cancel }
  }

  #ring(): void {
    this.#alarm = undefined
    const now = this.#clock.now()
    for (
      let first = this.#delayed.first;
      first !== undefined && first.due <= now;
      first = this.#delayed.first
    ) {
      this.#delayed.delete(first.key)
      this.add(first.key, first.priority)
    }
    this.#setAlarm()
  }
}
