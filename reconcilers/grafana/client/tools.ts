import type { ServerInfo } from '../../../src/reconcile/service-client.ts'
import type { Wire } from './wire.ts'

/** What of Grafana's newer API is served here, found out once per connection. */
export interface Apis {
  /** As in `/apis/…/namespaces/<this>/…`: `default`, `org-2`, `stacks-123`. */
  readonly namespace: string
  /** Versions of `folder.grafana.app`, as served; none: only `/api`. */
  readonly folders: readonly string[]
  /** Versions of `dashboard.grafana.app`, as served; none: only `/api`. */
  readonly dashboards: readonly string[]
}

/** How long things may take, in milliseconds. */
export interface Limits {
  /** Between two health checks of one datasource. */
  readonly healthMs: number
  /** After this a call of `apply` begins nothing more and answers `pending`. */
  readonly turnMs: number
}

/** What the clients of the config types work with. */
export interface Tools {
  readonly wire: Wire
  readonly limits: Limits
  /** Milliseconds since 1970. */
  now(): number
  server(signal: AbortSignal): Promise<ServerInfo>
  apis(signal: AbortSignal): Promise<Apis>
}
