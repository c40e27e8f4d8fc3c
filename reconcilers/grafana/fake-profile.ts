/** Which Grafana is simulated. */
export type ProfileName = 'api-only' | '12.4' | '13.0' | '13.3'

/** In what the releases differ. */
export interface Profile {
  readonly version: string
  /** Served versions of `dashboard.grafana.app`, the preferred one first; none: there is no `/apis`. */
  readonly dashboards: readonly string[]
  readonly folders: readonly string[]
  /** POST /api/dashboards/db answers 409 for a taken uid, and 400 for what has a manager (grafana PR 122027); else 412. */
  readonly strictSave: boolean
  /** GET /api/dashboards/uid of a dashboard in the v2 model: 406 (12.x), or a lossy conversion (13.x: pkg/api/dashboard.go). */
  readonly refusesV2Read: boolean
  /** A wrong provenance is a 409 with a messageId (ngalert/models/errors.go@10bf0db2), not a 500 (provisioning/alert_rules.go@89a35504). */
  readonly namesProvenance: boolean
  /** `Warning: 299` on alert rules of `/api` (grafana PR 120606). */
  readonly warnsOfDeprecation: boolean
  /** Titles of alert rules in a folder: unique until PR 102067. */
  readonly uniqueRuleTitles: boolean
  /** A missing uid of a datasource is only logged, as is a bad one, without `failWrongDSUID` (12.x: pkg/services/datasources/service/store.go@ea500b87). */
  readonly takesBadDatasourceUids: boolean
}

/** What came with 13.0 and has no word of its own above. */
export function isThirteen({ version }: Profile): boolean {
  return version.startsWith('13.')
}

const newest: Profile = {
  version: '13.3.0',
  // Measured on 13.2.0 by others.
  dashboards: ['v2', 'v2beta1', 'v2alpha1', 'v0alpha1', 'v1', 'v1beta1'],
  folders: ['v1', 'v1beta1'],
  ...{ strictSave: true, refusesV2Read: false, namesProvenance: true, warnsOfDeprecation: true },
  ...{ uniqueRuleTitles: false, takesBadDatasourceUids: false },
}

const twelve: Profile = {
  ...newest,
  version: '12.4.0',
  // pkg/registry/apis/dashboard/register.go@e0fbd89e
  dashboards: ['v1beta1', 'v0alpha1', 'v2beta1', 'v2alpha1'],
  folders: ['v1beta1'],
  ...{ strictSave: false, refusesV2Read: true, namesProvenance: false, warnsOfDeprecation: false },
  ...{ takesBadDatasourceUids: true },
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'api-only': { ...twelve, version: '11.6.4', dashboards: [], folders: [], uniqueRuleTitles: true },
  '12.4': twelve,
  '13.0': {
    ...newest,
    version: '13.0.1',
    // pkg/registry/apis/dashboard/register_test.go
    dashboards: ['v1', 'v1beta1', 'v0alpha1', 'v2', 'v2beta1', 'v2alpha1'],
    strictSave: false,
  },
  '13.3': newest,
}
