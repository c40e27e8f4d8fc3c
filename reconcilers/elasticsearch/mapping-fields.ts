import { mapToObject } from '../../src/core/canonical.ts'
import type { Json } from '../../src/core/resource.ts'
import { isJsonObject, isList, objectOf, without } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'

const none: JsonObject = mapToObject(new Map())
const emptyFrame = new Set(['properties', 'fields'])

/**
 * Parameters that the server fills in from the first document when nobody wrote them. Each is a path of its own beside its
 * field's definition (`mappings.properties.vector.dims`), so that it is compared only where it is written.
 */
const learned: Readonly<Record<string, ReadonlySet<string>>> = {
  constant_keyword: new Set(['value']),
  dense_vector: new Set(['dims']),
  semantic_text: new Set(['model_settings']),
}
const nothingLearned: ReadonlySet<string> = new Set()

/** Of an object that is only on the way: what the server would otherwise take for its default, and refuse as a change. */
const frameOfObject = new Set(['subobjects'])
const frameOfNested = new Set(['type', 'include_in_parent', 'include_in_root'])

/**
 * Mappings as flat fields: root parameters `mappings.dynamic`, definitions `mappings.properties.user.name` (without sub-fields;
 * an object without a type is `{type: "object"}`), sub-fields `mappings.properties.title.fields.raw`, `mappings.runtime.day`.
 * A dotted name is what the server makes of it: objects inside each other, unless `subobjects` is false.
 */
export function mappingFields(mappings: JsonObject): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>()
  for (const [name, value] of Object.entries(mappings)) {
    if (name === 'runtime' && isJsonObject(value)) {
      for (const [field, definition] of Object.entries(value))
        fields.set(`mappings.runtime.${field}`, definition)
    } else if (name !== 'properties') fields.set(`mappings.${name}`, canonicalParameter(name, value))
  }
  addProperties(mappings, 'mappings.properties', hasSubobjects(mappings, true), fields)
  return fields
}

function addProperties(of: JsonObject, prefix: string, subobjects: boolean, fields: Map<string, Json>): void {
  for (const [name, definition] of Object.entries(propertiesOf(of))) {
    if (subobjects) addImplied(prefix, name, fields)
    addField(`${prefix}.${name}`, definition, subobjects, fields)
  }
}

/** `a.b.c` makes objects `a` and `a.b`, unless they are defined themselves. */
function addImplied(prefix: string, name: string, fields: Map<string, Json>): void {
  const parts = name.split('.')
  for (let count = 1; count < parts.length; count += 1) {
    const path = `${prefix}.${parts.slice(0, count).join('.')}`
    if (!fields.has(path)) fields.set(path, impliedObject)
  }
}

const impliedObject: Json = objectOf([['type', 'object']])

function addField(path: string, definition: Json, subobjects: boolean, fields: Map<string, Json>): void {
  if (!isJsonObject(definition)) {
    fields.set(path, definition)
    return
  }
  const separate = learnedBy(definition)
  fields.set(path, canonicalDefinition(definition, separate))
  for (const name of separate) {
    const value = definition[name]
    if (value !== undefined) fields.set(`${path}.${name}`, value)
  }
  for (const [name, sub] of Object.entries(subFieldsOf(definition))) {
    addField(`${path}.fields.${name}`, sub, subobjects, fields)
  }
  addProperties(definition, path, hasSubobjects(definition, subobjects), fields)
}

function learnedBy(definition: JsonObject): ReadonlySet<string> {
  const { type } = definition
  return typeof type === 'string' && Object.hasOwn(learned, type)
    ? (learned[type] ?? nothingLearned)
    : nothingLearned
}

function hasSubobjects(definition: JsonObject, inherited: boolean): boolean {
  const { subobjects } = definition
  return subobjects === undefined ? inherited : subobjects !== false && subobjects !== 'false'
}

/** A list is an empty one: `properties: []` is how some languages write a map without members. */
function propertiesOf(definition: JsonObject): JsonObject {
  const { properties } = definition
  return isJsonObject(properties) ? properties : none
}

function subFieldsOf(definition: JsonObject): JsonObject {
  const { fields } = definition
  return isJsonObject(fields) ? fields : none
}

/** Cached by the definition itself would not pay; most are one or two members. */
function canonicalDefinition(definition: JsonObject, separate: ReadonlySet<string>): Json {
  const own = Object.entries(definition).filter(([name]) => !emptyFrame.has(name) && !separate.has(name))
  const canonical = own.map(([name, value]) => [name, canonicalParameter(name, value)] as const)
  return objectOf(definition['type'] === undefined ? [['type', 'object'], ...canonical] : canonical)
}

/** Spellings that the server takes for one: `dynamic: false` and `"false"`, `copy_to: "a"` and `["a"]`, one pattern and a list of it. */
function canonicalParameter(name: string, value: Json): Json {
  if (name === 'dynamic' || name === 'subobjects') return typeof value === 'boolean' ? String(value) : value
  if (name === 'copy_to') return typeof value === 'string' ? [value] : value
  return name === 'dynamic_templates' && isList(value) ? value.map(canonicalTemplate) : value
}

