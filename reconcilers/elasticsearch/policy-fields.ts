import type { Json } from '../../src/core/resource.ts'
import { isJsonObject, objectOf } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'
import { canonicalSize, canonicalTime } from './units.ts'

const there: Json = objectOf([])

/**
 * An ILM policy as flat fields down to the single values, so that what the server fills in (a phase's `min_age: "0ms"`,
 * `delete_searchable_snapshot`) is not compared: `phases.hot` and `phases.hot.actions.rollover` are `{}` and say that it is there,
 * `phases.hot.actions.rollover.max_age` is a value. `_meta` stays whole.
 */
export function policyFields(policy: JsonObject): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>()
  for (const [name, value] of Object.entries(policy)) {
    if (name === 'phases' && isJsonObject(value)) addMembers(value, 'phases', fields)
    else fields.set(name, value)
  }
  return fields
}

function addMembers(of: JsonObject, prefix: string, fields: Map<string, Json>): void {
  for (const [name, value] of Object.entries(of)) {
    const path = `${prefix}.${name}`
    if (!isJsonObject(value)) {
      fields.set(path, canonicalValue(name, value))
      continue
    }
    if (name !== 'actions') fields.set(path, there)
    addMembers(value, path, fields)
  }
}

/** `min_age: "0"` reads back as `"0ms"`, and both of 24h and 1d mean a day; `max_age`, `max_primary_shard_size` likewise. */
function canonicalValue(name: string, value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return value
  if (/_(age|time|interval|timeout)$/.test(name)) return canonicalTime(value)
  return /_size$/.test(name) ? canonicalSize(value) : value
}
