import type { Json } from '../../src/core/resource.ts'
import { parametersOf, type Parameter } from './fake-mapping-types.ts'
import { ServerRefusal, badMapping, illegalArgument } from './fake-refusal.ts'
import { javaText } from './fake-text.ts'
import { isObject, objectOf, own, toJson } from './json.ts'
import type { JsonObject } from './resource.ts'

export interface FieldNode {
  readonly type: string
  /** Only what is shown: what equals its default is left out. */
  readonly parameters: ReadonlyMap<string, Json>
  readonly fields: ReadonlyMap<string, FieldNode>
}

export interface ObjectNode {
  readonly type: 'object' | 'nested'
  /** What is written: dynamic (as text), enabled, subobjects, include_in_parent … */
  readonly parameters: ReadonlyMap<string, Json>
  readonly properties: ReadonlyMap<string, MappingNode>
}

export type MappingNode = FieldNode | ObjectNode

/** A mapping as the server understood it; values are never changed, a merge makes another one. */
export interface Mapping {
  readonly root: ObjectNode
  /** _meta, _source, dynamic_templates, date_detection … */
  readonly parameters: ReadonlyMap<string, Json>
  /** A null is a field to be removed by the merge. */
  readonly runtime: ReadonlyMap<string, Json>
}

/** What a mapping can refer to. */
export interface Analysis {
  readonly analyzers: ReadonlySet<string>
  readonly normalizers: ReadonlySet<string>
}

export const emptyMapping: Mapping = {
  root: { type: 'object', parameters: new Map(), properties: new Map() },
  parameters: new Map(),
  runtime: new Map(),
}

export function isObjectNode(node: MappingNode): node is ObjectNode {
  return 'properties' in node
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

/** Every field by its dotted path, multi-fields left out. */
export function* leavesOf(node: ObjectNode, prefix = ''): Generator<readonly [string, FieldNode]> {
  for (const [name, child] of node.properties) {
    if (isObjectNode(child)) yield* leavesOf(child, `${prefix}${name}.`)
    else yield [prefix + name, child]
  }
}

export function findNode(root: ObjectNode, path: string): MappingNode | undefined {
  let at: MappingNode | undefined = root
  for (const part of path.split('.')) {
    if (at === undefined) return undefined
    at = isObjectNode(at) ? at.properties.get(part) : at.fields.get(part)
  }
  return at
}

/** Mappers, objects and multi-fields, as `index.mapping.total_fields.limit` counts them. */
export function countFields(mapping: Mapping): number {
  const count = (node: MappingNode): number => {
    if (!isObjectNode(node)) return 1 + node.fields.size
    return [...node.properties.values()].reduce((sum, child) => sum + count(child), 1)
  }
  return count(mapping.root) - 1 + mapping.runtime.size
}

/** As `GET /<index>` shows it: sorted by name, without defaults, `type: object` only where nothing else says so. */
export function showMapping(mapping: Mapping): JsonObject {
  const { dynamic, ...rest } = Object.fromEntries(mapping.root.parameters)
  const runtime = [...mapping.runtime].sort(byName)
  const properties = showProperties(mapping.root)
  return objectOf([
    ...(dynamic === undefined ? [] : [['dynamic', dynamic] as const]),
    ...Object.entries(rest),
    ...mapping.parameters,
    ...(runtime.length === 0 ? [] : [['runtime', objectOf(runtime)] as const]),
    ...(properties === undefined ? [] : [['properties', properties] as const]),
  ])
}

function showProperties(node: ObjectNode): JsonObject | undefined {
  if (node.properties.size === 0) return undefined
  return objectOf([...node.properties].sort(byName).map(([name, child]) => [name, showNode(child)] as const))
}

function showNode(node: MappingNode): JsonObject {
  if (!isObjectNode(node)) {
    const fields = [...node.fields].sort(byName).map(([name, field]) => [name, showNode(field)] as const)
    const sub: readonly (readonly [string, Json])[] =
      fields.length === 0 ? [] : [['fields', objectOf(fields)]]
    return objectOf([['type', node.type] as const, ...node.parameters, ...sub])
  }
  const properties = showProperties(node)
  const typed = node.type === 'nested' || properties === undefined
  return objectOf<Json>([
    ...(typed ? [['type', node.type] as const] : []),
    ...[...node.parameters].filter(([name, value]) => !(name === 'enabled' && value === true)),
    ...(properties === undefined ? [] : [['properties', properties] as const]),
  ])
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}
