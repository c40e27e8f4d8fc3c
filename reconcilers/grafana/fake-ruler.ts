import { own, toJsonObject, without } from '../../src/core/json.ts'
import { listAt, textAt } from '../../src/core/members.ts'
import { type Handler, type Members, isoTime, ok } from './fake-call.ts'
import { durationText } from './fake-duration.ts'
import { folderPath } from './fake-object-store.ts'
import { isThirteen } from './fake-profile.ts'
import { empty, failed } from './fake-refusal.ts'
import { askedRule } from './fake-rule-checks.ts'
import { rulesInOrder } from './fake-rule-store.ts'
import type { FakeState, StoredRule } from './fake-state.ts'

/** A rule as the API of the pages has it: ngalert/api/tooling/definitions/cortex-ruler.go. */
function rulerRule(rule: StoredRule): Members {
  const { members, uid, folderUID, ruleGroup, updatedBy } = rule
  return {
    ...{ for: members['for'], keep_firing_for: members['keep_firing_for'] },
    ...{ annotations: members['annotations'], labels: members['labels'] },
    grafana_alert: {
      ...{ id: rule.id, title: members['title'], condition: members['condition'], data: members['data'] },
      ...{ updated: isoTime(rule.updated), updated_by: updatedBy, intervalSeconds: rule.interval },
      ...{ version: rule.version, uid, guid: rule.guid, namespace_uid: folderUID, rule_group: ruleGroup },
      ...{ no_data_state: members['noDataState'], exec_err_state: members['execErrState'] },
      ...{ provenance: rule.provenance, is_paused: members['isPaused'], record: members['record'] },
      ...{ notification_settings: members['notification_settings'] },
      metadata: { editor_settings: {} },
      ...omitted('missing_series_evals_to_resolve', members['missingSeriesEvalsToResolve']),
    },
  }
}

function omitted(name: string, value: unknown): Members {
  return value === null || value === undefined ? {} : { [name]: value }
}

/** By the path of the folder, not by its uid. */
export const listRulerRules: Handler = ({ state }) => {
  const folders = Map.groupBy(rulesInOrder(state), ({ folderUID }) => folderPath(state, folderUID))
  return ok(
    Object.fromEntries(
      [...folders].map(([path, rules]) => [
        path,
        groupsOf(rules).map(([name, inside]) => ({
          ...{ name, interval: intervalOf(inside), rules: inside.map(rulerRule) },
        })),
      ]),
    ),
  )
}

function groupsOf(rules: readonly StoredRule[]): readonly (readonly [string, readonly StoredRule[]])[] {
  return [...Map.groupBy(rules, ({ ruleGroup }) => ruleGroup)]
}

function intervalOf([rule]: readonly StoredRule[]): string {
  return durationText((rule?.interval ?? 0) * 1_000)
}

export const getRulerRule: Handler = (call) => ok(rulerRule(askedRule(call)))

/** The newest first; whose a rule was is not kept. */
export const listRuleVersions: Handler = (call) => {
  const versions = call.state.data.ruleVersions.get(askedRule(call).uid) ?? []
  return ok(versions.toReversed().map((each) => rulerRule({ ...each, provenance: '' })))
}

/** As a file for provisioning: ngalert/api/compat/compat.go@49399ad3. JSON is YAML, too. */
function exported(state: FakeState, rules: readonly StoredRule[]): Members {
  const groups = [...Map.groupBy(rules, ({ folderUID, ruleGroup }) => JSON.stringify([folderUID, ruleGroup]))]
  return {
    apiVersion: 1,
    groups: groups.map(([key, inside]) => {
      const [folder = '', name = ''] = JSON.parse(key) as readonly string[]
      return {
        ...{ orgId: 1, name: escaped(name), folder: escaped(folderPath(state, folder)) },
        ...{ interval: intervalOf(inside), rules: inside.map(exportedRule) },
      }
    }),
  }
}

/** What a file would take for a variable. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$')
}

function exportedRule({ uid, members }: StoredRule): Members {
  const labels = Object.entries(toJsonObject(members['labels'])).map(([name, value]) => [
    name,
    escaped(typeof value === 'string' ? value : ''),
  ])
  const annotations = toJsonObject(members['annotations'])
  const panel = Number(annotations['__panelId__'])
  const record = toJsonObject(members['record'])
  const kept = members['keep_firing_for'] !== '0s'
  return {
    ...{ uid, title: escaped(textAt(members, 'title')), condition: members['condition'] },
    data: listAt(members, 'data').map(exportedQuery),
    ...(Number.isNaN(panel) ? {} : { dashboardUid: annotations['__dashboardUid__'], panelId: panel }),
    ...{ noDataState: members['noDataState'], execErrState: members['execErrState'], for: members['for'] },
    ...(kept ? { keepFiringFor: members['keep_firing_for'] } : {}),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) as Members }),
    isPaused: members['isPaused'],
    ...omitted('notification_settings', members['notification_settings']),
    ...omitted('missing_series_evals_to_resolve', members['missingSeriesEvalsToResolve']),
    ...(members['record'] === null ? {} : { record: exportedRecord(record) }),
  }
}

function exportedRecord({ metric, from, target_datasource_uid: target }: Members): Members {
  return { metric, from, ...omitted('targetDatasourceUid', target) }
}

function exportedQuery(query: unknown): Members {
  const { queryType, ...rest } = toJsonObject(query)
  return queryType === '' ? rest : { ...rest, queryType }
}

export const exportRules: Handler = (call) => {
  const folders = (call.query.get('folderUid') ?? '').split(',').filter((each) => each !== '')
  const group = call.query.get('group')
  if (group !== undefined && folders.length !== 1)
    throw failed(
      400,
      `group name must be specified together with a single folder_uid parameter. Got ${folders.length}`,
    )
  const found = rulesInOrder(call.state).filter(
    ({ folderUID, ruleGroup }) =>
      (folders.length === 0 || folders.includes(folderUID)) && (group === undefined || group === ruleGroup),
  )
  if (found.length === 0) throw empty(404)
  return ok(exported(call.state, found))
}

/** Grafana 13 leaves the folder out of the export of one rule (seen on 13.3 by others). */
export const exportRule: Handler = (call) => {
  const body = exported(call.state, [askedRule(call)])
  if (!isThirteen(call.profile)) return ok(body)
  const groups = listAt(body, 'groups').map((group) => {
    return without(toJsonObject(group), new Set(['folder']))
  })
  return ok({ apiVersion: own(body, 'apiVersion'), groups })
}
