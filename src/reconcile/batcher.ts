import { ReconcileError } from '../errors.ts'

/** One caller waiting for its items' results. */
interface Waiting<T, V> {
  readonly items: readonly T[]
  readonly signal: AbortSignal
  readonly resolve: (results: readonly V[]) => void
  readonly reject: (error: unknown) => void
}

/** Failures that one caller's items can bring on all: each is then called alone, so that only that one fails. */
function isOneCallers(error: unknown): boolean {
  return error instanceof ReconcileError && (error.reason === 'AuthorizationFailed' || !error.retryable)
}

/** Shared reads under way at once. More than one, so that a change by a person does not wait for a large resync. */
const concurrentReads = 3

/**
 * Natural batching: a call goes out at once while few are under way; what arrives meanwhile shares the next one. So an
 * idle system answers without a linger, and a busy one makes few large calls.
 */
export class Batcher<T, V> {
  readonly #run: (items: readonly T[], signal: AbortSignal) => Promise<readonly V[]>
  readonly #timeoutMs: number
  readonly #concurrent: number
  #queue: Waiting<T, V>[] = []
  #underWay = 0

  /** `run` answers with as many results as items, in their order; it throws only for all of them. */
  constructor(
    run: (items: readonly T[], signal: AbortSignal) => Promise<readonly V[]>,
    timeoutMs: number,
    concurrent = concurrentReads,
  ) {
    this.#run = run
    this.#timeoutMs = timeoutMs
    this.#concurrent = concurrent
  }

  /** The results for `items`, in their order. Rejects with the signal's reason as soon as it aborts. */
  async call(items: readonly T[], signal: AbortSignal): Promise<readonly V[]> {
    signal.throwIfAborted()
    if (items.length === 0) return []
    const { promise, resolve, reject } = Promise.withResolvers<readonly V[]>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#queue.push({ items, signal, resolve, reject })
    if (this.#queue.length === 1) setImmediate(() => this.#pump())
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #pump(): void {
    if (this.#underWay >= this.#concurrent) return
    const batch = this.#queue.filter((waiting) => !waiting.signal.aborted)
    this.#queue = []
    if (batch.length === 0) return
    this.#underWay += 1
    void this.#shared(batch).finally(() => {
      this.#underWay -= 1
      this.#pump()
    })
  }

  async #shared(batch: readonly Waiting<T, V>[]): Promise<void> {
    const deadline = AbortSignal.timeout(this.#timeoutMs)
    const nobodyWaits = new AbortController()
    const leave = () => {
      if (batch.every((waiting) => waiting.signal.aborted)) nobodyWaits.abort(batch[0]?.signal.reason)
    }
    for (const waiting of batch) waiting.signal.addEventListener('abort', leave, { once: true })
    try {
      const items = batch.flatMap((waiting) => waiting.items)
      const results = await this.#run(items, AbortSignal.any([deadline, nobodyWaits.signal]))
      if (results.length !== items.length)
        throw new TypeError(`a shared call of ${items.length} answered with ${results.length} results`)
      let from = 0
      for (const waiting of batch) waiting.resolve(results.slice(from, (from += waiting.items.length)))
    } catch (error) {
      if (batch.length > 1 && isOneCallers(error))
        await Promise.all(batch.map((waiting) => this.#shared([waiting])))
      else for (const waiting of batch) waiting.reject(error)
    } finally {
      for (const waiting of batch) waiting.signal.removeEventListener('abort', leave)
    }
  }
}
