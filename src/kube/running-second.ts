/**
 * Flux's times have whole seconds, so two of its writes in one second carry one time. Only when that second is over on the API
 * server's own clock, and the object is still as read, does the time name this content alone.
 */
export function secondIsOver(appliedAt: string, serverDate: Date | undefined): boolean {
  return serverDate !== undefined && serverDate.getTime() > Date.parse(appliedAt)
}

/** Milliseconds until a second ends by our clock, and a little: a guess that the next look makes right. */
export function untilSecondEnds(now: number): number {
  return 1_000 - (now % 1_000) + 25
}
