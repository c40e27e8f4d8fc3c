import { wholeCallReasons } from '../../../../src/client/turn.ts'
import { isList } from '../../../../src/core/json.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { ParameterContext } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { createContext } from './create-context.ts'
import { deleteContext } from './delete-context.ts'
import { redacted } from './parameter-wishes.ts'
import { updateContext } from './update-context.ts'

type ContextChange = Change<ParameterContext>

/** Throws ReconcileError only for what the next request would meet as well. No word of it holds a value from a Secret. */
export async function applyContext(
  tools: Tools,
  change: ContextChange,
  signal: AbortSignal,
): Promise<Outcome<ParameterContext>> {
  try {
    return withoutSecrets(await made(tools, change, signal), change)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReconcileError)) throw error
    const message = redacted(error.message, change)
    if (wholeCallReasons.has(error.reason)) throw new ReconcileError(error.reason, message)
    return { state: 'failed', reason: forGood.test(message) ? 'RejectedByServer' : error.reason, message }
  }
}

/** What only another document changes; most else that NiFi refuses passes once something else has come to rest. */
const forGood =
  /Circular references|would be overridden by|are provided by Parameter Provider|illegal Parameter Name|incompatible controller service/

async function made(
  tools: Tools,
  change: ContextChange,
  signal: AbortSignal,
): Promise<Outcome<ParameterContext>> {
  if (change.action === 'create') return createContext(tools, change, signal)
  if (change.action === 'delete') return deleteContext(tools, change, signal)
  const id = change.observed?.id ?? change.id
  if (id !== undefined) return updateContext(tools, change, { id }, signal)
  throw new ReconcileError('NotVerified', `the id of parameter context "${change.name}" is not known`)
}

function withoutSecrets(
  outcome: Outcome<ParameterContext>,
  change: ContextChange,
): Outcome<ParameterContext> {
  if (outcome.state !== 'done') return { ...outcome, message: redacted(outcome.message, change) }
  return outcome.note === undefined ? outcome : { ...outcome, note: redacted(outcome.note, change) }
}

/** What is inherited before what inherits it; of what is deleted, the other way round. */
export function inOrder(changes: readonly ContextChange[]): readonly ContextChange[] {
  const deletions = changes.filter(({ action }) => action === 'delete')
  const others = changes.filter(({ action }) => action !== 'delete')
  return [
    ...sorted(others, ({ desired }) => desired),
    ...sorted(deletions, ({ observed }) => observed).toReversed(),
  ]
}

function sorted(
  changes: readonly ContextChange[],
  side: (change: ContextChange) => ParameterContext | undefined,
): readonly ContextChange[] {
  const byName = new Map(changes.map((change) => [change.name, change]))
  const done = new Set<ContextChange>()
  const visit = (change: ContextChange, above: ReadonlySet<string>) => {
    const inherits = side(change)?.fields.get('inherits')
    for (const name of isList(inherits) ? inherits : []) {
      const first = typeof name === 'string' && !above.has(name) ? byName.get(name) : undefined
      if (first !== undefined && !done.has(first)) visit(first, new Set([...above, change.name]))
    }
    done.add(change)
  }
  for (const change of changes) if (!done.has(change)) visit(change, new Set())
  return [...done]
}
