import type { DesiredSource } from '../reconcile/state.ts'
import type { DocumentType } from '../reconcile/resource-type.ts'
import type { Written } from '../reconcile/written.ts'
import type { Log } from '../reconcile/world.ts'
import { extendsAnnotation, type Bases } from './base.ts'
import type { BaseObjects } from './base-stamps.ts'
import type { Clock } from '../reconcile/clock.ts'
import { isLocated, locateDocument } from './data-key.ts'
import { labels } from './names.ts'
import { keyOfConfigMap, splitKey, type ConfigMap } from './objects.ts'
import { Reflector } from './reflector.ts'
import type { KubeClient } from './rest.ts'
import type { Selector } from './selector.ts'
import type { DesiredObjects } from './summary.ts'
import { readWritten, signatureOf } from './written.ts'

export interface ConfigMapSourceParts {
  readonly client: KubeClient
  readonly component: string
  /** The config types of the component. */
  readonly types: readonly DocumentType[]
  readonly namespaces: readonly string[]
  /** ConfigMaps by name (CONFIG_MAP_NAME): when there are any, only these are watched, their bases included. */
  readonly names: readonly string[]
  /** INFOMETIS_INSTANCE; empty for none. */
  readonly instance: string
  readonly log: Log
  readonly clock?: Clock
}

interface Read {
  readonly written: Written
  readonly object: ConfigMap
}

/** What a key was when listeners last heard of it. */
interface Told {
  readonly signature: string
  readonly base: boolean
  /** A number that no other content of any key has. */
  readonly revision: number
}

/**
 * Desired ConfigMaps from the Kubernetes API. A key is told to listeners only when something changed that a reconcile must
 * answer to: our own summary annotations never do. A ConfigMap that lost its label is as absent as a deleted one; the
 * reconcile deletes nothing because of either.
 */
export class ConfigMapSource implements DesiredSource, DesiredObjects {
  readonly reflectors: readonly Reflector[]
  readonly #parts: ConfigMapSourceParts
  readonly #listeners: ((key: string) => void)[] = []
  readonly #told = new Map<string, Told>()
  readonly #baseKeys = new Set<string>()
  readonly #read = new Map<string, Read>()
  #revisions = 0
  readonly #bases: Bases = { get: (key) => this.#find(key) }

