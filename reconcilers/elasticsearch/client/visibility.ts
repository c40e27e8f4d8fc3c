import { ReconcileError } from '../../../src/errors.ts'
import { own, ownObject } from '../../../src/core/json.ts'
import { accepted, isUnsupported } from './failures.ts'
import type { Wire } from './wire.ts'

/**
 * An index that may not be looked at is left out of an answer like one that does not exist. Taken for absent it would be created,
 * or forgotten, so of names that are absent the server is asked whether they may be seen at all.
 */
export class Visibility {
  readonly #wire: Wire
  /** False: the server has no security that one could ask. */
  #isAsked = true

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Throws AuthorizationFailed naming the first that is hidden and the privilege that shows it. */
  async require(absent: readonly string[], signal: AbortSignal): Promise<void> {
    if (absent.length === 0 || !this.#isAsked) return
    const body = { index: [{ names: absent, privileges: ['view_index_metadata'] }] }
    const answer = await this.#wire.send(
      { method: 'POST', path: '/_security/user/_has_privileges', body },
      signal,
    )
    if (isUnsupported(answer)) {
      this.#isAsked = false
      return
    }
    const granted = ownObject(accepted(answer, 'asking which indices may be read'), 'index')
    const hidden = absent.filter((name) => own(own(granted, name), 'view_index_metadata') === false)
    if (hidden.length === 0) return
    const more = hidden.length > 1 ? ` and ${hidden.length - 1} more` : ''
    throw new ReconcileError(
      'AuthorizationFailed',
      `may not read index ${hidden[0]}${more}: grant the index privilege view_index_metadata`,
    )
  }
}
