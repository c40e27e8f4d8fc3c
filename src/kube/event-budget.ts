/** client-go's figures: 25 at once, then one in 5 minutes, per object; equal ones within 10 minutes are one. */
const burst = 25
const refillMs = 300_000
const sameForMs = 600_000
const maxRemembered = 4_096

/** An Event that was sent, so that the same again counts it up. */
export interface SentEvent {
  readonly name: string
  readonly count: number
  readonly lastAt: number
}

/** What may be sent, and what was: pure but for the times it is given (milliseconds). Memory is bounded, the oldest goes first. */
export class EventBudget {
  readonly #tokens = new Map<string, { readonly left: number; readonly at: number }>()
  readonly #sent = new Map<string, SentEvent>()

  /** True when the object may send one more now. */
  take(object: string, now: number): boolean {
    const before = this.#tokens.get(object) ?? { left: burst, at: now }
    const left = Math.min(burst, before.left + (now - before.at) / refillMs)
    const allowed = left >= 1
    remember(this.#tokens, object, { left: allowed ? left - 1 : left, at: now })
    return allowed
  }

  /** The event of this identity, if the last one is younger than 10 minutes. */
  same(identity: string, now: number): SentEvent | undefined {
    const sent = this.#sent.get(identity)
    return sent !== undefined && now - sent.lastAt <= sameForMs ? sent : undefined
  }

  keep(identity: string, event: SentEvent): void {
    remember(this.#sent, identity, event)
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > maxRemembered && oldest.done !== true) map.delete(oldest.value)
}
