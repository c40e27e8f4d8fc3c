import { at, textAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Wire } from '../wire.ts'
import type { LiveRule } from './live-rule.ts'

/** Who saved a rule last. Asked once per save, and only of what was saved by somebody else: it is one request per rule. */
export class Authors {
  readonly #wire: Wire
  readonly #known = new Map<string, { readonly updated: string; readonly by: string | undefined }>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async of({ uid, updated }: LiveRule, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#known.get(uid)
    if (known?.updated === updated) return known.by
    try {
      const by = await this.#ask(uid, signal)
      this.#known.set(uid, { updated, by })
      return by
    } catch (error) {
      signal.throwIfAborted()
      // All versions come at once, and there may be more of them than we hold: nobody waits for a name.
      if (error instanceof ReconcileError) return undefined
      throw error
    }
  }

  /** Those that are still there; what is known of others goes. */
  keepOnly(uids: { has(uid: string): boolean }): void {
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid)
  }

  /** Newest first. Undefined: Grafana is older than 12, or this token may not ask. */
  async #ask(uid: string, signal: AbortSignal): Promise<string | undefined> {
    const path = `/api/ruler/grafana/api/v1/rule/${encodeURIComponent(uid)}/versions`
    const { status, body } = await this.#wire.send({ method: 'GET', path }, signal)
    const newest: unknown = status < 300 && Array.isArray(body) ? body[0] : undefined
    const author = at(newest, 'grafana_alert', 'updated_by')
    const by = textAt(author, 'name') || textAt(author, 'uid')
    // Grafana's own doing has an author, too: __alerting__, __provisioning__.
    return by === '' || by.startsWith('__') ? undefined : by
  }
}
