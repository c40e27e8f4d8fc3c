import { quote } from '../../../../src/core/quote.ts'
import { listAt, textAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { isExpression } from '../../alert-rule/query-schema.ts'
import type { AlertRule } from '../../resource.ts'
import { type DatasourceList, type ListedDatasource, listedIn } from '../datasources/datasource-list.ts'

/** Grafana's own, which no list has. */
const builtIn: ReadonlySet<string> = new Set(['grafana', '-- Grafana --'])

/** Grafana takes a rule whose datasource is not there, and fails each time that it evaluates it. */
export class MissingDatasources {
  readonly #listed: DatasourceList

  constructor(listed: DatasourceList) {
    this.#listed = listed
  }

  /** The rules with a warning where it is due. `again`: as it is now, not a moment ago. */
  async warn(
    rules: readonly AlertRule[],
    again: boolean,
    signal: AbortSignal,
  ): Promise<readonly AlertRule[]> {
    if (rules.every((rule) => asked(rule).length === 0)) return rules
    const known = await this.#known(again, signal)
    if (known === undefined) return rules
    return rules.map((rule) => {
      const warnings = asked(rule)
        .filter(({ uid }) => !known.has(uid))
        .map(({ refId, uid }) => `query ${refId} asks the datasource ${quote(uid)}, which is not there`)
      return warnings.length === 0 ? rule : { ...rule, warnings }
    })
  }

  /** Undefined: this token may not see them. */
  async #known(
    again: boolean,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ListedDatasource> | undefined> {
    try {
      return listedIn(await this.#listed.forWarnings(again, signal))
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
