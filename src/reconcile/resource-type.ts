import type { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import type { Rule } from '../core/rules.ts'

/** One config type of a service: what may be written, what it means, what is not simply done. */
export interface ResourceType<R extends Resource, W = unknown> {
  /** The value of the label `infometis.config-type`, and the data key without its ending. */
  readonly name: string
  /** One entry's key; its issues become the entry's issues. */
  readonly entryName: z.ZodType<string>
  /** One entry's value as people write it. Integers beyond 2^53 arrive as bigint. */
  readonly schema: z.ZodType<W>
  /** Pure: written → desired. */
  normalize(name: string, written: W): R
  /** The inverse, for `infometis import`: what a person would write for this. Undefined: not for people (internal). */
  toWritten(observed: R): W | undefined
  readonly rules: readonly Rule<R>[]
}
