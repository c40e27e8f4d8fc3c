import { pause } from '../../../src/client/abort.ts'
import type { Change } from '../../../src/core/resource.ts'
import type {
  Canonical,
  Outcome,
  ServerInfo,
  ServiceClient,
  Verdict,
} from '../../../src/reconcile/service-client.ts'
import { isIndex, searchTypes } from '../resource.ts'
import type { SearchResource, SearchType } from '../resource.ts'
import { Allocation } from './allocation.ts'
import { applyChanges } from './apply.ts'
import type { Tools } from './apply.ts'
import { Speller } from './canonical.ts'
import { listDefinitions, observeDefinitions } from './definitions.ts'
import { listIndices, observeIndices } from './indices.ts'
import { Probe } from './probe.ts'
import { Reindexer } from './reindex/reindexer.ts'
import type { Time } from './reindex/work.ts'
import { showCutOff } from './reopen.ts'
import { isIndexName } from './requests.ts'
import { validateChanges } from './validate.ts'
import { Visibility } from './visibility.ts'
import type { Wire } from './wire.ts'

/** Elasticsearch over whatever wire leads there. All state is the server's; what is kept here only saves requests. */
export class ElasticsearchClient implements ServiceClient<SearchResource> {
  readonly #wire: Wire
  readonly #tools: Tools
  readonly #probe: Probe
  readonly #speller: Speller
  readonly #visibility: Visibility
  readonly #allocation: Allocation
  #server: ServerInfo | undefined

  constructor(wire: Wire, { now = Date.now, sleep = pause }: Partial<Time> = {}) {
    this.#wire = wire
    this.#probe = new Probe(wire)
    this.#speller = new Speller(wire)
    this.#visibility = new Visibility(wire)
    this.#allocation = new Allocation(wire)
    this.#tools = { wire, allocation: this.#allocation, reindexer: new Reindexer(wire, { now, sleep }), now }
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    this.#server = await this.#probe.ping(signal)
    return this.#server
  }

  async list(type: string, signal: AbortSignal): Promise<readonly string[]> {
    if (!isSearchType(type)) return []
    return type === 'indices' ? listIndices(this.#wire, signal) : listDefinitions(this.#wire, type, signal)
  }

  async observe(
    type: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly SearchResource[]> {
    if (!isSearchType(type) || names.length === 0) return []
    if (type !== 'indices') return observeDefinitions(this.#wire, type, names, signal)
    const found = await observeIndices(this.#wire, names, signal)
    // Reserved names are nobody's to make, so that it does not matter whether they are seen.
    const there = new Set(found.map(({ name }) => name))
    await this.#visibility.require(
      names.filter((name) => !there.has(name) && isIndexName(name) && !name.startsWith('.')),
      signal,
    )
    return (await this.#allocation.annotate(found, signal)).map(showCutOff)
  }

  /** Definitions pass as they are: the server keeps them as they were sent. */
  async canonical(
    desired: readonly SearchResource[],
    signal: AbortSignal,
  ): Promise<readonly Canonical<SearchResource>[]> {
    const indices = desired.filter(isIndex)
    if (indices.length === 0) return desired.map((each) => ({ ok: true, desired: each }))
    const { version } = this.#server ?? (await this.ping(signal))
    const spelled = (await this.#speller.spell(indices, version, signal)).values()
    return desired.map((each) => {
      const next = isIndex(each) ? spelled.next().value : undefined
      return next ?? { ok: true, desired: each }
    })
  }

  async validate(
    changes: readonly Change<SearchResource>[],
    signal: AbortSignal,
  ): Promise<readonly Verdict[]> {
    return validateChanges(this.#wire, changes, signal)
  }

  async apply(changes: readonly Change<SearchResource>[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return applyChanges(this.#tools, changes, signal)
  }

  async close(): Promise<void> {
    await this.#wire.close()
  }
}

function isSearchType(type: string): type is SearchType {
  return (searchTypes as readonly string[]).includes(type)
}
