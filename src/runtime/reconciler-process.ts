import type { RunSettings } from '../config.ts'
import type { Resource } from '../core/resource.ts'
import { ReconcileError } from '../errors.ts'
import { DeletionLedger } from '../reconcile/deletion-ledger.ts'
import { OwnershipIndex } from '../reconcile/ownership-index.ts'
import { RejectionMemory } from '../reconcile/rejection-memory.ts'
import type { SecretSource } from '../reconcile/secrets.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { DesiredSource, StateStore } from '../reconcile/state.ts'
import type { World } from '../reconcile/world.ts'
import type { Clock } from '../reconcile/clock.ts'
import { pause } from '../reconcile/clock.ts'
import { Controller } from './controller.ts'
import type { Facts } from './health.ts'
import { healthOf, readinessOf } from './health.ts'
import { HttpServer } from './http-server.ts'
import type { LeaderElection } from './leader-election.ts'
import type { Logger } from './logger.ts'
import type { Metrics, WatchFacts } from './metrics.ts'
import { ServiceProbe } from './service-probe.ts'
import { tallyOf } from './tally.ts'
import { WorkQueue } from './work-queue.ts'

/** Where desired state comes from and state goes to: the Kubernetes API, or a mounted volume. */
export interface Surroundings {
  readonly source: DesiredSource
  readonly store: StateStore
  readonly secrets: SecretSource
  /** The word of `infometis-control`. */
  suspended(): boolean
  /** Begins to read and resolves when all is synced. `changed` hears keys, `controlled` that the control's word changed. */
  start(listeners: { changed(key: string): void; controlled(): void }): Promise<void>
  watch(): WatchFacts
  /** Writes out what it still holds and ends every watch. */
  stop(): Promise<void>
}

export interface ProcessParts<R extends Resource> {
  readonly service: ServiceReconciler<R>
  readonly client: ServiceClient<R>
  readonly surroundings: Surroundings
  /** Where replicas elect a leader: until this process is it, nothing is read, and afterwards its fence guards every write. */
  readonly election?: LeaderElection | undefined
  readonly settings: Pick<
    RunSettings,
    | 'CONCURRENCY'
    | 'RECONCILE_INTERVAL'
    | 'RECONCILE_TIMEOUT'
    | 'EXPECTED_CLUSTER_ID'
    | 'HTTP_HOST'
    | 'HTTP_PORT'
  >
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
}

/** Kubernetes kills after 30 s: 20 for what is in flight, 1.5 for it to notice the abort, 3 for the rest to close. */
const grace = 20_000
const noticing = 1_500
const closing = 3_000

/** One running reconciler: everything of this room, put together. */
export class ReconcilerProcess<R extends Resource> {
  readonly #parts: ProcessParts<R>
  readonly #queue: WorkQueue
  readonly #controller: Controller
  readonly #probe: ServiceProbe
  readonly #http: HttpServer
  readonly #world: World<R>
  /** ConfigMaps that changed and are not Ready since, with the clock's time of the first change. */
  readonly #changes = new Map<string, number>()
  readonly #lost = Promise.withResolvers<never>()
  #started = false

  constructor(parts: ProcessParts<R>) {
    this.#parts = parts
    const { metrics, log, clock, surroundings, election, service, client, settings } = parts
    const { source, store } = surroundings
    this.#queue = new WorkQueue(clock, metrics.queueMeter)
    this.#world = this.#makeWorld()
    this.#controller = new Controller(
      {
        queue: this.#queue,
        source,
        store,
        metrics,
        log,
        clock,
        reconcile: (key, signal, ownLog) => service.reconcile(key, { ...this.#world, log: ownLog }, signal),
      },
      {
        workers: settings.CONCURRENCY,
        interval: settings.RECONCILE_INTERVAL,
        deadline: settings.RECONCILE_TIMEOUT,
      },
    )
    this.#probe = new ServiceProbe({
      ping: (signal) => client.ping(signal),
      clock,
      log,
      told: (up, recovered) => this.#pinged(up, recovered),
    })
    this.#http = this.#makeHttp()
    metrics.watchQueue(this.#queue)
    this.#lost.promise.catch(() => undefined)
    const fence = election?.leadership.signal
    fence?.addEventListener('abort', () => this.#lose(fence.reason as ReconcileError), { once: true })
  }

  /** Rejects with LeadershipLost when another replica may lead: nothing is written any more, and all that is left is to stop. */
  get lost(): Promise<never> {
    return this.#lost.promise
  }

  /** Resolves with the HTTP port once this process leads, everything is synced and the first keys are in work. */
  async start(): Promise<number> {
    const { settings, election, log } = this.#parts
    const port = await this.#http.listen(settings.HTTP_HOST, settings.HTTP_PORT)
    log.info({ port }, 'listening')
    this.#probe.start()
    election?.start()
    await election?.won
    await this.#begin(port)
    return port
  }

  /** What a standby held would be older than the last write of the leader it follows, so all is read from here on only. */
  async #begin(port: number): Promise<void> {
    const { surroundings, metrics, log } = this.#parts
    const { source, store } = surroundings
    metrics.watchState(() => ({ tally: tallyOf(surroundings), watch: surroundings.watch() }))
    await surroundings.start({
      changed: (key) => this.#changed(key),
      controlled: () => this.#controlled(),
    })
    for (const key of new Set([...source.keys(), ...store.keys()])) this.#world.ownership.refresh(key)
    this.#started = true
    this.#controller.start()
    const uptime = Math.round(performance.now())
    log.info({ port, configMaps: source.keys().length, states: store.keys().length, uptime }, 'synced')
  }

