import type { ReconcileError } from '../errors.ts'

/**
 * The four outcomes of a reconcile; status has been written by then.
 * - `done`: looked at again at the next resync.
 * - `requeueAfter`: looked at again after `ms` (pending work, a stamp that may not be given yet).
 * - `retryable`: backoff with jitter.
 * - `terminal`: Stalled; looked at again at the next resync, counted apart.
 */
export type Result =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeueAfter'; readonly ms: number }
  | { readonly kind: 'retryable'; readonly error: ReconcileError }
  | { readonly kind: 'terminal'; readonly error: ReconcileError }
