import { isList } from '../../../../src/core/canonical.ts'
import { type JsonObject, isJsonObject, objectOf, without, withMembers } from '../../../../src/core/json.ts'
import type { Change, FieldChange, Json } from '../../../../src/core/resource.ts'
import type { AlertRule } from '../../resource.ts'

/** Fields whose value is the member itself. */
const places: ReadonlyMap<string, string> = new Map([
  ['folder', 'folderUID'],
  ['group', 'ruleGroup'],
])

/** Fields that stand for a member in another spelling; it is taken from what is written. */
const members: ReadonlyMap<string, string> = new Map([
  ['title', 'title'],
  ['condition', 'condition'],
  ['for', 'for'],
  ['keepFiringFor', 'keep_firing_for'],
  ['noDataState', 'noDataState'],
  ['execErrState', 'execErrState'],
  ['isPaused', 'isPaused'],
  ['notificationSettings', 'notification_settings'],
  ['record', 'record'],
  ['missingSeriesEvalsToResolve', 'missingSeriesEvalsToResolve'],
])

/**
 * What is sent to change it: the rule as it is, with what is to change in its place. So Grafana sees a query that did not change as the
 * very same, and what is left to people (a pause) stays.
 */
export function nextRule({ fields, desired }: Change<AlertRule>, live: JsonObject): JsonObject {
  return fields.reduce((rule, field) => withField(rule, field, desired?.rule), live)
}

function withField(rule: JsonObject, field: FieldChange, desired: JsonObject | undefined): JsonObject {
  const { path, after } = field
  const dot = path.indexOf('.')
  const [kind, name] = dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)]
  if (kind === 'data') return withQuery(rule, name, after, desired)
  if (kind === 'labels' || kind === 'annotations')
    return withMember(rule, kind, withMember(objectAt(rule, kind), name, after))
  const place = places.get(path)
  if (place !== undefined) return withMember(rule, place, after)
  const member = members.get(path)
  if (member === undefined) return rule
  // What Grafana once showed by itself and nobody wrote comes back by itself, too.
  return withMember(rule, member, after === undefined ? undefined : (desired?.[member] ?? rule[member]))
}

function withQuery(
  rule: JsonObject,
  refId: string,
  after: Json | undefined,
  desired: JsonObject | undefined,
): JsonObject {
  const queries = queriesOf(rule)
  if (after === undefined)
    return withMembers(rule, { data: queries.filter((each) => !isCalled(each, refId)) })
  const wanted = queriesOf(desired ?? {}).find((each) => isCalled(each, refId))
  if (wanted === undefined) return rule
  const data = queries.map((each) => (isCalled(each, refId) ? wanted : each))
  return withMembers(rule, { data: data.includes(wanted) ? data : [...data, wanted] })
}

function queriesOf(rule: JsonObject): readonly Json[] {
  const data = rule['data']
  return isList(data) ? data : []
}

function isCalled(query: Json, refId: string): boolean {
  return isJsonObject(query) && query['refId'] === refId
}

function objectAt(rule: JsonObject, name: string): JsonObject {
  const there = rule[name]
  return there !== undefined && isJsonObject(there) ? there : objectOf([])
}

function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  return value === undefined
    ? without(object, new Set([name]))
    : withMembers(object, objectOf([[name, value]]))
}
