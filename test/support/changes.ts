import type { Cause, Change, FieldChange, Resource } from '../../src/core/resource.ts'

/** The change that makes a resource, as a plan holds it. */
export function creationOf<R extends Resource>(desired: R, cause: Cause = 'written'): Change<R> {
  const { type, name } = desired
  const fields = [...desired.fields].map(([path, after]): FieldChange => ({ path, after, cause }))
  return { action: 'create', type, name, cause, fields, desired }
}

/** An update of just these fields, whether a plan would hold it or not. */
export function updateWith<R extends Resource>(
  observed: R,
  desired: R,
  fields: readonly FieldChange[],
): Change<R> {
  const [first] = fields
  const same = first !== undefined && fields.every(({ cause }) => cause === first.cause)
  const { type, name, id } = observed
  const known = id === undefined ? {} : { id }
  const cause = same ? first.cause : 'written'
  return { action: 'update', type, name, ...known, cause, fields, desired, observed }
}

/** The change that deletes what was observed, as a plan holds it. */
export function removalOf<R extends Resource>(observed: R): Change<R> {
  const { type, name, id } = observed
  const known = id === undefined ? {} : { id }
  return { action: 'delete', type, name, ...known, cause: 'written', fields: [], observed }
}
