import { classifyIndex } from '../../reconcilers/elasticsearch/classify.ts'
import { ElasticsearchClient } from '../../reconcilers/elasticsearch/client/elasticsearch-client.ts'
import type { Time } from '../../reconcilers/elasticsearch/client/reindex/work.ts'
import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/elasticsearch/client/wire.ts'
import { normalizeIndex } from '../../reconcilers/elasticsearch/normalize.ts'
import { type Index, type SearchResource, isIndex } from '../../reconcilers/elasticsearch/resource.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import { diff } from '../../src/core/diff.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import type { Change } from '../../src/core/resource.ts'
import type { Outcome, ServiceClient } from '../../src/reconcile/service-client.ts'

/** What one pass came to: nothing was to be done, or what became of the one change. */
export type Passed = { readonly state: 'converged' } | Outcome

/**
 * The steps of a pass for one index, as the reconciler makes them: observe, desired in the server's spelling, the difference, its
 * parts (all of them pass), apply. Nothing is kept from one pass to the next but what this ConfigMap wrote before.
 */
export async function reconcileIndex(
  client: ServiceClient<SearchResource>,
  name: string,
  written: WrittenIndex,
  made: WrittenIndex = written,
): Promise<Passed> {
  const signal = AbortSignal.timeout(120_000)
  const change = await plannedChange(client, name, written, made)
  if (change === undefined) return { state: 'converged' }
  const [outcome] = await client.apply([change], signal)
  if (outcome === undefined) throw new Error('no outcome')
  return outcome
}

/** The one change that a plan in which every part passes would send. Undefined: nothing differs. */
export async function plannedChange(
  client: ServiceClient<SearchResource>,
  name: string,
  written: WrittenIndex,
  made: WrittenIndex = written,
): Promise<Change<Index> | undefined> {
  const signal = AbortSignal.timeout(60_000)
  const desired = await spelled(client, name, written)
  const [observed] = (await client.observe('indices', [name], signal)).filter(isIndex)
  if (observed === undefined)
    return { action: 'create', type: 'indices', name, cause: 'written', fields: [], desired }
  const entry = entryOf(observed, (await spelled(client, name, made)).fields)
  const fields = diff(desired, observed, entry, () => false)
  if (fields.length === 0) return undefined
  const { id } = observed
  const whole = {
    action: 'update',
    type: 'indices',
    name,
    cause: 'written',
    fields,
    desired,
    observed,
  } as const
  const parts = classifyIndex(id === undefined ? whole : { ...whole, id })
  const last = parts.findLast(({ action }) => action === 'replace') ?? parts[0]
  if (last === undefined) throw new Error('a change without parts')
  return { ...last, fields: parts.flatMap((part) => part.fields) }
}

async function spelled(
  client: ServiceClient<SearchResource>,
  name: string,
  written: WrittenIndex,
): Promise<Index> {
  const [canonical] =
    (await client.canonical?.([normalizeIndex(name, written)], AbortSignal.timeout(30_000))) ?? []
  if (canonical?.ok !== true || !isIndex(canonical.desired)) throw new Error(JSON.stringify(canonical))
  return canonical.desired
}

function entryOf({ type, name, id, facts }: Index, fields: Index['fields']): InventoryEntry {
  const unfinished = facts?.unfinished
  const intended = unfinished === undefined ? {} : { intended: new Map([['index', unfinished]]) }
  return { type, name, ...(id === undefined ? {} : { id }), fields, deletable: true, ...intended }
}

/** Passes until one finds nothing to do, or fails for good. The outcomes on the way, the last one last. */
export async function converge(
  client: ServiceClient<SearchResource>,
  name: string,
  written: WrittenIndex,
  options: {
    readonly most?: number
    readonly between?: () => Promise<void>
    readonly made?: WrittenIndex
  } = {},
): Promise<readonly Passed[]> {
  const { most = 600, between = async () => undefined, made = written } = options
  const passed: Passed[] = []
  for (let pass = 0; pass < most; pass += 1) {
    const outcome = await reconcileIndex(client, name, written, made)
    passed.push(outcome)
    if (outcome.state === 'converged' || outcome.state === 'failed') return passed
    if (outcome.state === 'pending') await between()
  }
  throw new Error(`no end after ${most} passes: ${JSON.stringify(passed.slice(-3))}`)
}

/** Every request of a client passes here: it can be counted, watched, and lost together with whoever sent it. */
export class TappedWire implements Wire {
  readonly #wire: Wire
  sent = 0
  /** Called before a request goes out and after its answer came; what it throws is what the client gets. */
  tap: (request: WireRequest, moment: 'before' | 'after', number: number) => Promise<void> | void = () =>
    undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const number = (this.sent += 1)
    await this.tap(request, 'before', number)
    const answer = await this.#wire.send(request, signal)
    await this.tap(request, 'after', number)
    return answer
  }

  async close(): Promise<void> {
    await this.#wire.close()
  }
}

/** The process is gone: neither this request nor any other of it reaches the server. */
export class Killed extends Error {}

/** A client whose process dies at one of its requests: before that is sent, or before its answer is read. */
export function doomedClient(
  wire: Wire,
  death: { readonly at: number; readonly moment: 'before' | 'after' },
  time: Partial<Time> = {},
): { readonly client: ElasticsearchClient; readonly tapped: TappedWire } {
  const tapped = new TappedWire(wire)
  let dead = false
  tapped.tap = (_request, moment, number) => {
    if (!dead && number === death.at && moment === death.moment) dead = true
    if (dead) throw new Killed()
  }
  return { client: new ElasticsearchClient(tapped, time), tapped }
}
