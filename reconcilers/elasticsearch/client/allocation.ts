import { own, ownObject } from '../../../src/core/json.ts'
import type { Index } from '../resource.ts'
import { pathPart } from './requests.ts'
import type { Wire } from './wire.ts'

/** As many as fit into one request's path, at 255 bytes a name. */
const most = 12

/**
 * Indices that the server made without waiting for their primary shards: nothing can be written to them until those are there. They
 * are looked after until then, and only they: the health of older ones is not what a reconcile is about.
 */
export class Allocation {
  readonly #wire: Wire
  readonly #awaited = new Set<string>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  await(index: string): void {
    this.#awaited.add(index)
  }

  /** The same indices, those without a primary shard with the reason why they are of no use yet. */
  async annotate(indices: readonly Index[], signal: AbortSignal): Promise<readonly Index[]> {
    const concerned = indices.filter(({ facts }) => facts !== undefined && this.#awaited.has(facts.index))
    if (concerned.length === 0) return indices
    const names = concerned.map(({ facts }) => facts?.index ?? '').slice(0, most)
    const red = await this.#redAmong(names, signal)
    for (const name of names) if (!red.has(name)) this.#awaited.delete(name)
    return indices.map((index) =>
      this.#awaited.has(index.facts?.index ?? '')
        ? { ...index, unavailable: 'a primary shard is not allocated to any node' }
        : index,
    )
  }

  /** An answer that is late or refused says nothing of them: they stay awaited. */
  async #redAmong(names: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const path = `/_cluster/health/${names.map(pathPart).join(',')}`
    const answer = await this.#wire.send(
      { method: 'GET', path, query: { level: 'indices', timeout: '0s', filter_path: 'indices.*.status' } },
      signal,
    )
    const shown = ownObject(answer.body, 'indices')
    return new Set(
      names.filter((name) => own(own(shown, name), 'status') === 'red' || !Object.hasOwn(shown, name)),
    )
  }
}
