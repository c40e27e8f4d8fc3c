import type { RunSettings } from '../config.ts'
import { ReconcileError } from '../errors.ts'
import type { DocumentType } from '../reconcile/resource-type.ts'
import type { Log } from '../reconcile/world.ts'
import { systemClock } from '../reconcile/clock.ts'
import { undisturbed } from './pause.ts'
import { ConfigMapSource } from './config-map-source.ts'
import { Control } from './control.ts'
import { MountedSecrets } from './mounted-secrets.ts'
import { MemoryStore } from './memory-store.ts'
import type { Reflector } from './reflector.ts'
import type { KubeClient } from './rest.ts'
import { KubeSecrets } from './secrets.ts'
import { KubeStateStore } from './state-store.ts'
import { VolumeSource } from './volume-source.ts'

/** Who is told of changes: keys, and that the word of `infometis-control` changed. */
export interface Listeners {
  changed(key: string): void
  controlled(): void
}

/** The watches as one: the oldest silence, the summed totals. */
export interface Watches {
  readonly synced: boolean
  /** Milliseconds. */
  readonly age: number
  readonly restarts: ReadonlyMap<string, number>
  readonly missedEvents: number
}

export interface SurroundingsParts {
  /** The component: `kafka`. */
  readonly component: string
  readonly types: readonly DocumentType[]
  readonly settings: Pick<
    RunSettings,
    'WATCH_NAMESPACES' | 'CONFIG_MAP_NAME' | 'INFOMETIS_INSTANCE' | 'DESIRED_DIR' | 'SECRETS_DIR'
  >
  readonly log: Log
}

/** Everything of this room that a running reconciler needs, put together; with the Kubernetes API. */
export class KubeSurroundings {
  readonly source: ConfigMapSource
  readonly store: KubeStateStore
  readonly secrets: KubeSecrets
  readonly #client: KubeClient
  readonly #control: Control
  readonly #log: Log
  readonly #stop = new AbortController()

  constructor(client: KubeClient, { component, types, settings, log }: SurroundingsParts) {
    this.#client = client
    this.#log = log
    const namespaces =
      settings.WATCH_NAMESPACES.length > 0 ? settings.WATCH_NAMESPACES : [client.connection.namespace]
    const instance = settings.INFOMETIS_INSTANCE
    const names = settings.CONFIG_MAP_NAME
    this.source = new ConfigMapSource({ client, component, types, namespaces, names, instance, log })
    const { signal } = this.#stop
    const bases = this.source.bases()
    this.store = new KubeStateStore({ client, component, instance, desired: this.source, bases, log, signal })
    this.secrets = new KubeSecrets(client, component)
    this.#control = new Control(client, log)
  }

  suspended(): boolean {
    return this.#control.suspended()
  }

  /** Resolves when everything is synced; it waits as long as that takes, and says every 10 s what it waits for. */
  async start(listeners: Listeners): Promise<void> {
    this.source.onChange((key) => listeners.changed(key))
    this.store.onChange((key) => listeners.changed(key))
    this.#control.onChange(() => listeners.controlled())
    const { signal } = this.#stop
    const synced = this.#reflectors().map((reflector) => reflector.whenSynced(signal))
    for (const reflector of this.#reflectors()) reflector.start(signal)
    const patience = new AbortController()
    void this.#sayWhatIsMissing(patience.signal)
    await Promise.all(synced)
    patience.abort()
  }

  watch(): Watches {
    const reflectors = this.#reflectors()
    const restarts = new Map<string, number>()
    for (const { counters } of reflectors) {
      for (const [reason, count] of counters.restarts)
        restarts.set(reason, (restarts.get(reason) ?? 0) + count)
    }
    return {
      synced: reflectors.every((each) => each.synced),
      age: Math.max(...reflectors.map((each) => each.lastActivityAge())),
      restarts,
      missedEvents: reflectors.reduce((sum, each) => sum + each.counters.missedEvents, 0),
    }
  }

  /** Sends what Events it still holds (for 2 s at most), then ends every watch. */
  async stop(): Promise<void> {
    const late = undisturbed(systemClock, 2_000, this.#stop.signal)
    await Promise.race([this.store.drained(), late])
    this.#stop.abort(new ReconcileError('Aborted', 'the reconciler is stopping'))
    await Promise.all(this.#reflectors().map((each) => each.done))
    this.#client.close()
  }

  #reflectors(): readonly Reflector[] {
    return [...this.source.reflectors, this.store.reflector, this.#control.reflector]
  }

  async #sayWhatIsMissing(signal: AbortSignal): Promise<void> {
    while (await undisturbed(systemClock, 10_000, signal)) {
      for (const { synced, problem } of this.#reflectors()) {
        if (!synced)
          this.#log.warn({ error: problem?.message ?? 'no answer yet' }, 'waiting for the first list')
      }
    }
  }
}

/** The same with a mounted volume and no API access: state in memory, reports in the log. */
export class VolumeSurroundings {
  readonly source: VolumeSource
  readonly store: MemoryStore
  readonly secrets: MountedSecrets
  readonly #stop = new AbortController()
  #following: Promise<void> = Promise.resolve()

  constructor(namespace: string, { component, types, settings, log }: SurroundingsParts) {
    this.source = new VolumeSource({ directory: settings.DESIRED_DIR, namespace, types, log })
    this.store = new MemoryStore(log)
    this.secrets = new MountedSecrets(settings.SECRETS_DIR, component)
  }

  suspended(): boolean {
    return false
  }

  async start(listeners: Listeners): Promise<void> {
    this.source.onChange((key) => listeners.changed(key))
    await this.source.refresh()
    this.#following = this.source.follow(this.#stop.signal)
  }

  watch(): Watches {
    return {
      synced: this.source.synced(),
      age: this.source.lastActivityAge(),
      restarts: new Map(),
      missedEvents: 0,
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
  }
}
