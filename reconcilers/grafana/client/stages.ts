import type { Change, Resource } from '../../../src/core/resource.ts'

/** Changes that meet, so that they are made one after the other. */
export type Lane<C> = readonly C[]

/** Lanes that cannot meet. */
export type Stage<C> = readonly Lane<C>[]

/**
 * What a change needs comes in an earlier stage: parents before what stands in them, and when things go, what stands in a folder
 * before the folder, the deepest first.
 */
export function inStages<R extends Resource>(changes: readonly Change<R>[]): readonly Stage<Change<R>>[] {
  const going = changes.filter(({ action }) => action === 'delete')
  const coming = changes.filter(({ action }) => action !== 'delete')
  const ofType = (all: readonly Change<R>[], type: string) => all.filter((each) => each.type === type)
  const others = (all: readonly Change<R>[]) => all.filter(({ type }) => type !== 'folders')
  const isDatasource = ({ type }: Change<R>) => type === 'datasources'
  return [
    ...byDepth(ofType(coming, 'folders')),
    lanes(coming.filter(isDatasource)),
    lanes(others(coming).filter((change) => !isDatasource(change))),
    lanes(others(going)),
    ...byDepth(ofType(going, 'folders')).toReversed(),
  ].filter((stage) => stage.length > 0)
}

/** Level by level, as far as the parents are in the same call. */
function byDepth<R extends Resource>(changes: readonly Change<R>[]): readonly Stage<Change<R>>[] {
  const parents = new Map(changes.map((change) => [change.name, parentOf(change)]))
  const depth = (name: string, seen: ReadonlySet<string> = new Set()): number => {
    const parent = parents.get(name) ?? ''
    return !parents.has(parent) || seen.has(parent) ? 0 : 1 + depth(parent, new Set([...seen, name]))
  }
  const levels = Map.groupBy(changes, ({ name }) => depth(name))
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level.map((change) => [change]))
}

function parentOf<R extends Resource>({ desired, observed }: Change<R>): string {
  const parent = (desired ?? observed)?.fields.get('parent')
  return typeof parent === 'string' ? parent : ''
}

/** What touches one thing goes one after the other: rules of one group. */
function lanes<R extends Resource>(changes: readonly Change<R>[]): Stage<Change<R>> {
  const laneOf = new Map<string, Change<R>[]>()
  for (const change of changes) {
    const touched = touches(change)
    const [lane = [], ...others] = new Set(
      touched.map((each) => laneOf.get(each)).filter((each) => each !== undefined),
    )
    lane.push(...others.flat(), change)
    for (const each of others.length === 0 ? touched : lane.flatMap(touches)) laneOf.set(each, lane)
  }
  return [...new Set(laneOf.values())]
}

function touches<R extends Resource>({ type, name, desired, observed }: Change<R>): readonly string[] {
  if (type !== 'alert-rules') return [`${type}/${name}`]
  return [desired, observed].flatMap((rule) =>
    rule === undefined ? [] : [JSON.stringify([rule.fields.get('folder'), rule.fields.get('group')])],
  )
}
