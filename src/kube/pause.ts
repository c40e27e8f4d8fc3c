import type { Clock } from '../reconcile/clock.ts'

/** Resolves true after `ms` (at once for 0), false as soon as the signal aborts. */
export async function undisturbed(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
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
