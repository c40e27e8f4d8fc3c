import type { Json } from '../../src/core/resource.ts'
import { aliasFields, canonicalAliases } from './aliases.ts'
import { isJsonObject, isList, objectOf, own, ownObject, toJsonObject, without } from '../../src/core/json.ts'
import { mappingFields } from './mapping-fields.ts'
import { policyFields } from './policy-fields.ts'
import type { Definition, JsonObject } from './resource.ts'
import { flatSettings } from './settings-text.ts'

type DefinitionType = Definition['type']

/** What the server adds to a definition of its own accord (9.x dates every one; ILM counts versions and users). */
const serverOwn = new Set([
  'created_date',
  'created_date_millis',
  'modified_date',
  'modified_date_millis',
  'in_use_by',
])

/** Written → desired, for one type. Only ILM policies are not `whole`: the server fills theirs with defaults. */
export function normalizeDefinition(type: DefinitionType): (name: string, written: unknown) => Definition {
  return (name, written) => {
    const content = canonicalContent(type, toJsonObject(written))
    const definition = { type, name, fields: contentFields(type, content), body: bodyOf(type, content) }
    return type === 'ilm-policies' ? definition : { ...definition, whole: true }
  }
}

/**
 * Server → observed. `body`: the `component_template`, `index_template` or pipeline object of the server's answer, or one
 * policy's (`{version, modified_date, policy, in_use_by}`).
 */
export function observeDefinition(type: DefinitionType, name: string, body: unknown): Definition {
  const shown = type === 'ilm-policies' ? (own(body, 'policy') ?? body) : body
  const content = canonicalContent(type, without(toJsonObject(shown), serverOwn))
  const definition = { type, name, fields: contentFields(type, content), body: bodyOf(type, content) }
  return isForeign(name, content) ? { ...definition, foreign: true } : definition
}

function isForeign(name: string, content: JsonObject): boolean {
  return name.startsWith('.') || isMarkedManaged(content['_meta'])
}

/** By the mark that tools of the field put on what they manage. `meta`: the `_meta` of a definition. */
export function isMarkedManaged(meta: Json | undefined): boolean {
  const managed = own(meta, 'managed')
  return managed === true || managed === 'true'
}

/** `PUT _ilm/policy` wants the policy inside a member of that name; the others are sent as they are written. */
function bodyOf(type: DefinitionType, content: JsonObject): JsonObject {
  return type === 'ilm-policies' ? objectOf([['policy', content]]) : content
}

/** What a definition of a type says, whoever wraps it: the inverse of what is sent. */
export function contentOf(definition: Definition): JsonObject {
  if (definition.type !== 'ilm-policies') return definition.body
  return toJsonObject(ownObject(definition.body, 'policy'))
}

function canonicalContent(type: DefinitionType, content: JsonObject): JsonObject {
  const members = new Map<string, Json>()
  for (const [name, value] of Object.entries(content)) {
    const canonical = hasTemplate(type) ? canonicalMember(name, value) : value
    if (canonical !== undefined) members.set(name, canonical)
  }
  return objectOf(members)
}

function hasTemplate(type: DefinitionType): boolean {
  return type === 'component-templates' || type === 'index-templates'
}

/** One spelling of a member of a template; undefined where it says what its absence says (the server shows `composed_of: []`). */
function canonicalMember(name: string, value: Json): Json | undefined {
  if (value === null || (name === 'deprecated' && value === false)) return undefined
  if (name === 'index_patterns') return typeof value === 'string' ? [value] : value
  if (isList(value)) return value.length === 0 ? undefined : value
  if (!isJsonObject(value)) return value
  if (name === 'template') return canonicalTemplate(value)
  return name === 'data_stream' ? onlyTrue(value) : value
}

/** `data_stream: {}` reads back as `{hidden: false, allow_custom_routing: false}`. */
function onlyTrue(value: JsonObject): JsonObject {
  return objectOf(Object.entries(value).filter(([, member]) => member !== false))
}

function canonicalTemplate(template: JsonObject): JsonObject {
  return objectOf(
    Object.entries(template).map(([name, value]) => {
      if (name === 'settings') return [name, flatSettings(value).settings] as const
      if (name === 'aliases') return [name, canonicalAliases(value)] as const
      if (name === 'lifecycle' && isJsonObject(value)) return [name, canonicalLifecycle(value)] as const
      return [name, value] as const
    }),
  )
}

/** A data stream lifecycle is enabled unless it says otherwise, and reads back with that. */
function canonicalLifecycle(lifecycle: JsonObject): JsonObject {
  return lifecycle['enabled'] === true ? without(lifecycle, new Set(['enabled'])) : lifecycle
}

/**
 * Flat fields: `index_patterns`, `priority`, `composed_of`, `processors`, `_meta` … whole; a template as
 * `template.settings.index.x`, `template.mappings.…` (as an index's), `template.aliases.x`; a policy as in policy-fields.ts.
 */
function contentFields(type: DefinitionType, content: JsonObject): ReadonlyMap<string, Json> {
  if (type === 'ilm-policies') return policyFields(content)
  const fields = new Map<string, Json>()
  for (const [name, value] of Object.entries(content)) {
    if (name === 'template' && isJsonObject(value)) addTemplate(value, fields)
    else fields.set(name, value)
  }
  return fields
}

function addTemplate(template: JsonObject, fields: Map<string, Json>): void {
  for (const [name, value] of Object.entries(template)) {
    if (name === 'settings') {
      for (const [key, text] of Object.entries(toJsonObject(value)))
        fields.set(`template.settings.${key}`, text)
    } else if (name === 'mappings') {
      for (const [path, field] of mappingFields(toJsonObject(value))) fields.set(`template.${path}`, field)
    } else if (name === 'aliases') {
      for (const [path, alias] of aliasFields(canonicalAliases(value), undefined, 'template.'))
        fields.set(path, alias)
    } else fields.set(`template.${name}`, value)
  }
}
