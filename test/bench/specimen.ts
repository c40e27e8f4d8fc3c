import type { Component } from './component.ts'
import type { Document } from './desired.ts'
import type { RouteOf } from './request-counter.ts'

/**
 * A server with things that have one setting: what the rows measure with that every service has. The values of the setting are
 * around 100 million, and a larger one is never held.
 */
export interface Specimen {
  readonly component: Component
  readonly words: Words
  /** The document in which each name has this value; undefined: none is written. */
  document(values: ReadonlyMap<string, number | undefined>): Document
  /** Makes them, without a value, in the fewest calls there are. */
  create(names: readonly string[]): Promise<void>
  /** Reads everything there is to know of them, in the fewest calls there are. */
  readAll(names: readonly string[]): Promise<void>
  /** Their values now. Never on the connection that `set` uses. */
  look(names: readonly string[]): Promise<ReadonlyMap<string, number>>
  set(name: string, value: number): Promise<void>
}

/** What of a service is asked over HTTP, so that a proxy can count it. */
export interface Counting {
  /** Of the component's environment: the address that the proxy takes the place of. */
  readonly setting: string
  readonly routeOf: RouteOf
  /** What a count is told by: `GET /{names}`. */
  readonly reads: (what: string) => boolean
  /** The fewest requests that read so many. */
  readonly fewest: (count: number) => number
  /** What these are. */
  readonly fewestAre: string
  /** As many more may be asked in a pass. */
  readonly more: number
}

/** How a service is spoken of in the table. */
export interface Words {
  /** `topics` */
  readonly things: string
  /** `changed on the broker` */
  readonly changed: string
  /** What `readAll` sends for so many. */
  reading(count: number): string
  /** What `look` sends. */
  readonly looking: string
  /** What `set` sends. */
  readonly setting: string
  /** What ours asks before it writes. */
  readonly asking: string
}

/** `count` names `<prefix>-00000` and on. */
export function namesOf(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`)
}

/** Each name with the same value. */
export function allWith(
  names: readonly string[],
  value: number | undefined,
): Map<string, number | undefined> {
  return new Map(names.map((name) => [name, value]))
}
