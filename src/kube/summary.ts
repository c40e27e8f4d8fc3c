import { canonicalJson } from '../core/canonical.ts'
import type { State } from '../reconcile/state.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { applyConfigMap, getConfigMap } from './apply.ts'
import { boundedText } from './bounded-text.ts'
import { hasStatus, type KubeError } from './kube-error.ts'
import { isSummaryAnnotation, summaryAnnotations } from './names.ts'
import type { ConfigMap } from './objects.ts'
import type { KubeClient } from './rest.ts'
import { secondIsOver, untilSecondEnds } from './running-second.ts'

/** The desired objects as their reflectors hold them. */
export interface DesiredObjects {
  object(key: string): ConfigMap | undefined
  /** The config type, also where only the data key tells it. */
  typeOf(key: string): string | undefined
  /** Of an object read anew, to be compared with `Written.signature`. */
  signatureOf(object: ConfigMap): string
  /** What our own write made of it. */
  accept(object: ConfigMap): void
}

export interface SummaryParts {
  readonly client: KubeClient
  readonly manager: string
  readonly desired: DesiredObjects
  readonly log: Log
  /** Milliseconds since the epoch: only guesses how much of the API server's second is left. */
  readonly now: () => number
}

/**
 * The annotations by which Flux and kubectl see on the desired object itself how it stands. `observed-applied` echoes the
 * time of Flux's own entry as it was read with the content that the state speaks of: a stale stamp can then never pass for
 * a fresh one, whatever the clocks say (measured: docs/flux.md).
 */
export class Summary {
  readonly #parts: SummaryParts
  /** What was tried and cannot get better by trying again: another manager holds the fields. */
  readonly #futile = new Map<string, string>()
  /** Objects as last compared with a state, and found to carry it (or not to take it): a no-op pass compares nothing. */
  readonly #carried = new Map<string, { readonly object: ConfigMap; readonly state: State }>()

  constructor(parts: SummaryParts) {
    this.#parts = parts
  }

  /** Writes only what differs. Milliseconds to wait when the second of Flux's write is still running; throws ReconcileError. */
  async write(written: Written, state: State, signal: AbortSignal): Promise<number | undefined> {
    const held = this.#parts.desired.object(written.key)
    if (held?.metadata.uid !== written.uid) return undefined
    const last = this.#carried.get(written.key)
    if (last?.object === held && last.state === state) return undefined
    const wanted = annotationsOf(written, state)
    const attempt = canonicalJson([written.uid, wanted, carried(held)])
    if (canonicalJson(carried(held)) === canonicalJson(wanted) || this.#futile.get(written.key) === attempt) {
      this.#carried.set(written.key, { object: held, state })
      return undefined
    }
    const wait = await this.#waitForFlux(written, signal)
    if (wait !== 0) return wait
    await this.#apply(written, wanted, attempt, signal)
    return undefined
  }

  forget(key: string): void {
    this.#futile.delete(key)
    this.#carried.delete(key)
  }

  /** 0: the stamp may be given. Undefined: the object is another by now, and its event is on the way. */
  async #waitForFlux(written: Written, signal: AbortSignal): Promise<number | undefined> {
    if (written.appliedAt === undefined) return 0
    const { client, desired } = this.#parts
    const found = await getConfigMap(client, written, signal)
    if (found === undefined || desired.signatureOf(found.object) !== written.signature) return undefined
    return secondIsOver(written.appliedAt, found.date) ? 0 : untilSecondEnds(this.#parts.now())
  }

  async #apply(
    written: Written,
    annotations: Readonly<Record<string, string>>,
    attempt: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, manager, desired } = this.#parts
    const { namespace, name, uid, key } = written
    try {
      const after = await applyConfigMap(
        client,
        { metadata: { namespace, name, uid, annotations } },
        { manager, force: false, signal },
      )
      desired.accept(after)
      const left = canonicalJson(carried(after)) !== canonicalJson(annotations)
      if (left) this.#futile.set(key, canonicalJson([uid, annotations, carried(after)]))
      else this.#futile.delete(key)
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error
      if (isApplyConflict(error)) this.#giveUp(key, attempt, error)
    }
  }

  /** Git carries our annotations: forcing would make Flux and us take them from each other for ever. */
  #giveUp(key: string, attempt: string, error: KubeError): void {
    this.#futile.set(key, attempt)
    this.#parts.log.warn(
      { key, error: error.message },
      'summary annotations belong to another manager; remove them from Git',
    )
  }
}

/** 409 is also the answer for a uid that is gone. */
function isApplyConflict(error: KubeError): boolean {
  return error.status === 409 && error.message.includes('Apply failed with')
}

function annotationsOf(written: Written, state: State): Readonly<Record<string, string>> {
  return {
    [summaryAnnotations.ready]: state.ready,
    [summaryAnnotations.reason]: state.reason,
    [summaryAnnotations.message]: boundedText(state.message, 1_024),
    [summaryAnnotations.observedHash]: state.observedHash,
    ...(written.appliedAt === undefined ? {} : { [summaryAnnotations.observedApplied]: written.appliedAt }),
  }
}

function carried(object: ConfigMap): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object.metadata.annotations).filter(([name]) => isSummaryAnnotation(name)),
  )
}
