import type { Clock } from '../reconcile/clock.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { applyConfigMap, getConfigMap } from './apply.ts'
import { hasStatus } from './kube-error.ts'
import { baseStamp, isBaseStamp } from './names.ts'
import type { ConfigMap } from './objects.ts'
import type { KubeClient } from './rest.ts'
import { secondIsOver, untilSecondEnds } from './running-second.ts'
import { appliedAt, signatureOf } from './written.ts'

/** The bases as their reflectors hold them. */
export interface BaseObjects {
  /** Keys of all that are held. */
  keys(): readonly string[]
  object(key: string): ConfigMap | undefined
  /** Another number with every content; our own annotations are none. */
  revisionOf(key: string): number | undefined
  /** Keys of the desired ConfigMaps that rest on it. */
  childrenOf(key: string): readonly string[]
  /** Its document is of a type of this component. */
  isOurs(key: string): boolean
  /** What our own write made of it. */
  accept(object: ConfigMap): void
}

export interface BaseStampsParts {
  readonly client: KubeClient
  readonly component: string
  readonly instance: string
  readonly bases: BaseObjects
  readonly log: Log
  readonly clock: Clock
  /** Milliseconds since the epoch: only guesses how much of the API server's second is left. */
  readonly now: () => number
}

interface Settled {
  readonly revision: number
  readonly at: number
}

/**
 * Flux looks at one object after the other. Between what a ConfigMap says and the stamp on its base must lie more than one such
 * look, or Flux could take the old word together with the new stamp.
 */
const apartMs = 2_000

/**
 * The echo on bases. When only a base changes in Git, Flux writes nothing on the ConfigMaps that extend it, and their `ready` of
 * yesterday would pass for today's. So the time of Flux's write is echoed on the base as well, once every ConfigMap that rests on
 * it has said how it stands on this very content.
 */
export class BaseStamps {
  readonly #parts: BaseStampsParts
  readonly #annotation: string
  readonly #manager: string
  /** Base → ConfigMap → on which revision of the base it last said how it stands. */
  readonly #settled = new Map<string, Map<string, Settled>>()
  readonly #underWay = new Set<string>()
  /** Signatures of bases on which another manager holds our annotation. */
  readonly #refused = new Map<string, string>()

  constructor(parts: BaseStampsParts) {
    this.#parts = parts
    const stamp = baseStamp(parts.component, parts.instance)
    this.#annotation = stamp.annotation
    this.#manager = stamp.manager
  }

  /** A ConfigMap has said how it stands. Milliseconds to wait when a stamp may not be given yet; throws ReconcileError. */
  async settle(written: Written, signal: AbortSignal): Promise<number | undefined> {
    const { bases, clock } = this.#parts
    for (const [base, revision] of written.bases ?? []) {
      const settled = this.#settled.get(base) ?? new Map<string, Settled>()
      this.#settled.set(base, settled)
      if (settled.get(written.key)?.revision !== revision)
        settled.set(written.key, { revision, at: clock.now() })
    }
    const waits: number[] = []
    for (const key of bases.keys()) {
      const wait = await this.#once(key, signal)
      if (wait !== undefined) waits.push(wait)
    }
    return waits.length === 0 ? undefined : Math.min(...waits)
  }

  /** Many passes end at the same time; one of them stamps. */
  async #once(key: string, signal: AbortSignal): Promise<number | undefined> {
    const base = this.#parts.bases.object(key)
    const applied = base === undefined ? undefined : appliedAt(base)
    if (base === undefined || applied === undefined) return undefined
    if (base.metadata.annotations[this.#annotation] === applied || this.#underWay.has(key)) return undefined
    const since = this.#settledSince(key, base)
    if (since === undefined || this.#refused.get(key) === contentOf(base)) return undefined
    const left = since + apartMs - this.#parts.clock.now()
    if (left > 0) return left
    this.#underWay.add(key)
    try {
      return await this.#stamp(key, base, applied, signal)
    } finally {
      this.#underWay.delete(key)
    }
  }

  /** When the last of them said how it stands on the base as it is now; undefined while one has not. */
  #settledSince(key: string, base: ConfigMap): number | undefined {
    const { bases } = this.#parts
    const children = bases.childrenOf(key)
    if (children.length === 0) return this.#isOursToStamp(key, base) ? -Infinity : undefined
    const settled = this.#settled.get(key)
    const revision = bases.revisionOf(key)
    const times = children.map((child) => settled?.get(child)).filter((each) => each?.revision === revision)
    if (times.length < children.length) return undefined
    return Math.max(...times.map((each) => each?.at ?? 0))
  }

  /** Nobody extends it: one reconciler vouches for it all the same, or Flux would wait for ever. */
  #isOursToStamp(key: string, { metadata }: ConfigMap): boolean {
    const stamps = Object.keys(metadata.annotations).filter(isBaseStamp)
    return stamps.includes(this.#annotation) || (stamps.length === 0 && this.#parts.bases.isOurs(key))
  }

  async #stamp(
    key: string,
    base: ConfigMap,
    applied: string,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { client, bases, log, now } = this.#parts
    const { namespace, name, uid } = base.metadata
    const found = await getConfigMap(client, { namespace, name }, signal)
    if (found === undefined || contentOf(found.object) !== contentOf(base)) return undefined
    if (!secondIsOver(applied, found.date)) return untilSecondEnds(now())
    try {
      const annotations = { [this.#annotation]: applied }
      const metadata = { namespace, name, uid, annotations }
      bases.accept(
        await applyConfigMap(client, { metadata }, { manager: this.#manager, force: false, signal }),
      )
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error
      this.#refused.set(key, contentOf(base))
      log.warn({ key, error: error.message }, 'the echo on a base was refused; remove it from Git')
    }
    return undefined
  }
}

/** A base is read as a document only. */
function contentOf(base: ConfigMap): string {
  return signatureOf(base, [])
}
