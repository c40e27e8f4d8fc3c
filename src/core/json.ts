import { mapToObject } from './canonical.ts'
export { isList, isMap as isJsonObject } from './canonical.ts'
import type { Json } from './resource.ts'

/** A JSON object as it goes to a server or comes from it. Without a prototype, so that `__proto__` is a name like any other. */
export type JsonObject = Readonly<Record<string, Json>>

/** A map of names to values, of whatever origin. Its members are to be read with Object.entries or `own`. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object's own member; undefined for what it inherits, and for what is no object. */
export function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** An object's own member if that is an object itself; otherwise an empty one. */
export function ownObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const found = own(value, name)
  return isObject(found) ? found : {}
}

/**
 * Any parsed value as JSON of our own: objects without a prototype (`__proto__` stays a name), an integer beyond 2^53 as text,
 * members that are undefined left out.
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(toJson)
  return toJsonObject(value)
}

/** What is no object becomes an empty one. */
export function toJsonObject(value: unknown): JsonObject {
  const members = new Map<string, Json>()
  if (!isObject(value)) return mapToObject(members)
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.set(name, toJson(member))
  }
  return mapToObject(members)
}

/** An object without a prototype of these members. */
export function objectOf<V>(members: Iterable<readonly [string, V]>): Readonly<Record<string, V>> {
  return mapToObject(new Map(members))
}

/** The same object with these members, in the place of its own of the same names. */
export function withMembers(object: JsonObject, more: JsonObject): JsonObject {
  return objectOf([...Object.entries(object), ...Object.entries(more)])
}

/** The same object without some of its members. */
export function without(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return objectOf(Object.entries(object).filter(([name]) => !names.has(name)))
}
