import type { Rule } from '../../src/core/rules.ts'
import { ownershipRules } from './ownership-rules.ts'
import type { GrafanaResource } from './resource.ts'

/** What stands between a plan and a dashboard that is somebody else’s, or that this Grafana cannot hold. */
export const dashboardRules: readonly Rule<GrafanaResource>[] = [
  ...ownershipRules('dashboards', 'dashboard'),
  {
    code: 'NotSupportedByServer',
    severity: 'refused',
    says: 'A dashboard of version 2 is not made where Grafana has no version 2.',
    wayOut: 'Export it as a classic dashboard, or update Grafana.',
  },
]
