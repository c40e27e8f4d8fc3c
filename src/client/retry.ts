import type { ReconcileError } from '../errors.ts'
import { pause } from './abort.ts'
import type { WireAnswer } from './wire-answer.ts'

/** What one try came to. `passing`: another one a moment later may come to something else. */
export type Try = (
  | { readonly answer: WireAnswer; readonly error?: never }
  | { readonly error: ReconcileError; readonly answer?: never }
) & { readonly passing: boolean; readonly retryAfterMs?: number | undefined }

/** At most four tries, and none that begins later than this after the first: whoever waits has a queue to come back to. */
const mostTries = 4
const withinMs = 8_000
const firstPauseMs = 100

/**
 * A request again while that may help, with doubling pauses and full jitter, or as long as the server asks for. `once`: never
 * again. What the last try came to is what it came to: an answer, or an error thrown.
 */
export async function insist(
  attempt: () => Promise<Try>,
  once: boolean,
  signal: AbortSignal,
): Promise<WireAnswer> {
  const begun = performance.now()
  for (let tries = 1; ; tries += 1) {
    const tried = await attempt()
    const waitMs = tried.retryAfterMs ?? firstPauseMs * 2 ** (tries - 1) * (0.5 + Math.random() / 2)
    const late = performance.now() - begun + waitMs > withinMs
    if (once || !tried.passing || tries >= mostTries || late) {
      if (tried.error !== undefined) throw tried.error
      return tried.answer
    }
    await pause(waitMs, signal)
  }
}
