import { reasons, toReconcileError, type ReconcileError } from '../errors.ts'
import { pause, type Clock } from '../reconcile/clock.ts'
import type { Lease, LeaseRecord } from '../reconcile/lease.ts'
import type { Log } from '../reconcile/world.ts'
import type { LeaseFacts } from './health.ts'
import { Leadership } from './leadership.ts'

/**
 * Milliseconds, as in client-go: everybody looks each `retry`; a holder who could not renew stops after `renew`, and another may take
 * over after `lease`. Nothing leaves the old one after `limit`, so that what is on its way then still arrives in time.
 */
export const electionTimes = { lease: 15_000, limit: 14_000, renew: 10_000, retry: 2_000 } as const

export interface ElectionParts {
  readonly lease: Lease
  readonly clock: Clock
  readonly log: Log
  /** For the metric: at the start, and whenever it changes. */
  readonly told: (leading: boolean) => void
}

/**
 * One leader among replicas, with the rules of client-go. A lease may be taken when it is free, or when it has not changed for its
 * own duration since this process saw it change: clocks of different machines are never compared.
 */
export class LeaderElection {
  readonly leadership: Leadership
  readonly #parts: ElectionParts
  readonly #won = Promise.withResolvers<undefined>()
  /** Ends the loop. */
  readonly #ended = new AbortController()
  /** A write goes on when the loop ends: whether it was done decides what there is to give back. */
  readonly #unhurried = new AbortController().signal
  #done: Promise<void> = Promise.resolve()
  #record: LeaseRecord | undefined
  #changedAt = 0
  #answeredAt: number
  #known = false
  #problem: ReconcileError | undefined

  constructor(parts: ElectionParts) {
    const { lease, clock } = parts
    this.#parts = parts
    this.#answeredAt = clock.now()
    const { renew: deadline, limit } = electionTimes
    this.leadership = new Leadership({ name: lease.name, clock, deadline, limit })
    this.leadership.signal.addEventListener('abort', () => this.#lost(), { once: true })
  }

  /** Resolves when this process leads. */
  get won(): Promise<undefined> {
    return this.#won.promise
  }

  start(): void {
    this.#answeredAt = this.#parts.clock.now()
    this.#parts.told(false)
    this.#done = this.#run()
  }

  /** Ends the election without giving the lease back: something may still be at work, which its fence ends when it is time. */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#done
    this.#parts.lease.close()
  }

  /** Gives the lease back, so that another replica leads within two seconds. Call it when nothing is at work any more. */
  async release(): Promise<void> {
    const { lease, log, told } = this.#parts
    const led = await this.#endOfTerm()
    try {
      if (!led) return
      await this.#giveBack()
      log.info({ lease: lease.name }, 'lease released')
    } catch (thrown) {
      log.warn({ lease: lease.name, error: toReconcileError(thrown) }, 'lease not released, it will expire')
    } finally {
      told(false)
      lease.close()
    }
  }

  facts(): LeaseFacts {
    const { clock } = this.#parts
    const age = clock.now() - this.#answeredAt
    return { leading: this.leadership.leading, known: this.#known, age, says: this.#says() }
  }

  async #endOfTerm(): Promise<boolean> {
    this.#ended.abort()
    await this.#done
    const led = this.leadership.leading
    this.leadership.end()
    return led
  }

