import type { ConfigMap, KubeDesk } from './kube-desk.ts'

/** The ConfigMaps of a namespace as a watch of our own sees them: the benchmark's eye on status. */
export class NamespaceView {
  readonly #objects = new Map<string, ConfigMap>()
  readonly #waiting = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal

  private constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  static async open(desk: KubeDesk, namespace: string, signal: AbortSignal): Promise<NamespaceView> {
    const view = new NamespaceView(signal)
    await view.#follow(desk, namespace, AbortSignal.any([signal, view.#stop.signal]))
    return view
  }

  close(): void {
    this.#stop.abort()
  }

  get(name: string): ConfigMap | undefined {
    return this.#objects.get(name)
  }

  /** Of the status of a desired ConfigMap. */
  ready(name: string): string | undefined {
    return this.get(`${name}-status`)?.data?.['ready']
  }

  observedHash(name: string): string | undefined {
    return this.get(`${name}-status`)?.data?.['observedHash']
  }

  /** Ready with another document than the one of that hash. */
  readyAfter(hash: string | undefined, name: string): boolean {
    return this.observedHash(name) !== hash && this.ready(name) === 'True'
  }

  /** Resolves at the event after which `test` is true. */
  async until(what: string, test: () => boolean, deadlineMs = 120_000): Promise<void> {
    if (test()) return
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const look = (): void => {
      if (test()) resolve(undefined)
    }
    const end = (): void => reject(new Error(`waited ${deadlineMs / 1_000} s for ${what}`))
    const abort = (): void => reject(this.#signal.reason)
    const timer = setTimeout(end, deadlineMs)
    this.#signal.addEventListener('abort', abort, { once: true })
    this.#waiting.add(look)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#signal.removeEventListener('abort', abort)
      this.#waiting.delete(look)
    }
  }

  /** Lists, then watches; both again when the API server ends the watch, as it does with one that cannot keep up. */
  async #follow(desk: KubeDesk, namespace: string, signal: AbortSignal): Promise<void> {
    const { items, metadata } = await desk.list(namespace)
    this.#objects.clear()
    for (const object of items) this.#objects.set(object.metadata.name, object)
    for (const look of this.#waiting) look()
    const take = (type: string, object: ConfigMap): void => this.#take(type, object)
    const { ended } = await desk.watch(namespace, metadata.resourceVersion, take, signal)
    const again = async (): Promise<void> => {
      await ended
      if (!signal.aborted) await this.#follow(desk, namespace, signal)
    }
    // A failure shows at the deadline of whoever waits.
    again().catch(() => undefined)
  }

  #take(type: string, object: ConfigMap): void {
    if (type === 'DELETED') this.#objects.delete(object.metadata.name)
    else if (type === 'ADDED' || type === 'MODIFIED') this.#objects.set(object.metadata.name, object)
    for (const look of this.#waiting) look()
  }
}
