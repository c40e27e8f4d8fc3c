import { own } from '../../../../src/core/json.ts'
import { textAt } from '../../../../src/core/members.ts'
import { accepted } from '../failures.ts'
import type { Wire } from '../wire.ts'
import { isPlain } from './live-datasource.ts'

/** What the list says of a datasource; versions, secrets and more are told one by one only. */
export interface ListedDatasource {
  readonly uid: string
  /** Undefined: its plugin is installed. */
  readonly missingPlugin: string | undefined
}

/** Every datasource that this token may see, by uid. */
export async function listDatasources(
  wire: Wire,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ListedDatasource>> {
  const answer = await wire.send({ method: 'GET', path: '/api/datasources' }, signal)
  const items = accepted(answer, 'listing datasources')
  const listed = (Array.isArray(items) ? items : []).map((item: unknown): [string, ListedDatasource] => {
    const uid = textAt(item, 'uid')
    return [uid, { uid, missingPlugin: missingPlugin(item) }]
  })
  return new Map(listed)
}

/** Grafana shows a type that it does not know by its bare id and a picture that stands for any datasource. */
function missingPlugin(item: unknown): string | undefined {
  const type = textAt(item, 'type')
  return isPlain(item) && type !== '' && own(item, 'typeName') === type ? type : undefined
}
