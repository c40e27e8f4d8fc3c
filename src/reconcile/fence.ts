/**
 * The end of a process's right to write, where one of several replicas leads. Each client looks at it right before each request: a
 * process that was stopped for a minute and goes on finds answers in its sockets, and acts on them, before any timer has told it the
 * time. A signal alone comes too late then, and what cleans up after an abort has a signal of its own.
 */
export interface Fence {
  /** Aborts with LeadershipLost some seconds before another replica may lead: end what is under way. */
  readonly signal: AbortSignal
  /** Asks the clock. Aborts the signal when that is due, and throws LeadershipLost once another replica may lead. */
  check(): void
}
