import type { SecretValues } from './secret-values.ts'

/** A canonical value: what `normalize` makes of any spelling. Integers beyond 2^53 are strings by then. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Path → canonical value, flat: `partitions`, `config.retention.ms`. A Map, so that `__proto__` is a name like any other. */
export type Fields = ReadonlyMap<string, Json>

/** One thing a service keeps, as desired or as observed; both sides come from the same family of functions. */
export interface Resource {
  /** The config type, e.g. `topics`. */
  readonly type: string
  /** The entry's key in the document: the resource's identity within its type. */
  readonly name: string
  /** The server's own identity (topic id, index uuid): it changes when somebody deletes and creates again. */
  readonly id?: string
  /** Desired: only what is written. Observed: the effective values, inherited defaults included. */
  readonly fields: Fields
  /** Observed only: the paths set on the resource itself. What is inherited can be equal, but never removed. */
  readonly explicit?: ReadonlySet<string>
  /** Observed only: why it cannot be used fully yet (partitions without a leader). Never compared; a change is verified without it only. */
  readonly unavailable?: string
  /** Observed only: the paths that the service cannot remove again. No longer written, they stay and are reported. */
  readonly permanent?: ReadonlySet<string>
  /** Desired only: the document is the whole of it, so that what is set on the resource and is not written goes. */
  readonly whole?: true
  /**
   * Desired only: the service spells it in its own way and adds to it. It is judged by what the service showed right after it took
   * it (`InventoryEntry.spelled`); as long as that is not known, what is not written counts only where it is `explicit`.
   */
  readonly baseline?: true
  /** Observed only: it bears the mark that only the making of this entry leaves: an intent that a crash cut off made it, finished or not. */
  readonly marked?: true
  /** Observed only: the release of the service whose spelling this is. With another release the baseline is taken anew. */
  readonly spelledBy?: string
  /**
   * Observed only: the service's own word for this very state of it, another one after each save. Where it is what it was right after
   * the service took what is written, nobody has changed it since, whatever its spelling by now.
   */
  readonly edition?: string
  /** Observed only: it was not read, because its edition is what it was: it is what it was then. */
  readonly unread?: true
  /** Desired only: wishes that the service knows nothing of and that outlive the document; given back with a deletion. */
  readonly remembered?: Fields
  /** For people: a path, or its first part → what that is called. */
  readonly titles?: ReadonlyMap<string, string>
  /**
   * For people: what stands behind the fields that are only digests, by path. Where both sides of a change have it, the change tells
   * where it differs.
   */
  readonly contents?: ReadonlyMap<string, Json>
  /** Observed only: it is as written and yet does not do its work. The same words as long as it is the same fault. */
  readonly unhealthy?: string
  /** Observed only: what a person should know of it though it does its work. The same words as long as it is the same. */
  readonly warnings?: readonly string[]
  /** Observed only: how it does, in numbers, for metrics. */
  readonly figures?: ReadonlyMap<string, number>
  /** Observed only: what is kept before anything of it that is not our own doing is overwritten or deleted. */
  readonly original?: Original
  /** Desired only: the values behind the fingerprints in `fields`. Absent where no Secret was read. */
  readonly secrets?: SecretValues
}

/** What a person may have put work into. */
export interface Original {
  /** The resource as the service can take it back: JSON. */
  readonly text: string
  /** Who saved it last, as the service says. */
  readonly by?: string
  /** When: ISO 8601. */
  readonly at?: string
}

export type Action = 'create' | 'update' | 'replace' | 'delete'

/** Why a field is to change: Git says something new, or observed left desired while Git did not move, or it was there before us. */
export type Cause = 'written' | 'drift' | 'adoption'

/** A place in a value where two versions of it differ. `undefined` means: not there. */
export interface Leaf {
  /** Members and indices, joined by dots; empty: the whole value. */
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

/** One field's way from observed to desired. `undefined` means absent: not set before, or to be reset. */
export interface FieldChange {
  readonly path: string
  /** What people call it, where that is not the path. */
  readonly title?: string
  readonly before?: Json
  readonly after?: Json
  readonly cause: Cause
  /** For people: where what stands behind two digests differs. */
  readonly within?: readonly Leaf[]
}

/** One step of a plan. `fields` are sorted by path; a create lists every written field, a delete none. */
export interface Change<R extends Resource = Resource> {
  readonly action: Action
  readonly type: string
  readonly name: string
  readonly id?: string
  readonly cause: Cause
  readonly fields: readonly FieldChange[]
  readonly desired?: R
  readonly observed?: R
  /** How the service makes it, where it has several ways (in place, reopen, reindex); the parts of a change have one each. */
  readonly class?: string
  /** Why it is of that class, in one sentence. */
  readonly reason?: string
  /** Of a deletion: what was wished for that while it was still written. */
  readonly remembered?: Fields
  /** Of a replace: the name under which the service keeps what was there before, and its id where that is known. */
  readonly leaves?: LeftBehind
}

/** What a replace leaves on the service: it enters the inventory once the resource has another id. */
export interface LeftBehind {
  readonly name: string
  readonly id?: string
}

/**
 * What a rule says of a change. Refused: for good. Held: waits for approval. Withheld: the policy only observes. Waiting: for
 * another resource, and done as soon as that is there.
 */
export type Judgement =
  | { readonly verdict: 'apply' }
  | {
      readonly verdict: 'refused' | 'held' | 'withheld' | 'waiting'
      readonly code: string
      readonly message: string
    }

export interface PlannedChange<R extends Resource = Resource> {
  readonly change: Change<R>
  readonly judgement: Judgement
}

/** A plain value: what would be done and what would not, in a deterministic order (type, then name, then verdict). */
export interface Plan<R extends Resource = Resource> {
  readonly changes: readonly PlannedChange<R>[]
  /** In the inventory, no longer written, and kept. */
  readonly orphans: readonly ResourceKey[]
  /** There before us and equal to desired: they enter the inventory without the right to delete them. */
  readonly adopted: readonly R[]
  /** No longer written, but the service cannot remove them: by resource, the paths in their order. */
  readonly retained: ReadonlyMap<ResourceKey, readonly string[]>
  /** What somebody changed and is left so, because the service is free to there: by resource, the fields in their order. */
  readonly yielded: ReadonlyMap<ResourceKey, readonly FieldChange[]>
  /** How many desired resources need nothing. */
  readonly unchanged: number
}

/** `type/name`: one key for maps over resources of several types. */
export type ResourceKey = `${string}/${string}`

export function keyOf(resource: { readonly type: string; readonly name: string }): ResourceKey {
  return `${resource.type}/${resource.name}`
}

/** The inverse: a type has no slash, a name may have some. */
export function resourceOf(key: ResourceKey): { readonly type: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { type: key.slice(0, slash), name: key.slice(slash + 1) }
}
