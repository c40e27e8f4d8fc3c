import type { ServerInfo, Sought } from '../../../src/reconcile/service-client.ts'
import type { Flow } from '../resource.ts'
import type { Wire } from './wire.ts'

export type { Sought }

/** How long things may take, in milliseconds. */
export interface Limits {
  /** Between two looks at something that is under way. */
  readonly pollMs: number
  /** After this a call of `apply` begins nothing more and answers `pending`. */
  readonly turnMs: number
}

/** What changes are made with. */
export interface Tools {
  readonly wire: Wire
  /** Of this client, in every revision. NiFi takes a stale revision from the one who wrote last: read before each write anyway. */
  readonly clientId: string
  readonly limits: Limits
  /** Milliseconds since 1970. */
  now(): number
  /** Waits, unless the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** Version and root process group, as the last ping found them. */
  server(signal: AbortSignal): Promise<ServerInfo>
  /** A fresh look at one flow, nothing of it remembered: the download, run states, queues, revision. Undefined: it is not there. */
  readFlow(name: string, sought: Sought<Flow>, signal: AbortSignal): Promise<Flow | undefined>
  /** The id of the group at these names from the root downwards, the root's for none. Undefined: there is none; throws where there are several. */
  findGroup(path: readonly string[], signal: AbortSignal): Promise<string | undefined>
}
