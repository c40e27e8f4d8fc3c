import type { Resource, ResourceKey } from '../core/resource.ts'
import type { OwnershipIndex } from './ownership-index.ts'
import type { DeletionLedger } from './deletion-ledger.ts'
import type { RejectionMemory } from './rejection-memory.ts'
import type { SecretSource } from './secrets.ts'
import type { ServiceClient } from './service-client.ts'
import type { DesiredSource, StateStore } from './state.ts'

/** A logger as the reconciler sees it: constant lower-case message, facts in fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What a reconcile tells the metrics; the runtime turns it into Prometheus series. */
export interface Meter {
  /** Changes made to the service, by action and outcome. */
  changed(action: string, outcome: 'done' | 'failed' | 'pending', count: number): void
  /** Fields found drifted in this pass. */
  drifted(count: number): void
  /** How the resources of a ConfigMap do, in numbers: in place of what was told of them before. */
  measured(key: string, figures: ReadonlyMap<ResourceKey, ReadonlyMap<string, number>>): void
  /** The ConfigMap is Ready. The runtime knows whether and since when that was waited for. */
  converged(key: string): void
}

/** Everything a reconcile touches besides its arguments. Passed in, so that a test is a world of its own. */
export interface World<R extends Resource> {
  readonly source: DesiredSource
  readonly store: StateStore
  readonly client: ServiceClient<R>
  readonly ownership: OwnershipIndex
  readonly deletions: DeletionLedger
  readonly rejections: RejectionMemory
  readonly secrets: SecretSource
  /** The control ConfigMap's word: true stops everything. */
  readonly suspended: () => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits `ms`; rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly expectedClusterId: string | undefined
  readonly log: Log
  readonly meter: Meter
  /** Asks for another ConfigMap to be reconciled soon (handed-over names, released conflicts). */
  readonly requeue: (key: string) => void
}
