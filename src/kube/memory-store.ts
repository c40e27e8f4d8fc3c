import type { Original, ResourceKey } from '../core/resource.ts'
import type { State, StateStore, Transition } from '../reconcile/state.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'

/** State where there is no API to keep it: it lives as long as the process, and the log is where people read it. */
export class MemoryStore implements StateStore {
  readonly #log: Log
  readonly #states = new Map<string, State>()

  constructor(log: Log) {
    this.#log = log
  }

  read(key: string): State | undefined {
    return this.#states.get(key)
  }

  keys(): readonly string[] {
    return [...this.#states.keys()]
  }

  async save(key: string, state: State): Promise<void> {
    const before = this.#states.get(key)
    this.#states.set(key, state)
    const { ready, reason, message, summary } = state
    if (before?.ready === ready && before.reason === reason && before.message === message) return
    this.#log.info({ key, ready, reason, message, summary }, 'status')
  }

  async remove(key: string): Promise<void> {
    this.#states.delete(key)
  }

  async summarize(): Promise<undefined> {
    return undefined
  }

  async keep(key: string, resource: ResourceKey, original: Original): Promise<string> {
    this.#log.warn({ key, resource, original }, 'about to be overwritten')
    return 'the log'
  }

  announce(written: Written, transitions: readonly Transition[]): void {
    for (const { type, reason, message } of transitions) {
      const fields = { key: written.key, reason, message }
      if (type === 'Warning') this.#log.warn(fields, 'event')
      else this.#log.info(fields, 'event')
    }
  }
}
