import type { Log } from '../reconcile/world.ts'
import type { Clock } from '../reconcile/clock.ts'
import { controlConfigMap } from './names.ts'
import { Reflector } from './reflector.ts'
import type { KubeClient } from './rest.ts'

/** The ConfigMap `infometis-control` in the reconciler's namespace: `suspend: "true"` stops everything. */
export class Control {
  readonly reflector: Reflector
  readonly #key: string
  readonly #log: Log
  readonly #listeners: (() => void)[] = []
  #suspended = false

  constructor(client: KubeClient, log: Log, clock?: Clock) {
    const { namespace } = client.connection
    this.#key = `${namespace}/${controlConfigMap}`
    this.#log = log
    const selector = { namespace, fieldSelector: `metadata.name=${controlConfigMap}` }
    this.reflector = new Reflector(client, selector, clock === undefined ? { log } : { log, clock })
    this.reflector.onChange(() => this.#changed())
  }

  start(signal: AbortSignal): void {
    this.reflector.start(signal)
  }

  /** True also while it is not known: before the first read, and for a word that is neither "true" nor "false". */
  suspended(): boolean {
    return this.#suspended || !this.reflector.synced
  }

  /** Hears that the word changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #changed(): void {
    const word = this.reflector.get(this.#key)?.data['suspend']?.trim() ?? 'false'
    const suspended = word !== 'false' && word !== ''
    if (suspended && word !== 'true')
      this.#log.warn({ suspend: word.slice(0, 40) }, 'suspend is neither "true" nor "false"; taken as "true"')
    if (suspended === this.#suspended) return
    this.#suspended = suspended
    for (const listener of this.#listeners) listener()
  }
}