const patterns = new Set([
  'match',
  'unmatch',
  'path_match',
  'path_unmatch',
  'match_mapping_type',
  'unmatch_mapping_type',
])

/** One dynamic template, `{name: {match, mapping}}`. */
function canonicalTemplate(template: Json): Json {
  if (!isJsonObject(template)) return template
  return objectOf(Object.entries(template).map(([name, body]) => [name, canonicalPatterns(body)] as const))
}

function canonicalPatterns(body: Json): Json {
  if (!isJsonObject(body)) return body
  return objectOf(
    Object.entries(body).map(([key, value]) => [key, patterns.has(key) ? single(value) : value] as const),
  )
}

function single(value: Json): Json {
  return isList(value) && value.length === 1 ? (value[0] ?? value) : value
}

/**
 * The smallest body for `PUT _mapping` that sets exactly these paths of `mappings`. A field comes with its full definition,
 * because the server takes an omitted parameter for its default; objects on the way come with what the merge needs. A field
 * that is not in `paths` but has a sub-field there comes as it is in `current` (what the server has), and so does what the
 * server learned. A path `mappings.runtime.x` that `mappings` lacks is removed, with null.
 */
export function mappingSubset(
  mappings: JsonObject,
  paths: ReadonlySet<string>,
  current: JsonObject = none,
): JsonObject {
  const subset = new Map<string, Json>()
  for (const [name, value] of Object.entries(mappings)) {
    if (name !== 'properties' && name !== 'runtime' && paths.has(`mappings.${name}`)) subset.set(name, value)
  }
  const runtime = runtimeSubset(isJsonObject(mappings['runtime']) ? mappings['runtime'] : none, paths)
  if (runtime !== undefined) subset.set('runtime', runtime)
  const properties = membersSubset(
    propertiesOf(mappings),
    propertiesOf(current),
    'mappings.properties',
    paths,
  )
  if (properties !== undefined) {
    for (const [name, value] of frameOf(mappings, frameOfObject)) subset.set(name, value)
    subset.set('properties', properties)
  }
  return mapToObject(subset)
}

function runtimeSubset(runtime: JsonObject, paths: ReadonlySet<string>): JsonObject | undefined {
  const prefix = 'mappings.runtime.'
  const names = [...paths].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length))
  if (names.length === 0) return undefined
  return objectOf(names.map((name) => [name, Object.hasOwn(runtime, name) ? (runtime[name] ?? null) : null]))
}

/** Of the members of `properties` or of `fields`; `there` is what the server has in their place. */
function membersSubset(
  of: JsonObject,
  there: JsonObject,
  prefix: string,
  paths: ReadonlySet<string>,
): JsonObject | undefined {
  const members: [string, JsonObject][] = []
  for (const [name, definition] of Object.entries(of)) {
    const subset = fieldSubset(definition, memberOf(there, name), `${prefix}.${name}`, paths)
    if (subset !== undefined) members.push([name, subset])
  }
  return members.length === 0 ? undefined : objectOf(members)
}

function memberOf(of: JsonObject, name: string): JsonObject | undefined {
  const member = Object.hasOwn(of, name) ? of[name] : undefined
  return isJsonObject(member) ? member : undefined
}

function fieldSubset(
  definition: Json,
  current: JsonObject | undefined,
  path: string,
  paths: ReadonlySet<string>,
): JsonObject | undefined {
  if (!isJsonObject(definition)) return undefined
  const wanted = paths.has(path) || [...learnedBy(definition)].some((name) => paths.has(`${path}.${name}`))
  const there = current ?? none
  const subFields = membersSubset(subFieldsOf(definition), subFieldsOf(there), `${path}.fields`, paths)
  const properties = membersSubset(propertiesOf(definition), propertiesOf(there), path, paths)
  if (!wanted && subFields === undefined && properties === undefined) return undefined
  const self = wanted ? whole(definition, current) : frame(current ?? definition)
  const members = new Map(Object.entries(self))
  if (subFields !== undefined) members.set('fields', subFields)
  if (properties !== undefined) members.set('properties', properties)
  return mapToObject(members)
}

/** The full definition without its children, with what the server learned where nothing is written. */
function whole(definition: JsonObject, current: JsonObject | undefined): JsonObject {
  const kept = Object.entries(current ?? none).filter(([name]) => learnedBy(definition).has(name))
  return objectOf([...kept, ...Object.entries(without(definition, emptyFrame))])
}

/** A definition that is only on the way to what is set. */
function frame(definition: JsonObject): JsonObject {
  const type = definition['type'] ?? 'object'
  if (type === 'object') return objectOf(frameOf(definition, frameOfObject))
  if (type === 'nested') return objectOf(frameOf(definition, frameOfNested))
  return without(definition, emptyFrame)
}

function frameOf(definition: JsonObject, names: ReadonlySet<string>): readonly [string, Json][] {
  return Object.entries(definition).filter(([name]) => names.has(name))
}
