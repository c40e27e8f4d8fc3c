import { ReconcileError, toReconcileError } from '../errors.ts'
import type { Result } from '../reconcile/result.ts'
import type { DesiredSource, StateStore } from '../reconcile/state.ts'
import type { Clock } from '../reconcile/clock.ts'
import type { Logger } from './logger.ts'
import type { Metrics, ReconcileResult } from './metrics.ts'
import type { Priority } from './priority.ts'
import { backoffCeiling, isOutage, resyncAfter, untilSlot } from './schedule.ts'
import type { WorkQueue } from './work-queue.ts'

/** Ends of a reconcile that are nobody's fault. */
const onPurpose: ReadonlySet<ReconcileError['reason']> = new Set(['Aborted', 'Suspended', 'LeadershipLost'])

/** One reconcile of one key; every line of the log carries the number of this run. */
export type Reconcile = (key: string, signal: AbortSignal, log: Logger) => Promise<Result>

export interface ControllerParts {
  readonly queue: WorkQueue
  readonly source: Pick<DesiredSource, 'read' | 'keys'>
  readonly store: Pick<StateStore, 'keys' | 'read'>
  readonly reconcile: Reconcile
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
}

export interface ControllerSettings {
  readonly workers: number
  /** Milliseconds between resyncs of a key whose ConfigMap names no interval. */
  readonly interval: number
  /** Milliseconds one reconcile may take. */
  readonly deadline: number
}

/**
 * Takes keys and reconciles them, a fixed number at a time, until it is stopped. The four outcomes of a reconcile are one
 * switch. A reconcile that runs past its deadline is told by its signal and then awaited: to start the key again beside it
 * would break "one in flight per key", so one that does not listen shows in /health instead.
 */
export class Controller {
  readonly #parts: ControllerParts
  readonly #settings: ControllerSettings
  /** Of what is in flight. One abort each at shutdown, in place of a listener per reconcile on one long-lived signal. */
  readonly #inFlight = new Set<AbortController>()
  /** Key → why its last reconcile failed: said once at warn, and known when the service comes back. */
  readonly #failing = new Map<string, ReconcileError['reason']>()
  #workers: readonly Promise<void>[] = []
  #runs = 0

  constructor(parts: ControllerParts, settings: ControllerSettings) {
    this.#parts = parts
    this.#settings = settings
  }

  /**
   * Begins with every key there is, those of ConfigMaps that are gone included, at the lowest priority: what somebody
   * changes during the first pass overtakes it. Call it once the source and the store are synced.
   */
  start(): void {
    this.enqueueAll('resync')
    this.#parts.metrics.workers(this.#settings.workers)
    this.#workers = Array.from({ length: this.#settings.workers }, () => this.#work())
  }

  /** Something about the key changed: reconcile it soon. */
  enqueue(key: string, priority: Priority = 'change'): void {
    this.#parts.queue.add(key, priority)
  }

  /** The service answers again: what failed because it did not need not wait out its backoff. */
  retryOutages(): void {
    for (const [key, reason] of this.#failing) if (isOutage(reason)) this.#parts.queue.add(key, 'retry')
  }

  /** Aborts what is in flight with `error`, and looks at every key again: the world has changed for all of them. */
  interrupt(error: ReconcileError): void {
    this.#abort(error)
    this.enqueueAll('change')
  }

  /** Takes no more keys, and aborts what is in flight with `error`. `stop` tells when it has ended. */
  abandon(error: ReconcileError): void {
    this.#parts.queue.shut()
    this.#abort(error)
  }

  enqueueAll(priority: Priority): void {
    const { source, store, queue } = this.#parts
    for (const key of new Set([...source.keys(), ...store.keys()])) queue.add(key, priority)
  }

  /** Takes no more keys, lets what is in flight finish for `grace` ms, then aborts it. Resolves when no reconcile runs. */
  async stop(grace: number): Promise<void> {
    this.#parts.queue.shut()
    const cancel = this.#parts.clock.setTimeout(() => {
      for (const flight of this.#inFlight)
        flight.abort(new ReconcileError('Aborted', 'the reconciler is stopping'))
    }, grace)
    await Promise.all(this.#workers)
    cancel()
  }

  async #work(): Promise<void> {
    for (let key = await this.#take(); key !== undefined; key = await this.#take()) {
      await this.#once(key)
      this.#parts.queue.done(key)
    }
  }

