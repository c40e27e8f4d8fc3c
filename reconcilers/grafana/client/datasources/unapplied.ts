import { equal } from '../../../../src/core/canonical.ts'
import type { Change, FieldChange } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Datasource } from '../../resource.ts'
import { isSecure } from './next-datasource.ts'

/** Why it is not done: the first field that Grafana says it changed, and does not show so. Undefined: there is none. */
export function unapplied(
  { name, fields }: Change<Datasource>,
  shown: Datasource,
): ReconcileError | undefined {
  const left = fields.find((field) => isAsBefore(field, shown))
  return left && failure(name, left)
}

/** Not "as written": Grafana may spell it in its own way. */
function isAsBefore({ path, before, after }: FieldChange, { fields }: Datasource): boolean {
  const there = fields.get(path)
  if (isSecure({ path })) return (there === undefined) !== (after === undefined)
  return !equal(there, after) && equal(there, before)
}

/** Of these Grafana takes no empty text (its database layer skips it). */
const neverEmptied: ReadonlySet<string> = new Set(['url', 'basicAuthUser'])

function failure(name: string, { path, after }: FieldChange): ReconcileError {
  if (neverEmptied.has(path) && (after === undefined || after === '')) {
    const way = 'write another value, or delete the datasource so that it is made anew'
    return new ReconcileError(
      'RejectedByServer',
      `datasource "${name}": Grafana does not empty ${path}, it keeps the old value: ${way}`,
    )
  }
  const message = `datasource "${name}": Grafana took the change and still shows ${path} as it was`
  return new ReconcileError('NotVerified', message)
}
