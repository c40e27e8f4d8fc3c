import { sha256 } from '../core/canonical.ts'
import { toReconcileError } from '../errors.ts'
import type { Transition } from '../reconcile/state.ts'
import type { Log } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { boundedText } from './bounded-text.ts'
import { EventBudget } from './event-budget.ts'
import { hasStatus } from './kube-error.ts'
import { contentTypes, type KubeClient } from './rest.ts'

export interface EventsParts {
  readonly client: KubeClient
  /** The reporting component: `infometis-kafka`. */
  readonly manager: string
  readonly log: Log
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly signal: AbortSignal
}

type About = Pick<Written, 'key' | 'namespace' | 'name' | 'uid'>

const maxWaiting = 256
const timeoutMs = 5_000

/** Events (core/v1) on desired objects. They are news, not storage: what cannot be sent soon is dropped and counted. */
export class Events {
  readonly #parts: EventsParts
  readonly #budget = new EventBudget()
  #waiting = 0
  #forbidden = false
  #last: Promise<void> = Promise.resolve()
  /** Not sent: too many, or the API server would not have them. */
  dropped = 0

  constructor(parts: EventsParts) {
    this.#parts = parts
  }

  /** Returns at once. */
  announce(about: About, transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      if (this.#waiting >= maxWaiting) {
        this.dropped += 1
        continue
      }
      this.#waiting += 1
      this.#last = this.#last.then(() => this.#send(about, transition))
    }
  }

  /** Resolves when everything announced so far is sent or dropped. */
  async drained(): Promise<void> {
    await this.#last
  }

  async #send(about: About, transition: Transition): Promise<void> {
    try {
      await this.#sendOne(about, transition)
    } catch (error) {
      this.dropped += 1
      this.#tell(about.key, error)
    } finally {
      this.#waiting -= 1
    }
  }

  /** What a Role forbids is news once, because it stays so until somebody mends it; the rest passes. */
  #tell(key: string, error: unknown): void {
    const forbidden = hasStatus(error, 403)
    const news = forbidden && !this.#forbidden
    this.#forbidden = forbidden
    const told = { key, error: toReconcileError(error).message }
    if (news) this.#parts.log.warn(told, 'events cannot be written')
    else this.#parts.log.debug(told, 'event dropped')
  }

  async #sendOne(about: About, transition: Transition): Promise<void> {
    const now = this.#parts.now()
    const identity = [about.uid, transition.type, transition.reason, transition.message].join('\n')
    const same = this.#budget.same(identity, now)
    if (same !== undefined && (await this.#countUp(about, same.name, same.count + 1, now))) {
      this.#budget.keep(identity, { name: same.name, count: same.count + 1, lastAt: now })
      return
    }
    if (!this.#budget.take(about.uid, now)) {
      this.dropped += 1
      return
    }
    const name = `${about.name.slice(0, 230)}.${sha256(`${identity}\n${now}`).slice(0, 16)}`
    await this.#create(about, transition, name, now)
    this.#budget.keep(identity, { name, count: 1, lastAt: now })
  }

  async #create(about: About, transition: Transition, name: string, now: number): Promise<void> {
    const at = timeOf(now)
    const { client, manager, signal } = this.#parts
    await client.request({
      method: 'POST',
      path: eventPath(about.namespace),
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: about.namespace },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace: about.namespace,
          name: about.name,
          uid: about.uid,
        },
        type: transition.type,
        reason: transition.reason,
        message: boundedText(transition.message, 1_024),
        source: { component: manager },
        reportingComponent: manager,
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      },
      signal,
      timeoutMs,
    })
  }

  /** False when the event has expired meanwhile: then a new one is made. */
  async #countUp(about: About, name: string, count: number, now: number): Promise<boolean> {
    const { client, signal } = this.#parts
    try {
      await client.request({
        method: 'PATCH',
        path: `${eventPath(about.namespace)}/${name}`,
        contentType: contentTypes.merge,
        body: { count, lastTimestamp: timeOf(now) },
        signal,
        timeoutMs,
      })
      return true
    } catch (error) {
      if (hasStatus(error, 404)) return false
      throw error
    }
  }
}

function eventPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`
}

/** The API takes whole seconds here. */
function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
