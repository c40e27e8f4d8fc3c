import type { Json } from '../../src/core/resource.ts'
import { findNode, isObjectNode, leavesOf } from './fake-mapping-nodes.ts'
import type { FieldNode, Mapping, MappingNode, ObjectNode } from './fake-mapping-nodes.ts'
import { parametersOf, type Parameter } from './fake-mapping-types.ts'
import { ServerRefusal, badMapping, illegalArgument } from './fake-refusal.ts'
import { javaText } from './fake-text.ts'
import { isObject, objectOf, own, toJson } from '../../src/core/json.ts'

/** What a mapping can refer to. */
export interface Analysis {
  readonly analyzers: ReadonlySet<string>
  readonly normalizers: ReadonlySet<string>
}

const ofRoot = new Set(
  '_meta _source _routing _field_names _size _data_stream_timestamp dynamic_templates date_detection numeric_detection dynamic_date_formats'.split(
    ' ',
  ),
)
const ofObject = new Set([
  'dynamic',
  'enabled',
  'subobjects',
  'include_in_parent',
  'include_in_root',
  'synthetic_source_keep',
])

/** Words of 8.19.21 for what it cannot read. */
export function parseMapping(body: unknown, analysis: Analysis): Mapping {
  const parameters = new Map<string, Json>()
  const runtime = new Map<string, Json>()
  const object = new Map<string, unknown>()
  for (const [name, value] of Object.entries(isObject(body) ? body : {})) {
    if (name === 'runtime')
      for (const [field, of] of Object.entries(isObject(value) ? value : {})) runtime.set(field, toJson(of))
    else if (ofRoot.has(name)) parameters.set(name, toJson(value))
    else object.set(name, value)
  }
  for (const [name, value] of object) {
    if (name === '_doc' && isObject(value)) {
      throw illegalArgument(
        'The mapping definition cannot be nested under a type [_doc] unless include_type_name is set to true.',
      )
    }
    if (name !== 'properties' && !ofObject.has(name)) {
      throw badMapping(`Root mapping definition has unsupported parameters:  [${name} : ${javaText(value)}]`)
    }
  }
  const root = parseObject('object', objectOf(object), { analysis, path: [], subobjects: true })
  return { root, parameters, runtime }
}

interface Place {
  readonly analysis: Analysis
  readonly path: readonly string[]
  readonly subobjects: boolean
}

function parseObject(
  type: 'object' | 'nested',
  body: Readonly<Record<string, unknown>>,
  at: Place,
): ObjectNode {
  if (at.path.length + 1 > 20) {
    throw illegalArgument(
      `Limit of mapping depth [20] has been exceeded due to object field [${at.path.join('.')}]`,
    )
  }
  const parameters = new Map<string, Json>()
  for (const [name, value] of Object.entries(body)) {
    if (ofObject.has(name)) parameters.set(name, objectParameter(name, value))
    else if (name !== 'properties' && name !== 'type') {
      const field = at.path.at(-1) ?? ''
      throw badMapping(
        `Mapping definition for [${field}] has unsupported parameters:  [${name} : ${javaText(value)}]`,
      )
    }
  }
  const subobjects = parameters.has('subobjects') ? parameters.get('subobjects') !== false : at.subobjects
  let node: ObjectNode = { type, parameters, properties: new Map() }
  const properties = own(body, 'properties')
  for (const [name, definition] of Object.entries(isObject(properties) ? properties : {})) {
    node = addProperty(node, name, definition, { ...at, subobjects })
  }
  return node
}

/** `dynamic` is shown as text, whatever was sent. */
function objectParameter(name: string, value: unknown): Json {
  if (name !== 'dynamic') return name === 'subobjects' && value === 'auto' ? value : readBoolean(value)
  const text = String(value)
  if (['true', 'false', 'strict', 'runtime'].includes(text)) return text
  const inner = illegalArgument(`Failed to parse value [${text}] as only [true] or [false] are allowed.`)
  const words = 'Could not convert [dynamic.dynamic] to boolean'
  const cause = illegalArgument(words, inner)
  throw new ServerRefusal('mapper_parsing_exception', `Failed to parse mapping: ${words}`, { cause })
}

/** A dotted name is what the server makes of it: objects inside each other. */
function addProperty(into: ObjectNode, name: string, definition: unknown, at: Place): ObjectNode {
  if (name.trim() === '')
    throw badMapping('field name cannot be an empty string', 'illegal_argument_exception')
  const dot = at.subobjects ? name.indexOf('.') : -1
  const [head, rest] = dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)]
  const inner = { ...at, path: [...at.path, head] }
  const there = into.properties.get(head)
  let node: MappingNode
  if (rest === undefined) node = parseNode(definition, inner)
  else {
    const object = there !== undefined && isObjectNode(there) ? there : parseObject('object', {}, inner)
    node = addProperty(object, rest, definition, inner)
  }
  const both = there !== undefined && isObjectNode(there) && isObjectNode(node)
  const merged = both ? withProperties(node, there) : node
  return { ...into, properties: new Map([...into.properties, [head, merged]]) }
}

