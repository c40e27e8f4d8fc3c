import { type Inventory, sameInventory } from '../core/inventory.ts'
import type { Original, ResourceKey } from '../core/resource.ts'
import { ReconcileError, toReconcileError } from '../errors.ts'
import type { State, StateStore, Transition } from '../reconcile/state.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { applyConfigMap, getConfigMap, type Applied } from './apply.ts'
import { systemClock, type Clock } from '../reconcile/clock.ts'
import { BaseStamps, type BaseObjects } from './base-stamps.ts'
import { Events } from './events.ts'
import { writeInventory, type InventoryDocument } from './inventory-document.ts'
import { hasStatus } from './kube-error.ts'
import { Originals } from './originals.ts'
import { desiredAnnotation, labels } from './names.ts'
import type { ConfigMap } from './objects.ts'
import { Reflector } from './reflector.ts'
import { configMapPath, contentTypes, type KubeClient } from './rest.ts'
import { readState, writeState } from './state-document.ts'
import { holds, statusMetadata, type StatusMetadata } from './status-object.ts'
import { hashedStatusName, statusName } from './status-name.ts'
import { Summary, type DesiredObjects } from './summary.ts'

export interface StateStoreParts {
  readonly client: KubeClient
  /** `kafka`; the field manager is `infometis-kafka`. */
  readonly component: string
  /** INFOMETIS_INSTANCE; empty for none. */
  readonly instance: string
  readonly desired: DesiredObjects
  /** Left out: bases get no stamp. */
  readonly bases?: BaseObjects
  readonly log: Log
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/**
 * State in `<name>-status` ConfigMaps of the reconciler's own namespace. What this process has written it also remembers: a
 * status object that somebody edits or deletes is made right by the next save, and never believed.
 */
export class KubeStateStore implements StateStore {
  readonly reflector: Reflector
  readonly #parts: StateStoreParts
  readonly #namespace: string
  readonly #manager: string
  readonly #summary: Summary
  readonly #baseStamps: BaseStamps | undefined
  readonly #events: Events
  readonly #originals: Originals
  readonly #states = new Map<string, State>()
  readonly #unreadable = new Map<string, ReconcileError>()
  /** Key → name of its status object, and back. */
  readonly #names = new Map<string, string>()
  readonly #keys = new Map<string, string>()
  /** Keys whose state is this process's own word. */
  readonly #saved = new Set<string>()
  /** The status objects as last compared with the state in memory, and found to say it. */
  readonly #confirmed = new Map<string, ConfigMap>()
  /** The inventory last packed, by key: a no-op must not cost a compression. */
  readonly #packed = new Map<
    string,
    { readonly inventory: Inventory; readonly document: InventoryDocument }
  >()
  readonly #listeners: ((key: string) => void)[] = []

