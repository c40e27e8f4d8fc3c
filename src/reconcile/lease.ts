/** What stands in the lease. The times in it are another machine's and decide nothing here. */
export interface LeaseRecord {
  /** Empty: given back. */
  readonly holder: string
  /** Milliseconds without a change after which it may be taken from its holder. */
  readonly durationMs: number
  readonly transitions: number
  /** Another one with every change. */
  readonly version: string
  /** As the API server gave it; handed back with a write. */
  readonly object: Readonly<Record<string, unknown>>
}

/** One lease, as this process speaks to it. It throws ReconcileError when there is no telling. */
export interface Lease {
  readonly name: string
  /** This process's own. */
  readonly identity: string
  /** Undefined: there is none. */
  read(signal: AbortSignal): Promise<LeaseRecord | undefined>
  /** Holder from now on; `record` undefined makes the lease. Undefined, here and below: it is not as read, somebody was faster. */
  take(record: LeaseRecord | undefined, signal: AbortSignal): Promise<LeaseRecord | undefined>
  renew(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined>
  /** Nobody's from now on. */
  release(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined>
  close(): void
}
