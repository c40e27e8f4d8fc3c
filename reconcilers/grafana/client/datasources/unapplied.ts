import { equal } from '../../../../src/core/canonical.ts'
import type { Change, FieldChange } from '../../../../src/core/resource.ts'
import type { Reason } from '../../../../src/errors.ts'
import type { Datasource } from '../../resource.ts'
import { isSecure } from './next-datasource.ts'

/** A field that Grafana says it changed, and does not show so. */
export interface Unapplied {
  readonly path: string
  readonly reason: Reason
  readonly message: string
}

export function unapplied({ name, fields }: Change<Datasource>, shown: Datasource): readonly Unapplied[] {
  return fields
    .filter((field) => isAsBefore(field, shown))
    .map(({ path, after }) => ({ path, ...words(name, path, after) }))
}

/** Not "as written": Grafana may spell it in its own way. */
function isAsBefore({ path, before, after }: FieldChange, { fields }: Datasource): boolean {
  const there = fields.get(path)
  if (isSecure({ path })) return (there === undefined) !== (after === undefined)
  return !equal(there, after) && equal(there, before)
}

/** Of these Grafana takes no empty text (its database layer skips it). */
const neverEmptied: ReadonlySet<string> = new Set(['url', 'basicAuthUser'])

function words(name: string, path: string, after: FieldChange['after']): Omit<Unapplied, 'path'> {
  if (neverEmptied.has(path) && (after === undefined || after === '')) {
    const way = 'write another value, or delete the datasource so that it is made anew'
    return {
      reason: 'RejectedByServer',
      message: `datasource "${name}": Grafana does not empty ${path}, it keeps the old value: ${way}`,
    }
  }
  const message = `datasource "${name}": Grafana took the change and still shows ${path} as it was`
  return { reason: 'NotVerified', message }
}
