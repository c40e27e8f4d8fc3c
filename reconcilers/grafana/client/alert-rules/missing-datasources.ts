import { quote } from '../../../../src/core/quote.ts'
import { listAt, textAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { isExpression } from '../../alert-rule/query-schema.ts'
import type { AlertRule } from '../../resource.ts'
import { type ListedDatasource, listDatasources } from '../datasources/datasource-list.ts'
import { Recent } from '../recent.ts'
import type { Tools } from '../tools.ts'

/** The datasources of one look serve for the writes that follow it. */
const recentMs = 5_000

/** Grafana's own, which no list has. */
const builtIn: ReadonlySet<string> = new Set(['grafana', '-- Grafana --'])

/** Grafana takes a rule whose datasource is not there, and fails each time that it evaluates it. */
export class MissingDatasources {
  readonly #tools: Tools
  readonly #known: Recent<ReadonlyMap<string, ListedDatasource> | undefined>

  constructor(tools: Tools) {
    this.#tools = tools
    this.#known = new Recent(() => tools.now())
  }

  /** The rules with a warning where it is due. `again`: as it is now, not a moment ago. */
  async warn(
    rules: readonly AlertRule[],
    again: boolean,
    signal: AbortSignal,
  ): Promise<readonly AlertRule[]> {
    if (rules.every((rule) => asked(rule).length === 0)) return rules
    const read = async () => this.#read(signal)
    const known = again ? await this.#known.read(read) : await this.#known.within(recentMs, read)
    if (known === undefined) return rules
    return rules.map((rule) => {
      const warnings = asked(rule)
        .filter(({ uid }) => !known.has(uid))
        .map(({ refId, uid }) => `query ${refId} asks the datasource ${quote(uid)}, which is not there`)
      return warnings.length === 0 ? rule : { ...rule, warnings }
    })
  }

  /** Undefined: this token may not see them. */
  async #read(signal: AbortSignal): Promise<ReadonlyMap<string, ListedDatasource> | undefined> {
    try {
      return await listDatasources(this.#tools.wire, signal)
    } catch (error) {
      if (error instanceof ReconcileError && error.reason === 'AuthorizationFailed') return undefined
      throw error
    }
  }
}

function asked({ rule }: AlertRule): readonly { readonly refId: string; readonly uid: string }[] {
  return listAt(rule, 'data')
    .map((query) => ({ refId: textAt(query, 'refId'), uid: textAt(query, 'datasourceUid') }))
    .filter(({ uid }) => uid !== '' && !isExpression(uid) && !builtIn.has(uid))
}
