import type { Approval } from '../core/approval.ts'
import type { Inventory } from '../core/inventory.ts'
import type { Change, Resource, ResourceKey } from '../core/resource.ts'
import type { Reason } from '../errors.ts'
import type { Planned } from './planner.ts'
import type { Outcome } from './service-client.ts'
import type { ResourceStatus, State } from './state.ts'
import type { Written } from './written.ts'

/** One change that was sent to the service, and what became of it once looked at again. */
export interface Sent<R extends Resource = Resource> {
  readonly change: Change<R>
  readonly outcome: Outcome<R>
  /** True when the service showed it afterwards. */
  readonly verified: boolean
  /** True when an earlier pass meant this very change already: it is tried again, or has been under way since. */
  readonly again: boolean
  /** Where what was there before is kept. */
  readonly keptIn?: string
}

/** False for what an earlier pass began and what is still under way: that was told and counted then. */
export function hasMoved({ again, outcome }: Sent): boolean {
  return !again || outcome.state !== 'pending'
}

/** What a pass found and did: everything that status is written from. */
export interface Pass<R extends Resource = Resource> {
  readonly key: string
  readonly written: Written | undefined
  readonly before: State | undefined
  readonly inventory: Inventory
  readonly clusterId: string | undefined
  readonly approval: Approval | undefined
  readonly planned?: Planned<R>
  /** Where what was overwritten or deleted is kept, by resource. */
  readonly kept?: ReadonlyMap<ResourceKey, string>
  readonly sent: readonly Sent<R>[]
  readonly conflicts: readonly ResourceStatus[]
  /** Why the pass ended early, for the whole ConfigMap; absent when it went through. */
  readonly stopped?: { readonly reason: Reason; readonly message: string }
}
