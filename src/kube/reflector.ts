import { ReconcileError, toReconcileError } from '../errors.ts'
import type { Log } from '../reconcile/world.ts'
import { Backoff } from './backoff.ts'
import { systemClock, type Clock } from '../reconcile/clock.ts'
import { undisturbed } from './pause.ts'
import { KubeError } from './kube-error.ts'
import { ObjectCache } from './object-cache.ts'
import { keyOfConfigMap, type ConfigMap } from './objects.ts'
import { listAll } from './paged-list.ts'
import { isOlder } from './resource-version.ts'
import type { KubeClient } from './rest.ts'
import { saySelector, type Selector } from './selector.ts'
import { endingOf, watchSession, type Ending, type WatchEvent } from './watch-session.ts'

export interface ReflectorOptions {
  readonly clock?: Clock
  readonly log?: Log
}

/** Running totals since the start; for metrics. */
export interface ReflectorCounters {
  /** Sessions ended, by reason. */
  readonly restarts: ReadonlyMap<Ending, number>
  /** What a healthy watch did not say and a consistent list did. */
  readonly missedEvents: number
  /** Lists and watches begun. */
  readonly lists: number
  readonly watches: number
  /** Events and listed objects left aside as older than what is held. */
  readonly ignored: number
}

/** A session shorter than this is no sign of health: the next one waits its turn. */
const shortSessionMs = 5_000
const healthyMs = 120_000
const relistMs = 300_000
/** An event may still be on its way when the list that holds it is read; only after this time was it missed. */
const missedAfterMs = 5_000
/** A list that takes objects away is compared again soon: it may have been a server's mistake. */
const recheckMs = 10_000

/**
 * A copy of the selected ConfigMaps that follows the API server and never stops by itself. Listeners learn keys and nothing
 * else; what a key means is read from here. See DESIGN for the timers, and the README of this room for the reasons.
 */
export class Reflector {
  readonly selector: Selector
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #backoff: Backoff
  readonly #cache = new ObjectCache()
  readonly #listeners: ((key: string) => void)[] = []
  readonly #restarts = new Map<Ending, number>()
  readonly #suspects = new Set<string>()
  #version: string | undefined
  #synced = false
  readonly #firstList = Promise.withResolvers<undefined>()
  #openedAt: number | undefined
  #activeAt: number
  #problem: ReconcileError | undefined
  #missedEvents = 0
  #lists = 0
  #watches = 0
  #done: Promise<void> | undefined

  constructor(client: KubeClient, selector: Selector, options: ReflectorOptions = {}) {
    this.#client = client
    this.selector = selector
    this.#clock = options.clock ?? systemClock
    this.#log = options.log
    this.#backoff = new Backoff(this.#clock)
    this.#activeAt = this.#clock.now()
  }

  get(key: string): ConfigMap | undefined {
    return this.#cache.get(key)
  }

  keys(): readonly string[] {
    return this.#cache.keys()
  }

  /** True once a consistent list has been read. */
  get synced(): boolean {
    return this.#synced
  }

  /** Resolves when synced; rejects with the signal's reason when it aborts before. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<never>()
    const stop = (): void => stopped.reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    await Promise.race([this.#firstList.promise, stopped.promise]).finally(() =>
      signal.removeEventListener('abort', stop),
    )
  }

  /** Milliseconds since the server last gave a sign of life. */
  lastActivityAge(): number {
    return this.#clock.now() - this.#activeAt
  }

  /** Why there is no watch just now; undefined while one is open. */
  get problem(): ReconcileError | undefined {
    return this.#problem
  }

  get counters(): ReflectorCounters {
    return {
      restarts: this.#restarts,
      missedEvents: this.#missedEvents,
      lists: this.#lists,
      watches: this.#watches,
      ignored: this.#cache.ignored,
    }
  }

  /** A listener may only take note of the key; what it throws is logged and goes no further. */
  onChange(listener: (key: string) => void): void {
    this.#listeners.push(listener)
  }

