import { canonicalJson } from '../core/canonical.ts'
import { fieldsOf, groupOf, isFields, type Manifest, nameOf, titleOf } from './manifest.ts'

/** One place in which two renderings of the same services are not equal. */
export interface Difference {
  readonly kind: string
  /** Of the API; empty for the core. */
  readonly group: string
  /** `StatefulSet/kafka`. */
  readonly object: string
  /** `spec.template.spec.containers[kafka].image`; empty where the whole object is in one of them only. */
  readonly path: string
  /** Undefined where it is not there. */
  readonly reference: unknown
  readonly other: unknown
}

/**
 * Every difference between two renderings, in the order of the objects' names. Objects are the same by group, kind and name, in
 * whatever namespace they are; elements of lists by their name where each has one.
 */
export function differences(
  reference: readonly Manifest[],
  other: readonly Manifest[],
): readonly Difference[] {
  const [before, after] = [byIdentity(reference), byIdentity(other)]
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort()
  return keys.flatMap((key) => {
    const [a, b] = [before.get(key), after.get(key)]
    const named = a ?? b
    if (named === undefined) return []
    const { kind } = named
    const place = { kind, group: groupOf(named), object: titleOf(named) }
    return compare(a, b, '').map((each) => ({ ...place, ...each }))
  })
}

type Pair = Pick<Difference, 'path' | 'reference' | 'other'>

function byIdentity(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  return new Map(manifests.map((each) => [`${titleOf(each)}.${groupOf(each)}`, each]))
}

function compare(reference: unknown, other: unknown, path: string): readonly Pair[] {
  if (isFields(reference) && isFields(other))
    return compareFields(reference, other, (key) => below(path, key))
  if (Array.isArray(reference) && Array.isArray(other)) {
    const [a, b] = inLists(reference, other)
    return compareFields(a, b, (key) => `${path}[${key}]`)
  }
  return canonicalJson(reference) === canonicalJson(other) && typeof reference === typeof other
    ? []
    : [{ path, reference, other }]
}

function compareFields(
  reference: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
  pathOf: (key: string) => string,
): readonly Pair[] {
  const keys = [...new Set([...Object.keys(reference), ...Object.keys(other)])]
  return keys.flatMap((key) => compare(reference[key], other[key], pathOf(key)))
}

function below(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}["${key}"]`
  return path === '' ? key : `${path}.${key}`
}

/** Two lists as maps: by name where every element of both has one of its own, else by position. */
function inLists(
  a: readonly unknown[],
  b: readonly unknown[],
): readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>] {
  const byName = [a, b].every(isNamed)
  const keyed = (list: readonly unknown[]) =>
    fieldsOf(Object.fromEntries(list.map((each, at) => [byName ? (nameOf(each) ?? at) : at, each])))
  return [keyed(a), keyed(b)]
}

function isNamed(list: readonly unknown[]): boolean {
  const names = list.map(nameOf)
  return names.every((name) => name !== undefined) && new Set(names).size === names.length
}
