const windowMs = 10 * 60_000

/**
 * Deletions and replacements let through lately, by digest, over every ConfigMap of the component: what the brake sums. The same
 * deletion tried again is one deletion.
 */
export class DeletionLedger {
  readonly #lately = new Map<string, number>()

  /** `at` is milliseconds since the epoch. */
  add(digests: Iterable<string>, at: number): void {
    for (const digest of digests) this.#lately.set(digest, at)
  }

  /** Those of the 10 minutes before `now`. */
  recent(now: number): ReadonlySet<string> {
    for (const [digest, at] of this.#lately) if (at <= now - windowMs) this.#lately.delete(digest)
    return new Set(this.#lately.keys())
  }
}
