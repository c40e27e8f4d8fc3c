import type { Approval } from '../core/approval.ts'
import type { Condition } from '../core/conditions.ts'
import type { Inventory } from '../core/inventory.ts'
import type { Original, ResourceKey } from '../core/resource.ts'
import type { Written } from './written.ts'

/** True: converged. Unknown: working, suspended, or the service cannot be reached. False: a person is needed. */
export type Ready = 'True' | 'False' | 'Unknown'

/** One entry that is not Ready, in status. */
export interface ResourceStatus {
  readonly type: string
  readonly name: string
  readonly state:
    | 'refused'
    | 'held'
    | 'withheld'
    | 'waiting'
    | 'failed'
    | 'pending'
    | 'invalid'
    | 'orphan'
    | 'retained'
    | 'conflict'
    | 'unhealthy'
    | 'warning'
  readonly reason: string
  readonly message: string
}

/** One line of history: what a reconcile changed, deduplicated by digest. Times are ISO 8601. */
export interface HistoryEntry {
  readonly digest: string
  readonly reason: string
  readonly message: string
  readonly created: number
  readonly updated: number
  readonly deleted: number
  readonly first: string
  readonly last: string
  readonly count: number
}

/** Everything kept about one desired ConfigMap, in `<name>-status`. Plain values; no clock runs in it on a no-op. */
export interface State {
  readonly ready: Ready
  readonly reason: string
  readonly message: string
  /** `Written.hash` this speaks of. */
  readonly observedHash: string
  readonly clusterId: string | undefined
  /** Echo of `infometis.io/reconcile-at`. */
  readonly reconciledAt: string | undefined
  readonly conditions: readonly Condition[]
  /** `12 ready, 1 held, 2 orphans`. */
  readonly summary: string
  readonly resources: readonly ResourceStatus[]
  /** The plan's withheld part as text and its approval hash; undefined when nothing is withheld. */
  readonly plan: StoredPlan | undefined
  readonly history: readonly HistoryEntry[]
  readonly approval: Approval | undefined
  readonly inventory: Inventory
}

export interface StoredPlan {
  readonly hash: string | undefined
  readonly text: string
  readonly changes: readonly unknown[]
}

/** Desired ConfigMaps as the reconciler sees them. The Kubernetes reflector and the mounted volume both are one. */
export interface DesiredSource {
  read(key: string): Written | undefined
  keys(): readonly string[]
  /** True once the first consistent list has been read. */
  synced(): boolean
}

/** A transition worth an Event. `dedupe` says which two are the same. */
export interface Transition {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** Where state is kept. Reads are from memory; writes go to Kubernetes and only when they differ. */
export interface StateStore {
  read(key: string): State | undefined
  keys(): readonly string[]
  /** Resolves when it is durable. Throws ReconcileError. Writes nothing when nothing differs. */
  save(key: string, state: State, signal: AbortSignal): Promise<void>
  /** Removes the state of a ConfigMap that is gone and made nothing that is left. */
  remove(key: string, signal: AbortSignal): Promise<void>
  /** The summary annotations on the desired object, with its uid. Returns milliseconds to wait when the stamp may not be given yet. */
  summarize(written: Written, state: State, signal: AbortSignal): Promise<number | undefined>
  /**
   * Keeps what is about to be overwritten, durably, and says where, for people; undefined: it is too large. The same twice is one; of a
   * resource the last few are there. Throws ReconcileError where the store does not answer.
   */
  keep(
    key: string,
    resource: ResourceKey,
    original: Original,
    signal: AbortSignal,
  ): Promise<string | undefined>
  /** Best effort; never throws. */
  announce(written: Written, transitions: readonly Transition[]): void
}
