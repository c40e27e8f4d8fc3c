import type { JsonObject } from '../../../../src/core/json.ts'
import type { DashboardContent, Edits, ObjectFacts } from '../../resource.ts'
import type { WireAnswer } from '../wire.ts'

/** What a list says of a dashboard. */
export interface ListedDashboard {
  /** Undefined: the older API, which does not tell. */
  readonly edition?: string
  /** Both, for a Grafana that came to its newer API keeps the older number. */
  readonly ids: readonly string[]
}

/** A dashboard as a Grafana has it, whichever API said so. */
export interface LiveDashboard {
  readonly name: string
  readonly ids: readonly string[]
  readonly edition: string
  /** As it is stored, never a conversion. */
  readonly content: DashboardContent
  /** `''`: at the top. */
  readonly folder: string
  /** Undefined: nobody manages it, or that is not told. */
  readonly edits: Edits | undefined
  readonly facts: ObjectFacts
  /** Of the newer API: what the next write is made from. */
  readonly metadata: JsonObject
  /** Who saved it last, and when. */
  readonly by?: string
  readonly at?: string
}

/** What is to be written. */
export interface NextDashboard {
  readonly name: string
  readonly content: DashboardContent
  /** `''`: at the top. */
  readonly folder: string
  readonly edits: Edits
}

/** The dashboards of one Grafana by one of its APIs. Answers are given as they are: what they mean is for those above. */
export interface DashboardStore {
  /** Whether it can lock dashboards, and tell whether they are. */
  readonly locks: boolean
  /** The versions of content that it takes; none: classic dashboards only. */
  readonly served: readonly string[]
  list(signal: AbortSignal): Promise<ReadonlyMap<string, ListedDashboard>>
  /** Undefined: there is none of this name. `like`: what is most likely there. Throws ReconcileError where it cannot be read. */
  read(name: string, signal: AbortSignal, like?: DashboardContent): Promise<LiveDashboard | undefined>
  create(next: NextDashboard, signal: AbortSignal): Promise<WireAnswer>
  /** Bound to the very state that was read. */
  update(next: NextDashboard, live: LiveDashboard, signal: AbortSignal): Promise<WireAnswer>
  remove(live: LiveDashboard, signal: AbortSignal): Promise<WireAnswer>
}
