import { watch } from 'node:fs'
import { toReconcileError } from '../errors.ts'
import type { DocumentType } from '../reconcile/resource-type.ts'
import type { DesiredSource } from '../reconcile/state.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { systemClock, type Clock } from '../reconcile/clock.ts'
import { undisturbed } from './pause.ts'
import { readMounted, type MountedFiles } from './mounted-files.ts'
import type { ConfigMap } from './objects.ts'
import { readWritten } from './written.ts'

export interface VolumeSourceParts {
  /** DESIRED_DIR. */
  readonly directory: string
  readonly namespace: string
  readonly types: readonly DocumentType[]
  readonly log: Log
  readonly clock?: Clock
}

/** A change of a volume is seen at once where the file system tells, and within this time everywhere. */
const pollMs = 10_000
const settleMs = 50

/**
 * Documents on a mounted volume, where there is no API access: `topics.yaml` by itself, or a directory for each ConfigMap.
 * There are no annotations, so everything is upsert-only and nothing can be approved.
 */
export class VolumeSource implements DesiredSource {
  readonly #parts: VolumeSourceParts
  readonly #clock: Clock
  readonly #listeners: ((key: string) => void)[] = []
  #written: ReadonlyMap<string, Written> = new Map()
  #synced = false
  #readAt: number
  #missing = false

  constructor(parts: VolumeSourceParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.#readAt = this.#clock.now()
  }

  read(key: string): Written | undefined {
    return this.#written.get(key)
  }

  keys(): readonly string[] {
    return [...this.#written.keys()]
  }

  synced(): boolean {
    return this.#synced
  }

  /** Milliseconds since the directory was last read. */
  lastActivityAge(): number {
    return this.#clock.now() - this.#readAt
  }

  onChange(listener: (key: string) => void): void {
    this.#listeners.push(listener)
  }

  /** Follows the directory until the signal aborts; resolves then, and never rejects. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changed = this.#watchOnce(signal)
      await this.refresh()
      await changed
      // A file may be half written when its change is told.
      await undisturbed(this.#clock, settleMs, signal)
    }
  }

  /** Reads the directory now. A directory that cannot be read changes nothing: vanished is not empty. */
  async refresh(): Promise<void> {
    const { directory, log } = this.#parts
    try {
      const found = await readMounted(directory)
      this.#readAt = this.#clock.now()
      this.#synced = true
      if (found === undefined) this.#warnMissing()
      else this.#take(found)
    } catch (error) {
      log.warn({ directory, error: toReconcileError(error).message }, 'desired directory cannot be read')
    }
  }

  #warnMissing(): void {
    if (!this.#missing)
      this.#parts.log.warn({ directory: this.#parts.directory }, 'desired directory does not exist')
    this.#missing = true
  }

  #take(found: ReadonlyMap<string, MountedFiles>): void {
    this.#missing = false
    const before = this.#written
    const now = new Map<string, Written>()
    for (const configMap of this.#configMapsOf(found)) {
      const written = readWritten(configMap, new Map(), this.#parts.types)
      now.set(
        written.key,
        before.get(written.key)?.hash === written.hash ? (before.get(written.key) ?? written) : written,
      )
    }
    this.#written = now
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(key) !== now.get(key)) for (const listener of this.#listeners) listener(key)
    }
  }

  /** Files at the top: one document for each config type, with every other file as its definitions. */
  #configMapsOf(found: ReadonlyMap<string, MountedFiles>): readonly ConfigMap[] {
    const types = this.#parts.types.map(({ name }) => name)
    return [...found].flatMap(([name, files]) => {
      if (name !== '') return files.size === 0 ? [] : [this.#configMap(name, files)]
      const typeOf = (file: string): string | undefined =>
        types.find((type) => [`${type}.json`, `${type}.yaml`].includes(file.replace(/\.gz$/, '')))
      return types
        .filter((type) => [...files.keys()].some((file) => typeOf(file) === type))
        .map((type) =>
          this.#configMap(type, new Map([...files].filter(([file]) => (typeOf(file) ?? type) === type))),
        )
    })
  }

  #configMap(name: string, files: MountedFiles): ConfigMap {
    const { namespace } = this.#parts
    const binaryData = Object.fromEntries([...files].map(([file, bytes]) => [file, bytes.toString('base64')]))
    const metadata = {
      name,
      namespace,
      uid: `file:${name}`,
      resourceVersion: '',
      creationTimestamp: undefined,
      labels: {},
      annotations: {},
      managedFields: [],
    }
    return { metadata, data: {}, binaryData }
  }

  /** Resolves at the first change of the directory, after the poll time, or when the signal aborts. */
  async #watchOnce(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const end = (): void => stop.abort()
    signal.addEventListener('abort', end, { once: true })
    const watcher = this.#tryWatch(end)
    await undisturbed(this.#clock, pollMs, stop.signal)
    watcher?.close()
    signal.removeEventListener('abort', end)
  }

  /** Not every file system tells of changes; then polling alone does. */
  #tryWatch(changed: () => void): ReturnType<typeof watch> | undefined {
    try {
      const watcher = watch(this.#parts.directory, changed)
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return undefined
    }
  }
}
