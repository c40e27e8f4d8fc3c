import { createHash } from 'node:crypto'
import type { Json } from './resource.ts'

/** JSON with sorted keys and no white space: two equal values have one text. Maps become objects; `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Map) return canonicalJson(mapToObject(value))
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** Lower-case hex sha256 of a text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Two canonical values are one value: they have one text, which is not made for that. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((each, at) => equal(each, b[at]))
  return isMap(a) && isMap(b) && sameMembers(a, b)
}

type JsonMap = { readonly [key: string]: Json }

function sameMembers(a: JsonMap, b: JsonMap): boolean {
  const keys = membersOf(a)
  return (
    keys.length === membersOf(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
  )
}

function membersOf(value: JsonMap): readonly string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !isList(value)
}

/** A Map as an object without a prototype, so that a key named `__proto__` stays a key. */
export function mapToObject<V>(map: ReadonlyMap<string, V>): Record<string, V> {
  const object = Object.create(null) as Record<string, V>
  for (const [key, value] of map) object[key] = value
  return object
}
