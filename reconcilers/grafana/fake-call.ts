import { isObject, own, toJsonObject } from '../../src/core/json.ts'
import type { WireAnswer } from './client/wire.ts'
import type { Identity } from './fake-identity.ts'
import type { Profile } from './fake-profile.ts'
import { badData } from './fake-refusal.ts'
import type { FakeState } from './fake-state.ts'

/** An answer as it goes over HTTP. A text is no JSON. */
export interface Answer extends WireAnswer {
  readonly headers?: Readonly<Record<string, string>>
}

/** What differs from one simulated Grafana to another of the same release. */
export interface Switches {
  /** A list ends after so many bytes: 2 MiB (pkg/storage/unified/resource/server.go). 1: one object a page. */
  readonly pageBytes: number
  /** Objects at the top name the folder `general`, as some builds do. */
  readonly generalSentinel: boolean
  /** False: a list always has the whole objects. */
  readonly partialMetadata: boolean
}

/** One request as a handler sees it. */
export interface Call {
  readonly state: FakeState
  readonly profile: Profile
  readonly switches: Switches
  readonly identity: Identity
  /** The names in the path, decoded. */
  readonly names: readonly string[]
  readonly query: ReadonlyMap<string, string>
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: unknown
}

export type Handler = (call: Call) => Answer

export type Members = Readonly<Record<string, unknown>>

export function ok(body: unknown, status = 200): Answer {
  return { status, body }
}

export function named(call: Call, index = 0): string {
  return call.names[index] ?? ''
}

/** The body, which has to be an object. */
export function bodyOf(call: Call): Members {
  if (!isObject(call.body)) throw badData()
  return call.body
}

/** Of a member that Go reads into a string, bool …: absent and null are its zero value, another type is a bad request. */
export function zeroed<T extends string | number | boolean>(
  body: unknown,
  name: string,
  zero: T,
): Widened<T> {
  const found = own(body, name) ?? zero
  if (typeof found !== typeof zero) throw badData()
  return found as Widened<T>
}

type Widened<T> = T extends string ? string : T extends number ? number : boolean

/** Of a member that Go reads into a map; absent and null are an empty one. */
export function objectIn(body: unknown, name: string): Members {
  const found = own(body, name) ?? {}
  if (!isObject(found)) throw badData()
  return found
}

export function textsIn(body: unknown, name: string): Readonly<Record<string, string>> {
  const members = Object.entries(objectIn(body, name))
  if (members.some(([, value]) => typeof value !== 'string')) throw badData()
  return Object.fromEntries(members.map(([key, value]) => [key, String(value)]))
}

/** `omitempty` of a map, in an answer. */
export function omittedIfEmpty(name: string, value: unknown): Members {
  return Object.keys(toJsonObject(value)).length === 0 ? {} : { [name]: value }
}

export function figureIn(call: Call, name: string, otherwise: number): number {
  const found = Number(call.query.get(name) ?? otherwise)
  return Number.isFinite(found) && found > 0 ? found : otherwise
}

export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** `Messages in!` as part of an address: `messages-in`. */
export function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
