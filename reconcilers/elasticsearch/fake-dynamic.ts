import type { Json } from '../../src/core/resource.ts'
import {
  type FieldNode,
  type Mapping,
  type MappingNode,
  type ObjectNode,
  emptyMapping,
  isObjectNode,
} from './fake-mapping-nodes.ts'
import { numberTypes } from './fake-mapping-types.ts'
import { ServerRefusal } from './fake-refusal.ts'
import { wildcard } from './fake-state.ts'
import { javaText } from './fake-text.ts'
import { isJsonObject, isList, isObject, own } from '../../src/core/json.ts'
import type { JsonObject } from './resource.ts'

interface Document {
  readonly id: string
  readonly mapping: Mapping
}

interface Place {
  readonly path: readonly string[]
  /** Undefined: the object is not mapped yet. */
  readonly node: ObjectNode | undefined
  readonly dynamic: string
}

/**
 * What a document adds to the mapping (undefined: nothing), by the server's own detection. Throws what it says of a value
 * that the mapping does not take; the places in its words (`[1:6]`) are not the real ones.
 */
export function mappingOfDocument(mapping: Mapping, id: string, source: JsonObject): Mapping | undefined {
  const found: [readonly string[], MappingNode][] = []
  const runtime = new Map<string, Json>()
  const dynamic = javaText(mapping.root.parameters.get('dynamic') ?? 'true')
  walk({ id, mapping }, source, { path: [], node: mapping.root, dynamic }, (path, node, as) => {
    if (as !== 'runtime' || isObjectNode(node)) found.push([path, node])
    else
      runtime.set(path.join('.'), {
        type: node.type === 'text' ? 'keyword' : node.type === 'float' ? 'double' : node.type,
      })
  })
  if (found.length === 0 && runtime.size === 0) return undefined
  let root: ObjectNode = emptyMapping.root
  for (const [path, node] of found) root = insert(root, path, node)
  return { root, parameters: new Map(), runtime }
}

function insert(into: ObjectNode, [head = '', ...rest]: readonly string[], node: MappingNode): ObjectNode {
  const there = into.properties.get(head)
  const object: ObjectNode =
    there !== undefined && isObjectNode(there)
      ? there
      : { type: 'object', parameters: new Map(), properties: new Map() }
  const child = rest.length === 0 ? (there ?? node) : insert(object, rest, node)
  return { ...into, properties: new Map([...into.properties, [head, child]]) }
}

type Report = (path: readonly string[], node: MappingNode, as: string) => void

function walk(document: Document, object: JsonObject, at: Place, report: Report): void {
  for (const [name, value] of Object.entries(object)) {
    const parts = name.split('.')
    visit(document, value, descend(at, parts.slice(0, -1)), parts.at(-1) ?? name, report)
  }
}

function descend(at: Place, parts: readonly string[]): Place {
  return parts.reduce((place, part) => inner(place, part), at)
}

function inner({ path, node, dynamic }: Place, name: string): Place {
  const child = node?.properties.get(name)
  const object = child !== undefined && isObjectNode(child) ? child : undefined
  return {
    path: [...path, name],
    node: object,
    dynamic: javaText(object?.parameters.get('dynamic') ?? dynamic),
  }
}

function visit(document: Document, value: Json, at: Place, name: string, report: Report): void {
  if (value === null) return
  const known = at.node?.properties.get(name)
  if (known === undefined) introduce(document, value, at, name, report)
  else {
    checkKnown(document, known, value, [...at.path, name])
    if (!isObjectNode(known) || known.parameters.get('enabled') === false) return
    for (const each of isList(value) ? value : [value]) {
      if (isJsonObject(each)) walk(document, each, inner(at, name), report)
    }
  }
}

function introduce(document: Document, value: Json, at: Place, name: string, report: Report): void {
  for (const each of isList(value) ? value : [value]) {
    if (each === null || at.dynamic === 'false') continue
    if (at.dynamic === 'strict') throw strict(at.path, name)
    const path = [...at.path, name]
    if (isJsonObject(each)) {
      report(path, { type: 'object', parameters: new Map(), properties: new Map() }, at.dynamic)
      walk(document, each, inner(at, name), report)
    } else if (!isList(each)) report(path, detect(document.mapping, each, name), at.dynamic)
  }
}

/** Values of a field that is there; an object that is not kept apart is not looked into. */
function checkKnown(document: Document, known: MappingNode, value: Json, path: readonly string[]): void {
  const name = path.at(-1) ?? ''
  for (const each of isList(value) ? value : [value]) {
    if (!isObjectNode(known)) checkValue(document.id, known, path.join('.'), each)
    else if (each !== null && !isJsonObject(each) && known.parameters.get('enabled') !== false) {
      throw parsing(
        `object mapping for [${path.join('.')}] tried to parse field [${name}] as object, but found a concrete value`,
      )
    }
  }
}

