import type { Change } from '../../../src/core/resource.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { type NifiResource, type ParameterContext, isOfFlow } from '../resource.ts'
import { applyContext, inOrder } from './contexts/apply-context.ts'
import { wholeCallReasons } from './failures.ts'
import { applyFlow } from './flows/apply-flow.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import type { Tools } from './tools.ts'

type NifiChange = Change<NifiResource>

/** Flows that are changed at once: one that waits for a queue does not hold up the others. */
const flowsAtOnce = 4

/**
 * Parameter contexts one after the other, for each restarts what uses it; then flows. What is not begun within a turn is pending: so
 * status tells how far it is, and a call is never cut off in the middle by its deadline (a minute by default). Throws only when
 * nothing at all could be tried.
 */
export async function applyChanges(
  tools: Tools,
  changes: readonly NifiChange[],
  signal: AbortSignal,
): Promise<readonly Outcome<NifiResource>[]> {
  const turn = new Turn(tools, signal)
  const flows = changes.filter(isOfFlow)
  const contexts = inOrder(changes.filter(isOfContext))
  for (const change of contexts) await turn.take(change, async () => applyContext(tools, change, signal))
  await inParallel(flows, flowsAtOnce, async (change) =>
    turn.take(change, async () => applyFlow(tools, change, signal)),
  )
  return turn.outcomesOf(changes)
}

function isOfContext(change: NifiChange): change is Change<ParameterContext> {
  return change.type === 'parameter-contexts'
}

/** One call's worth of changes, and what became of each. */
class Turn {
  readonly #tools: Tools
  readonly #signal: AbortSignal
  readonly #until: number
  readonly #outcomes = new Map<NifiChange, Outcome<NifiResource>>()
  /** What every further request would meet as well. */
  #ended: ReconcileError | undefined
  #answered = false
  #begun = false

  constructor(tools: Tools, signal: AbortSignal) {
    this.#tools = tools
    this.#signal = signal
    this.#until = tools.now() + tools.limits.turnMs
  }

  async take(change: NifiChange, work: () => Promise<Outcome<NifiResource>>): Promise<void> {
    if (this.#ended !== undefined) {
      this.#fail(change, this.#ended)
      return
    }
    // At least one, so that there is progress however short a turn is.
    if (this.#begun && this.#tools.now() >= this.#until) return
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

  outcomesOf(changes: readonly NifiChange[]): readonly Outcome<NifiResource>[] {
    if (this.#ended !== undefined && !this.#answered) throw this.#ended
    const left: Outcome<NifiResource> = {
      state: 'pending',
      message: `waits for its turn: ${this.#outcomes.size} of ${changes.length} were looked at`,
    }
    return changes.map((change) => this.#outcomes.get(change) ?? left)
  }

  #fail(change: NifiChange, { reason, message }: ReconcileError): void {
    this.#outcomes.set(change, { state: 'failed', reason, message })
  }
}