  /** An object as the answer to our own write showed it: the cache need not wait for the event. */
  accept(object: ConfigMap): void {
    if (this.#cache.put(object)) this.#tell([keyOfConfigMap(object)])
  }

  /** An object that our own DELETE took away. */
  retract(key: string): void {
    const held = this.#cache.get(key)
    if (held !== undefined && this.#cache.remove(held)) this.#tell([key])
  }

  /** Runs until the signal aborts; `done` resolves then. Call it once. */
  start(signal: AbortSignal): void {
    // A standby makes its reflectors long before it needs them: their silence counts from here.
    this.#active()
    this.#done ??= Promise.all([this.#follow(signal), this.#compare(signal)]).then(() => undefined)
  }

  /** Never rejects. */
  get done(): Promise<void> {
    return this.#done ?? Promise.resolve()
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#openedAt = undefined
      const wait = await this.#session(signal).then(
        () => this.#ended('eof', undefined),
        (error: unknown) => (signal.aborted ? 0 : this.#ended(endingOf(error), error)),
      )
      await undisturbed(this.#clock, wait, signal)
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    if (this.#version === undefined) await this.#list(signal)
    this.#watches += 1
    await watchSession({
      client: this.#client,
      selector: this.selector,
      from: this.#version ?? '',
      clock: this.#clock,
      signal,
      onOpen: () => {
        this.#openedAt = this.#clock.now()
        this.#problem = undefined
      },
      onActivity: () => this.#active(),
      onEvent: (event) => this.#take(event),
    })
  }

  /** The list that a watch starts from. */
  async #list(signal: AbortSignal): Promise<void> {
    const { objects, version } = await this.#readList(signal)
    this.#version = version
    this.#synced = true
    this.#tell(this.#cache.replace(objects, version))
    this.#firstList.resolve(undefined)
  }

  async #readList(signal: AbortSignal): ReturnType<typeof listAll> {
    this.#lists += 1
    const list = await listAll(this.#client, this.selector, signal)
    this.#active()
    return list
  }

  #take(event: WatchEvent): void {
    if (event.type === 'bookmark') {
      this.#advance(event.version)
      return
    }
    const key = keyOfConfigMap(event.object)
    this.#suspects.delete(key)
    this.#advance(event.object.metadata.resourceVersion)
    const changed = event.type === 'put' ? this.#cache.put(event.object) : this.#cache.remove(event.object)
    if (changed) this.#tell([key])
  }

  #advance(version: string): void {
    if (this.#version === undefined || !isOlder(version, this.#version)) this.#version = version
  }

  /** Takes note of how a session ended; answers how many milliseconds to wait before the next. */
  #ended(ending: Ending, error: unknown): number {
    const lasted = this.#openedAt === undefined ? 0 : this.#clock.now() - this.#openedAt
    this.#restarts.set(ending, (this.#restarts.get(ending) ?? 0) + 1)
    if (ending === 'gone' || ending === 'garbled') this.#version = undefined
    if (lasted >= healthyMs) this.#backoff.reset()
    const fields = { watch: saySelector(this.selector), reason: ending, seconds: Math.round(lasted / 1000) }
    if (error === undefined) {
      this.#log?.debug(fields, 'watch ended')
    } else {
      this.#problem = toReconcileError(error)
      this.#log?.warn({ ...fields, error: this.#problem.message }, 'watch ended')
    }
    return this.#wait(ending, lasted, error)
  }

  #wait(ending: Ending, lasted: number, error: unknown): number {
    const asked = error instanceof KubeError ? error.retryAfterMs : undefined
    if (asked !== undefined) return Math.min(asked, 120_000) + this.#clock.random() * 1_000
    const quietEnd = ending === 'eof' || ending === 'inactive' || ending === 'gone'
    return quietEnd && lasted >= shortSessionMs ? 0 : this.#backoff.next()
  }

  /** Every 5 minutes ± 10 %: what does a consistent list know that the watch did not say? */
  async #compare(signal: AbortSignal): Promise<void> {
    let shrunk = false
    while (!signal.aborted) {
      const wait = shrunk ? recheckMs : relistMs * (0.9 + 0.2 * this.#clock.random())
      const elapsed = await undisturbed(this.#clock, wait, signal)
      if (!elapsed || this.#version === undefined) continue
      shrunk = await this.#repair(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#log?.warn({ error: toReconcileError(error).message }, 'relist failed')
        return false
      })
    }
  }

  /** True when the list took objects away: a list that lacks them by mistake is then soon corrected. */
  async #repair(signal: AbortSignal): Promise<boolean> {
    const { objects, version } = await this.#readList(signal)
    const changed = this.#cache.replace(objects, version)
    for (const key of changed) this.#suspects.add(key)
    this.#tell(changed)
    if (changed.length === 0) return false
    const elapsed = await undisturbed(this.#clock, missedAfterMs, signal)
    if (elapsed && this.#suspects.size > 0) {
      this.#missedEvents += this.#suspects.size
      this.#log?.warn(
        { watch: saySelector(this.selector), missed: this.#suspects.size },
        'watch missed events',
      )
      this.#suspects.clear()
    }
    return changed.some((key) => this.#cache.get(key) === undefined)
  }

  #active(): void {
    this.#activeAt = this.#clock.now()
  }

  #tell(keys: readonly string[]): void {
    for (const key of keys) for (const listener of this.#listeners) this.#tellOne(listener, key)
  }

  #tellOne(listener: (key: string) => void, key: string): void {
    try {
      listener(key)
    } catch (error) {
      this.#log?.error({ key, error: toReconcileError(error).message }, 'listener failed')
    }
  }
}
