import type { WireAnswer } from '../../../src/client/wire-answer.ts'

export type { WireAnswer } from '../../../src/client/wire-answer.ts'

/** One HTTP request to Elasticsearch. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Begins with a slash; names in it are percent-encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. Objects may lack a prototype, and may have a member `__proto__`. Text is NDJSON already, for `_bulk`. */
  readonly body?: unknown
  /** Sent as X-Opaque-Id: the server shows it with the task that the request starts. */
  readonly opaqueId?: string
  /** True: never sent a second time by itself (reindex, clone, split, shrink: a repetition would start a second task). */
  readonly once?: boolean
  /** Milliseconds for this request; default: the setting. */
  readonly timeoutMs?: number
}

/**
 * The way to one cluster: the vendor's client (elastic-wire.ts) or the fake (../fake.ts). Everything above it is shared by both.
 * `send` throws ReconcileError when no answer of Elasticsearch came back: ServiceUnreachable, ServiceTimeout, TlsFailed,
 * AuthenticationFailed (401), InvalidConfiguration (a file that cannot be read), NotSupportedByServer (not Elasticsearch),
 * or the signal's reason.
 */
export interface Wire {
  send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer>
  close(): Promise<void>
}
