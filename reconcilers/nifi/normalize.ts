import { parseDuration } from '../../src/core/duration.ts'
import type { Fields, Json } from '../../src/core/resource.ts'
import { cleaned } from './definition/clean.ts'
import { type Group, componentsOf, groupsOf, textOf } from './definition/components.ts'
import { definitionFields, pathOf, titlesOf } from './definition/fields.ts'
import { ownIdentifiers } from './definition/own-identifiers.ts'
import { layoutHash } from './definition/placement.ts'
import { contextOf } from './definition/sendable.ts'
import { readMarker } from './marker.ts'
import { parentNames, parentPath } from './paths.ts'
import type { Flow, FlowFacts, FlowOptions, Snapshot } from './resource.ts'
import type { WrittenFlow } from './schema.ts'

export { normalizeContext, observedContext, secretsOf } from './context.ts'
export type { ObservedContext } from './context.ts'
export { parentPath } from './paths.ts'
export { toWrittenContext, toWrittenFlow } from './to-written.ts'

const defaultDrainTimeout = 300_000

/** What is known of a live flow besides its definition. */
export interface ObservedGroup {
  /** The entry's key. */
  readonly name: string
  /** The group's name on the canvas. */
  readonly groupName: string
  /** As written: `root`, `root/Team A` (`parentPath` makes it). */
  readonly parent: string
  /** Of the group, the marker included. */
  readonly comments: string
  /** Group path → name of the context bound to it; groups without one are absent. */
  readonly contexts: ReadonlyMap<string, string>
  /** NiFi's version. */
  readonly spelledBy: string
}

/** What is said of a flow besides its definition. */
interface Settings {
  readonly name: string
  readonly parent: string
  readonly comments: string
  readonly runState: string | undefined
  readonly layout: string | undefined
  readonly contexts: ReadonlyMap<string, string>
}

/** Written → desired. */
export function normalizeFlow(name: string, written: WrittenFlow): Flow {
  const clean = cleaned(written.definition)
  const snapshot = written.identifiers === 'own' ? ownIdentifiers(clean, name) : clean
  const options = optionsOf(name, written, snapshot)
  const runState = options.runState === 'as-is' ? undefined : options.runState
  const settings: Settings = {
    name: options.groupName,
    parent: parentPath(options.parent),
    comments: readMarker(textOf(snapshot.flowContents, 'comments')).text,
    runState,
    layout: options.layout === 'git' ? layoutHash(snapshot) : undefined,
    contexts: options.contexts,
  }
  return {
    type: 'flows',
    name,
    fields: fieldsOf(settings, snapshot),
    whole: true,
    baseline: true,
    remembered: new Map([['on-removal', written['on-removal'] ?? 'stop']]),
    titles: titlesOf(snapshot),
    snapshot,
    options,
  }
}

function optionsOf(name: string, written: WrittenFlow, snapshot: Snapshot): FlowOptions {
  return {
    groupName: written.name ?? name,
    parent: parentNames(written.parent ?? 'root'),
    contexts: contextsFor(groupsOf(snapshot), new Map(Object.entries(written['parameter-contexts'] ?? {}))),
    runState: written['run-state'] ?? 'running',
    queues: written.queues ?? 'keep',
    drainTimeout: parseDuration(written['drain-timeout'] ?? '') ?? defaultDrainTimeout,
    layout: written.layout ?? 'canvas',
  }
}

/** Every group's own entry, else that of the nearest group above with one, else what the definition says of the group. */
function contextsFor(
  groups: readonly Group[],
  entries: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, string> {
  const ruled = new Map<string, string | null>()
  const found = new Map<string, string>()
  for (const { identifier, path, parentId, json } of groups) {
    const above = parentId === undefined ? undefined : ruled.get(parentId)
    const entry = entries.get(path)
    const rule = entry === undefined ? above : entry
    if (rule !== undefined) ruled.set(identifier, rule)
    const context = rule === undefined ? contextOf(json) : (rule ?? undefined)
    if (context !== undefined) found.set(path, context)
  }
  return found
}

/** The server's → observed. `desired`: what is wished of it, where that is known: run state and layout are told in its words. */
export function observedFlow(
  group: ObservedGroup,
  download: Snapshot,
  facts: FlowFacts,
  desired?: Flow,
): Flow {
  const options = desired?.options
  const settings: Settings = {
    name: group.groupName,
    parent: group.parent,
    comments: readMarker(group.comments).text,
    runState: runStateOf(facts, options?.runState),
    layout: options?.layout === 'git' ? layoutHash(download) : undefined,
    contexts: group.contexts,
  }
  const fields = fieldsOf(settings, download)
  return {
    type: 'flows',
    name: group.name,
    id: facts.groupId,
    fields,
    explicit: explicitIn(group, download),
    titles: titlesOf(download),
    spelledBy: group.spelledBy,
    snapshot: download,
    facts,
    ...(facts.marked && { marked: true }),
  }
}

/** Undefined: nobody's business, and so no part of the baseline. Where nothing can run, every wish is fulfilled. */
function runStateOf(
  { running, stopped }: FlowFacts,
  wished: FlowOptions['runState'] | undefined,
): string | undefined {
  if (wished === 'as-is') return undefined
  if (running.size === 0 && stopped.size === 0) return wished ?? 'stopped'
  if (running.size === 0) return 'stopped'
  return stopped.size === 0 ? 'running' : 'partly'
}

function fieldsOf(settings: Settings, snapshot: Snapshot): Fields {
  const fields = new Map<string, Json>([
    ['name', settings.name],
    ['parent', settings.parent],
    ['comments', settings.comments],
  ])
  if (settings.runState !== undefined) fields.set('run-state', settings.runState)
  if (settings.layout !== undefined) fields.set('layout', settings.layout)
  for (const [path, context] of settings.contexts) fields.set(contextField(path), context)
  for (const [path, value] of definitionFields(snapshot)) fields.set(path, value)
  return fields
}

/** The field of the context that a group is bound to. */
function contextField(groupPath: string): string {
  return `parameter-context.${groupPath}`
}

/** That a component is there, and that a group has a context, is somebody's wish, whatever else the server fills in. */
function explicitIn({ contexts }: ObservedGroup, download: Snapshot): ReadonlySet<string> {
  const components = [...componentsOf(download).values()].map(pathOf)
  return new Set([...components, ...[...contexts.keys()].map(contextField)])
}
