import { inParallel } from '../../../../src/client/parallel.ts'
import { equal } from '../../../../src/core/canonical.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome, Sought } from '../../../../src/reconcile/service-client.ts'
import type { Datasource } from '../../resource.ts'
import { recentMs } from '../recent.ts'
import type { Tools } from '../tools.ts'
import type { TypeClient } from '../type-client.ts'
import { type Made, createDatasource, deleteDatasource, updateDatasource } from './apply-datasource.ts'
import { type DatasourceList, type ListedDatasource, listedIn } from './datasource-list.ts'
import { HealthChecks } from './health.ts'
import { type LiveDatasource, readDatasource, showDatasource } from './live-datasource.ts'
import { isSecure } from './next-datasource.ts'

/** Datasources that are read at once. */
const atOnce = 6

/** One list and one look at each managed datasource: the list knows neither versions nor secrets. */
export class DatasourcesClient implements TypeClient<Datasource> {
  readonly #tools: Tools
  readonly #listed: DatasourceList
  readonly #health: HealthChecks
  #last: Promise<undefined> = Promise.resolve(undefined)

  constructor(tools: Tools, listed: DatasourceList) {
    this.#tools = tools
    this.#listed = listed
    this.#health = new HealthChecks(tools)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return [...(await this.#recent(signal)).keys()]
  }

  async observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<Datasource>>,
  ): Promise<readonly Datasource[]> {
    if (names.length === 0) return []
    const listed = listedIn(await this.#listed.read(signal))
    this.#health.keepOnly(listed)
    // What we knew and the list does not have may be gone, or only not for us to see: reading it tells.
    const there = [...new Set(names)].filter((name) => listed.has(name) || sought.get(name)?.id !== undefined)
    const found = await inParallel(there, atOnce, async (name) => {
      const live = await readDatasource(this.#tools.wire, name, signal)
      return live && this.#show(live, sought.get(name)?.desired, signal)
    })
    return found.filter((each) => each !== undefined)
  }

  async apply(change: Change<Datasource>, signal: AbortSignal): Promise<Outcome<Datasource>> {
    const { note, live } = await this.#make(change, signal)
    if (live === undefined) return { state: 'done' }
    const shown = await this.#show(live, change.desired, signal)
    return { state: 'done', id: live.id, shown, ...(note === undefined ? {} : { note }) }
  }

  /** One after the other: what is read as the default, and sent so again, may not be it any more. */
  async #make(change: Change<Datasource>, signal: AbortSignal): Promise<Made> {
    const last = this.#last
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#last = promise
    await last
    try {
      const { wire } = this.#tools
      if (change.action === 'create') return await createDatasource(wire, change, signal)
      if (change.action === 'delete') return await deleteDatasource(wire, change, signal)
      return await updateDatasource(wire, change, signal)
    } finally {
      this.#listed.forget()
      resolve(undefined)
    }
  }

  async #recent(signal: AbortSignal): Promise<ReadonlyMap<string, ListedDatasource>> {
    return listedIn(await this.#listed.within(recentMs, signal))
  }

  async #show(
    live: LiveDatasource,
    desired: Datasource | undefined,
    signal: AbortSignal,
  ): Promise<Datasource> {
    const type = live.plain ? (await this.#recent(signal)).get(live.uid)?.missingPlugin : undefined
    const missing = type === undefined ? [] : [`no plugin of the type "${type}" is installed in this Grafana`]
    const health = desired?.health === 'checked' ? await this.#health.check(live, signal) : {}
    const warnings = [...missing, ...(health.warnings ?? [])]
    const shown = showDatasource(live, desired)
    return {
      ...shown,
      ...health,
      ...(warnings.length > 0 && { warnings }),
      ...(desired !== undefined && isAsMeant(desired, shown) && { marked: true }),
    }
  }
}

/** All that is written is there, as far as it can be seen: what is kept in secrets cannot. */
function isAsMeant({ fields }: Datasource, shown: Datasource): boolean {
  return [...fields].every(([path, value]) =>
    isSecure({ path }) ? shown.fields.has(path) : equal(shown.fields.get(path), value),
  )
}
