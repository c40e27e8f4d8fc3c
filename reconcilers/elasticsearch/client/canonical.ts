import { randomUUID } from 'node:crypto'
import { canonicalJson, sha256 } from '../../../src/core/canonical.ts'
import { ReconcileError } from '../../../src/errors.ts'
import type { Canonical } from '../../../src/reconcile/service-client.ts'
import { canonicalAliases } from '../aliases.ts'
import { own, toJsonObject } from '../../../src/core/json.ts'
import { canonicalIndex } from '../normalize.ts'
import type { IndexBody, Index } from '../resource.ts'
import { flatSettings } from '../settings-text.ts'
import { BoundedCache } from '../bounded-cache.ts'
import { refusalOf } from './failures.ts'
import { inParallel } from '../../../src/client/parallel.ts'
import type { Wire } from './wire.ts'

/** Characters of JSON that the answers may have together: about as many megabytes of memory, tenfold. */
const mostRemembered = 8_000_000
const asksAtOnce = 4
/** Higher than any that a person gives, so that no other template is taken for the same names. */
const priority = 2_147_483_647

type Spelling =
  | { readonly ok: true; readonly body: IndexBody }
  | { readonly ok: false; readonly code: string; readonly message: string }

/**
 * Indices in the server's own spelling: `_simulate` parses settings, mappings and aliases exactly as a creation would, says what
 * is wrong with them, and keeps nothing. One request per content; what was accepted is remembered as long as the server's version
 * stays, what was rejected is asked again, for a plugin or a synonyms file can be there by now.
 */
export class Speller {
  readonly #wire: Wire
  readonly #spellings = new BoundedCache<IndexBody>(mostRemembered)
  /** By the very index: a document that did not change is read once, and what it says is spelled once. */
  readonly #spelled = new WeakMap<Index, { readonly version: string; readonly desired: Index }>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Same length and order. Throws where the server did not look at the content: unreachable, busy, not permitted. */
  async spell(
    indices: readonly Index[],
    version: string,
    signal: AbortSignal,
  ): Promise<readonly Canonical<Index>[]> {
    const unknown = indices.filter((index) => this.#spelled.get(index)?.version !== version)
    const rejected = await this.#spellAnew(unknown, version, signal)
    return indices.map((index): Canonical<Index> => {
      const desired = this.#spelled.get(index)?.desired
      const spelling = rejected.get(index) ?? (desired && { ok: true, desired })
      if (spelling === undefined) throw new TypeError('an index was not spelled')
      return spelling
    })
  }

  /** Remembers what was accepted; the rest is the answer. */
  async #spellAnew(
    indices: readonly Index[],
    version: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Index, Canonical<Index>>> {
    const contents = Map.groupBy(indices, ({ body }) => sha256(`${version}\n${canonicalJson(body)}`))
    const rejected = new Map<Index, Canonical<Index>>()
    await inParallel([...contents], asksAtOnce, async ([key, of]) => {
      const [first] = of
      const spelling = first && (await this.#recall(key, first.body, signal))
      for (const index of of) {
        if (spelling?.ok === true)
          this.#spelled.set(index, { version, desired: canonicalIndex(index, spelling.body) })
        else if (spelling !== undefined) rejected.set(index, spelling)
      }
    })
    return rejected
  }

  async #recall(key: string, body: IndexBody, signal: AbortSignal): Promise<Spelling> {
    const known = this.#spellings.get(key)
    if (known !== undefined) return { ok: true, body: known }
    const spelling = await this.#ask(body, signal)
    if (spelling.ok) this.#spellings.set(key, spelling.body, canonicalJson(spelling.body).length)
    return spelling
  }

  async #ask(body: IndexBody, signal: AbortSignal): Promise<Spelling> {
    const { settings, mappings, aliases } = body
    const answer = await this.#wire.send(
      {
        method: 'POST',
        path: '/_index_template/_simulate',
        body: {
          index_patterns: [`infometis-canonical-${randomUUID()}*`],
          priority,
          template: { settings, mappings, aliases },
        },
      },
      signal,
    )
    const refusal = refusalOf(answer)
    if (refusal === undefined) return { ok: true, body: bodyOf(own(answer.body, 'template')) }
    const { reason, message } = refusal
    if (reason === 'RejectedByServer' || reason === 'NotSupportedByServer')
      return { ok: false, code: reason, message }
    throw new ReconcileError(reason, `asking the server for its spelling of an index: ${message}`)
  }
}

function bodyOf(template: unknown): IndexBody {
  return {
    settings: flatSettings(own(template, 'settings') ?? {}).settings,
    mappings: toJsonObject(own(template, 'mappings')),
    aliases: canonicalAliases(own(template, 'aliases')),
  }
}
