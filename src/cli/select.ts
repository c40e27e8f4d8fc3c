import { ExitError } from '../errors.ts'
import type { Status } from './cluster.ts'
import { unknown } from './nearest.ts'

/**
 * The status a person means by `name`, `namespace/name` or the name of the status object. Throws ExitError 1 when there is none,
 * with the nearest, or when several namespaces have it.
 */
export function select(statuses: readonly Status[], wanted: string, namespace: string): Status {
  const exact = statuses.find(({ key, object }) => key === wanted || object === wanted)
  if (exact !== undefined) return exact
  const named = statuses.filter(({ name }) => name === wanted)
  const own = named.find((each) => each.namespace === namespace) ?? named[0]
  if (own === undefined) {
    const known = [...new Set(statuses.map(({ name }) => name))]
    throw new ExitError(1, unknown('ConfigMap', wanted, known))
  }
  if (named.length > 1 && own.namespace !== namespace) {
    throw new ExitError(
      1,
      `${wanted} is in several namespaces; say which: ${named.map(({ key }) => key).join(', ')}`,
    )
  }
  return own
}
