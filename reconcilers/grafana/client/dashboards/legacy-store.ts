import { objectOf, own, ownObject, toJsonObject, withMembers } from '../../../../src/core/json.ts'
import { figureAt, textAt } from '../../../../src/core/members.ts'
import { contentOf } from '../../dashboard/model.ts'
import { placeOf } from '../../folder.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import type { DashboardStore, ListedDashboard, LiveDashboard, NextDashboard } from './store.ts'

/** The most that Grafana gives in one page. */
const pageSize = 5_000

/** Dashboards by the older API alone, of a Grafana that has no other: classic ones, which nobody can lock. */
export class LegacyStore implements DashboardStore {
  readonly locks = false
  readonly served = []
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<string, ListedDashboard>> {
    const listed = new Map<string, ListedDashboard>()
    for (let page = 1; ; page += 1) {
      const before = listed.size
      const query = { type: 'dash-db', limit: pageSize, page }
      const answer = await this.#wire.send({ method: 'GET', path: '/api/search', query }, signal)
      const hits = accepted(answer, 'listing dashboards')
      for (const hit of Array.isArray(hits) ? hits : [])
        listed.set(textAt(hit, 'uid'), { ids: numberOf(hit) })
      if (listed.size < before + pageSize) return listed
    }
  }

  async read(name: string, signal: AbortSignal): Promise<LiveDashboard | undefined> {
    const answer = await this.#wire.send({ method: 'GET', path: pathOf(name) }, signal)
    return isMissing(answer) ? undefined : liveOf(name, accepted(answer, `reading dashboard "${name}"`))
  }

  async create(next: NextDashboard, signal: AbortSignal): Promise<WireAnswer> {
    return this.#save(next, undefined, signal)
  }

  async update(next: NextDashboard, live: LiveDashboard, signal: AbortSignal): Promise<WireAnswer> {
    return this.#save(next, Number(live.facts.version), signal)
  }

  async remove({ name }: LiveDashboard, signal: AbortSignal): Promise<WireAnswer> {
    return this.#wire.send({ method: 'DELETE', path: pathOf(name) }, signal)
  }

  async #save(
    { name, content, folder: folderUid }: NextDashboard,
    version: number | undefined,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const dashboard = withMembers(content.spec, {
      uid: name,
      ...(version !== undefined && { version }),
    })
    // Without a folder it would be moved to the top.
    const body = { dashboard, folderUid, message: 'infometis', overwrite: false }
    return this.#wire.send({ method: 'POST', path: '/api/dashboards/db', body }, signal)
  }
}

function pathOf(name: string): string {
  return `/api/dashboards/uid/${encodeURIComponent(name)}`
}

function numberOf(shown: unknown): readonly string[] {
  const id = figureAt(shown, 'id')
  return id === undefined ? [] : [String(id)]
}

function liveOf(name: string, shown: unknown): LiveDashboard {
  const dashboard = ownObject(shown, 'dashboard')
  const meta = ownObject(shown, 'meta')
  const version = String(figureAt(dashboard, 'version') ?? figureAt(meta, 'version') ?? 0)
  const [by, at] = [textAt(meta, 'updatedBy'), textAt(meta, 'updated')]
  return {
    name,
    ids: numberOf(dashboard),
    // A database that was put back counts the same versions once more.
    edition: [version, at].join(' '),
    content: contentOf({ model: 'classic', spec: toJsonObject(dashboard) }),
    folder: placeOf(textAt(meta, 'folderUid')),
    edits: undefined,
    facts: { version, manager: undefined, provisioned: own(meta, 'provisioned') === true },
    metadata: objectOf([]),
    ...(by !== '' && { by }),
    ...(at !== '' && { at }),
  }
}
