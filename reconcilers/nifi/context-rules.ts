import type { Change } from '../../src/core/resource.ts'
import type { Finding, RuleContext } from '../../src/core/rules.ts'
import { type NifiResource, isFlow } from './resource.ts'

export function judgeInUse({ action, observed }: Change<NifiResource>): Finding | undefined {
  if (action !== 'delete' || observed === undefined || isFlow(observed)) return undefined
  const groups = observed.facts?.boundTo ?? []
  if (groups.length === 0) return undefined
  const count = groups.length === 1 ? 'a process group uses it' : `${groups.length} process groups use it`
  return { message: `${count}: ${groups.slice(0, 3).join(', ')}` }
}

/** Among those of one document; NiFi refuses the others in its own words. */
export function judgeCycle(
  { desired }: Change<NifiResource>,
  { desired: all }: RuleContext<NifiResource>,
): Finding | undefined {
  if (desired === undefined || isFlow(desired)) return undefined
  const byName = new Map(all.map((each) => [each.name, inheritedBy(each)]))
  const circle = circleFrom(desired.name, [desired.name], byName)
  return circle === undefined ? undefined : { message: `it inherits from itself: ${circle.join(' → ')}` }
}

function circleFrom(
  start: string,
  way: readonly string[],
  byName: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  for (const name of byName.get(way.at(-1) ?? '') ?? []) {
    if (name === start) return [...way, name]
    const circle = way.includes(name) ? undefined : circleFrom(start, [...way, name], byName)
    if (circle !== undefined) return circle
  }
  return undefined
}

function inheritedBy({ fields }: NifiResource): readonly string[] {
  const names = fields.get('inherits')
  return Array.isArray(names) ? names.map(String) : []
}
