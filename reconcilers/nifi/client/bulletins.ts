import { accepted, refusalOf } from './failures.ts'
import { at, listAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

/** What a component has said lately: NiFi keeps it for five minutes. Its words can hold data of FlowFiles, so that they stay there. */
export interface Bulletins {
  readonly count: number
  readonly errors: boolean
}

/** NiFi keeps few of each component; these are enough to know who speaks. */
const mostRead = 1_000

/** Warnings and errors of all components, by id. Who may not read them sees none. */
export async function readBulletins(
  wire: Wire,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Bulletins>> {
  const answer = await wire.send(
    { method: 'GET', path: '/flow/bulletin-board', query: { limit: mostRead } },
    signal,
  )
  if (refusalOf(answer)?.reason === 'AuthorizationFailed') return new Map()
  const found = new Map<string, Bulletins>()
  for (const each of listAt(accepted(answer, 'reading bulletins'), 'bulletinBoard', 'bulletins')) {
    const bulletin = at(each, 'bulletin')
    const level = textAt(bulletin, 'level')
    if (level !== 'ERROR' && level !== 'WARNING' && level !== 'WARN') continue
    const id = textAt(bulletin, 'sourceId')
    const before = found.get(id)
    found.set(id, {
      count: (before?.count ?? 0) + 1,
      errors: before?.errors === true || level === 'ERROR',
    })
  }
  return found
}
