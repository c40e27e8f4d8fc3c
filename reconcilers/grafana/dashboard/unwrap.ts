import { isMap } from '../../../src/core/canonical.ts'
import { own } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { DashboardContent } from '../resource.ts'
import { modelOfVersion, signsOf } from './model.ts'

/** A dashboard without what stands around it; `at` is the way from what was written to it. The spec is as it was written. */
export type Unwrapped =
  | { readonly content: DashboardContent; readonly at: readonly string[] }
  | { readonly problem: string; readonly at: readonly string[] }

const wayOut = 'use "Export as JSON" of the dashboard in Grafana'
const group = 'dashboard.grafana.app/'

/** Members that tell what was written instead of a dashboard. */
const mistaken: readonly (readonly [string, string])[] = [
  ['items', 'is a list of resources; write one dashboard in each entry'],
  ['dashboards', 'is a list of dashboards; write one dashboard in each entry'],
  ['providers', `is a file that provisions dashboards, not a dashboard; ${wayOut}`],
  ['groups', 'is an export of alert rules; they are written as alert-rules'],
  ['datasources', 'is a file that provisions datasources; they are written as datasources'],
]

/** What an API, a script or a page for downloads puts around a dashboard. */
const wrappers = ['dashboard', 'json']

const kinds = new Set<Json | undefined>([undefined, 'Dashboard', 'DashboardWithAccessInfo'])

/** Pure: what was written under `definition` → a dashboard, of whatever shape people have it in. */
export function unwrap(written: Json): Unwrapped {
  return unwrapAt(written, [])
}

function unwrapAt(written: Json, at: readonly string[]): Unwrapped {
  if (typeof written === 'string')
    return {
      problem: `is a text, not a map: write the dashboard’s JSON as it is, without quotes or "|" before it`,
      at,
    }
  if (written === null)
    return { problem: `is missing: the dashboard’s JSON, or {"key": "overview.json"} for a data key`, at }
  if (!isMap(written))
    return { problem: `must be a dashboard in JSON; ${quote(written)} is not; ${wayOut}`, at }
  if (isBare(written)) return { content: bare(written), at }
  const mistake = mistaken.find(([member]) => Array.isArray(own(written, member)))
  if (mistake !== undefined) return { problem: mistake[1], at }
  if (own(written, 'apiVersion') !== undefined || isMap(written['spec'])) return unwrapResource(written, at)
  for (const wrapper of at.length === 0 ? wrappers : []) {
    const inner = written[wrapper]
    if (isMap(inner)) return unwrapAt(inner, [wrapper])
  }
  return { content: bare(written), at }
}

function isBare(written: unknown): boolean {
  return signsOf('classic', written).length + signsOf('v2', written).length > 0
}

/** One with members of both models is told so later, at the place. */
function bare(written: JsonObject): DashboardContent {
  const isV2 = signsOf('v2', written).length > 0 && signsOf('classic', written).length === 0
  return { model: isV2 ? 'v2' : 'classic', spec: written }
}

/** As Grafana's newer API has it. */
function unwrapResource(written: JsonObject, at: readonly string[]): Unwrapped {
  const { apiVersion, kind, spec } = written
  const inSpec = [...at, 'spec']
  if (typeof apiVersion !== 'string' || !apiVersion.startsWith(group))
    return { problem: `${foreign(apiVersion)}; write what stands in its spec, if that is a dashboard`, at }
  if (!kinds.has(kind)) return { problem: `is a ${quote(kind)}, not a "Dashboard"; ${wayOut}`, at }
  const version = apiVersion.slice(group.length)
  const model = modelOfVersion(version)
  if (model === undefined)
    return {
      problem: `has the apiVersion ${quote(apiVersion)}, which is not known here; export it as v1 or v2`,
      at,
    }
  if (!isMap(spec)) return { problem: `must be a dashboard; ${quote(spec ?? null)} is not`, at: inSpec }
  const other = model === 'v2' ? 'classic' : 'v2'
  const [sign] = signsOf(other, spec)
  if (sign !== undefined && signsOf(model, spec).length === 0)
    return { problem: mismatch(sign, version, other), at: inSpec }
  return { content: { model, version, spec }, at: inSpec }
}

function foreign(apiVersion: unknown): string {
  return apiVersion === undefined
    ? `has a spec but no apiVersion such as "${group}v1"`
    : `has the apiVersion ${quote(apiVersion)}, and only ${group}… is a dashboard of Grafana`
}

function mismatch(sign: string, version: string, model: 'classic' | 'v2'): string {
  const [has, meant] = model === 'v2' ? ['version 2', 'v2'] : ['classic', 'v1']
  return `has ${quote(sign)}, so it is a ${has} dashboard, and the apiVersion says ${version}; write "${group}${meant}"`
}
