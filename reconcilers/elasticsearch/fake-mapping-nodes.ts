import type { Json } from '../../src/core/resource.ts'
import { objectOf } from '../../src/core/json.ts'
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

export const emptyMapping: Mapping = {
  root: { type: 'object', parameters: new Map(), properties: new Map() },
  parameters: new Map(),
  runtime: new Map(),
}

export function isObjectNode(node: MappingNode): node is ObjectNode {
  return 'properties' in node
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
