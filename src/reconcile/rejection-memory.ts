import type { Objection } from '../core/verdicts.ts'

const keepMs = 10 * 60_000
const most = 10_000

/**
 * What the service has refused for good. The same change, from the same observed to the same desired, is not sent again
 * for 10 minutes: a wrong document must not become a request storm. A change of either makes another digest.
 */
export class RejectionMemory {
  readonly #rejections = new Map<string, Objection & { readonly until: number }>()

  /** `now` is milliseconds since the epoch. */
  recall(digest: string, now: number): Objection | undefined {
    const rejection = this.#rejections.get(digest)
    if (rejection === undefined || rejection.until > now) return rejection
    this.#rejections.delete(digest)
    return undefined
  }

  remember(digest: string, objection: Objection, now: number): void {
    if (this.#rejections.size >= most) this.#rejections.clear()
    this.#rejections.set(digest, { ...objection, until: now + keepMs })
  }

  /** The service changed in a way that can make it think again. */
  forget(): void {
    this.#rejections.clear()
  }
}
