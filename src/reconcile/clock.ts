/**
 * Time and chance, passed in so that a test owns both. `now` is monotonic
 * milliseconds: a wall clock that is set forward or back must move no deadline.
 */
export interface Clock {
  now(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Runs `run` once after `ms`; the answer cancels it. */
  setTimeout(run: () => void, ms: number): () => void
}

/** A timer takes 31 bits and fires at once beyond them; whoever waits longer is woken early and looks again. */
export const longestTimer = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  setTimeout: (run, ms) => {
    const timer = setTimeout(run, Math.min(ms, longestTimer))
    return () => clearTimeout(timer)
  },
}

/** Waits `ms`; rejects with the signal's reason as soon as it aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const abort = (): void => reject(signal.reason)
  const cancel = clock.setTimeout(() => resolve(undefined), ms)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await promise
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}
