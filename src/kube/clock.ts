/** Undoes a timer; harmless when it has fired. */
export type Cancel = () => void

/**
 * Time and chance as the room sees them, so that a test owns both. `now` is monotonic milliseconds: it measures durations
 * only, so a jump of the wall clock moves no timer.
 */
export interface Clock {
  now(): number
  /** 0 ≤ random < 1. */
  random(): number
  setTimeout(callback: () => void, ms: number): Cancel
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves true after `ms` (at once for 0), false as soon as the signal aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  if (ms <= 0) return true
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stop = (): void => resolve(false)
  const cancel = clock.setTimeout(() => resolve(true), ms)
  signal.addEventListener('abort', stop, { once: true })
  const elapsed = await promise
  cancel()
  signal.removeEventListener('abort', stop)
  return elapsed
}
