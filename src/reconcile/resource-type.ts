import type { z } from 'zod'
import type { Change, Resource, ResourceKey } from '../core/resource.ts'
import type { Rule } from '../core/rules.ts'
import type { FilesShape } from './files-shape.ts'

/** What reading a document needs to know of its type. */
export interface DocumentType {
  /** The value of the label `infometis.config-type`, and the data key without its ending. */
  readonly name: string
  /**
   * The member of an entry that holds a definition: inline, or `{"key": "NAME"}` for the content of a further data key of the
   * ConfigMap. The schema sees the content in either case.
   */
  readonly definition?: string
  /** The shape of another tool's ConfigMaps that are understood, too; their files are definitions. */
  readonly files?: FilesShape
}

/** One config type of a service: what may be written, what it means, what is not simply done. */
export interface ResourceType<R extends Resource, W = unknown> extends DocumentType {
  /** One entry's key; its issues become the entry's issues. */
  readonly entryName: z.ZodType<string>
  /** One entry's value as people write it. Integers beyond 2^53 arrive as bigint. */
  readonly schema: z.ZodType<W>
  /** Pure: written → desired. */
  normalize(name: string, written: W): R
  /** The inverse, for `infometis import`: what a person would write for this. Undefined: not for people (internal). */
  toWritten(observed: R): W | undefined
  readonly rules: readonly Rule<R>[]
  /**
   * Pure: an update as the parts that the service makes in different ways, the lightest first, each with its `class` and `reason`;
   * together they hold every field once. A part may be a replace, and a field that stands for no written one has the change's
   * cause. Absent: there is one way.
   */
  classify?(change: Change<R>): readonly Change<R>[]
  /** Pure: whether another release of the service may spell this path anew by itself: no drift then. */
  respells?(path: string): boolean
  /** Pure: whether a person's doing at this path is left as it is and only told, until Git says something new. */
  yields?(path: string): boolean
  /** Pure: what must be there before the service takes this one, by key. Of its own type it may come with the same plan. */
  requires?(desired: R): readonly ResourceKey[]
  /** Pure: the fields that stand for a Secret's value; whatever `normalize` puts there is replaced by a fingerprint of the value. */
  secrets?(desired: R): readonly SecretReference[]
}

/** A field whose value is kept in a Secret of the document's own namespace. */
export interface SecretReference {
  /** A path in `fields`. */
  readonly path: string
  readonly secret: { readonly name: string; readonly key: string }
  /** Where the service will send the value: the Secret must allow that address (`infometis.io/allowed-urls`). */
  readonly url?: string
}
