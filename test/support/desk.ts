import { pause } from '../../src/client/abort.ts'
import type { Change, Original, Resource } from '../../src/core/resource.ts'
import { DeletionLedger } from '../../src/reconcile/deletion-ledger.ts'
import { OwnershipIndex } from '../../src/reconcile/ownership-index.ts'
import { RejectionMemory } from '../../src/reconcile/rejection-memory.ts'
import type { Result } from '../../src/reconcile/result.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import type { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import type { DesiredSource, State, StateStore, Transition } from '../../src/reconcile/state.ts'
import type { World } from '../../src/reconcile/world.ts'
import type { Controls, Written } from '../../src/reconcile/written.ts'
import { MemorySecrets } from './secrets.ts'
import { writtenOf } from './written.ts'

/** One I/O call of a reconcile, for counting and for breaking it. */
export interface Step {
  readonly what: string
  readonly changes: readonly Change[]
}

/** Called before and after each I/O step; may throw, which is a crash at that point. */
export type Tap = (step: Step, moment: 'before' | 'after') => void

/** Thrown by a tap: the process is gone, nothing more is written. */
export class Crash extends Error {}

/**
 * A reconciler at a desk of its own: ConfigMaps, Secrets, kept state and clock in memory, the service's client given. What is
 * durable (ConfigMaps, saved state, the service) survives `restart`; all else is lost, as with kill -9.
 */
export class Desk<R extends Resource = Resource> {
  readonly #reconciler: ServiceReconciler<R>
  readonly #newClient: () => ServiceClient<R>
  readonly documents = new Map<string, Written>()
  readonly states = new Map<string, State>()
  readonly secrets = new MemorySecrets()
  readonly steps: Step[] = []
  readonly logged: unknown[] = []
  readonly announced: Transition[] = []
  readonly requeued = new Set<string>()
  /** `replace pending` of every change told to the meter, and how many drifted fields were. */
  readonly metered: string[] = []
  drifted = 0
  /** What was measured of the resources of each ConfigMap. */
  readonly figures = new Map<string, ReadonlyMap<string, ReadonlyMap<string, number>>>()
  /** What was kept before it was overwritten or deleted. */
  readonly originals: (Original & { readonly key: string; readonly resource: string })[] = []
  /** Characters of an original that the store takes. */
  mostKept = Number.POSITIVE_INFINITY
  saves = 0
  summaries = 0
  /** Milliseconds until the summary may be stamped; undefined: it has been. */
  stampAfter: number | undefined
  suspended = false
  expectedClusterId: string | undefined
  tap: Tap = () => undefined
  #client: ServiceClient<R>
  #world: World<R>
  /** Milliseconds added to the real clock. */
  elapsed = 0

  constructor(reconciler: ServiceReconciler<R>, newClient: () => ServiceClient<R>) {
    this.#reconciler = reconciler
    this.#newClient = newClient
    this.#client = newClient()
    this.#world = this.#makeWorld()
  }

  /** Writes a ConfigMap. `entries` undefined: unparseable. */
  write(
    name: string,
    type: string,
    entries: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown> | undefined,
    more: { readonly controls?: Partial<Controls>; readonly createdAt?: number } = {},
  ): void {
    const written = writtenOf(name, type, entries, more)
    this.documents.set(written.key, written)
    this.#world.ownership.refresh(written.key)
  }

  remove(name: string): void {
    this.documents.delete(`team/${name}`)
    this.#world.ownership.refresh(`team/${name}`)
  }

  state(name: string): State {
    const state = this.states.get(`team/${name}`)
    if (state === undefined) throw new Error(`no state is kept for ${name}`)
    return state
  }

  /** `name: state reason` of every entry that is not Ready. */
  unready(name: string): readonly string[] {
    return this.state(name).resources.map((each) => `${each.name}: ${each.state} ${each.reason}`)
  }

  async reconcile(name: string, signal = AbortSignal.timeout(60_000)): Promise<Result> {
    return this.#reconciler.reconcile(`team/${name}`, this.#world, signal)
  }

  /** Reconciles until done, at most `passes` times; what asks for another look gets one at once. */
  async converge(name: string, passes = 20): Promise<Result> {
    let result = await this.reconcile(name)
    for (let pass = 1; pass < passes && result.kind === 'requeueAfter'; pass += 1)
      result = await this.reconcile(name)
    return result
  }

