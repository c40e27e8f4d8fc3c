import type { Fence } from '../../src/reconcile/fence.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { AxiosWire } from './client/axios-wire.ts'
import { GrafanaClient } from './client/grafana-client.ts'
import { normalizeDashboard, toWrittenDashboard } from './dashboard-normalize.ts'
import { dashboardSchema } from './dashboard-schema.ts'
import type { WrittenDashboard } from './dashboard-schema.ts'
import {
  normalizeAlertRule,
  normalizeDatasource,
  normalizeFolder,
  secretsOf,
  toWrittenAlertRule,
  toWrittenDatasource,
  toWrittenFolder,
} from './normalize.ts'
import { requirements } from './requires.ts'
import { type GrafanaResource, isOfType } from './resource.ts'
import { alertRuleRules, dashboardRules, datasourceRules, folderRules } from './rules.ts'
import {
  alertRuleSchema,
  alertRuleUid,
  dashboardUid,
  datasourceSchema,
  datasourceUid,
  folderSchema,
  folderUid,
} from './schema.ts'
import type { WrittenAlertRule, WrittenDatasource, WrittenFolder } from './schema.ts'
import { grafanaSettings } from './settings.ts'
import type { GrafanaSettings } from './settings.ts'
import { sidecar } from './sidecar.ts'

/** `folders.yaml`: uid → title, and the folder that it stands in. */
export const folders: ResourceType<GrafanaResource, WrittenFolder> = {
  name: 'folders',
  entryName: folderUid,
  schema: folderSchema,
  normalize: normalizeFolder,
  toWritten: (observed) => (isOfType('folders', observed) ? toWrittenFolder(observed) : undefined),
  rules: folderRules,
  requires: requirements,
}

/** `datasources.yaml`: uid → where it leads; what is secret comes from Secrets. */
export const datasources: ResourceType<GrafanaResource, WrittenDatasource> = {
  name: 'datasources',
  entryName: datasourceUid,
  schema: datasourceSchema,
  normalize: normalizeDatasource,
  toWritten: (observed) => (isOfType('datasources', observed) ? toWrittenDatasource(observed) : undefined),
  rules: datasourceRules,
  secrets: (desired) => (isOfType('datasources', desired) ? secretsOf(desired) : []),
}

/** `dashboards.json`: uid → a dashboard as people export it, and the folder that it stands in. */
export const dashboards: ResourceType<GrafanaResource, WrittenDashboard> = {
  name: 'dashboards',
  definition: 'definition',
  files: sidecar,
  entryName: dashboardUid,
  schema: dashboardSchema,
  normalize: normalizeDashboard,
  toWritten: (observed) => (isOfType('dashboards', observed) ? toWrittenDashboard(observed) : undefined),
  rules: dashboardRules,
  requires: requirements,
}

/** `alert-rules.yaml`: uid → a rule as the API or an export has it, its folder and its group. */
export const alertRules: ResourceType<GrafanaResource, WrittenAlertRule> = {
  name: 'alert-rules',
  entryName: alertRuleUid,
  schema: alertRuleSchema,
  normalize: normalizeAlertRule,
  toWritten: (observed) => (isOfType('alert-rules', observed) ? toWrittenAlertRule(observed) : undefined),
  rules: alertRuleRules,
  requires: requirements,
  // People pause rules during an incident: nobody but them knows when it is over.
  yields: (path) => path === 'isPaused',
}

/** Keeps folders, datasources, dashboards and alert rules of Grafana as Git says. */
export class GrafanaReconciler extends ServiceReconciler<GrafanaResource, GrafanaSettings> {
  readonly kind = 'grafana'
  readonly types = [folders, datasources, dashboards, alertRules]
  readonly settings = grafanaSettings

  connect(settings: GrafanaSettings, fence?: Fence): ServiceClient<GrafanaResource> {
    return new GrafanaClient(new AxiosWire(settings, fence))
  }
}
