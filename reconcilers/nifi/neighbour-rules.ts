import type { Change } from '../../src/core/resource.ts'
import { quote } from '../../src/core/quote.ts'
import { componentsOf } from './definition/components.ts'
import { identifierIn, pathOf } from './definition/fields.ts'
import type { Flow } from './resource.ts'

/** The process group that an entry is, from the root downwards. */
function placeOf({ name, options }: Flow): readonly string[] {
  return [...(options?.parent ?? []), options?.groupName ?? name]
}

export function judgeSameGroup(change: Change<Flow>, all: readonly Flow[]): string | undefined {
  const { desired } = change
  if (desired === undefined) return undefined
  const place = JSON.stringify(placeOf(desired))
  const other = all.find((each) => each.name !== desired.name && JSON.stringify(placeOf(each)) === place)
  return other === undefined ? undefined : `${quote(other.name)} is written as the same process group`
}

export function judgeInside({ desired }: Change<Flow>, all: readonly Flow[]): string | undefined {
  const parent = desired?.options?.parent ?? []
  const around = all.find((each) => {
    const place = placeOf(each)
    return each.name !== desired?.name && place.every((name, at) => parent[at] === name)
  })
  return around === undefined
    ? undefined
    : `its parent is (in) the process group of the flow ${quote(around.name)}`
}

/** Of what is new in this flow only: what shares identifiers since long ago goes on as it is. */
export function judgeSharedIdentifiers(change: Change<Flow>, all: readonly Flow[]): string | undefined {
  const { desired, fields } = change
  if (desired === undefined) return undefined
  const own = componentsOf(desired.snapshot)
  const fresh = new Set(
    fields.flatMap(({ path, before }) => {
      const component = before === undefined ? own.get(identifierIn(path, own) ?? '') : undefined
      return component !== undefined && path === pathOf(component) ? [component.identifier] : []
    }),
  )
  if (fresh.size === 0) return undefined
  for (const other of all) {
    if (other.name === desired.name) continue
    const shared = [...componentsOf(other.snapshot).keys()].filter((identifier) => fresh.has(identifier))
    if (shared.length > 0)
      return `${shared.length} of its components have the identifiers of components of ${quote(other.name)}`
  }
  return undefined
}
