import { sha256 } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { BoundedCache } from './bounded-cache.ts'
import { toJsonObject } from '../../src/core/json.ts'
import { mappingFields } from './mapping-fields.ts'
import type { JsonObject } from './resource.ts'

/** Observed mappings, read. */
export interface ObservedMappings {
  readonly body: JsonObject
  readonly fields: readonly (readonly [string, Json])[]
  /** What no request can take out again: every field, and the root parameters; runtime fields can go. */
  readonly permanent: ReadonlySet<string>
}

/** Many indices have the same mappings (one per tenant, per month): they share one reading. */
const readings = new BoundedCache<ObservedMappings>(500)

export function readMappings(shown: unknown): ObservedMappings {
  const key = sha256(JSON.stringify(shown ?? null))
  const reading = readings.get(key) ?? read(shown)
  readings.set(key, reading, 1)
  return reading
}

function read(shown: unknown): ObservedMappings {
  const body = toJsonObject(shown)
  const fields = [...mappingFields(body)]
  const permanent = fields.map(([path]) => path).filter((path) => !path.startsWith('mappings.runtime.'))
  return { body, fields, permanent: new Set(permanent) }
}
