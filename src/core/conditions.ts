/** The three of kstatus. Times are ISO 8601 and move only when `status` does. */
export interface Condition {
  readonly type: 'Ready' | 'Reconciling' | 'Stalled'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
}

/** The new conditions; a condition whose status did not change keeps its time. `now` is ISO 8601. */
export function setConditions(
  before: readonly Condition[],
  next: readonly Omit<Condition, 'lastTransitionTime'>[],
  now: string,
): readonly Condition[] {
  return next.map((condition) => {
    const old = before.find((each) => each.type === condition.type)
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now
    return { ...condition, lastTransitionTime }
  })
}