  #abort(error: ReconcileError): void {
    for (const flight of this.#inFlight) flight.abort(error)
  }

  #take(): Promise<string | undefined> {
    return this.#parts.queue.take()
  }

  async #once(key: string): Promise<void> {
    const { clock, metrics } = this.#parts
    const log = this.#parts.log.child({ reconcile: ++this.#runs })
    const started = clock.now()
    metrics.began()
    const result = await this.#attempt(key, log)
    const ms = clock.now() - started
    metrics.ended(this.#settle(key, result, log.child({ key, ms: Math.round(ms) })), ms / 1_000)
  }

  async #attempt(key: string, log: Logger): Promise<Result> {
    const { clock, metrics, reconcile } = this.#parts
    const flight = new AbortController()
    const { deadline } = this.#settings
    const cancel = clock.setTimeout(() => {
      metrics.timedOut()
      flight.abort(
        new ReconcileError('DeadlineExceeded', `the reconcile took longer than ${deadline / 1_000} s`),
      )
    }, deadline)
    this.#inFlight.add(flight)
    try {
      return await reconcile(key, flight.signal, log)
    } catch (thrown) {
      if (flight.signal.aborted) return { kind: 'retryable', error: toReconcileError(flight.signal.reason) }
      metrics.panicked()
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      return { kind: 'retryable', error: new ReconcileError('InternalError', message, { cause: thrown }) }
    } finally {
      cancel()
      this.#inFlight.delete(flight)
    }
  }

  /** What follows from each of the four outcomes. */
  #settle(key: string, result: Result, log: Logger): ReconcileResult {
    const { queue, clock, metrics } = this.#parts
    const resync = resyncAfter(this.#interval(key), clock.random())
    switch (result.kind) {
      case 'done':
        this.#well(key)
        this.#lookAgain(key, resync)
        log.debug({}, 'reconciled')
        return 'success'
      case 'requeueAfter':
        this.#well(key)
        queue.addAfter(key, Math.min(result.ms, resync), 'retry')
        log.debug({ again: Math.round(result.ms) }, 'reconciled, work is pending')
        return 'requeue_after'
      case 'retryable': {
        const again = queue.retry(key, backoffCeiling(result.error.reason, resync))
        this.#tell(
          key,
          result.error,
          log.child({ again: Math.round(again) }),
          'reconcile failed, will be tried again',
        )
        return 'error'
      }
      case 'terminal':
        metrics.stalled()
        queue.forget(key)
        this.#tell(key, result.error, log, 'reconcile stalled, a person is needed')
        this.#lookAgain(key, resync)
        return 'error'
    }
  }

  #well(key: string): void {
    this.#parts.queue.forget(key)
    this.#failing.delete(key)
  }

  /** At the resync; never for a ConfigMap that is gone and has no state left: it is nobody's any more. */
  #lookAgain(key: string, ms: number): void {
    const { source, store, queue, clock } = this.#parts
    if (source.read(key) === undefined && store.read(key) === undefined) this.#well(key)
    else queue.addAfter(key, untilSlot(clock.now(), ms), 'resync')
  }

  #interval(key: string): number {
    return this.#parts.source.read(key)?.controls.interval ?? this.#settings.interval
  }

  /** A failure is news once; its repetitions are not, nor is what was stopped on purpose. */
  #tell(key: string, error: ReconcileError, log: Logger, message: string): void {
    const meant = onPurpose.has(error.reason)
    const news = !meant && this.#failing.get(key) !== error.reason
    if (!meant) this.#failing.set(key, error.reason)
    if (!news) log.debug({ error }, message)
    else if (error.reason === 'InternalError') log.error({ error }, message)
    else log.warn({ error }, message)
  }
}