/** The same object with the properties of both. */
function withProperties(node: MappingNode, there: ObjectNode): MappingNode {
  return isObjectNode(node)
    ? { ...node, properties: new Map([...there.properties, ...node.properties]) }
    : node
}

function parseNode(definition: unknown, at: Place): MappingNode {
  const name = at.path.at(-1) ?? ''
  if (!isObject(definition)) {
    throw badMapping(`Expected map for property [fields] on field [${name}] but got a class java.lang.String`)
  }
  const type = own(definition, 'type') ?? implied(definition)
  if (type === undefined) throw badMapping(`No type specified for field [${name}]`)
  if (type === 'object' || type === 'nested') return parseObject(type, definition, at)
  return parseField(javaText(type), definition, at)
}

function implied(definition: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(definition)
  const object = names.includes('properties') || (names.length === 1 && names[0] === 'enabled')
  return object ? 'object' : undefined
}

function parseField(
  type: string,
  definition: Readonly<Record<string, unknown>>,
  at: Place,
  sub = false,
): FieldNode {
  const name = at.path.at(-1) ?? ''
  const table = parametersOf(type)
  if (table === undefined) {
    throw badMapping(
      `The mapper type [${type}] declared on field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    )
  }
  const parameters = new Map<string, Json>()
  for (const [key, value] of Object.entries(definition)) {
    if (key === 'type' || key === 'fields') continue
    const { sticky, initial, read } = readParameter(table.get(key), key, value, `[${name}] of type [${type}]`)
    checkReference(key, read, name, at.analysis)
    if (sticky || initial !== read) parameters.set(key, read)
  }
  if (type === 'dense_vector') addVectorDefaults(parameters)
  return { type, parameters, fields: subFields(own(definition, 'fields'), at, sub) }
}

function subFields(fields: unknown, at: Place, sub: boolean): ReadonlyMap<string, FieldNode> {
  if (fields === undefined) return new Map()
  if (sub) throw badMapping(chained(at.path.at(-1) ?? ''), 'illegal_argument_exception')
  const entries = Object.entries(isObject(fields) ? fields : {})
  return new Map(entries.map(([name, of]) => [name, subField(name, of, at)]))
}

function subField(name: string, definition: unknown, at: Place): FieldNode {
  const type = own(definition, 'type')
  if (!isObject(definition) || typeof type !== 'string')
    throw badMapping(`No type specified for field [${name}]`)
  return parseField(type, definition, { ...at, path: [...at.path, name] }, true)
}

function chained(name: string): string {
  return `Encountered a multi-field [${name}] which itself contains a multi-field. Defining chained multi-fields is not supported.`
}

function readParameter(
  parameter: Parameter | undefined,
  key: string,
  value: unknown,
  of: string,
): Parameter & { readonly read: Json } {
  if (key === 'boost')
    throw badMapping(`Unknown parameter [boost] on mapper ${of.replace(/ of type .*/, '')}`)
  if (parameter === undefined) throw badMapping(`unknown parameter [${key}] on mapper ${of}`)
  if (value === null) throw badMapping(`[${key}] on mapper ${of} must not have a [null] value`)
  return { ...parameter, read: readValue(parameter, value) }
}

function readValue({ name, initial }: Parameter, value: unknown): Json {
  if (typeof initial === 'boolean') return readBoolean(value)
  if (typeof initial === 'number') return Number(value)
  if (name === 'copy_to' && typeof value === 'string') return [value]
  return toJson(value)
}

function readBoolean(value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  const words = `Failed to parse value [${javaText(value)}] as only [true] or [false] are allowed.`
  throw badMapping(words, 'illegal_argument_exception')
}

function checkReference(key: string, value: Json, field: string, analysis: Analysis): void {
  if (typeof value !== 'string') return
  if (/analyzer$/.test(key) && !analysis.analyzers.has(value)) {
    throw badMapping(`analyzer [${value}] has not been configured in mappings`, 'illegal_argument_exception')
  }
  if (key === 'normalizer' && !analysis.normalizers.has(value)) {
    throw badMapping(`normalizer [${value}] not found for field [${field}]`)
  }
}

/** What 8.19.21 puts beside `dims` by itself. */
function addVectorDefaults(parameters: Map<string, Json>): void {
  if (parameters.get('index') === false) return
  const options = objectOf<Json>([
    ['type', 'int8_hnsw'],
    ['m', 16],
    ['ef_construction', 100],
  ])
  const defaults: readonly (readonly [string, Json])[] = [
    ['index', true],
    ['similarity', 'cosine'],
    ['index_options', options],
  ]
  for (const [name, value] of defaults) if (!parameters.has(name)) parameters.set(name, value)
}

/** An alias names a field that is there, in this mapping or (after a merge) in the index. */
export function checkAliases(mapping: Mapping, within: Mapping): void {
  for (const [path, node] of leavesOf(mapping.root)) {
    const target = node.type === 'alias' ? node.parameters.get('path') : undefined
    if (typeof target !== 'string' || findNode(within.root, target) !== undefined) continue
    const words = `Invalid [path] value [${target}] for field alias [${path}]: an alias must refer to an existing field in the mappings.`
    throw new ServerRefusal('mapper_parsing_exception', words)
  }
}
