import { type JsonObject, isObject, own, toJsonObject, without } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { parseDuration } from '../../src/core/duration.ts'
import { filled, migrated, modelOf } from './fake-conversion.ts'
import { type ObjectType, badRequest, invalid } from './fake-refusal.ts'
import type { Given } from './fake-object-body.ts'

export const dashboardType: ObjectType = {
  ...{ resource: 'dashboards', group: 'dashboard.grafana.app', kind: 'Dashboard' },
}

export const looksLikeNewModel =
  "dashboard appears to be in v2 format. Please use the /apis/dashboard.grafana.app/v2 API OR it should include a object wrapper with an explicit 'apiVersion' and move the body into a 'spec' element"

export function isNewModel(spec: unknown): boolean {
  return isObject(own(spec, 'elements')) && isObject(own(spec, 'layout'))
}

/** What is wrong with any dashboard: dashboard_service.go#22905854, errors.go@04cf05e7. */
export function basicFault(name: string, spec: JsonObject, message: string): string | undefined {
  const title = own(spec, 'title')
  if (typeof title !== 'string' || title.trim() === '') return 'Dashboard title cannot be empty'
  if (title.length > 5_000) return 'Dashboard title cannot contain more than 5 000 characters'
  if (message.length > 500) return 'message too long, max 500 characters'
  if (!/^[\w-]*$/.test(name)) return 'uid contains illegal characters'
  if (name.length > 40) return 'uid too long, max 40 characters'
  return refreshFault(own(spec, 'refresh'))
}

/** `min_refresh_interval`; default: five seconds. */
function refreshFault(refresh: unknown): string | undefined {
  if (typeof refresh !== 'string' || refresh === '' || refresh === 'auto') return undefined
  const ms = parseDuration(refresh)
  if (ms === undefined) return `unable to parse dashboard refresh interval: ${refresh}`
  return ms < 5_000 ? 'Dashboard refresh interval is too low' : undefined
}

/** What of a dashboard sent to `/apis` is kept: pkg/registry/apis/dashboard/mutate.go#53106918937. */
export function storedSpec(given: Given, ignoresFaults: boolean): JsonObject {
  const spec = without(toJsonObject(given.spec), serverOwned)
  const version = given.storedVersion
  // pkg/tests/apis/dashboard/dashboards_test.go, "inK8s"
  if (version === 'v0alpha1' && isNewModel(spec)) throw badRequest(looksLikeNewModel)
  if (version === 'v0alpha1') return spec
  if (modelOf(version) === 'v2') return newModel(given, spec)
  return classic(given, spec, ignoresFaults)
}

const serverOwned = new Set(['uid', 'version', 'id'])

function newModel({ name }: Given, spec: JsonObject): JsonObject {
  for (const member of ['variables', 'annotations', 'links', 'tags'])
    if (own(spec, member) !== undefined && !Array.isArray(own(spec, member)))
      throw invalid(dashboardType, name, `DashboardSpec.${member}`, 'conflicting values (mismatched types)')
  return filled(spec)
}

/** As v1 keeps it: in the newest schema, whatever was sent. Then it is compared with the schema, unless that is not wanted. */
function classic({ name }: Given, spec: JsonObject, ignoresFaults: boolean): JsonObject {
  const newest = migrated(spec)
  if (typeof newest === 'string') {
    if (!ignoresFaults) throw invalid(dashboardType, name, 'spec', `"${name}": ${newest}`)
    return spec
  }
  const fault = ignoresFaults ? undefined : schemaFault(newest)
  if (fault !== undefined) throw invalid(dashboardType, name, fault, 'conflicting values (mismatched types)')
  return newest
}

/** Members whose type the schema knows. Others than those of the schema are no fault. */
const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...{ editable: isBoolean, liveNow: isBoolean, panels: Array.isArray, tags: Array.isArray },
  ...{ links: Array.isArray, time: isObject, timepicker: isObject, templating: isObject },
  ...{ annotations: isObject, description: isText, timezone: isText, graphTooltip: isNumber },
}

function schemaFault(spec: JsonObject): string | undefined {
  if (isNewModel(spec)) return 'spec.elements'
  const wrong = Object.entries(spec).find(([name, value]) => types[name]?.(value) === false)
  return wrong === undefined ? undefined : `spec.${wrong[0]}`
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

export function messageOf({ annotations }: Given): string {
  return textAt(annotations, 'grafana.app/message')
}
