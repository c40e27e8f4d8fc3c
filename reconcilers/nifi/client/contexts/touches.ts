import { accepted } from '../failures.ts'
import { at, listAt, numberAt } from '../members.ts'
import type { Wire } from '../wire.ts'

/**
 * When a value was last changed, by anybody: parameter → id of the newest entry in NiFi's flow history. The history outlives restarts,
 * which a context's revision does not, and a value that is set to what it already is leaves no entry. Undefined: this user may not
 * read the history.
 */
export type Touches = ReadonlyMap<string, number>

interface Remembered {
  /** Of the newest entry of all: as long as it is the newest, nothing was changed in this NiFi. */
  stamp: string
  touches: Map<string, Touches>
}

/** By wire, for a look that finds nothing new costs one request whatever the number of contexts. */
const remembered = new WeakMap<Wire, Remembered>()

const perPage = 1_000
const mostPages = 20

/** The touches of each of these contexts. */
export async function readTouches(
  wire: Wire,
  contextIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Touches> | undefined> {
  if (contextIds.length === 0) return new Map()
  const newest = await readPage(wire, { count: 1 }, signal)
  if (newest === undefined) return undefined
  const stamp = `${newest.total}/${newest.actions.map(({ id }) => id).join('')}`
  const known = remembered.get(wire)
  const { touches } = known?.stamp === stamp ? known : { touches: new Map<string, Touches>() }
  for (const id of contextIds) if (!touches.has(id)) touches.set(id, await readOf(wire, id, signal))
  remembered.set(wire, { stamp, touches })
  return touches
}

async function readOf(wire: Wire, contextId: string, signal: AbortSignal): Promise<Touches> {
  const touches = new Map<string, number>()
  for (let page = 0; page < mostPages; page += 1) {
    const query = { count: perPage, offset: page * perPage, sourceId: contextId }
    const { total, actions } = (await readPage(wire, query, signal)) ?? { total: 0, actions: [] }
    for (const { id, parameter } of actions) {
      if (parameter !== undefined) touches.set(parameter, Math.max(id, touches.get(parameter) ?? id))
    }
    if (total <= (page + 1) * perPage) break
  }
  return touches
}

interface Page {
  readonly total: number
  readonly actions: readonly { readonly id: number; readonly parameter: string | undefined }[]
}

/** Without an end NiFi leaves out what its clock has not reached yet, as after a clock that was set back. */
const anyTime = { offset: 0, endDate: '12/31/2099 23:59:59', sortColumn: 'timestamp', sortOrder: 'desc' }

/** Names and ids only: NiFi writes the values beside them, of a removed sensitive parameter even in plain. */
async function readPage(
  wire: Wire,
  asked: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const answer = await wire.send(
    { method: 'GET', path: '/flow/history', query: { ...anyTime, ...asked } },
    signal,
  )
  if (answer.status === 403) return undefined
  const history = at(accepted(answer, 'reading the flow history'), 'history')
  const actions = listAt(history, 'actions').map((entry) => {
    const parameter = at(entry, 'action', 'actionDetails', 'name')
    return { id: numberAt(entry, 'id'), parameter: typeof parameter === 'string' ? parameter : undefined }
  })
  return { total: numberAt(history, 'total'), actions }
}
