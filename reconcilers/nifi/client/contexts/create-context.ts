import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { ParameterContext } from '../../resource.ts'
import { accepted } from '../failures.ts'
import type { Tools } from '../tools.ts'
import {
  type LiveContext,
  type LiveContexts,
  isMarked,
  readContext,
  readContexts,
  reference,
} from './live-context.ts'
import { descriptionOf, inheritedIds } from './next-update.ts'
import { addition } from './parameter-steps.ts'
import { parameterWishes } from './parameter-wishes.ts'
import { type Known, updateContext } from './update-context.ts'

/**
 * Makes the context, unless our marker says that it is there: made before a crash, or renamed by somebody. NiFi takes no name twice, so
 * that none is ever made a second time.
 */
export async function createContext(
  tools: Tools,
  change: Change<ParameterContext>,
  signal: AbortSignal,
): Promise<Outcome<ParameterContext>> {
  const all = await readContexts(tools.wire, signal)
  const ours = ownContext(all, change)
  if (ours !== undefined) return updateContext(tools, change, { id: ours.id }, signal)
  // Finds nothing left to do, as a rule, and says what NiFi made of it.
  return updateContext(tools, change, await create(tools, change, all, signal), signal)
}

function ownContext({ contexts }: LiveContexts, { name }: Change<ParameterContext>): LiveContext | undefined {
  const namesake = contexts.find((each) => each.name === name)
  if (namesake !== undefined) {
    if (isMarked(namesake, name)) return namesake
    throw new ReconcileError(
      'ChangesFailed',
      `somebody else made a parameter context "${name}" in the meantime; it is looked at again`,
    )
  }
  const [renamed, ...rivals] = contexts.filter((each) => isMarked(each, name))
  return rivals.length === 0 ? renamed : undefined
}

async function create(
  { wire, clientId }: Tools,
  change: Change<ParameterContext>,
  all: LiveContexts,
  signal: AbortSignal,
): Promise<Known> {
  const steps = parameterWishes(change).flatMap((wish) => addition(wish, change.desired) ?? [])
  const component = {
    name: change.name,
    description: descriptionOf(change, undefined),
    parameters: steps.map(({ parameter }) => ({ parameter })),
    inheritedParameterContexts: (inheritedIds(change, all) ?? []).map(reference),
  }
  const body = { revision: { version: 0, clientId }, component }
  const answer = await wire.send({ method: 'POST', path: '/parameter-contexts', body, once: true }, signal)
  const { id, version } = readContext(accepted(answer, `creating parameter context "${change.name}"`))
  return { id, version, set: steps.filter(({ secret }) => secret).map(({ name }) => name) }
}
