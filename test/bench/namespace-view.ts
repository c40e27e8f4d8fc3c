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
    const { items, metadata } = await desk.list(namespace)
    for (const item of items) view.#objects.set(item.metadata.name, item)
    const either = AbortSignal.any([signal, view.#stop.signal])
    await desk.watch(namespace, metadata.resourceVersion, (type, object) => view.#take(type, object), either)
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

  #take(type: string, object: ConfigMap): void {
    if (type === 'DELETED') this.#objects.delete(object.metadata.name)
    else if (type === 'ADDED' || type === 'MODIFIED') this.#objects.set(object.metadata.name, object)
    for (const look of this.#waiting) look()
  }
}