  /** As after kill -9 and a new start. */
  async restart(): Promise<void> {
    await this.#client.close()
    this.#client = this.#newClient()
    this.#world = this.#makeWorld()
    this.tap = () => undefined
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** Calls of the client that ask for a change. */
  applied(): readonly Change[] {
    return this.steps.filter((step) => step.what === 'apply').flatMap((step) => step.changes)
  }

  #makeWorld(): World<R> {
    const source: DesiredSource = {
      read: (key) => this.documents.get(key),
      keys: () => [...this.documents.keys()],
      synced: () => true,
    }
    const store = this.#makeStore()
    const ownership = new OwnershipIndex(source, store)
    for (const key of new Set([...source.keys(), ...store.keys()])) ownership.refresh(key)
    const log = (fields: object, message: string) => void this.logged.push({ ...fields, message })
    return {
      source,
      store,
      client: this.#tapped(this.#client),
      ownership,
      deletions: new DeletionLedger(),
      rejections: new RejectionMemory(),
      secrets: this.secrets,
      suspended: () => this.suspended,
      now: () => Date.now() + this.elapsed,
      sleep: pause,
      expectedClusterId: this.expectedClusterId,
      log: { debug: log, info: log, warn: log, error: log },
      meter: {
        changed: (action, outcome) => void this.metered.push(`${action} ${outcome}`),
        drifted: (count) => void (this.drifted += count),
        measured: (key, figures) => void this.figures.set(key, figures),
        converged: () => undefined,
      },
      requeue: (key) => void this.requeued.add(key),
    }
  }

  #makeStore(): StateStore {
    return {
      read: (key) => this.states.get(key),
      keys: () => [...this.states.keys()],
      save: async (key, state) => {
        const before = this.states.get(key)
        if (before !== undefined && JSON.stringify(plain(before)) === JSON.stringify(plain(state))) return
        await this.#step({ what: 'save', changes: [] }, async () => {
          this.saves += 1
          this.states.set(key, state)
        })
      },
      remove: async (key) => void this.states.delete(key),
      summarize: async () => {
        this.summaries += 1
        return this.stampAfter
      },
      keep: async (key, resource, original) =>
        this.#step({ what: 'keep', changes: [] }, async () => {
          if (original.text.length > this.mostKept) return undefined
          this.originals.push({ key, resource, ...original })
          return `the ConfigMap of ${resource}`
        }),
      announce: (_written, transitions) => void this.announced.push(...transitions),
    }
  }

  #tapped(client: ServiceClient<R>): ServiceClient<R> {
    const validate = client.validate?.bind(client)
    const canonical = client.canonical?.bind(client)
    return {
      ping: (signal) => this.#step({ what: 'ping', changes: [] }, () => client.ping(signal)),
      list: (type, signal) => this.#step({ what: 'list', changes: [] }, () => client.list(type, signal)),
      observe: (type, names, signal, sought) =>
        this.#step({ what: 'observe', changes: [] }, () => client.observe(type, names, signal, sought)),
      ...(validate === undefined
        ? {}
        : {
            validate: (changes: readonly Change<R>[], signal: AbortSignal) =>
              this.#step({ what: 'validate', changes }, () => validate(changes, signal)),
          }),
      ...(canonical === undefined
        ? {}
        : {
            canonical: (desired: readonly R[], signal: AbortSignal) =>
              this.#step({ what: 'canonical', changes: [] }, () => canonical(desired, signal)),
          }),
      apply: (changes, signal) => this.#step({ what: 'apply', changes }, () => client.apply(changes, signal)),
      close: () => client.close(),
    }
  }

  async #step<T>(step: Step, run: () => Promise<T>): Promise<T> {
    this.tap(step, 'before')
    this.steps.push(step)
    const result = await run()
    this.tap(step, 'after')
    return result
  }
}

function plain(state: State): unknown {
  return {
    ...state,
    inventory: [...state.inventory].map(([key, entry]) => [
      key,
      {
        ...entry,
        fields: [...entry.fields],
        intended: entry.intended === undefined ? undefined : [...entry.intended],
      },
    ]),
  }
}
