import { observedFlow, normalizeFlow } from '../../reconcilers/nifi/normalize.ts'
import { groupsOf, textOf } from '../../reconcilers/nifi/definition/components.ts'
import type { Flow, FlowFacts, Snapshot } from '../../reconcilers/nifi/resource.ts'
import { type WrittenFlow, flowSchema } from '../../reconcilers/nifi/schema.ts'
import { diff } from '../../src/core/diff.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import type { Change } from '../../src/core/resource.ts'

/** An entry as its author writes it → desired. */
export function writtenFlow(
  definition: Snapshot,
  more: Readonly<Record<string, unknown>> = {},
  name = 'orders',
): Flow {
  const written: WrittenFlow = flowSchema.parse({ definition, ...more })
  return normalizeFlow(name, written)
}

export interface Shown extends Partial<FlowFacts> {
  readonly name?: string
  readonly parent?: string
  readonly spelledBy?: string
}

/** A flow as a server with this definition shows it: everything runs and all queues are empty, unless said otherwise. */
export function shownFlow(download: Snapshot, shown: Shown = {}, desired?: Flow): Flow {
  const { name = 'orders', parent = 'root', spelledBy = '2.3.0', ...facts } = shown
  const all: FlowFacts = {
    groupId: 'group-id',
    parentId: 'root-id',
    revision: 1,
    marked: true,
    versionControl: undefined,
    rivals: [],
    instances: new Map(),
    queues: new Map(),
    running: new Set(['running']),
    stopped: new Set(),
    invalid: new Map(),
    usedPorts: new Set(),
    ...facts,
  }
  const contexts = groupsOf(download).map(
    ({ path, json }) => [path, textOf(json, 'parameterContextName')] as const,
  )
  const group = {
    name,
    groupName: textOf(download.flowContents, 'name'),
    parent,
    comments: textOf(download.flowContents, 'comments'),
    contexts: new Map(contexts.filter(([, context]) => context !== '')),
    spelledBy,
  }
  return observedFlow(group, download, all, desired)
}

/** What was shown as the baseline of what was written: nothing differs then. */
export function entryOf(desired: Flow, shown: Flow): InventoryEntry {
  const { type, name, fields } = desired
  const spelled = [...new Set([...fields.keys(), ...shown.fields.keys()])].map(
    (path) => [path, shown.fields.get(path) ?? null] as const,
  )
  const id = shown.id === undefined ? {} : { id: shown.id }
  return { type, name, ...id, fields, spelled: new Map(spelled), deletable: true }
}

/** The update that leads from what is shown to desired; `entry`: what was applied before (default: what is shown). */
export function updateOf(observed: Flow, desired: Flow, entry?: InventoryEntry): Change<Flow> {
  const before = entry ?? entryOf(observed, observed)
  const fields = diff(desired, observed, before, () => false)
  const { type, name } = desired
  const id = observed.id === undefined ? {} : { id: observed.id }
  return { action: 'update', type, name, ...id, cause: 'written', fields, desired, observed }
}