/** Only types whose values can be wrong are looked at. */
function checkValue(id: string, node: FieldNode, path: string, value: Json): void {
  const { type, parameters } = node
  if (value === null || parameters.get('ignore_malformed') === true) return
  if (type === 'alias') throw parsing(`Cannot write to a field alias [${path}].`)
  const why = isObject(value) ? ofObject(type) : ofScalar(type, value)
  if (why === undefined) return
  const cause = new ServerRefusal('illegal_argument_exception', why)
  const preview = javaText(value)
  throw parsing(
    `failed to parse field [${path}] of type [${type}] in document with id '${id}'. Preview of field's value: '${preview}'`,
    cause,
  )
}

const takesObjects = new Set([
  'flattened',
  'geo_point',
  'geo_shape',
  'completion',
  'join',
  'rank_features',
  'sparse_vector',
  'percolator',
  'semantic_text',
])

function ofObject(type: string): string | undefined {
  if (takesObjects.has(type) || type.endsWith('_range')) return undefined
  return numberTypes.has(type) ? 'Cannot parse object as number' : "Can't get text on a START_OBJECT at 1:8"
}

function ofScalar(type: string, value: Json): string | undefined {
  const text = javaText(value)
  if (numberTypes.has(type)) return isNumber(type, value) ? undefined : `For input string: "${text}"`
  if (type === 'boolean')
    return ['true', 'false', ''].includes(text)
      ? undefined
      : `Failed to parse value [${text}] as only [true] or [false] are allowed.`
  if (type === 'date')
    return isDate(text)
      ? undefined
      : `failed to parse date field [${text}] with format [strict_date_optional_time||epoch_millis]`
  if (type === 'ip') return /^[\d.]+$|:/.test(text) ? undefined : `'${text}' is not an IP string literal.`
  return undefined
}

function isNumber(type: string, value: Json): boolean {
  if (typeof value === 'boolean') return false
  const number = Number(value)
  if (javaText(value).trim() === '' || Number.isNaN(number)) return false
  if (type === 'integer') return Math.abs(number) <= 2_147_483_648
  if (type === 'short') return Math.abs(number) <= 32_768
  return type !== 'byte' || Math.abs(number) <= 128
}

function isDate(text: string): boolean {
  return /^-?\d+$/.test(text) || isIsoDate(text)
}

function isIsoDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)
}

function parsing(reason: string, cause?: ServerRefusal): ServerRefusal {
  return new ServerRefusal(
    'document_parsing_exception',
    `[1:6] ${reason}`,
    cause === undefined ? {} : { cause },
  )
}

function strict(path: readonly string[], name: string): ServerRefusal {
  const within = path.length === 0 ? '_doc' : path.join('.')
  return new ServerRefusal(
    'strict_dynamic_mapping_exception',
    `[1:9] mapping set to strict, dynamic introduction of [${name}] within [${within}] is not allowed`,
  )
}

const keyword: FieldNode = {
  type: 'keyword',
  parameters: new Map([['ignore_above', 256]]),
  fields: new Map(),
}

/** The first dynamic template that fits, else the server's own detection (8.19.21). */
function detect({ parameters }: Mapping, value: Json, name: string): FieldNode {
  const detected = detectedType(value, parameters.get('date_detection') !== false)
  const templates = parameters.get('dynamic_templates')
  for (const template of templates !== undefined && isList(templates) ? templates : []) {
    const body = Object.values(isObject(template) ? template : {})[0]
    const mapping = own(body, 'mapping')
    if (!fits(body, name, detected) || !isObject(mapping)) continue
    const { type = detected, ...rest } = mapping as Readonly<Record<string, Json>>
    return {
      type: javaText(type).replace('{dynamic_type}', detected),
      parameters: new Map(Object.entries(rest)),
      fields: new Map(),
    }
  }
  const type = detected === 'string' ? 'text' : detected === 'double' ? 'float' : detected
  return {
    type,
    parameters: new Map(),
    fields: type === 'text' ? new Map([['keyword', keyword]]) : new Map(),
  }
}

function detectedType(value: Json, dates: boolean): string {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double'
  return dates && isIsoDate(javaText(value)) ? 'date' : 'string'
}

function fits(body: unknown, name: string, detected: string): boolean {
  const texts = (key: string) => {
    const value = own(body, key)
    return value === undefined ? undefined : (Array.isArray(value) ? value : [value]).map(String)
  }
  const types = texts('match_mapping_type')
  const names = texts('match')
  const typed = types === undefined || types.includes('*') || types.includes(detected)
  return typed && (names === undefined || names.some((pattern) => wildcard(pattern)(name)))
}
