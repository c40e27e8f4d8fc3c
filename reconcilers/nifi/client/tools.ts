import type { ServerInfo } from '../../../src/reconcile/service-client.ts'
import type { Flow } from '../resource.ts'
import type { Wire } from './wire.ts'

/** What is known of a resource before it is looked for: what is written of it, and the server's id when it was last seen. */
export interface Sought<R> {
  readonly desired?: R
  readonly id?: string
}

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
  /** Of this process, in every revision. NiFi takes a stale revision from the one who wrote last, so read before each write anyway. */
  readonly clientId: string
  readonly limits: Limits
  /** Milliseconds since 1970. */
  now(): number
  /** Waits, unless the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** Version and root process group. Kept for a while. */
  server(signal: AbortSignal): Promise<ServerInfo>
  /** A fresh look at one flow, nothing of it from a cache: the download, run states, queues, revision. Undefined: it is not there. */
  readFlow(name: string, sought: Sought<Flow>, signal: AbortSignal): Promise<Flow | undefined>
  /** The id of the group at these names from the root downwards; undefined: there is none. Throws ChangesFailed where several are meant. */
  findGroup(path: readonly string[], signal: AbortSignal): Promise<string | undefined>
}
