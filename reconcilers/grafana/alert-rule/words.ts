import { isJsonObject, isList, isObject, objectOf, own } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'

/** Members of an exported rule that the API calls otherwise (pkg/services/ngalert/api/compat/compat.go). */
const ofExports: Readonly<Record<string, string>> = {
  keepFiringFor: 'keep_firing_for',
  missing_series_evals_to_resolve: 'missingSeriesEvalsToResolve',
}

/** What the server adds, and what the entry says itself: the key is the uid. */
const notSaid = new Set([
  'id',
  'uid',
  'guid',
  'orgID',
  'orgId',
  'updated',
  'updated_by',
  'version',
  'provenance',
])

/** The panel that an exported rule belongs to; the first is how older versions spell it. */
const panelMembers = {
  dasboardUid: '__dashboardUid__',
  dashboardUid: '__dashboardUid__',
  panelId: '__panelId__',
}

type Members = Readonly<Record<string, unknown>>

/** A rule as it is exported or as the API shows it → in the words that the API takes. What is no rule is left as it is. */
export function inApiWords(written: unknown): unknown {
  if (!isObject(written)) return written
  const members = new Map<string, unknown>()
  for (const [name, value] of Object.entries(written)) {
    const called = Object.hasOwn(ofExports, name) ? (ofExports[name] ?? name) : name
    // Written twice, the export's word is left, and refused as unknown.
    const taken = called !== name && Object.hasOwn(written, called)
    if (value !== null && !notSaid.has(name)) members.set(taken ? name : called, value)
  }
  const { record, data } = Object.fromEntries(members)
  if (isObject(record)) members.set('record', recordInApiWords(record))
  if (Array.isArray(data)) members.set('data', data.map(withoutNullMembers))
  return withPanel(members)
}

function withPanel(members: Map<string, unknown>): Members {
  const said = members.get('annotations') ?? {}
  if (isObject(said)) {
    const annotations = new Map(Object.entries(said))
    for (const [member, annotation] of Object.entries(panelMembers)) {
      const value = members.get(member)
      members.delete(member)
      if (value !== undefined && value !== '' && value !== 0 && !annotations.has(annotation))
        annotations.set(annotation, typeof value === 'number' ? String(value) : value)
    }
    if (annotations.size > 0) members.set('annotations', objectOf(annotations))
  }
  return objectOf(members)
}

function recordInApiWords({ targetDatasourceUid, ...rest }: Members): Members {
  return targetDatasourceUid === undefined || 'target_datasource_uid' in rest
    ? { ...rest, ...(targetDatasourceUid !== undefined && { targetDatasourceUid }) }
    : { ...rest, target_datasource_uid: targetDatasourceUid }
}

function withoutNullMembers(value: unknown): unknown {
  if (!isObject(value)) return value
  return objectOf(Object.entries(value).filter(([, member]) => member !== null))
}

const wayOut = 'write each rule under its uid, as {"folder": …, "group": …, "interval": …, "rule": …}'

/** What people paste in the place of a rule, or of an entry with one: by a member that only that has. */
const pastes: readonly (readonly [string, string])[] = [
  ['groups', `is a whole export file of Grafana; ${wayOut}, where "rule" is one of a group’s rules`],
  ['rules', `is a whole group of rules; ${wayOut}, where "rule" is one of its rules`],
  ['grafana_alert', `is a rule of Grafana’s ruler API; export it, and ${wayOut}`],
  [
    'spec',
    `is an object of rules.alerting.grafana.app; export it in Grafana’s page of the rule, and ${wayOut}`,
  ],
  [
    'expr',
    'is a rule of Prometheus, not of Grafana; Grafana’s has "data", a list of queries, and "condition"',
  ],
]

/** Why what was pasted in the place of a rule, or of an entry with one, is none; undefined where it may be one. */
export function pasteIssue(written: unknown): string | undefined {
  return pastes.find(([member]) => own(written, member) !== undefined)?.[1]
}

/** Why something is no entry: with an export file as the document, its members are taken for entries. */
export function entryIssue(written: unknown): string | undefined {
  if (isObject(written)) return pasteIssue(written)
  const what = Array.isArray(written) ? 'a list' : 'this'
  return `${what} is no alert rule; ${wayOut} (an export file as it is cannot be used)`
}

/** In exports a `$` of titles, groups, label values and notification settings is written twice, for files have variables. */
export function unescaped(text: string): string {
  return text.replaceAll('$$', () => '$')
}

/** The inverse. */
export function escaped(text: string): string {
  return text.replaceAll('$$', () => '$$$$')
}

/** The same value with each text in it as `change` has it. */
export function withTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (isList(value)) return value.map((each) => withTexts(each, change))
  if (!isJsonObject(value)) return value
  return objectOf(Object.entries(value).map(([name, member]) => [name, withTexts(member, change)] as const))
}
