import type { Change, Resource } from '../core/resource.ts'
import type { Reason } from '../errors.ts'

/** Which server answered. `clusterId` feeds the wrong-cluster guard. */
export interface ServerInfo {
  readonly version: string
  readonly clusterId: string
}

/** What the service itself says of a planned change. `code` is a rule's code (held or refused as that rule says) or RejectedByServer. */
export type Verdict =
  { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }

/** Desired in the service's own spelling, or why the service would not take it. `code` as in a Verdict. */
export type Canonical<R extends Resource> =
  | { readonly ok: true; readonly desired: R }
  | { readonly ok: false; readonly code: string; readonly message: string }

/**
 * What is known of a name that is looked for: what is written of it, and the server's id when it was last seen. `edition`: nothing
 * new is written, so where the resource still has this edition it need not be read (`Resource.unread`).
 */
export interface Sought<R extends Resource> {
  readonly desired?: R
  readonly id?: string
  readonly edition?: string
}

/**
 * What became of one change. `failed` carries the service's own words; `pending` is asked again later. `note`: what a person should
 * know of how it went ("writers were held back for 0.8 s"); told once, and cut at 200 characters. `shown`: the client has looked for
 * itself, and this is what the service made of the whole change; nobody looks again.
 */
export type Outcome<R extends Resource = never> =
  | { readonly state: 'done'; readonly id?: string; readonly note?: string; readonly shown?: R }
  | { readonly state: 'failed'; readonly reason: Reason; readonly message: string }
  | { readonly state: 'pending'; readonly message: string }

/**
 * The only thing that touches a service. Every method is batched, takes a signal that it obeys within a second, and throws
 * ReconcileError only when the whole call failed (unreachable, not authenticated); what fails for one resource is in the result.
 */
export interface ServiceClient<R extends Resource> {
  ping(signal: AbortSignal): Promise<ServerInfo>
  /** Every resource name there is, the server's internal ones included. */
  list(type: string, signal: AbortSignal): Promise<readonly string[]>
  /** Never writes; what does not exist is not in the result. Order is free. `sought` need not have every name. */
  observe(
    type: string,
    names: readonly string[],
    signal: AbortSignal,
    sought?: ReadonlyMap<string, Sought<R>>,
  ): Promise<readonly R[]>
  /** The service's own spelling of desired, found out without a write. Same length and order as `desired`. */
  canonical?(desired: readonly R[], signal: AbortSignal): Promise<readonly Canonical<R>[]>
  /** Ask the service itself, without a write (validateOnly; does a topic hold records?). Same length and order as `changes`. */
  validate?(changes: readonly Change<R>[], signal: AbortSignal): Promise<readonly Verdict[]>
  /** Idempotent: "already exists" and "already gone" are done. Same length and order as `changes`. */
  apply(changes: readonly Change<R>[], signal: AbortSignal): Promise<readonly Outcome<R>[]>
  close(): Promise<void>
}
