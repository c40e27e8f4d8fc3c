import type { Change } from '../../src/core/resource.ts'
import type { Finding } from '../../src/core/rules.ts'
import { named } from './classify.ts'
import { definitionDiff, flowFilesIn, usedPortsGone } from './definition-change.ts'
import { componentsOf, titleOf } from './definition/components.ts'
import { identifierIn } from './definition/fields.ts'
import type { Flow } from './resource.ts'

/** What a replace of the definition comes to; undefined for every other part of a change. */
function replaceOf(change: Change<Flow>) {
  return change.action === 'update' && change.class !== 'settings' ? definitionDiff(change) : undefined
}

export function judgePortInUse(change: Change<Flow>): string | undefined {
  const diff = replaceOf(change)
  const ports = diff === undefined ? [] : usedPortsGone(change, diff)
  return ports.length === 0
    ? undefined
    : `${named(ports)} would go, and connections outside of the flow use it`
}

/** NiFi would take such a change and leave it undone. */
export function judgeFixed({ action, observed, fields }: Change<Flow>): Finding | undefined {
  if (action !== 'update' || observed === undefined) return undefined
  const live = componentsOf(observed.snapshot)
  const fixed = fields.flatMap(({ path, before, after }) => {
    const identifier = identifierIn(path, live)
    const there = identifier !== undefined && path.endsWith(`.${identifier}`)
    const fixedPath = there || (path.startsWith('remote-process-groups.') && path.endsWith('.targetUris'))
    return fixedPath && before !== undefined && after !== undefined && identifier !== undefined
      ? [identifier]
      : []
  })
  const [first] = fixed.map((identifier) => live.get(identifier))
  if (first === undefined) return undefined
  const concerned = new Set(fixed)
  const withheld = fields.filter(({ path }) => concerned.has(identifierIn(path, live) ?? ''))
  const what = first.kind === 'remote-process-group' ? 'its address' : 'its type'
  return {
    fields: withheld.map(({ path }) => path),
    message: `${titleOf(first)} would change ${what} under the same identifier`,
  }
}

export function judgeIdentifiersGone(change: Change<Flow>): string | undefined {
  const diff = replaceOf(change)
  if (diff === undefined || diff.kept >= 0.5) return undefined
  const gone = diff.removed.filter(({ kind }) => kind !== 'label')
  return `${gone.length} components would go (${named(gone)}), and only ${Math.floor(diff.kept * 100)} % keep their identifiers`
}

/** Whether they hold something now or not: when it comes to the change, they may. */
export function judgeDrops(change: Change<Flow>): string | undefined {
  const diff = change.desired?.options?.queues === 'drop' ? replaceOf(change) : undefined
  if (diff === undefined || diff.emptyFirst.length === 0) return undefined
  const connections = diff.emptyFirst.map(({ connection }) => connection)
  const held = flowFilesIn(
    change,
    connections.map(({ identifier }) => identifier),
  )
  return `what ${named(connections)} hold would be dropped: ${held}`
}