  async #giveBack(): Promise<void> {
    const { lease } = this.#parts
    const released = this.#record && (await lease.release(this.#record, this.#unhurried))
    if (released !== undefined) return
    // Not as read: by a renewal of ours whose answer was lost, or it is somebody else's already.
    const record = await lease.read(this.#unhurried)
    if (record?.holder === lease.identity) await lease.release(record, this.#unhurried)
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const wait = await this.#attempt()
      await pause(this.#parts.clock, wait, this.#ended.signal).catch(() => undefined)
    }
  }

  /** Milliseconds to the next. */
  async #attempt(): Promise<number> {
    try {
      const wait = this.leadership.leading ? await this.#renew() : await this.#seek()
      this.#answered()
      return wait
    } catch (thrown) {
      if (!this.#ended.signal.aborted) this.#failed(toReconcileError(thrown))
      return this.leadership.leading ? this.#draw() / 4 : this.#draw()
    }
  }

  async #seek(): Promise<number> {
    const { lease, clock, log } = this.#parts
    const record = await this.#look(this.#ended.signal)
    const left = this.#leftToHolder(record)
    if (left > 0) return Math.min(left, this.#draw())
    const askedAt = clock.now()
    const taken = await lease.take(record, this.#unhurried)
    if (taken === undefined) return this.#draw()
    this.#see(taken)
    this.leadership.confirm(askedAt)
    log.info({ lease: lease.name, identity: lease.identity, transitions: taken.transitions }, 'leading')
    this.#parts.told(true)
    // Asked to end meanwhile: it is only to be given back.
    if (!this.#ended.signal.aborted) this.#won.resolve(undefined)
    return this.#draw()
  }

  async #renew(): Promise<number> {
    const { lease, clock } = this.#parts
    this.leadership.check()
    const askedAt = clock.now()
    const { signal } = this.leadership
    const renewed = (this.#record && (await lease.renew(this.#record, signal))) ?? (await this.#reclaim())
    // Lost, or changed a second time between two requests.
    if (renewed === undefined) return this.#draw() / 4
    this.#see(renewed)
    this.leadership.confirm(askedAt)
    return this.#draw()
  }

  /** Somebody wrote the lease while this process holds it: was it ourselves, a person, or another replica? */
  async #reclaim(): Promise<LeaseRecord | undefined> {
    const { lease } = this.#parts
    const { signal } = this.leadership
    const record = await this.#look(signal)
    if (record === undefined || record.holder === '') return lease.take(record, signal)
    if (record.holder === lease.identity) return lease.renew(record, signal)
    this.leadership.taken(`${record.holder} holds the lease ${lease.name} now`)
    return undefined
  }

  async #look(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const record = await this.#parts.lease.read(signal)
    if (record !== undefined) this.#see(record)
    return record
  }

  #see(record: LeaseRecord): void {
    const before = this.#record
    this.#record = record
    if (record.version !== before?.version) this.#changedAt = this.#parts.clock.now()
    if (record.holder === (before?.holder ?? '')) return
    const { lease, log } = this.#parts
    const others = record.holder !== '' && record.holder !== lease.identity
    if (others && !this.leadership.leading) log.info({ lease: lease.name, leader: record.holder }, 'standby')
  }

  /**
   * Milliseconds for which its holder may still count on it. A lease that somebody deleted stays with the holder who was last seen:
   * that one does not know of it yet, and makes it again.
   */
  #leftToHolder(record: LeaseRecord | undefined): number {
    const { holder, durationMs } = record ?? this.#record ?? { holder: '', durationMs: 0 }
    if (holder === '' || holder === this.#parts.lease.identity) return 0
    return Math.max(0, this.#changedAt + durationMs - this.#parts.clock.now())
  }

  /** Not all replicas at the same time. */
  #draw(): number {
    return electionTimes.retry * (0.75 + 0.25 * this.#parts.clock.random())
  }

  #answered(): void {
    this.#problem = undefined
    this.#known = true
    this.#answeredAt = this.#parts.clock.now()
  }

  /** The same trouble again is no news. */
  #failed(error: ReconcileError): void {
    const { lease, log } = this.#parts
    const news = this.#problem?.message !== error.message
    this.#problem = error
    this.leadership.troubled(error.message)
    if (news) log.warn({ lease: lease.name, error }, 'lease cannot be read or written')
  }

  #lost(): void {
    const { log, told } = this.#parts
    told(false)
    log.error({ error: toReconcileError(this.leadership.signal.reason) }, 'leadership lost')
    this.#ended.abort()
  }

  #says(): string {
    const { name, identity } = this.#parts.lease
    if (this.leadership.leading) return `this replica leads: it holds the lease ${name} as ${identity}`
    if (this.#problem !== undefined)
      return `the lease ${name} cannot be read or taken: ${this.#problem.message} (${reasons[this.#problem.reason].advice})`
    if (!this.#known) return `the lease ${name} has not been read yet`
    const holder = this.#record?.holder ?? ''
    if (holder === '' || holder === identity)
      return `the lease ${name} is free: one of the replicas will take it`
    return `${holder} leads: it holds the lease ${name}, and this replica stands by`
  }
}
