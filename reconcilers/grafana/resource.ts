import type { JsonObject } from '../../src/core/json.ts'
import type { Change, Resource } from '../../src/core/resource.ts'

/** The config types, in the order in which one can need another. */
export const grafanaTypes = ['folders', 'datasources', 'dashboards', 'alert-rules'] as const

export type GrafanaType = (typeof grafanaTypes)[number]

/** Whether people may change it in Grafana's pages. What they change is drift in either case. */
export type Edits = 'locked' | 'allowed'

/** Who says that a resource is his: `grafana.app/managedBy` and `managerId`, or what the older API has of it. */
export interface Manager {
  /** `kubectl`, `terraform`, `repo` (Git Sync), `plugin`, `classic-file-provisioning` … */
  readonly kind: string
  readonly id: string
}

/** What only the server can say of a folder or a dashboard. */
export interface ObjectFacts {
  /** What the next write is bound to: `metadata.resourceVersion`, or the older API's `version`. */
  readonly version: string
  /** Undefined: nobody's, or the older API, which does not tell. */
  readonly manager: Manager | undefined
  /** From files on Grafana's own disk: the older API's `meta.provisioned`. */
  readonly provisioned: boolean
}

/**
 * A folder; its key is the uid. Fields: `title`, `description` (only where written), `parent` (a uid; `''`: at the top). `id`:
 * `metadata.uid`, or the older API's number.
 */
export interface Folder extends Resource {
  readonly type: 'folders'
  /** Observed only. */
  readonly facts?: ObjectFacts
}

/** A dashboard's own JSON. */
export interface DashboardContent {
  /** `classic`: panels and rows (Grafana's v0 and v1); `v2`: elements and layout. */
  readonly model: 'classic' | 'v2'
  /** The version of `dashboard.grafana.app` that it was written in, where that was written (`v1`, `v2beta1`). */
  readonly version?: string
  readonly spec: JsonObject
}

/**
 * A dashboard; its key is the uid. Fields: `folder` (a uid; `''`: at the top), `edits`, `title`, `tags`, `model`, every further member of
 * the spec by its name, but `panels.<id>`, `variables.<name>`, `annotations.<name>`, `elements.<name>` one by one. A small value stands
 * as it is, a larger one as a digest, and itself in `contents`. `baseline` and `whole`. `id`: `metadata.uid`, or the older API's number.
 */
export interface Dashboard extends Resource {
  readonly type: 'dashboards'
  /** Absent where it was not read. */
  readonly content?: DashboardContent
  /** Observed only. */
  readonly facts?: ObjectFacts
}

/**
 * A datasource; its key is the uid. Fields: `name`, `type`, `access`, `url`, `user`, `database`, `basicAuth`, `basicAuthUser`,
 * `withCredentials`, `isDefault`, `jsonData.<member>`, `secure.<key>`: desired a fingerprint, observed `{"set": <version>}`, so that
 * whoever saves it by hand is noticed. `baseline` and `whole`. `id`: the server's number.
 */
export interface Datasource extends Resource {
  readonly type: 'datasources'
  /** Desired only: where the values of `secure` are kept, by key. */
  readonly secure?: ReadonlyMap<string, { readonly name: string; readonly key: string }>
  /** Desired only: Grafana is asked whether it works. */
  readonly health?: 'checked'
  /** Observed only. */
  readonly facts?: {
    readonly version: number
    /** From files on Grafana's own disk. */
    readonly readOnly: boolean
    /** Keys that have a value. */
    readonly secure: ReadonlySet<string>
  }
}

/**
 * An alert rule (or a recording rule); its key is the uid. Fields: `title`, `folder`, `group`, `interval` (seconds; of the whole group),
 * `edits`, `condition`, `for`, `keepFiringFor` (milliseconds), `noDataState`, `execErrState`, `isPaused`, `labels.<name>`,
 * `annotations.<name>`, `data.<refId>` (digests, with `contents`), `notificationSettings`, `record`, `missingSeriesEvalsToResolve`.
 * `baseline` and `whole`. `id`: the server's number.
 */
export interface AlertRule extends Resource {
  readonly type: 'alert-rules'
  /** The rule in the words of `/api/v1/provisioning/alert-rules`, without what the server adds by itself. */
  readonly rule: JsonObject
  /** Observed only. */
  readonly facts?: {
    /** `''`: people may change it; `api`; `file`; … */
    readonly provenance: string
  }
}

export type GrafanaResource = Folder | Dashboard | Datasource | AlertRule

export function isOfType<T extends GrafanaType>(
  type: T,
  resource: GrafanaResource,
): resource is Extract<GrafanaResource, { type: T }> {
  return resource.type === type
}

export function isChangeOf<T extends GrafanaType>(
  type: T,
  change: Change<GrafanaResource>,
): change is Change<Extract<GrafanaResource, { type: T }>> {
  return change.type === type
}
