import { type JsonObject, isList } from '../../../../src/core/json.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { readMarker, withMarker } from '../../marker.ts'
import type { ParameterContext } from '../../resource.ts'
import { type LiveContext, type LiveContexts, reference } from './live-context.ts'
import { parameterSteps } from './parameter-steps.ts'
import { parameterWishes } from './parameter-wishes.ts'

/** What one update-request is to bring, and what none can. */
export interface NextUpdate {
  /** Undefined: nothing is left to do. */
  readonly component: JsonObject | undefined
  /** Sensitive parameters that it sets. */
  readonly secrets: readonly string[]
  /** Why parameters that are to go stay. */
  readonly kept: readonly string[]
}

/**
 * All that is to be done next, in one request, for each request restarts the components that it affects. Only what differs is in it: a
 * change that was made before a crash is not made again.
 */
export function nextUpdate(
  change: Change<ParameterContext>,
  live: LiveContext,
  all: LiveContexts,
  sent: ReadonlySet<string>,
): NextUpdate {
  const steps = parameterSteps(parameterWishes(change), live, change.desired, sent)
  const doable = steps.flatMap((step) => ('parameter' in step ? step : []))
  const settings: JsonObject = {
    ...(live.name === change.name ? {} : { name: change.name }),
    ...descriptionStep(change, live),
    ...inheritanceStep(change, live, all),
  }
  const parameters = doable.map(({ parameter }): JsonObject => ({ parameter }))
  const nothing = parameters.length === 0 && Object.keys(settings).length === 0
  return {
    component: nothing ? undefined : { id: live.id, ...settings, parameters },
    secrets: doable.filter(({ secret }) => secret).map(({ name }) => name),
    kept: steps.flatMap((step) => ('kept' in step ? step.kept : [])),
  }
}

/** The text with our marker; without a wish for the text, what stands there. */
export function descriptionOf(change: Change<ParameterContext>, live: LiveContext | undefined): string {
  const field = change.fields.find(({ path }) => path === 'description')
  const wished = typeof field?.after === 'string' ? field.after : ''
  const text = field === undefined ? readMarker(live?.description).text : wished
  return withMarker(text, 'parameter-contexts', change.name)
}

function descriptionStep(change: Change<ParameterContext>, live: LiveContext): JsonObject {
  const description = descriptionOf(change, live)
  return description === live.description ? {} : { description }
}

function inheritanceStep(change: Change<ParameterContext>, live: LiveContext, all: LiveContexts): JsonObject {
  const ids = inheritedIds(change, all)
  if (ids === undefined || ids.join() === live.inherits.map(({ id }) => id).join()) return {}
  return { inheritedParameterContexts: ids.map(reference) }
}

/** Undefined: nothing is wished. */
export function inheritedIds(
  change: Change<ParameterContext>,
  { contexts }: LiveContexts,
): readonly string[] | undefined {
  const field = change.fields.find(({ path }) => path === 'inherits')
  if (field === undefined) return undefined
  const names = isList(field.after) ? field.after.filter((each) => typeof each === 'string') : []
  return names.map((name) => {
    const id = contexts.find((each) => each.name === name)?.id
    if (id !== undefined) return id
    throw new ReconcileError(
      'DependencyMissing',
      `parameter context "${change.name}" inherits "${name}", which NiFi does not have: write it, or correct the name`,
    )
  })
}
