import { inParallel } from '../../../../src/client/parallel.ts'
import { textAt } from '../../../../src/core/members.ts'
import { listed } from '../../../../src/core/text.ts'
import { referencedDatasources, referencedLibraryPanels } from '../../dashboard/references.ts'
import type { DashboardContent } from '../../resource.ts'
import type { DatasourceList } from '../datasources/datasource-list.ts'
import { isMissing } from '../failures.ts'
import type { Tools } from '../tools.ts'

/** Library panels that are asked for at once. */
const atOnce = 4

/** What dashboards name, and whether it is there: one request for all datasources, and one for each library panel now and then. */
export class References {
  readonly #tools: Tools
  readonly #datasources: DatasourceList
  /** By uid, until when it is believed. */
  #panels = new Map<string, { readonly isThere: boolean; readonly until: number }>()

  constructor(tools: Tools, datasources: DatasourceList) {
    this.#tools = tools
    this.#datasources = datasources
  }

  /** For each of the contents, what a person should know of it. `again`: as it is now, not a moment ago. */
  async warnings(
    contents: readonly (DashboardContent | undefined)[],
    again: boolean,
    signal: AbortSignal,
  ): Promise<readonly (readonly string[])[]> {
    const named = contents.map((content) => ({
      datasources: content === undefined ? [] : [...referencedDatasources(content)],
      panels: content === undefined ? [] : [...referencedLibraryPanels(content)],
    }))
    const needsDatasources = named.some(({ datasources }) => datasources.length > 0)
    const known = needsDatasources ? await this.#known(again, signal) : undefined
    await this.#askFor(new Set(named.flatMap(({ panels }) => panels)), again, signal)
    return named.map(({ datasources, panels }) => [
      ...missing('datasource', known === undefined ? [] : datasources.filter((name) => !known.has(name))),
      ...missing(
        'library panel',
        panels.filter((uid) => this.#panels.get(uid)?.isThere === false),
      ),
    ])
  }

  /** Uids, and names, for old dashboards have those. Undefined: this token may not see them. */
  async #known(again: boolean, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    const { status, body } = await this.#datasources.forWarnings(again, signal)
    if (status >= 400 || !Array.isArray(body)) return undefined
    return new Set(body.flatMap((each: unknown) => [textAt(each, 'uid'), textAt(each, 'name')]))
  }

  async #askFor(uids: ReadonlySet<string>, isAll: boolean, signal: AbortSignal): Promise<void> {
    const now = this.#tools.now()
    const kept = [...this.#panels].filter(([uid, { until }]) => until > now && (!isAll || uids.has(uid)))
    this.#panels = new Map(kept)
    const open = [...uids].filter((uid) => !this.#panels.has(uid))
    await inParallel(open, atOnce, async (uid) => {
      const isThere = await this.#hasPanel(uid, signal)
      this.#panels.set(uid, { isThere, until: now + this.#tools.limits.healthMs })
    })
  }

  /** What cannot be told is no warning. */
  async #hasPanel(uid: string, signal: AbortSignal): Promise<boolean> {
    const path = `/api/library-elements/${encodeURIComponent(uid)}`
    return !isMissing(await this.#tools.wire.send({ method: 'GET', path }, signal))
  }
}

/** The same words as long as it is the same. */
function missing(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  const [noun, verb] = names.length === 1 ? [`the ${what}`, 'is'] : [`the ${what}s`, 'are']
  return [`it names ${noun} ${listed(names.toSorted())}, which ${verb} not there`]
}
