import { ReconcileError } from '../errors.ts'
import type { Reason } from '../errors.ts'

/** Of the way to the server, or of the server as a whole: after one of these the next request would meet the same. */
export const wholeCallReasons: ReadonlySet<Reason> = new Set<Reason>([
  'ServiceUnreachable',
  'ServiceTimeout',
  'ServiceUnhealthy',
  'AuthenticationFailed',
  'TlsFailed',
  'InvalidConfiguration',
])

/** What becomes of a change that is not made in this turn. */
type Left =
  | { readonly state: 'failed'; readonly reason: Reason; readonly message: string }
  | { readonly state: 'pending'; readonly message: string }

/**
 * One call's worth of changes, and what became of each. What is not begun within a turn is pending: so status tells how far it is,
 * and a call is never cut off in the middle by its deadline (a minute by default).
 */
export class Turn<Change, Outcome> {
  readonly #now: () => number
  readonly #signal: AbortSignal
  readonly #until: number
  readonly #outcomes = new Map<Change, Outcome | Left>()
  /** What every further request would meet as well. */
  #ended: ReconcileError | undefined
  #answered = false
  #begun = false

  /** `now` in milliseconds. */
  constructor(now: () => number, turnMs: number, signal: AbortSignal) {
    this.#now = now
    this.#signal = signal
    this.#until = now() + turnMs
  }

  async take(change: Change, work: () => Promise<Outcome>): Promise<void> {
    if (this.#ended !== undefined) {
      this.#fail(change, this.#ended)
      return
    }
    // At least one, so that there is progress however short a turn is.
    if (this.#begun && this.#now() >= this.#until) return
    this.#begun = true
    try {
      this.#outcomes.set(change, await work())
      this.#answered = true
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof ReconcileError)) throw error
      if (wholeCallReasons.has(error.reason)) this.#ended ??= error
      else this.#answered = true
      this.#fail(change, error)
    }
  }

  /** Throws only when nothing at all could be tried. */
  outcomesOf(changes: readonly Change[]): readonly (Outcome | Left)[] {
    if (this.#ended !== undefined && !this.#answered) throw this.#ended
    const left: Left = {
      state: 'pending',
      message: `waits for its turn: ${this.#outcomes.size} of ${changes.length} were looked at`,
    }
    return changes.map((change) => this.#outcomes.get(change) ?? left)
  }

  #fail(change: Change, { reason, message }: ReconcileError): void {
    this.#outcomes.set(change, { state: 'failed', reason, message })
  }
}
