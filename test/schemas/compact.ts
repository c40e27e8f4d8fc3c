import { fieldsOf, isFields, listOf } from '../../src/environments/manifest.ts'

/** A JSON Schema, as far as these ones go. */
export type Schema = Readonly<Record<string, unknown>>

/** What says something about a value; descriptions, defaults and hints for servers do not. */
const kept = new Set([
  'type',
  'format',
  'enum',
  'required',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'uniqueItems',
])
const unknownFields = 'x-kubernetes-preserve-unknown-fields'

/** Kubernetes reads a size from text of this form and refuses every other; its schema says only that it is text or a number. */
const quantity = String.raw`^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$`

/** An OpenAPI schema as a strict JSON Schema without anything that does not decide: a field that is not named is an error. */
export function compact(schema: Schema, refOf: (ref: string) => string): Schema {
  const { $ref, allOf } = schema
  if (typeof $ref === 'string') return { $ref: refOf($ref) }
  const [only, ...more] = listOf(allOf)
  if (isFields(only) && more.length === 0 && schema['properties'] === undefined) return compact(only, refOf)
  if (isIntOrString(schema)) return { type: ['integer', 'string'], ...patternOf(schema) }
  const compacted: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (kept.has(key)) compacted[key] = value
  }
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const choices = listOf(schema[key]).filter(isFields)
    if (choices.length > 0) compacted[key] = choices.map((each) => compact(each, refOf))
  }
  if (isFields(schema['items'])) compacted['items'] = compact(schema['items'], refOf)
  if (isFields(schema['not'])) compacted['not'] = compact(schema['not'], refOf)
  return { ...compacted, ...fieldsIn(schema, refOf) }
}

function fieldsIn(schema: Schema, refOf: (ref: string) => string): Schema {
  const { properties, additionalProperties } = schema
  const open = schema[unknownFields] === true
  if (isFields(additionalProperties)) return { additionalProperties: compact(additionalProperties, refOf) }
  if (!isFields(properties)) return {}
  const compacted = Object.entries(properties).map(([name, each]) => [name, compact(fieldsOf(each), refOf)])
  return { properties: Object.fromEntries(compacted), ...(open ? {} : { additionalProperties: false }) }
}

function isIntOrString(schema: Schema): boolean {
  return schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true
}

function patternOf({ pattern }: Schema): Schema {
  return typeof pattern === 'string' ? { pattern } : {}
}

/** What the reader of a document never writes is not looked at, and what Kubernetes checks beside its schema is said by the schema. */
export function adapt(name: string, schema: Schema): Schema {
  if (name === 'Quantity') return { type: ['string', 'number'], pattern: quantity }
  const properties = fieldsOf(schema['properties'])
  const unread = ['status', 'managedFields'].filter((each) => Object.hasOwn(properties, each))
  if (unread.length === 0) return schema
  return { ...schema, properties: { ...properties, ...Object.fromEntries(unread.map((each) => [each, {}])) } }
}

/** Everything that a schema refers to by name. */
export function refsIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(refsIn)
  return Object.entries(fieldsOf(schema)).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : refsIn(value),
  )
}
