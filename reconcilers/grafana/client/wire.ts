import type { WireAnswer } from '../../../src/client/wire-answer.ts'

export type { WireAnswer } from '../../../src/client/wire-answer.ts'

/** One HTTP request to Grafana. */
export interface WireRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below GRAFANA_URL, begins with `/api` or `/apis`; names in it are percent-encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** True: never sent a second time by itself; so is every POST. Others are where nothing can have arrived, or Grafana asked for patience. */
  readonly once?: boolean
  /** Milliseconds for this request; default: the setting. */
  readonly timeoutMs?: number
}

/**
 * The way to one Grafana: axios (axios-wire.ts) or the fake (../fake.ts). Everything above it is shared by both. `send` throws
 * ReconcileError when no answer of Grafana came back: ServiceUnreachable, ServiceTimeout, TlsFailed, AuthenticationFailed (401; also a
 * login page in the place of an answer), InvalidConfiguration (a file that cannot be read), NotSupportedByServer (not Grafana), or the
 * signal's reason.
 */
export interface Wire {
  send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer>
  close(): Promise<void>
}
