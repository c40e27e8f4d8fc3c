import type { WireAnswer } from './wire-answer.ts'

/** One HTTP request to a service that speaks JSON. */
export interface HttpWireRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Begins with a slash; names in it are percent-encoded already. Below what, the service's own wire says. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * True: never sent a second time by itself (what creates, and what starts something); so is every POST. Others are where nothing
   * can have arrived, or the service asked for patience; a lost answer is asked for again only with GET.
   */
  readonly once?: boolean
  /** Milliseconds for this request; default: the setting. */
  readonly timeoutMs?: number
}

/** The way to one service. `send` throws ReconcileError when no answer of the service itself came back, or the signal's reason. */
export interface HttpWire {
  send(request: HttpWireRequest, signal: AbortSignal): Promise<WireAnswer>
  close(): Promise<void>
}
