import { keyOfConfigMap, type ConfigMap } from './objects.ts'
import { compareVersions, isOlder } from './resource-version.ts'

/** How many deletions are remembered, to tell a replayed event from a new object. */
const maxTombstones = 4_096
/** After so many consistent lists from the past in a row, the past is the truth: etcd was restored from a backup. */
const maxStaleLists = 3

/**
 * The objects as last seen. Events may be doubled, reordered or replayed, and a list may come from a server that lags:
 * what is older than what is held is left aside.
 */
export class ObjectCache {
  readonly #objects = new Map<string, ConfigMap>()
  readonly #tombstones = new Map<string, string>()
  #newest = ''
  #staleLists = 0
  /** Events and listed objects left aside because they were not newer. */
  ignored = 0

  get(key: string): ConfigMap | undefined {
    return this.#objects.get(key)
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()]
  }

  /** ADDED and MODIFIED. True when it changed what is held. */
  put(object: ConfigMap): boolean {
    return this.#put(object, object.metadata.resourceVersion)
  }

  /** DELETED: gone, or no longer selected. True when it changed what is held. */
  remove(object: ConfigMap): boolean {
    const key = keyOfConfigMap(object)
    const version = object.metadata.resourceVersion
    const held = this.#objects.get(key)
    this.#advance(version)
    if (held !== undefined && isOlder(version, held.metadata.resourceVersion)) {
      this.ignored += 1
      return false
    }
    this.#bury(key, version)
    return this.#objects.delete(key)
  }

  /** A consistent list as of `version`: the keys that it changed. Objects newer than the list stay. */
  replace(listed: readonly ConfigMap[], version: string): readonly string[] {
    this.#watchForRestoredHistory(version)
    const changed = listed.filter((object) => this.#put(object, version)).map(keyOfConfigMap)
    const present = new Set(listed.map(keyOfConfigMap))
    for (const [key, held] of this.#objects) {
      if (present.has(key) || isOlder(version, held.metadata.resourceVersion)) continue
      this.#objects.delete(key)
      changed.push(key)
    }
    this.#advance(version)
    return changed
  }

  /** `asOf`: the object's own version, or that of the list which contains it. */
  #put(object: ConfigMap, asOf: string): boolean {
    const key = keyOfConfigMap(object)
    const held = this.#objects.get(key)?.metadata.resourceVersion
    const buried = this.#tombstones.get(key)
    const known = held !== undefined && !isAfter(object.metadata.resourceVersion, held)
    const replayed = buried !== undefined && !isAfter(asOf, buried)
    this.#advance(asOf)
    if (known || replayed) {
      if (replayed || held !== object.metadata.resourceVersion) this.ignored += 1
      return false
    }
    this.#tombstones.delete(key)
    this.#objects.set(key, object)
    return true
  }

  #bury(key: string, version: string): void {
    this.#tombstones.delete(key)
    this.#tombstones.set(key, version)
    const oldest = this.#tombstones.keys().next()
    if (this.#tombstones.size > maxTombstones && oldest.done !== true) this.#tombstones.delete(oldest.value)
  }

  #advance(version: string): void {
    if (this.#newest === '' || isAfter(version, this.#newest)) this.#newest = version
  }

  #watchForRestoredHistory(version: string): void {
    this.#staleLists = isOlder(version, this.#newest) ? this.#staleLists + 1 : 0
    if (this.#staleLists < maxStaleLists) return
    this.#staleLists = 0
    this.#newest = version
    this.#tombstones.clear()
    this.#objects.clear()
  }
}

/** Newer, or not to be told apart from newer. */
function isAfter(version: string, than: string): boolean {
  const order = compareVersions(version, than)
  return order === undefined ? version !== than : order > 0
}
