import { listAt, textAt } from '../../../src/core/members.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { accepted } from './failures.ts'
import type { Wire } from './wire.ts'

/** Objects in one page at most; Grafana ends a page earlier where it becomes large (2 MiB by default). */
const pageSize = 500

export interface ObjectList {
  readonly path: string
  /** What is being done, as a person says it. */
  readonly doing: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The objects of a list of the newer API, page by page: only the last page has no `continue`, however few objects a page has. */
export async function* listObjects(
  wire: Wire,
  { path, doing, headers = {} }: ObjectList,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  let next = ''
  do {
    const query = { limit: pageSize, ...(next !== '' && { continue: next }) }
    const page = accepted(await wire.send({ method: 'GET', path, query, headers }, signal), doing)
    yield* listAt(page, 'items')
    const following = textAt(page, 'metadata', 'continue')
    if (following !== '' && following === next)
      throw new ReconcileError('ServiceUnhealthy', `${doing}: Grafana answers with one page for ever`)
    next = following
  } while (next !== '')
}
