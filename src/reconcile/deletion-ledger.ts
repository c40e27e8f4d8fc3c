const windowMs = 10 * 60_000

/** Deletions and replacements let through lately, over every ConfigMap of the component: what the brake sums. */
export class DeletionLedger {
  #entries: { readonly at: number; readonly count: number }[] = []

  /** `at` is milliseconds since the epoch. */
  add(count: number, at: number): void {
    if (count > 0) this.#entries.push({ at, count })
  }

  /** How many in the 10 minutes before `now`. */
  recent(now: number): number {
    this.#entries = this.#entries.filter((entry) => entry.at > now - windowMs)
    return this.#entries.reduce((sum, entry) => sum + entry.count, 0)
  }
}
