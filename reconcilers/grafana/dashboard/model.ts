import { objectOf, own } from '../../../src/core/json.ts'
import type { DashboardContent } from '../resource.ts'

export type Model = DashboardContent['model']

/** Members that only one of the two models has at the root. */
const signs: Readonly<Record<Model, readonly string[]>> = {
  classic: ['panels', 'rows', 'templating', 'schemaVersion'],
  v2: ['elements', 'layout'],
}

/** The members at the root that tell of this model. */
export function signsOf(model: Model, spec: unknown): readonly string[] {
  return signs[model].filter((name) => own(spec, name) !== undefined)
}

/** The model that a version of `dashboard.grafana.app` keeps; undefined for a version that nobody knows. */
export function modelOfVersion(version: string): Model | undefined {
  if (/^(v0alpha\d+|v1((alpha|beta)\d+)?)$/.test(version)) return 'classic'
  return /^v2((alpha|beta)\d+)?$/.test(version) ? 'v2' : undefined
}

/**
 * What is true of one Grafana only, and what a way of sharing put there. The uid is the entry's key. Library panels of `__elements`
 * are not made.
 */
const dropped = new Set([
  'id',
  'uid',
  'version',
  'iteration',
  'gnetId',
  '__inputs',
  '__requires',
  '__elements',
])

/** A dashboard without what belongs to the place that it comes from. */
export function contentOf({ model, version, spec }: DashboardContent): DashboardContent {
  const kept = new Map(Object.entries(spec))
  for (const name of dropped) kept.delete(name)
  return { model, ...(version !== undefined && { version }), spec: objectOf(kept) }
}
