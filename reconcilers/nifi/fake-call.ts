import { own } from '../../src/core/json.ts'
import type { WireAnswer } from './client/wire.ts'
import { badRequest } from './fake-refusal.ts'
import type { Revision } from './fake-state.ts'
import type { FakeState, Part } from './fake-state.ts'

/** One request as a handler sees it. */
export interface Call {
  readonly state: FakeState
  readonly user: string
  /** The names in the path, decoded. */
  readonly names: readonly string[]
  readonly query: ReadonlyMap<string, string>
  readonly body: unknown
}

export type Handler = (call: Call) => WireAnswer

export function ok(body: unknown, status = 200): WireAnswer {
  return { status, body }
}

export function named(call: Call, index = 0): string {
  return call.names[index] ?? ''
}

export function flag(call: Call, name: string): boolean {
  return call.query.get(name) === 'true'
}

export function textOf(value: unknown, name: string): string | undefined {
  const found = own(value, name)
  return typeof found === 'string' ? found : undefined
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  const found = own(value, name)
  return Array.isArray(found) ? found : []
}

/** The revision in a body. */
export function revisionIn(value: unknown): Revision | undefined {
  const version = own(value, 'version')
  const clientId = textOf(value, 'clientId')
  if (typeof version !== 'number') return undefined
  return { version, ...(clientId === undefined ? {} : { clientId }) }
}

/** Of a DELETE: `?version=…&clientId=…`. */
export function revisionAsked(call: Call): Revision {
  const version = call.query.get('version')
  if (version === undefined) throw badRequest('The revision must be specified.')
  // NiFi makes an id up for one who does not give any.
  return { version: Number(version), clientId: call.query.get('clientId') ?? call.state.newId() }
}

/** NiFi takes a revision when its version is the present one, or when it comes from whom wrote last. */
export function assertRevision(part: Pick<Part, 'id' | 'revision'>, given: Revision): void {
  const { version, clientId } = part.revision
  if (given.version === version || (clientId !== undefined && given.clientId === clientId)) return
  throw badRequest(
    `[${given.version}, ${given.clientId ?? 'null'}, ${part.id}] is not the most up-to-date revision. This component appears to have been modified. Retrieve the most up-to-date revision and try again.`,
  )
}

/** The revision in the body of a change, once it is known to be good. */
export function checkedRevision(part: Pick<Part, 'id' | 'revision'>, given: unknown): Revision {
  const revision = revisionIn(given)
  if (revision === undefined) throw badRequest('Revision must be specified.')
  assertRevision(part, revision)
  return revision
}

export function touch(part: Pick<Part, 'revision'>, by: Revision | undefined): void {
  part.revision = {
    version: part.revision.version + 1,
    ...(by?.clientId === undefined ? {} : { clientId: by.clientId }),
  }
}
