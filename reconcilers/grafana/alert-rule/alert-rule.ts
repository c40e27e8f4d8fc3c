import { type JsonObject, toJson, toJsonObject } from '../../../src/core/json.ts'
import type { AlertRule } from '../resource.ts'
import { durationMs } from './durations.ts'
import { type RulePlace, ruleFields } from './fields.ts'
import type { WrittenAlertRule } from './schema.ts'
import { unescaped, withTexts } from './words.ts'

/** Of a new group without an interval of its own: what Grafana gives it. */
const defaultInterval = '1m'

/** Written → desired. */
export function normalizeAlertRule(name: string, written: WrittenAlertRule): AlertRule {
  const place: RulePlace = {
    folder: written.folder,
    group: unescaped(written.group),
    intervalSeconds: (durationMs(written.interval ?? defaultInterval) ?? 0) / 1_000,
    edits: written.edits ?? 'allowed',
  }
  const rule = toApiRule(name, written, place)
  return { type: 'alert-rules', name, ...ruleFields(rule, place), whole: true, baseline: true, rule }
}

/** The rule as it is sent: whole, for Grafana empties what is left out, and refuses an alert without states. */
function toApiRule(name: string, { rule }: WrittenAlertRule, { folder, group }: RulePlace): JsonObject {
  const { title, data, labels = {}, annotations = {}, record, isPaused = false } = rule
  const always = { uid: name, folderUID: folder, ruleGroup: group, title: unescaped(title), data, isPaused }
  const texts = { labels: withTexts(toJson(labels), unescaped), annotations }
  if (record !== undefined) return toJsonObject({ ...always, ...texts, record })
  const settings = rule.notification_settings
  return toJsonObject({
    ...always,
    ...texts,
    condition: rule.condition,
    noDataState: rule.noDataState ?? 'NoData',
    execErrState: rule.execErrState ?? 'Error',
    for: rule.for ?? '0s',
    keep_firing_for: rule.keep_firing_for ?? '0s',
    notification_settings: settings === undefined ? undefined : withTexts(toJson(settings), unescaped),
    missingSeriesEvalsToResolve: rule.missingSeriesEvalsToResolve,
  })
}
