import type { Cause, Change, FieldChange } from '../../src/core/resource.ts'
import { definitionDiff, flowFilesIn, isReplaced, usedPortsGone } from './definition-change.ts'
import type { DefinitionDiff } from './definition/compare.ts'
import { type Component, titleOf } from './definition/components.ts'
import type { Flow } from './resource.ts'

/** How a change is made, the gentlest first. */
export const changeClasses = ['settings', 'layout-only', 'safe', 'needs-empty', 'blocked'] as const

export type ChangeClass = (typeof changeClasses)[number]

/**
 * An update of a flow as at most two parts: `settings` (name, place, comments, run state, parameter contexts: each by a request of its
 * own) and the definition, which is replaced in one act. That is `layout-only` (how things are drawn), `safe`, `needs-empty`
 * (connections go, or come from elsewhere, and NiFi takes them away only when they are empty) or `blocked` (a port goes that
 * somebody outside uses).
 */
export function classifyFlow(change: Change<Flow>): readonly Change<Flow>[] {
  const replaced = change.fields.filter(isReplaced)
  const settings = change.fields.filter((field) => !isReplaced(field))
  const parts: Change<Flow>[] = []
  if (settings.length > 0) parts.push(part(change, 'settings', settings, settingsReason(settings)))
  if (replaced.length === 0) return parts
  const diff = definitionDiff({ ...change, fields: replaced })
  if (diff === undefined) return [...parts, { ...change, fields: replaced }]
  return [...parts, part(change, classOf(change, diff, replaced), replaced, replaceReason(change, diff))]
}

function classOf(change: Change<Flow>, diff: DefinitionDiff, fields: readonly FieldChange[]): ChangeClass {
  if (usedPortsGone(change, diff).length > 0) return 'blocked'
  if (diff.emptyFirst.length > 0) return 'needs-empty'
  return fields.every(({ path }) => path === 'layout') ? 'layout-only' : 'safe'
}

function part(
  change: Change<Flow>,
  way: ChangeClass,
  fields: readonly FieldChange[],
  reason: string,
): Change<Flow> {
  return { ...change, cause: commonCause(fields), fields, class: way, reason }
}

/** The cause of all of them; `written` when they differ. */
function commonCause(fields: readonly FieldChange[]): Cause {
  const [first] = fields
  return first !== undefined && fields.every(({ cause }) => cause === first.cause) ? first.cause : 'written'
}

function settingsReason(fields: readonly FieldChange[]): string {
  const state = fields.find(({ path }) => path === 'run-state')?.after
  const contexts = fields.some(({ path }) => path.startsWith('parameter-context.'))
  const said = [
    ...(state === 'stopped' ? ['everything in it stops'] : []),
    ...(state === 'running' ? ['what stands in it starts'] : []),
    ...(contexts ? ['what uses parameters stops for a moment'] : []),
  ]
  return said.length === 0 ? 'nothing stops' : said.join('; ')
}

function replaceReason(change: Change<Flow>, diff: DefinitionDiff): string {
  return [stopReason(change, diff), emptyReason(change, diff), portReason(change, diff)]
    .filter((said) => said !== undefined)
    .join('; ')
}

function stopReason({ observed }: Change<Flow>, { stops, disables, mustStand }: DefinitionDiff): string {
  const running = observed?.facts?.running ?? new Set()
  const stopping = new Set([...stops, ...mustStand].filter(({ identifier }) => running.has(identifier)))
  const all = [...stopping, ...disables]
  return all.length === 0
    ? 'nothing stops'
    : `${named(all)} ${all.length === 1 ? 'stops' : 'stop'} for a moment`
}

function emptyReason(change: Change<Flow>, { emptyFirst }: DefinitionDiff): string | undefined {
  if (emptyFirst.length === 0) return undefined
  const connections = emptyFirst.map(({ connection }) => connection)
  const what = `${named(connections)} ${connections.length === 1 ? 'has' : 'have'}`
  const held = flowFilesIn(
    change,
    connections.map(({ identifier }) => identifier),
  )
  return `${what} to be empty first, holding ${held} (${queueWords[change.desired?.options?.queues ?? 'keep']})`
}

const queueWords = {
  keep: 'they go on their old way first',
  drain: 'what feeds them stops until they are gone',
  drop: 'they are dropped',
}

function portReason(change: Change<Flow>, diff: DefinitionDiff): string | undefined {
  const used = usedPortsGone(change, diff)
  return used.length === 0 ? undefined : `${named(used)} would go and is used from outside of the flow`
}

/** How many a sentence names. */
const most = 5

/** The names of a few. */
export function named(components: readonly Component[]): string {
  const more = components.length - most
  const shown = components.slice(0, most).map(titleOf).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