  /** Within 25 s: takes nothing more, lets what is in flight finish, gives the lease back, closes everything. Never rejects. */
  async stop(): Promise<void> {
    const { surroundings, client, election, log } = this.#parts
    const patience = election?.leadership.signal.aborted === true ? 0 : grace
    const work = this.#within(patience + noticing, 'reconciles', this.#controller.stop(patience))
    // Another replica may begin when nothing is at work here; if something does not end, the lease has to run out.
    const lease = work.then(
      () => this.#within(closing, 'lease', election?.release()),
      () => this.#within(closing, 'lease', election?.stop()),
    )
    lease.catch(() => undefined)
    const stop = await Promise.allSettled([work, this.#within(closing, 'ping', this.#probe.stop())])
    const close = await Promise.allSettled([
      lease,
      this.#within(closing, 'client', client.close()),
      this.#within(closing, 'watches', surroundings.stop()),
      this.#within(closing, 'http', this.#http.close()),
    ])
    for (const each of [...stop, ...close]) {
      if (each.status === 'rejected') log.warn({ error: each.reason as unknown }, 'did not stop cleanly')
    }
    log.info({}, 'stopped')
  }

  #makeWorld(): World<R> {
    const { surroundings, client, settings, metrics, log, clock } = this.#parts
    const { source, store } = surroundings
    return {
      source,
      store,
      client,
      ownership: new OwnershipIndex(source, store),
      deletions: new DeletionLedger(),
      rejections: new RejectionMemory(),
      secrets: surroundings.secrets,
      suspended: () => surroundings.suspended(),
      now: () => Date.now(),
      sleep: (ms, signal) => pause(clock, ms, signal),
      expectedClusterId: settings.EXPECTED_CLUSTER_ID,
      log,
      meter: {
        changed: (action, outcome, count) => metrics.changed(action, outcome, count),
        drifted: (count) => metrics.drifted(count),
        measured: (key, figures) => metrics.measured(key, figures),
        converged: (key) => this.#converged(key),
      },
      requeue: (key) => this.#controller.enqueue(key),
    }
  }

  #makeHttp(): HttpServer {
    const { metrics } = this.#parts
    return new HttpServer({
      health: () => healthOf(this.#facts()),
      ready: () => readinessOf(this.#facts()),
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    })
  }

  #facts(): Facts {
    const { surroundings, settings } = this.#parts
    const watch = surroundings.watch()
    return {
      synced: watch.synced,
      watchAge: watch.age,
      longestReconcile: Math.max(0, ...this.#queue.inFlight()) * 1_000,
      deadline: settings.RECONCILE_TIMEOUT,
      ping: this.#probe.outcome,
      lease: this.#parts.election?.facts(),
    }
  }

  /** Nothing may be written from here on, so what is in flight ends at once. */
  #lose(error: ReconcileError): void {
    this.#controller.abandon(error)
    this.#lost.reject(error)
  }

  /** The key itself, and whoever's claim stands or falls with it. */
  #changed(key: string): void {
    if (!this.#started) return
    const { clock, surroundings } = this.#parts
    if (surroundings.source.read(key) === undefined) this.#changes.delete(key)
    else if (!this.#changes.has(key)) this.#changes.set(key, clock.now())
    const others = this.#world.ownership.refresh(key)
    for (const each of [key, ...others]) this.#controller.enqueue(each)
  }

  #converged(key: string): void {
    const since = this.#changes.get(key)
    this.#changes.delete(key)
    if (since !== undefined) this.#parts.metrics.converged((this.#parts.clock.now() - since) / 1_000)
  }

  /** Suspending reaches what is in flight too; either way every status has something new to say. */
  #controlled(): void {
    if (!this.#started) return
    const suspended = this.#parts.surroundings.suspended()
    this.#parts.log.info({ suspended }, 'control changed')
    if (!suspended) this.#controller.enqueueAll('change')
    else
      this.#controller.interrupt(
        new ReconcileError('Suspended', 'suspended by the ConfigMap infometis-control'),
      )
  }

  #pinged(up: boolean, recovered: boolean): void {
    this.#parts.metrics.serviceUp(up)
    if (recovered) this.#controller.retryOutages()
  }

  async #within(ms: number, what: string, work: Promise<unknown> | undefined): Promise<void> {
    const late = Promise.withResolvers<never>()
    const cancel = this.#parts.clock.setTimeout(
      () => late.reject(new ReconcileError('Aborted', `${what} did not end within ${ms / 1_000} s`)),
      ms,
    )
    await Promise.race([work, late.promise]).finally(cancel)
  }
}
