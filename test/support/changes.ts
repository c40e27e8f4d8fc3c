import type { Cause, Change, FieldChange, Resource } from '../../src/core/resource.ts'

/** The change that makes a resource, as a plan holds it. */
export function creationOf<R extends Resource>(desired: R, cause: Cause = 'written'): Change<R> {
  const { type, name } = desired
  const fields = [...desired.fields].map(([path, after]): FieldChange => ({ path, after, cause }))
  return { action: 'create', type, name, cause, fields, desired }
}

/** The change that makes what was observed what is written, as a plan holds it. */
export function updateWith<R extends Resource>(
  observed: R,
  desired: R,
  fields: readonly FieldChange[],
): Change<R> {
  const { type, name, id } = observed
  const known = id === undefined ? {} : { id }
  return { action: 'update', type, name, ...known, cause: 'written', fields, desired, observed }
}

/** The change that deletes what was observed, as a plan holds it. */
export function removalOf<R extends Resource>(observed: R): Change<R> {
  const { type, name, id } = observed
  const known = id === undefined ? {} : { id }
  return { action: 'delete', type, name, ...known, cause: 'written', fields: [], observed }
}