  constructor(parts: ConfigMapSourceParts) {
    this.#parts = parts
    const options = parts.clock === undefined ? { log: parts.log } : { log: parts.log, clock: parts.clock }
    this.reflectors = selectorsOf(parts).map((selector) => new Reflector(parts.client, selector, options))
    for (const reflector of this.reflectors) reflector.onChange((key) => this.#changed(key))
  }

  start(signal: AbortSignal): void {
    for (const reflector of this.reflectors) reflector.start(signal)
  }

  onChange(listener: (key: string) => void): void {
    this.#listeners.push(listener)
  }

  read(key: string): Written | undefined {
    const object = this.object(key)
    if (object === undefined) return undefined
    const bases = this.#revisionsUnder(object)
    const before = this.#read.get(key)
    const onSame = before !== undefined && isSame(before.written.bases ?? new Map(), bases)
    if (onSame && before.object === object) return before.written
    // A new resource version alone (our own annotations) is not parsed again.
    const same = onSame && before.written.signature === this.signatureOf(object)
    const written = same ? before.written : { ...readWritten(object, this.#bases, this.#parts.types), bases }
    this.#read.set(key, { written, object })
    return written
  }

  keys(): readonly string[] {
    return this.reflectors
      .flatMap((reflector) => reflector.keys())
      .filter((key) => this.object(key) !== undefined)
  }

  synced(): boolean {
    return this.reflectors.every((reflector) => reflector.synced)
  }

  object(key: string): ConfigMap | undefined {
    const object = this.#find(key)
    return object !== undefined && this.#isDesired(object) ? object : undefined
  }

  typeOf(key: string): string | undefined {
    return this.read(key)?.type
  }

  signatureOf(object: ConfigMap): string {
    return signatureOf(object, this.#parts.types)
  }

  accept(object: ConfigMap): void {
    const key = keyOfConfigMap(object)
    this.reflectors.find((reflector) => reflector.get(key) !== undefined)?.accept(object)
  }

  /** The bases, for whoever stamps them. */
  bases(): BaseObjects {
    const types = this.#parts.types.map(({ name }) => name)
    return {
      keys: () => [...this.#baseKeys],
      object: (key) => this.#find(key),
      revisionOf: (key) => this.#told.get(key)?.revision,
      childrenOf: (key) => this.childrenOf(key),
      isOurs: (key) => {
        const object = this.#find(key)
        return object !== undefined && isLocated(locateDocument(object, types))
      },
      accept: (object) => this.accept(object),
    }
  }

  /** Every ConfigMap whose chain of `extends` passes through this one. */
  childrenOf(key: string): readonly string[] {
    const { namespace } = splitKey(key)
    return this.keys().filter((each) => {
      const object = this.object(each)
      return object?.metadata.namespace === namespace && this.#chain(object).includes(key)
    })
  }

  #find(key: string): ConfigMap | undefined {
    for (const reflector of this.reflectors) {
      const object = reflector.get(key)
      if (object !== undefined) return object
    }
    return undefined
  }

  /** Bases are never reconciled by themselves. By name, labels need not be there, but another instance's are another's. */
  #isDesired({ metadata }: ConfigMap): boolean {
    const kind = metadata.labels[labels.kind]
    const instance = metadata.labels[labels.instance]
    if (kind !== undefined) return false
    if (this.#parts.names.length > 0 && instance === undefined) return true
    return (instance ?? '') === this.#parts.instance
  }

  #changed(key: string): void {
    const object = this.#find(key)
    const before = this.#told.get(key)
    const signature = object === undefined ? '' : this.signatureOf(object)
    if (signature === (before?.signature ?? '')) return
    const base = object?.metadata.labels[labels.kind] === 'base'
    if (object === undefined) this.#told.delete(key)
    else this.#told.set(key, { signature, base, revision: ++this.#revisions })
    if (base) this.#baseKeys.add(key)
    else this.#baseKeys.delete(key)
    if (this.object(key) === undefined) this.#read.delete(key)
    this.#tell(key, base || before?.base === true)
  }

  #tell(key: string, base: boolean): void {
    const keys = base ? [key, ...this.childrenOf(key)] : [key]
    for (const each of keys) for (const listener of this.#listeners) listener(each)
  }

  #revisionsUnder(object: ConfigMap): ReadonlyMap<string, number> {
    return new Map(this.#chain(object).map((key) => [key, this.#told.get(key)?.revision ?? 0]))
  }

  /** The keys of the bases that `object` rests on, there or not; a cycle ends where it closes. */
  #chain(object: ConfigMap): readonly string[] {
    const chain: string[] = []
    for (let at: ConfigMap | undefined = object; at !== undefined;) {
      const name: string | undefined = at.metadata.annotations[extendsAnnotation]?.trim()
      const key = `${object.metadata.namespace}/${name ?? ''}`
      if (name === undefined || chain.includes(key)) break
      chain.push(key)
      at = this.#find(key)
    }
    return chain
  }
}

function isSame(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one].every(([key, revision]) => other.get(key) === revision)
}

/**
 * By label: one watch for desired ConfigMaps and one for bases, which need no component label, in each namespace. By name: one
 * watch for each name, so that a Role with resourceNames is enough.
 */
function selectorsOf({ component, namespaces, names, instance }: ConfigMapSourceParts): readonly Selector[] {
  const own = instance === '' ? `!${labels.instance}` : `${labels.instance}=${instance}`
  const desired = `${labels.component}=${component},!${labels.kind},${own}`
  return namespaces.flatMap((namespace): readonly Selector[] =>
    names.length > 0
      ? names.map((name) => ({ namespace, fieldSelector: `metadata.name=${name}` }))
      : [
          { namespace, labelSelector: desired },
          { namespace, labelSelector: `${labels.kind}=base` },
        ],
  )
}
