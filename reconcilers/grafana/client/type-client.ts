import type { Change } from '../../../src/core/resource.ts'
import type { Canonical, Outcome, Sought, Verdict } from '../../../src/reconcile/service-client.ts'
import type { GrafanaResource } from '../resource.ts'

/** The part of the client that knows one config type; its methods mean what those of ServiceClient mean. */
export interface TypeClient<R extends GrafanaResource> {
  list(signal: AbortSignal): Promise<readonly string[]>
  observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<R>>,
  ): Promise<readonly R[]>
  canonical?(desired: readonly R[], signal: AbortSignal): Promise<readonly Canonical<R>[]>
  validate?(changes: readonly Change<R>[], signal: AbortSignal): Promise<readonly Verdict[]>
  /** One change; the frame calls it in an order that has parents before children, and several at a time where they cannot meet. */
  apply(change: Change<R>, signal: AbortSignal): Promise<Outcome<R>>
}
