import { sha256 } from '../core/canonical.ts'
import { splitKey } from './objects.ts'

/** The limit of Kubernetes for the name of a ConfigMap. */
const maxLength = 253

/** `<name>-status`, or `<namespace>.<name>-status` for a ConfigMap of another namespace than the state's. Too long: cut, with a hash. */
export function statusName(key: string, stateNamespace: string): string {
  const { namespace, name } = splitKey(key)
  const stem = namespace === stateNamespace ? name : `${namespace}.${name}`
  const full = `${stem}-status`
  return full.length <= maxLength ? full : hashedStatusName(key, stateNamespace)
}

/** The other name of a key whose first name is taken: `b.c` in the state's own namespace and `c` in `b` want the same. */
export function hashedStatusName(key: string, stateNamespace: string): string {
  const { namespace, name } = splitKey(key)
  const stem = namespace === stateNamespace ? name : `${namespace}.${name}`
  const tail = `-${sha256(key).slice(0, 10)}-status`
  return `${stem.slice(0, maxLength - tail.length).replace(/[-.]+$/, '')}${tail}`
}
