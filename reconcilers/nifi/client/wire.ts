import type { WireAnswer } from '../../../src/client/wire-answer.ts'

export type { WireAnswer } from '../../../src/client/wire-answer.ts'

/** One HTTP request to NiFi's REST API. */
export interface WireRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below `/nifi-api`, begins with a slash; names in it are percent-encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * True: never sent a second time by itself (what creates, and what starts an asynchronous request); so is every POST. Others are
   * where nothing can have arrived, or NiFi asked for patience; a lost answer is asked for again only with GET.
   */
  readonly once?: boolean
  /** Milliseconds for this request; default: the setting. */
  readonly timeoutMs?: number
}

/**
 * The way to one NiFi: axios (axios-wire.ts) or the fake (../fake.ts). Everything above it is shared by both. All requests of one
 * wire go to one node, for what NiFi does asynchronously lives in the memory of the node that was asked.
 * `send` throws ReconcileError when no answer of NiFi came back: ServiceUnreachable, ServiceTimeout, TlsFailed,
 * AuthenticationFailed (401, or a login that was refused), InvalidConfiguration (a file that cannot be read),
 * NotSupportedByServer (not NiFi), or the signal's reason.
 */
export interface Wire {
  send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer>
  close(): Promise<void>
}
