import type { Change, FieldChange } from '../../src/core/resource.ts'
import { type DefinitionDiff, compareDefinitions } from './definition/compare.ts'
import type { Component } from './definition/components.ts'
import { isOfDefinition } from './definition/fields.ts'
import { patched } from './definition/patch.ts'
import type { Flow } from './resource.ts'

/** Whether a field is made by a replace of the group's contents. */
export function isReplaced({ path }: FieldChange): boolean {
  return path === 'layout' || isOfDefinition(path)
}

/** What an update comes to in NiFi; undefined where a side is missing. */
export function definitionDiff(change: Change<Flow>): DefinitionDiff | undefined {
  const { observed, desired, fields } = change
  if (observed === undefined || desired === undefined) return undefined
  const known = compared.get(fields)
  if (known !== undefined) return known
  const diff = compareDefinitions(observed.snapshot, patched(observed.snapshot, desired.snapshot, fields))
  compared.set(fields, diff)
  return diff
}

/** A change is judged by several rules. */
const compared = new WeakMap<readonly FieldChange[], DefinitionDiff>()

/** The ports that somebody outside of the flow uses, and that would go. */
export function usedPortsGone(
  { observed }: Change<Flow>,
  { removedPorts }: DefinitionDiff,
): readonly Component[] {
  const used = observed?.facts?.usedPorts
  return removedPorts.filter(({ identifier }) => used?.has(identifier))
}

/** Rounded down, so that a plan does not change with every FlowFile. */
export function flowFilesIn(change: Change<Flow>, connections: Iterable<string>): string {
  const queues = change.observed?.facts?.queues
  const count = [...connections].reduce((sum, id) => sum + (queues?.get(id)?.flowFiles ?? 0), 0)
  if (count === 0) return 'no FlowFiles at the moment'
  const ten = 10 ** (String(count).length - 1)
  return count < 10 ? 'a few FlowFiles' : `${ten.toLocaleString('en')} FlowFiles or more`
}
