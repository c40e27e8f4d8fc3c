import type { WireAnswer } from './client/wire.ts'
import type { FakeState } from './fake-state.ts'

/** One request as a handler sees it. */
export interface Call {
  readonly state: FakeState
  readonly method: string
  /** The names in the path, decoded. */
  readonly names: readonly string[]
  readonly query: ReadonlyMap<string, string>
  /** Parsed JSON; of `_bulk`, one value per line. */
  readonly body: unknown
  readonly opaqueId: string | undefined
}

export type Handler = (call: Call) => WireAnswer

export function ok(body: unknown, status = 200): WireAnswer {
  return { status, body }
}

export const acknowledged = { acknowledged: true }

/** `?flag`, `?flag=true`. */
export function flag({ query }: Pick<Call, 'query'>, name: string): boolean {
  const value = query.get(name)
  return value !== undefined && value !== 'false'
}

/** `expand_wildcards` and `ignore_unavailable`, with the API's own default (open). */
export function resolutionOf(call: Call): { closed: boolean; hidden: boolean; ignoreUnavailable: boolean } {
  const kinds = new Set((call.query.get('expand_wildcards') ?? 'open').split(','))
  const all = kinds.has('all')
  return {
    closed: all || kinds.has('closed'),
    hidden: all || kinds.has('hidden'),
    ignoreUnavailable: flag(call, 'ignore_unavailable'),
  }
}