  constructor(parts: StateStoreParts) {
    this.#parts = parts
    this.#namespace = parts.client.connection.namespace
    this.#manager = `infometis-${parts.component}`
    const { client, log, signal, component, instance, clock } = parts
    const now = parts.now ?? (() => Date.now())
    this.#summary = new Summary({ client, manager: this.#manager, desired: parts.desired, log, now })
    this.#baseStamps =
      parts.bases === undefined
        ? undefined
        : new BaseStamps({
            client,
            component,
            instance,
            bases: parts.bases,
            log,
            clock: clock ?? systemClock,
            now,
          })
    this.#originals = new Originals(client, component)
    this.#events = new Events({ client, manager: this.#manager, log, now, signal })
    const own = instance === '' ? `!${labels.instance}` : `${labels.instance}=${instance}`
    const labelSelector = `${labels.kind}=status,${labels.component}=${component},${own}`
    const options = clock === undefined ? { log } : { log, clock }
    this.reflector = new Reflector(client, { namespace: this.#namespace, labelSelector }, options)
    this.reflector.onChange((key) => this.#changed(key))
  }

  read(key: string): State | undefined {
    return this.#states.get(key)
  }

  keys(): readonly string[] {
    return [...this.#states.keys()]
  }

  /** Why a stored state cannot be used; nothing is changed for that ConfigMap, and `save` throws this. */
  unreadable(): ReadonlyMap<string, ReconcileError> {
    return this.#unreadable
  }

  async save(key: string, state: State, signal: AbortSignal): Promise<void> {
    const unreadable = this.#unreadable.get(key)
    if (unreadable !== undefined) {
      await this.#markUnreadable(key, unreadable, signal)
      throw unreadable
    }
    if (this.#isConfirmed(key, state)) return
    const document = writeState(state, ({ inventory }) => this.#pack(key, inventory))
    const name = this.#names.get(key) ?? (await this.#findName(key, signal))
    const metadata = this.#metadata(key, name)
    let live = this.reflector.get(`${this.#namespace}/${name}`)
    if (live === undefined || !holds(live, metadata, document)) {
      live = await this.#write(key, { metadata, ...document }, signal)
      this.reflector.accept(live)
    }
    this.#states.set(key, state)
    this.#saved.add(key)
    this.#confirmed.set(key, live)
  }

  /** The same state, on the same object as when it was last compared: a no-op pass ends here. */
  #isConfirmed(key: string, state: State): boolean {
    const name = this.#names.get(key)
    const confirmed = this.#confirmed.get(key)
    if (name === undefined || confirmed === undefined || this.#states.get(key) !== state) return false
    return this.reflector.get(`${this.#namespace}/${name}`) === confirmed
  }

  /** The event of our own write can come before its answer, and is no news then. */
  async #write(key: string, applied: Applied, signal: AbortSignal): Promise<ConfigMap> {
    const known = this.#saved.has(key)
    this.#saved.add(key)
    try {
      return await applyConfigMap(this.#parts.client, applied, {
        manager: this.#manager,
        force: true,
        signal,
      })
    } catch (error) {
      if (!known) this.#saved.delete(key)
      throw error
    }
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const name = this.#names.get(key)
    if (name !== undefined) {
      const path = configMapPath(this.#namespace, name)
      await this.#parts.client.request({ method: 'DELETE', path, signal }).catch((error: unknown) => {
        if (!hasStatus(error, 404)) throw error
      })
      this.#forget(key, name)
      this.reflector.retract(`${this.#namespace}/${name}`)
    }
    this.#summary.forget(key)
  }

  /** Hears keys whose state was loaded, or given up by a person. */
  onChange(listener: (key: string) => void): void {
    this.#listeners.push(listener)
  }

  async summarize(written: Written, state: State, signal: AbortSignal): Promise<number | undefined> {
    const wait = await this.#summary.write(written, state, signal)
    return wait ?? (await this.#baseStamps?.settle(written, signal))
  }

  async keep(
    key: string,
    resource: ResourceKey,
    original: Original,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const name = await this.#originals.keep(key, resource, original, signal)
    return name === undefined ? undefined : `the ConfigMap ${name}`
  }

  announce(written: Written, transitions: readonly Transition[]): void {
    this.#events.announce(written, transitions)
  }

  /** Resolves when every Event is sent or dropped. */
  async drained(): Promise<void> {
    await this.#events.drained()
  }

  /** The first sight of a status object, or a change of it that is not ours. */
  #changed(objectKey: string): void {
    const object = this.reflector.get(objectKey)
    const name = objectKey.slice(objectKey.indexOf('/') + 1)
    const key = object?.metadata.annotations[desiredAnnotation] ?? this.#keys.get(name)
    if (key === undefined) return
    if (object === undefined) this.#vanished(key, name)
    else if (!this.#saved.has(key)) this.#load(key, name, object)
  }

  /** Deleted by somebody: the next save makes it again, except where a person gave up what a gone ConfigMap had made. */
  #vanished(key: string, name: string): void {
    const given =
      this.#states.get(key)?.reason === 'SourceGone' && this.#parts.desired.object(key) === undefined
    if (!given && !this.#unreadable.has(key)) return
    this.#forget(key, name)
    this.#tell(key)
  }

  #load(key: string, name: string, object: ConfigMap): void {
    this.#remember(key, name)
    try {
      this.#states.set(key, readState(object))
      this.#unreadable.delete(key)
    } catch (error) {
      this.#states.delete(key)
      this.#unreadable.set(key, toReconcileError(error))
      this.#parts.log.error({ key, error: toReconcileError(error).message }, 'state cannot be read')
    }
    this.#tell(key)
  }

  /** The name for a first save. Whatever stands there without our labels is looked at first: it may be our state, or not ours at all. */
  async #findName(key: string, signal: AbortSignal): Promise<string> {
    for (const name of [statusName(key, this.#namespace), hashedStatusName(key, this.#namespace)]) {
      const holder = this.#keys.get(name)
      if (holder !== undefined && holder !== key) continue
      const found = await getConfigMap(this.#parts.client, { namespace: this.#namespace, name }, signal)
      const owner = found?.object.metadata.annotations[desiredAnnotation]
      if (found !== undefined && owner !== key) continue
      this.#remember(key, name)
      if (found === undefined) return name
      this.reflector.accept(found.object)
      throw new ReconcileError(
        'ApiServerRejected',
        `the state of ${key} was stored already in ${name}; it is read again`,
      )
    }
    throw new ReconcileError(
      'ApiServerRejected',
      `the names for the state of ${key} are taken by other ConfigMaps`,
    )
  }

  /** The desired object may be gone; its type stays known from its state. */
  #metadata(key: string, name: string): StatusMetadata {
    const { component, instance, desired } = this.#parts
    const live = this.reflector.get(`${this.#namespace}/${name}`)
    const type = desired.typeOf(key) ?? live?.metadata.labels[labels.configType]
    return statusMetadata({ key, name, namespace: this.#namespace, component, instance, type })
  }

  #pack(key: string, inventory: Inventory): InventoryDocument {
    const last = this.#packed.get(key)
    if (last !== undefined && sameInventory(last.inventory, inventory)) return last.document
    const document = writeInventory(inventory)
    this.#packed.set(key, { inventory, document })
    return document
  }

  /** Says so where people look, and leaves the inventory as it is for whoever repairs it. */
  async #markUnreadable(key: string, error: ReconcileError, signal: AbortSignal): Promise<void> {
    const name = this.#names.get(key)
    const live = name === undefined ? undefined : this.reflector.get(`${this.#namespace}/${name}`)
    if (name === undefined || live?.data['reason'] === error.reason) return
    await this.#parts.client.request({
      method: 'PATCH',
      path: configMapPath(this.#namespace, name),
      contentType: contentTypes.merge,
      query: { fieldManager: this.#manager },
      body: { data: { ready: 'False', reason: error.reason, message: error.message } },
      signal,
    })
  }

  #remember(key: string, name: string): void {
    this.#names.set(key, name)
    this.#keys.set(name, key)
  }

  #forget(key: string, name: string): void {
    this.#names.delete(key)
    this.#keys.delete(name)
    this.#saved.delete(key)
    this.#confirmed.delete(key)
    this.#unreadable.delete(key)
    this.#states.delete(key)
    this.#packed.delete(key)
  }

  #tell(key: string): void {
    for (const listener of this.#listeners) listener(key)
  }
}
