import {
  isJsonObject,
  isObject,
  type JsonObject,
  objectOf,
  own,
  ownObject,
  toJson,
  toJsonObject,
} from '../../../src/core/json.ts'
import { figureAt, listAt, textAt } from '../../../src/core/members.ts'
import type { Fields, Json } from '../../../src/core/resource.ts'
import { lean } from '../dashboard/lean.ts'
import { digestOf } from '../digest.ts'
import type { Edits } from '../resource.ts'
import { durationMs } from './durations.ts'
import { isExpression } from './query-schema.ts'

/** What is said of a rule apart from the rule itself. */
export interface RulePlace {
  readonly folder: string
  readonly group: string
  /** Of the group. Undefined where it is not known. */
  readonly intervalSeconds: number | undefined
  readonly edits: Edits
}

export interface RuleFields {
  readonly fields: Fields
  readonly contents: ReadonlyMap<string, Json>
  readonly titles: ReadonlyMap<string, string>
}

/** The same for both sides; `rule` in the words of `/api/v1/provisioning/alert-rules`. */
export function ruleFields(rule: JsonObject, place: RulePlace): RuleFields {
  const fields = new Map<string, Json>([
    ['title', textAt(rule, 'title')],
    ['folder', place.folder],
    ['group', place.group],
    ['edits', place.edits],
    ['isPaused', own(rule, 'isPaused') === true],
  ])
  if (place.intervalSeconds !== undefined) fields.set('interval', place.intervalSeconds)
  for (const [path, value] of isObject(rule['record']) ? recordingFields(rule) : alertingFields(rule))
    fields.set(path, value)
  for (const map of ['labels', 'annotations'])
    for (const [name, value] of Object.entries(ownObject(rule, map)))
      fields.set(`${map}.${name}`, toJson(value))
  const contents = new Map<string, Json>()
  const titles = new Map<string, string>()
  for (const query of listAt(rule, 'data').map(queryContent)) {
    const path = `data.${textAt(query, 'refId')}`
    contents.set(path, query)
    fields.set(path, digestOf(query))
    titles.set(path, `query ${textAt(query, 'refId')}`)
  }
  return { fields, contents, titles }
}

/** Of a recording rule Grafana empties all that is about alerts. */
function recordingFields(rule: JsonObject): Iterable<readonly [string, Json]> {
  return [['record', withoutEmpty(ownObject(rule, 'record'))]]
}

function* alertingFields(rule: JsonObject): Iterable<readonly [string, Json]> {
  yield ['condition', textAt(rule, 'condition')]
  yield ['noDataState', textAt(rule, 'noDataState')]
  yield ['execErrState', textAt(rule, 'execErrState')]
  yield ['for', inMs(rule['for'])]
  yield ['keepFiringFor', inMs(rule['keep_firing_for'])]
  const settings = withoutEmpty(ownObject(rule, 'notification_settings'))
  if (Object.keys(settings).length > 0) yield ['notificationSettings', settings]
  const evaluations = figureAt(rule, 'missingSeriesEvalsToResolve') ?? 0
  if (evaluations > 0) yield ['missingSeriesEvalsToResolve', evaluations]
}

/** `60s` is `1m`. */
function inMs(duration: Json | undefined): Json {
  return typeof duration === 'string' ? (durationMs(duration) ?? duration) : 0
}

const durations = new Set(['group_wait', 'group_interval', 'repeat_interval'])

/** Without what says nothing, and with times as milliseconds. */
function withoutEmpty(members: Readonly<Record<string, unknown>>): JsonObject {
  const said = Object.entries(toJsonObject(members)).filter(
    ([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  return objectOf(said.map(([name, value]) => [name, durations.has(name) ? inMs(value) : value] as const))
}

/** Of every model without one (pkg/services/ngalert/models/alert_query.go). */
const modelDefaults = { intervalMs: 1_000, maxDataPoints: 43_200 }

/** A query as Grafana keeps it, with the defaults that it fills in. */
function queryContent(query: unknown): JsonObject {
  const model = new Map(Object.entries(toModel(own(query, 'model'))))
  for (const [name, value] of Object.entries(modelDefaults)) {
    const said = model.get(name)
    if (said === undefined || said === 0) model.set(name, value)
  }
  const datasourceUid = textAt(query, 'datasourceUid')
  const queryType = model.get('queryType')
  return objectOf<Json>([
    ['refId', textAt(query, 'refId')],
    ['queryType', typeof queryType === 'string' && queryType !== '' ? queryType : textAt(query, 'queryType')],
    ['datasourceUid', isExpression(datasourceUid) ? '__expr__' : datasourceUid],
    ['relativeTimeRange', rangeOf(query, datasourceUid)],
    ['model', objectOf(model)],
  ])
}

function toModel(model: unknown): JsonObject {
  const json = lean(toJsonObject(model))
  return isJsonObject(json) ? json : {}
}

/** An expression looks at no time of its own. */
function rangeOf(query: unknown, datasourceUid: string): Json {
  if (isExpression(datasourceUid)) return { from: 0, to: 0 }
  const [from, to] = ['from', 'to'].map((end) => figureAt(query, 'relativeTimeRange', end) ?? 0)
  return { from: from ?? 0, to: to ?? 0 }
}
