import { objectOf } from '../../src/core/json.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'
import type { WrittenDashboard } from './dashboard-schema.ts'
import { dashboardFields } from './dashboard/fields.ts'
import { resolved } from './dashboard/inputs.ts'
import { contentOf } from './dashboard/model.ts'
import { unwrap } from './dashboard/unwrap.ts'
import { isKeptElsewhere } from './manager.ts'
import type { Dashboard, DashboardContent } from './resource.ts'

/** Written → desired. */
export function normalizeDashboard(name: string, written: WrittenDashboard): Dashboard {
  const found = unwrap(written.definition)
  // The schema has refused this; nothing of it would be a dashboard without a title.
  const whole: DashboardContent = 'problem' in found ? { model: 'classic', spec: {} } : found.content
  const content = contentOf({ ...whole, spec: resolved(whole, written.inputs ?? {}) })
  const setting = { folder: written.folder ?? '', edits: written.edits ?? 'locked' }
  return {
    type: 'dashboards',
    name,
    ...dashboardFields(content, setting),
    whole: true,
    baseline: true,
    content,
  }
}

/** Observed → what a person would write. Undefined for what was not read, and for what somebody else is in charge of. */
export function toWrittenDashboard({ fields, content, facts }: Dashboard): WrittenDashboard | undefined {
  if (content === undefined || facts === undefined) return undefined
  if (isKeptElsewhere(facts)) return undefined
  const folder = fields.get('folder')
  return {
    ...(typeof folder === 'string' && folder !== '' && { folder }),
    definition: definitionOf(content),
    ...(fields.get('edits') === 'allowed' && { edits: 'allowed' as const }),
  }
}

/** The first drafts of version 2 are unlike the rest, so which one it is has to be said. */
function definitionOf({ model, version, spec }: DashboardContent): JsonObject {
  if (model !== 'v2' || version === undefined) return spec
  return objectOf<Json>([
    ['apiVersion', `dashboard.grafana.app/${version}`],
    ['kind', 'Dashboard'],
    ['spec', spec],
  ])
}
