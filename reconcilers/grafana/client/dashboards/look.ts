import { ReconcileError, type Reason } from '../../../../src/errors.ts'
import type { Sought } from '../../../../src/reconcile/service-client.ts'
import type { Dashboard, DashboardContent, Edits } from '../../resource.ts'
import { identity } from '../object-metadata.ts'
import { observedOf } from './observed.ts'
import type { DashboardStore, ListedDashboard } from './store.ts'

/** A dashboard that was looked at, and what is in it by now. */
export interface Seen {
  readonly dashboard: Dashboard
  readonly content: DashboardContent | undefined
}

/** What can be wrong with one dashboard alone; after anything else the next request would meet the same. */
const ofOne: ReadonlySet<Reason> = new Set<Reason>([
  'AuthorizationFailed',
  'NotSupportedByServer',
  'RejectedByServer',
  'ChangesFailed',
])

/** One look at dashboards of one Grafana: what was not saved since it was seen last is not read. */
export class Look {
  readonly #store: DashboardStore
  readonly #listed: ReadonlyMap<string, ListedDashboard> | undefined
  readonly #spelledBy: string

  /** `listed` undefined: each is read. */
  constructor(
    store: DashboardStore,
    listed: ReadonlyMap<string, ListedDashboard> | undefined,
    spelledBy: string,
  ) {
    this.#store = store
    this.#listed = listed
    this.#spelledBy = spelledBy
  }

  async at(name: string, sought: Sought<Dashboard>, signal: AbortSignal): Promise<Seen | undefined> {
    const listed = this.#listed?.get(name)
    // What we knew and the list does not have may be gone, or only not for us to see: reading it tells.
    if (this.#listed !== undefined && listed === undefined && sought.id === undefined) return undefined
    if (listed?.edition !== undefined && listed.edition === sought.edition)
      return unread(name, sought, listed)
    try {
      return await this.#read(name, sought, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ReconcileError) || !ofOne.has(error.reason)) throw error
      return unreadable(name, sought, error)
    }
  }

  async #read(name: string, sought: Sought<Dashboard>, signal: AbortSignal): Promise<Seen | undefined> {
    const { desired, id } = sought
    const live = await this.#store.read(name, signal, desired?.content)
    if (live === undefined) return undefined
    const edits = untold(this.#store, desired)
    const dashboard = observedOf(live, { spelledBy: this.#spelledBy, id, edits })
    return { dashboard, content: live.content }
  }
}

/** Where nobody can lock a dashboard, or tell whether it is, what is written is as good as done. Undefined: it can be told. */
export function untold({ locks }: DashboardStore, desired: Dashboard | undefined): Edits | undefined {
  if (locks) return undefined
  return desired?.fields.get('edits') === 'allowed' ? 'allowed' : 'locked'
}

/** It is as written: what is in it is what is written. */
function unread(
  name: string,
  { desired, id, edition = '' }: Sought<Dashboard>,
  { ids }: ListedDashboard,
): Seen {
  const seen = { type: 'dashboards', name, ...identity(ids, id), edition, unread: true } as const
  return { dashboard: { ...seen, fields: new Map() }, content: desired?.content }
}

/** One that cannot be read stops no other: it is taken for what it was, and told. */
function unreadable(name: string, { id }: Sought<Dashboard>, { message }: ReconcileError): Seen {
  const known = { type: 'dashboards', name, ...(id !== undefined && { id }), unread: true } as const
  return { dashboard: { ...known, fields: new Map(), unhealthy: message }, content: undefined }
}
