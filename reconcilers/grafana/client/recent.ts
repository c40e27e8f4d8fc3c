/** Milliseconds: a list serves whoever asks again so soon after it. */
export const recentMs = 1_000

/** What was read last, for whoever asks for the same a moment later. After a write it has to be read again. */
export class Recent<T> {
  readonly #now: () => number
  #kept: { readonly value: T; readonly at: number } | undefined
  #writes = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Reads, and keeps what came unless something was written meanwhile. */
  async read(work: () => Promise<T>): Promise<T> {
    const [at, writes] = [this.#now(), this.#writes]
    const value = await work()
    if (writes === this.#writes) this.#kept = { value, at }
    return value
  }

  /** What was read within so many milliseconds; read otherwise. */
  async within(ms: number, work: () => Promise<T>): Promise<T> {
    const kept = this.#kept
    return kept !== undefined && this.#now() - kept.at < ms ? kept.value : this.read(work)
  }

  /** Something was written, or may have been. */
  forget(): void {
    this.#writes += 1
    this.#kept = undefined
  }
}
