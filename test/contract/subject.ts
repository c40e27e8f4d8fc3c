import type { Resource } from '../../src/core/resource.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import type { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import type { Controls } from '../../src/reconcile/written.ts'

type Entries = Readonly<Record<string, unknown>>

/** The same service seen by somebody else: never the client under test. It makes drift, and it is the oracle. */
export interface Bystander {
  /** What there is, as plain values that two looks can be compared by. Absent: undefined. */
  look(name: string): Promise<Readonly<Record<string, unknown>> | undefined>
  /** Makes a resource as written, behind everybody's back. */
  make(name: string, entry: unknown): Promise<void>
  remove(name: string): Promise<void>
  /** Makes what `examples.drift` describes. */
  drift(name: string): Promise<void>
  /** The service is gone, without losing what it keeps; `up` brings it back. */
  down(): Promise<void>
  up(): Promise<void>
  /** The service accepts connections and answers nothing, until `thaw`. */
  freeze(): Promise<void>
  thaw(): Promise<void>
}

/** What somebody else can do with one config type, whatever becomes of the service. */
export type Hands = Pick<Bystander, 'look' | 'make' | 'remove' | 'drift'>

/** One service under the contract. Every name is its own, so that real services can be shared. */
export interface Subject<R extends Resource = Resource> {
  /** `kafka (fake)`. */
  readonly name: string
  readonly reconciler: ServiceReconciler<R>
  /** The config type exercised. */
  readonly type: string
  /** A service of its own for one case; real services clean up what the case made. */
  open(): Promise<{ newClient(): ServiceClient<R>; readonly bystander: Bystander; close(): Promise<void> }>
  readonly examples: {
    /** Two resources, with several fields each. */
    readonly written: Entries
    /** The same meaning in other spellings. */
    readonly respelled: Entries
    /** An entry that says nothing. Default: `{}`. */
    readonly least?: unknown
    /** `written` with one field of the first resource changed by Git, in a way no rule minds. */
    readonly changed: Entries
    /** `written` without the second resource. */
    readonly shrunk: Entries
    /** What a ConfigMap says besides `sync` where the service deletes nothing unasked: the codes it allows. Default: nothing. */
    readonly removal?: Partial<Controls>
    /** What `bystander.drift` does to the first resource. */
    readonly drift: {
      readonly path: string
      readonly title?: string
      readonly before: unknown
      readonly after: unknown
    }
    /** A value that the schema refuses, and the path its issue must name. */
    readonly invalid: { readonly entry: unknown; readonly path: string }
    /** A value that passes the schema and that only the service refuses; part of its words. */
    readonly rejected: { readonly entry: unknown; readonly words: RegExp }
    /** For each rule that judges: what is there, what is then written, and fields or resources that go on all the same. */
    readonly refusals: readonly {
      readonly code: string
      readonly before?: Entries
      readonly after: Entries
      readonly controls?: Partial<Controls>
    }[]
  }
  /** Secrets given to the client: none may turn up anywhere. */
  readonly secrets: readonly string[]
  /** Cases that cannot run on this subject, each with its reason. */
  readonly skip: readonly { readonly case: number; readonly reason: string }[]
}
