import { inParallel } from '../../../../src/client/parallel.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Outcome, Sought } from '../../../../src/reconcile/service-client.ts'
import type { AlertRule } from '../../resource.ts'
import type { DatasourceList } from '../datasources/datasource-list.ts'
import { Recent, recentMs } from '../recent.ts'
import type { Tools } from '../tools.ts'
import type { TypeClient } from '../type-client.ts'
import { applyRule } from './apply-rule.ts'
import { Authors } from './authors.ts'
import { type LiveRule, isAsMeant, listRules, showRule, readRule, stampOf } from './live-rule.ts'
import { MissingDatasources } from './missing-datasources.ts'
import { intervalOf } from './rule-group.ts'

/** Groups, and rules, that are read at once. */
const atOnce = 6

/** One list of all rules, and one look at each group in which some of ours stand: only a group tells its interval. */
export class AlertRulesClient implements TypeClient<AlertRule> {
  readonly #tools: Tools
  readonly #listed: Recent<ReadonlyMap<string, LiveRule>>
  readonly #authors: Authors
  readonly #missing: MissingDatasources

  constructor(tools: Tools, datasources: DatasourceList) {
    this.#tools = tools
    this.#listed = new Recent(() => tools.now())
    this.#authors = new Authors(tools.wire)
    this.#missing = new MissingDatasources(datasources)
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const listed = await this.#listed.within(recentMs, async () => listRules(this.#tools.wire, signal))
    return [...listed.keys()]
  }

  async observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<AlertRule>>,
  ): Promise<readonly AlertRule[]> {
    if (names.length === 0) return []
    const { wire } = this.#tools
    const listed = await this.#listed.read(async () => listRules(wire, signal))
    this.#authors.keepOnly(listed)
    const found = await inParallel([...new Set(names)], atOnce, async (name) => {
      const live = listed.get(name)
      // What we knew and the list does not have may be gone, or only not for us to see: reading it tells.
      return live ?? (sought.get(name)?.id === undefined ? undefined : readRule(wire, name, signal))
    })
    return this.#show(
      found.filter((each) => each !== undefined),
      sought,
      signal,
    )
  }

  async apply(change: Change<AlertRule>, signal: AbortSignal): Promise<Outcome<AlertRule>> {
    const made = await this.#make(change, signal)
    if (made === undefined) return { state: 'done' }
    const [shown = made] = await this.#missing.warn([made], false, signal)
    return { state: 'done', shown, ...(shown.id === undefined ? {} : { id: shown.id }) }
  }

  async #make(change: Change<AlertRule>, signal: AbortSignal): Promise<AlertRule | undefined> {
    try {
      const shown = await applyRule(this.#tools, change, signal)
      return shown === undefined || change.action !== 'create' ? shown : { ...shown, marked: true }
    } finally {
      this.#listed.forget()
    }
  }

  async #show(
    found: readonly LiveRule[],
    sought: ReadonlyMap<string, Sought<AlertRule>>,
    signal: AbortSignal,
  ): Promise<readonly AlertRule[]> {
    const now = this.#tools.now()
    const groups = [...Map.groupBy(found, ({ folder, group }) => `${folder}/${group}`).values()]
    const shown = await inParallel(groups, atOnce, async (rules) => {
      const [first] = rules
      if (first === undefined) return []
      const interval = await intervalOf(this.#tools.wire, first, signal)
      return inParallel(rules, 1, async (live) => {
        const wish = sought.get(live.uid)
        const by = await this.#author(live, interval, wish, signal)
        const each = showRule(live, interval, { now, by })
        return wish?.desired && isAsMeant(wish.desired, each) ? { ...each, marked: true as const } : each
      })
    })
    return this.#missing.warn(shown.flat(), true, signal)
  }

  /** Of what is as we left it nobody asks. */
  async #author(
    live: LiveRule,
    interval: number,
    sought: Sought<AlertRule> | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const edition = sought?.edition
    if (edition === undefined || edition === stampOf(live, interval)) return undefined
    return this.#authors.of(live, signal)
  }
}
