import type { Policy } from '../core/policy.ts'

export type { Policy } from '../core/policy.ts'

/** Where a document is wrong, for people: `path` in the document or the annotation, `line` (1-based) where it is known. */
export interface Issue {
  readonly path: string
  readonly message: string
  readonly line?: number
  /** The definition that `path` and `line` are in, when that is not the document. */
  readonly definition?: DataKey
}

/** A data key with a definition. */
export interface DataKey {
  readonly key: string
  /** The ConfigMap of the same namespace that it is inherited from; absent: the document's own. */
  readonly base?: string
}

/**
 * A definition under a further data key: always a map, by the same rules as a document (integers beyond 2^53 are bigints); or why
 * there is none, said of the key (`is empty`), with the line of the definition where it is known.
 */
export type Definition =
  | {
      readonly ok: true
      readonly value: unknown
      readonly at?: DataKey
      /** The line (1-based) of a path in the definition. */
      lineOf?(path: readonly string[]): number | undefined
    }
  | { readonly ok: false; readonly message: string; readonly at?: DataKey; readonly line?: number }

/** The annotations `infometis.io/…` of a desired ConfigMap, parsed. */
export interface Controls {
  readonly policy: Policy
  readonly suspend: boolean
  /** The hash of the held changes that a person let through. */
  readonly approve: string | undefined
  /** Codes of held rules that this ConfigMap allows for good. */
  readonly allow: ReadonlySet<string>
  readonly adopt: boolean
  /** Milliseconds between resyncs; undefined: the reconciler's own. */
  readonly interval: number | undefined
  /** Any new value asks for a reconcile at once; echoed in status. */
  readonly reconcileAt: string | undefined
  /** Field paths that are never compared: `config.retention.ms`, or `user-events:config.retention.ms` for one entry. */
  readonly ignore: readonly string[]
  readonly maxDeletes: number | undefined
  /** The base document in the same namespace that this one is merged over. */
  readonly extends: string | undefined
}

/** A desired ConfigMap, read: the only form in which the rest of the code sees one. */
export interface Written {
  /** `namespace/name`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Milliseconds since the epoch; between new claims the older ConfigMap keeps the resource. */
  readonly createdAt: number
  readonly type: string | undefined
  /** The processing unit that it is part of. */
  readonly unit?: string
  /** Entry → raw value, merged over the base. Undefined when the document as a whole cannot be used. */
  readonly entries: ReadonlyMap<string, unknown> | undefined
  /** Why it cannot be used as a whole (syntax, duplicate key, wrong control, missing base); empty otherwise. */
  readonly issues: readonly Issue[]
  readonly issueReason: 'InvalidDocument' | 'InvalidControl' | 'BaseNotFound' | undefined
  /** The line (1-based) of an entry or a value in it, e.g. `['user-events', 'partitions']`; undefined when it came from a base. */
  lineOf?(path: readonly string[]): number | undefined
  /** The content of a further data key of the ConfigMap, or of the base under it. Read when it is asked for. */
  definition?(key: string): Definition
  readonly controls: Controls
  /** sha256 over data, base data and honoured annotations: the observedGeneration that ConfigMaps lack. */
  readonly hash: string
  /** The `time` of Flux's own managedFields entry as read (see docs/flux.md): echoed back, never compared with a clock of ours. */
  readonly appliedAt: string | undefined
  /** The bases under it as they were then: key → a number that is another with every content. */
  readonly bases?: ReadonlyMap<string, number>
  /** Digest of the raw object as read: the state store tells by it whether the object is still the one this speaks of. */
  readonly signature?: string
}
