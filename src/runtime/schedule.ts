import type { Reason } from '../errors.ts'
import { longestBackoff } from './work-queue.ts'

/** A typing error in `infometis.io/interval` must not become a hot loop. */
const shortestInterval = 1_000
const outageCeiling = 30_000

/** Resyncs that fall into the same half second are begun together, so that their calls to the service are shared. */
const slotMs = 500

/** Milliseconds until the slot in which `ms` from now falls: never later than `ms`. `now` is the clock's. */
export function untilSlot(now: number, ms: number): number {
  const slot = Math.min(slotMs, ms / 10)
  return Math.max(0, Math.floor((now + ms) / slot) * slot - now)
}

/** Failures of the way to a service rather than of what was asked of it. */
const outages: ReadonlySet<Reason> = new Set<Reason>([
  'ServiceUnreachable',
  'ServiceTimeout',
  'ApiServerUnreachable',
])

/** The service or the API server did not answer: whatever is written would meet the same. */
export function isOutage(reason: Reason): boolean {
  return outages.has(reason)
}

/** The next look at a healthy key: up to 10 % before its interval is over, so that what started together spreads out and none is late. */
export function resyncAfter(interval: number, random: number): number {
  return Math.max(shortestInterval, interval - Math.floor(interval * 0.1 * random))
}

/** Where hurrying makes it worse, or can change nothing. */
const slow: ReadonlySet<Reason> = new Set<Reason>(['ServiceBusy', 'DeadlineExceeded', 'InternalError'])

/**
 * The longest wait before a failed key is tried again. Backoff shields a service from repeated work, so it depends on
 * what failed:
 * - an outage costs one short connection attempt a try, and a service that is back must be found soon: 30 s;
 * - a service that asks to slow down or does not keep up, and a fault of our own: 10 min;
 * - all else no later than the resync of a healthy key: the service bears that anyway, and where one entry fails, the
 *   drift of the others is still corrected within the interval.
 */
export function backoffCeiling(reason: Reason, resync: number): number {
  if (isOutage(reason)) return outageCeiling
  return slow.has(reason) ? longestBackoff : Math.min(resync, longestBackoff)
}
