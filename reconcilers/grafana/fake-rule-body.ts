import { isObject, own, toJsonObject, type JsonObject } from '../../src/core/json.ts'
import { listAt, textAt } from '../../src/core/members.ts'
import { type Members, isoTime, omittedIfEmpty, textsIn, zeroed } from './fake-call.ts'
import { canonicalDuration } from './fake-duration.ts'
import { badData } from './fake-refusal.ts'
import type { StoredRule } from './fake-state.ts'

/** The members that a writer decides, read as Go reads them: ngalert/api/tooling/definitions/provisioning_alert_rules.go. */
export function givenRule(body: Members): JsonObject {
  return toJsonObject({
    ...{ title: zeroed(body, 'title', ''), condition: zeroed(body, 'condition', '') },
    data: listIn(body, 'data').map(givenQuery),
    ...{ noDataState: zeroed(body, 'noDataState', ''), execErrState: zeroed(body, 'execErrState', '') },
    ...{ for: durationIn(body, 'for'), keep_firing_for: durationIn(body, 'keep_firing_for') },
    ...{ annotations: textsIn(body, 'annotations'), labels: textsIn(body, 'labels') },
    isPaused: zeroed(body, 'isPaused', false),
    notification_settings: notificationIn(body),
    record: own(body, 'record') ?? null,
    missingSeriesEvalsToResolve: own(body, 'missingSeriesEvalsToResolve') ?? null,
  })
}

function listIn(body: Members, name: string): readonly unknown[] {
  const found = own(body, name) ?? []
  if (!Array.isArray(found)) throw badData()
  return found
}

/** What is absent is 0; what is no duration is a bad request. */
function durationIn(body: unknown, name: string): string {
  const found = own(body, name) ?? '0'
  if (typeof found !== 'string') throw badData()
  return canonicalDuration(found)
}

const waits = ['group_wait', 'group_interval', 'repeat_interval']

function notificationIn(body: Members): unknown {
  const found = own(body, 'notification_settings') ?? null
  if (found === null) return null
  if (!isObject(found)) throw badData()
  const given = waits.filter((name) => own(found, name) !== undefined)
  return { ...found, ...Object.fromEntries(given.map((name) => [name, durationIn(found, name)])) }
}

function givenQuery(query: unknown): unknown {
  if (!isObject(query)) throw badData()
  const range = own(query, 'relativeTimeRange') ?? {}
  const figure = (name: string): number => zeroed(range, name, 0)
  return {
    ...{ refId: zeroed(query, 'refId', ''), queryType: zeroed(query, 'queryType', '') },
    relativeTimeRange: { from: figure('from'), to: figure('to') },
    ...{ datasourceUid: zeroed(query, 'datasourceUid', ''), model: own(query, 'model') ?? {} },
  }
}

/** What is kept of it: ngalert/models/alert_query.go@0425369c fills in two members of each query and sorts them. */
export function keptRule(members: JsonObject): JsonObject {
  const recording = own(members, 'record') !== null
  return toJsonObject({
    ...members,
    data: listAt(members, 'data').map(keptQuery),
    // ngalert/api/compat: what a recording rule has no use for.
    ...(recording ? cleared : {}),
  })
}

const cleared = {
  ...{ noDataState: '', execErrState: '', condition: '', for: '0s', keep_firing_for: '0s' },
  ...{ notification_settings: null, missingSeriesEvalsToResolve: null },
}

function keptQuery(query: unknown): unknown {
  const model = toJsonObject(own(query, 'model'))
  const figure = (name: string, otherwise: number): unknown => {
    const found = own(model, name)
    return typeof found === 'number' && found !== 0 ? found : otherwise
  }
  const whole = {
    ...{ ...model, intervalMs: figure('intervalMs', 1_000), maxDataPoints: figure('maxDataPoints', 43_200) },
  }
  const sorted = Object.entries(whole).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const queryType = textAt(model, 'queryType') === '' ? own(query, 'queryType') : textAt(model, 'queryType')
  return { ...toJsonObject(query), queryType, model: Object.fromEntries(sorted) }
}

/** A rule as `/api/v1/provisioning` answers it; what is empty and marked `omitempty` is left out. */
export function ruleBody(
  rule: StoredRule,
  members: JsonObject = rule.members,
  provenance = rule.provenance,
): Members {
  const { id, uid, folderUID, ruleGroup, updated } = rule
  const { annotations, labels, missingSeriesEvalsToResolve: missing = null, ...rest } = members
  return {
    ...{ id, uid, orgID: 1, folderUID, ruleGroup, ...rest, updated: isoTime(updated) },
    ...omittedIfEmpty('annotations', annotations),
    ...omittedIfEmpty('labels', labels),
    ...(provenance === '' ? {} : { provenance }),
    ...(missing === null ? {} : { missingSeriesEvalsToResolve: missing }),
  }
}
