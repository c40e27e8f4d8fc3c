import { printable } from '../core/text.ts'
import { commonRules } from '../core/rules.ts'
import { reasons } from '../errors.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { ResourceStatus, State } from '../reconcile/state.ts'
import type { Status } from './cluster.ts'
import { oneLine } from './text.ts'

/** What a person can do, by reason or rule code. */
export type WayOuts = ReadonlyMap<string, string>

/** The table of reasons, the rules that hold everywhere, and those of every service. */
export function wayOuts(services: readonly ServiceReconciler[]): WayOuts {
  const rules = [
    ...commonRules,
    ...services.flatMap((service) => service.types.flatMap((type) => type.rules)),
  ]
  return new Map([
    ...Object.entries(reasons).map(([reason, { advice }]) => [reason, advice] as const),
    ...rules.map(({ code, wayOut }) => [code, wayOut] as const),
  ])
}

/** What keeps a ConfigMap from being Ready: entries, withheld changes, the way out of each reason, the command that approves. */
export function detailLines({ key, state }: Status, ways: WayOuts): readonly string[] {
  if (state.ready === 'True') return []
  return [...entryLines(state), ...changeLines(state), ...wayLines(state, ways), ...approvalLines(key, state)]
}

/** These are changes, and stand in the plan with their fields. */
const inPlan: ReadonlySet<ResourceStatus['state']> = new Set(['refused', 'held', 'withheld', 'waiting'])

function entryLines({ resources, plan }: State): readonly string[] {
  return resources
    .filter((entry) => plan === undefined || !inPlan.has(entry.state))
    .map(({ type, name, state, reason, message }) => {
      return `  ${printable(`${type}/${name}`)}  ${state} (${reason}): ${oneLine(message)}`
    })
}

function changeLines({ plan }: State): readonly string[] {
  if (plan === undefined || plan.text === '') return []
  return plan.text.split('\n').map((text) => `  ${text}`)
}

function wayLines({ reason, resources }: State, ways: WayOuts): readonly string[] {
  const codes = new Set([reason, ...resources.map((entry) => entry.reason)])
  return [...codes].flatMap((code) => {
    const way = ways.get(code)
    return way === undefined ? [] : [`  → ${code}: ${way}`]
  })
}

function approvalLines(key: string, { plan }: State): readonly string[] {
  if (plan?.hash === undefined) return []
  return [`  To let the held changes through: infometis approve ${key} --hash ${plan.hash}`]
}
