import { inParallel } from '../../../../src/client/parallel.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Canonical, Outcome, Sought, Verdict } from '../../../../src/reconcile/service-client.ts'
import type { Dashboard } from '../../resource.ts'
import type { DatasourceList } from '../datasources/datasource-list.ts'
import { Recent, recentMs } from '../recent.ts'
import type { Apis, Tools } from '../tools.ts'
import type { TypeClient } from '../type-client.ts'
import { applyDashboard } from './apply-dashboard.ts'
import { LegacyStore } from './legacy-store.ts'
import { Look, untold } from './look.ts'
import { ObjectStore } from './object-store.ts'
import { observedOf } from './observed.ts'
import { References } from './references.ts'
import type { DashboardStore, ListedDashboard, LiveDashboard } from './store.ts'
import { Trial } from './trial.ts'
import { objectionTo } from './versions.ts'

/** Dashboards that are read at once. */
const atOnce = 8

/** So few are read without a list of all, where nothing is known of them that a list could spare. */
const few = 8

type Names = ReadonlyMap<string, ListedDashboard>
type AllSought = ReadonlyMap<string, Sought<Dashboard>>

/** One list for all, and one look at each that was saved since it was seen last. */
export class DashboardsClient implements TypeClient<Dashboard> {
  readonly #tools: Tools
  readonly #names: Recent<readonly string[]>
  readonly #references: References
  readonly #trials = new WeakMap<Apis, Trial>()

  constructor(tools: Tools, datasources: DatasourceList) {
    this.#tools = tools
    this.#names = new Recent(() => tools.now())
    this.#references = new References(tools, datasources)
  }

  /** Of a pass that has just listed them, the same once more. */
  async list(signal: AbortSignal): Promise<readonly string[]> {
    const store = await this.#store(signal)
    const names = await this.#names.within(recentMs, async () => [...(await store.list(signal)).keys()])
    this.#names.forget()
    return names
  }

  async observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: AllSought,
  ): Promise<readonly Dashboard[]> {
    if (names.length === 0) return []
    const store = await this.#store(signal)
    const { version } = await this.#tools.server(signal)
    const listed = needsList(store, names, sought) ? await this.#listed(store, signal) : undefined
    const look = new Look(store, listed, version)
    const found = await inParallel([...new Set(names)], atOnce, async (name) =>
      look.at(name, sought.get(name) ?? {}, signal),
    )
    const seen = found.filter((each) => each !== undefined)
    const contents = seen.map(({ content }) => content)
    const warnings = await this.#references.warnings(contents, true, signal)
    return seen.map(({ dashboard }, index) => warned(dashboard, warnings[index]))
  }

  async canonical(
    desired: readonly Dashboard[],
    signal: AbortSignal,
  ): Promise<readonly Canonical<Dashboard>[]> {
    const { served } = await this.#store(signal)
    const { version } = await this.#tools.server(signal)
    return desired.map((each): Canonical<Dashboard> => {
      const objection = each.content && objectionTo(each.content, served)
      if (objection === undefined) return { ok: true, desired: each }
      return { ok: false, code: 'NotSupportedByServer', message: `Grafana ${version} ${objection}` }
    })
  }

  async validate(changes: readonly Change<Dashboard>[], signal: AbortSignal): Promise<readonly Verdict[]> {
    const apis = await this.#tools.apis(signal)
    if (apis.dashboards.length === 0) return changes.map(() => ({ ok: true }))
    const trial = this.#trials.get(apis) ?? new Trial(this.#tools.wire, apis)
    this.#trials.set(apis, trial)
    return trial.of(changes, signal)
  }

  async apply(change: Change<Dashboard>, signal: AbortSignal): Promise<Outcome<Dashboard>> {
    const store = await this.#store(signal)
    try {
      const show = async (live: LiveDashboard) => this.#shown(store, live, change, signal)
      return await applyDashboard({ store, show }, change, signal)
    } finally {
      this.#names.forget()
    }
  }

  async #shown(
    store: DashboardStore,
    live: LiveDashboard,
    { desired, id }: Change<Dashboard>,
    signal: AbortSignal,
  ): Promise<Dashboard> {
    const { version } = await this.#tools.server(signal)
    const seen = observedOf(live, { spelledBy: version, id, edits: untold(store, desired) })
    const [warnings] = await this.#references.warnings([live.content], false, signal)
    return warned(seen, warnings)
  }

  /** Asked with each call: Grafana may be another release by now. */
  async #store(signal: AbortSignal): Promise<DashboardStore> {
    const apis = await this.#tools.apis(signal)
    const { wire } = this.#tools
    return apis.dashboards.length > 0 ? new ObjectStore(wire, apis) : new LegacyStore(wire)
  }

  async #listed(store: DashboardStore, signal: AbortSignal): Promise<Names> {
    let listed: Names = new Map()
    await this.#names.read(async () => {
      listed = await store.list(signal)
      return [...listed.keys()]
    })
    return listed
  }
}

/** The older API's list tells nothing of a dashboard but its name. */
function needsList({ locks }: DashboardStore, names: readonly string[], sought: AllSought): boolean {
  return locks && (names.length > few || [...sought.values()].some(({ edition }) => edition !== undefined))
}

function warned(dashboard: Dashboard, warnings: readonly string[] = []): Dashboard {
  return warnings.length === 0 ? dashboard : { ...dashboard, warnings }
}
