import { sha256 } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { toJsonObject } from './json.ts'
import { mappingFields } from './mapping-fields.ts'
import type { JsonObject } from './resource.ts'

/** Observed mappings, read. */
export interface ObservedMappings {
  readonly body: JsonObject
  readonly fields: readonly (readonly [string, Json])[]
  /** What no request can take out again: every field, and the root parameters; runtime fields can go. */
  readonly permanent: ReadonlySet<string>
}

/** Many indices have the same mappings (one per tenant, per month): they share one reading. The least recently used goes first. */
const readings = new Map<string, ObservedMappings>()
const mostReadings = 500

export function readMappings(shown: unknown): ObservedMappings {
  const key = sha256(JSON.stringify(shown ?? null, bigAsText))
  const known = readings.get(key)
  const reading = known ?? read(shown)
  readings.delete(key)
  readings.set(key, reading)
  const [oldest] = readings.keys()
  if (readings.size > mostReadings && oldest !== undefined) readings.delete(oldest)
  return reading
}

function bigAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function read(shown: unknown): ObservedMappings {
  const body = toJsonObject(shown)
  const fields = [...mappingFields(body)]
  const permanent = fields.map(([path]) => path).filter((path) => !path.startsWith('mappings.runtime.'))
  return { body, fields, permanent: new Set(permanent) }
}
