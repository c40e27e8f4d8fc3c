import type { Json } from '../../src/core/resource.ts'
import { equal } from '../../src/core/canonical.ts'
import { parametersOf } from './fake-mapping-types.ts'
import { countFields, isObjectNode } from './fake-mapping-nodes.ts'
import { checkAliases } from './fake-mapping.ts'
import type { FieldNode, Mapping, MappingNode, ObjectNode } from './fake-mapping-nodes.ts'
import { ServerRefusal, illegalArgument } from './fake-refusal.ts'
import { javaText } from './fake-text.ts'

/** `template`: a later definition of a field takes the place of an earlier one (composition); otherwise the server's rules. */
type Reason = 'update' | 'template'

/**
 * The rules of `PUT _mapping` (anchors §3.2; words asked from 8.19.21): an omitted parameter counts as its default, sub-fields
 * and properties stay, everything or nothing. Throws what the server says of a conflict.
 */
export function mergeMapping(
  current: Mapping,
  update: Mapping,
  limit: number,
  reason: Reason = 'update',
): Mapping {
  const parameters = new Map(current.parameters)
  for (const [name, value] of update.parameters) {
    if (name === '_routing') checkRouting(current.parameters.get(name), value)
    parameters.set(name, value)
  }
  const runtime = new Map(current.runtime)
  for (const [name, value] of update.runtime) {
    if (value === null) runtime.delete(name)
    else runtime.set(name, value)
  }
  const root = mergeObject(current.root, update.root, '', reason)
  const merged = { root, parameters, runtime }
  if (countFields(merged) > limit) {
    throw illegalArgument(`Limit of total fields [${limit}] has been exceeded`)
  }
  checkAliases(update, merged)
  return merged
}

function checkRouting(before: Json | undefined, after: Json): void {
  const required = (value: Json | undefined) =>
    typeof value === 'object' && value !== null && 'required' in value ? value.required : false
  if (required(before) === required(after)) return
  throw illegalArgument(
    `Mapper for [_routing] conflicts with existing mapper:\n\tCannot update parameter [required] from [${javaText(required(before))}] to [${javaText(required(after))}]`,
  )
}

function mergeObject(current: ObjectNode, update: ObjectNode, path: string, reason: Reason): ObjectNode {
  for (const name of ['enabled', 'subobjects'] as const) {
    const [before, after] = [current.parameters.get(name) ?? true, update.parameters.get(name)]
    if (reason === 'template' || after === undefined || after === before) continue
    const words = `the [${name}] parameter can't be updated for the object mapping [${path}]`
    throw new ServerRefusal('mapper_exception', words, { status: 500 })
  }
  const properties = new Map(current.properties)
  for (const [name, child] of update.properties) {
    const there = properties.get(name)
    const merged =
      there === undefined ? child : mergeNode(there, child, path === '' ? name : `${path}.${name}`, reason)
    properties.set(name, merged)
  }
  return { ...current, parameters: new Map([...current.parameters, ...update.parameters]), properties }
}

function mergeNode(current: MappingNode, update: MappingNode, path: string, reason: Reason): MappingNode {
  if (isObjectNode(current) || isObjectNode(update)) {
    if (current.type === 'nested' && update.type !== 'nested') throw nestedConflict(path)
    if (!isObjectNode(current) || !isObjectNode(update)) {
      throw illegalArgument(`can't merge a non object mapping [${path}] with an object mapping`)
    }
    if (current.type !== update.type) throw nestedConflict(path)
    return mergeObject(current, update, path, reason)
  }
  return reason === 'template' ? update : mergeField(current, update, path)
}

function nestedConflict(path: string): ServerRefusal {
  return illegalArgument(`can't merge a non-nested mapping [${path}] with a nested mapping`)
}

function mergeField(current: FieldNode, update: FieldNode, path: string): FieldNode {
  if (current.type !== update.type) {
    throw illegalArgument(
      `mapper [${path}] cannot be changed from type [${current.type}] to [${update.type}]`,
    )
  }
  const conflicts = conflictsOf(current, update)
  if (conflicts.length > 0) {
    throw illegalArgument(`Mapper for [${path}] conflicts with existing mapper:${conflicts.join('')}`)
  }
  const fields = new Map(current.fields)
  for (const [name, field] of update.fields) {
    const there = fields.get(name)
    fields.set(name, there === undefined ? field : mergeField(there, field, `${path}.${name}`))
  }
  return { ...update, fields }
}

function conflictsOf(current: FieldNode, update: FieldNode): readonly string[] {
  return [...(parametersOf(current.type)?.values() ?? [])].flatMap(({ name, initial, updatable }) => {
    const before = current.parameters.get(name) ?? initial
    const after = update.parameters.get(name) ?? initial
    const once = updatable === 'once' && (before === undefined || (before === true && after === false))
    if (updatable === true || once || equal(before, after)) return []
    return [`\n\tCannot update parameter [${name}] from [${shown(before)}] to [${shown(after)}]`]
  })
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'null' : javaText(value)
}
