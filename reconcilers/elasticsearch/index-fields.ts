import type { Json } from '../../src/core/resource.ts'
import { aliasFields } from './aliases.ts'
import { mappingFields } from './mapping-fields.ts'
import type { IndexBody } from './resource.ts'

/** Taken when an index is made and never shown again, so it can only be written, not compared. */
const neverShown = 'index.number_of_routing_shards'

/** A desired index as flat fields: `settings.…`, `mappings.…`, `aliases.…`. */
export function indexFields(name: string, body: IndexBody): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>()
  for (const [key, value] of Object.entries(body.settings)) {
    if (key !== neverShown) fields.set(`settings.${key}`, value)
  }
  for (const [path, value] of mappingFields(body.mappings)) fields.set(path, value)
  for (const [path, value] of aliasFields(body.aliases, name)) fields.set(path, value)
  return fields
}
