import { classifyIndex } from '../../reconcilers/elasticsearch/classify.ts'
import { ElasticsearchClient } from '../../reconcilers/elasticsearch/client/elasticsearch-client.ts'
import type { Time } from '../../reconcilers/elasticsearch/client/reindex/work.ts'
import type { Wire, WireAnswer, WireRequest } from '../../reconcilers/elasticsearch/client/wire.ts'
import { normalizeIndex } from '../../reconcilers/elasticsearch/normalize.ts'
import { type Index, type SearchResource, isIndex } from '../../reconcilers/elasticsearch/resource.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import type { Change } from '../../src/core/resource.ts'
import type { Outcome, ServiceClient } from '../../src/reconcile/service-client.ts'
import { differenceOf } from './search-index.ts'

/** What one pass came to: nothing was to be done, or what became of the one change. */
export type Passed = { readonly state: 'converged' } | Outcome<SearchResource>

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
  const whole = differenceOf(desired, observed, (await spelled(client, name, made)).fields)
  if (whole === undefined) return undefined
  const parts = classifyIndex(whole)
  const last = parts.findLast(({ action }) => action === 'replace') ?? parts[0]
  if (last === undefined) throw new Error('a change without parts')
  return { ...last, fields: parts.flatMap((part) => part.fields) }
}

/** What is written, in the server's spelling. Throws the server's words where it would not take it. */
export async function spelled(
  client: ServiceClient<SearchResource>,
  name: string,
  written: WrittenIndex,
): Promise<Index> {
  const [canonical] =
    (await client.canonical?.([normalizeIndex(name, written)], AbortSignal.timeout(30_000))) ?? []
  if (canonical?.ok !== true || !isIndex(canonical.desired)) throw new Error(JSON.stringify(canonical))
  return canonical.desired
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

export type Moment = 'before' | 'after'

/** Called before a request goes out and after its answer came; what it throws is what the client gets. */
type Tap = (request: WireRequest, moment: Moment, number: number) => Promise<void> | void

/** Every request of a client passes here: it can be counted, watched, and lost together with whoever sent it. */
export class TappedWire implements Wire {
  readonly #wire: Wire
  sent = 0
  tap: Tap

  constructor(wire: Wire, tap: Tap = () => undefined) {
    this.#wire = wire
    this.tap = tap
  }

  /** Acts at the first request that matches. What is returned tells whether there was one. */
  once(
    matches: (request: WireRequest) => boolean,
    moment: Moment,
    act: (request: WireRequest) => Promise<void> | void,
  ): () => boolean {
    let happened = false
    this.tap = async (request, at) => {
      if (happened || at !== moment || !matches(request)) return
      happened = true
      await act(request)
    }
    return () => happened
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

/** A client whose process dies at the first request for which `death` is true: before that is sent, or before its answer is read. */
export function doomedClient(
  wire: Wire,
  death: (request: WireRequest, moment: Moment, number: number) => boolean,
  time: Partial<Time> = {},
): { readonly client: ElasticsearchClient; readonly tapped: TappedWire } {
  let dead = false
  const tapped = new TappedWire(wire, (...at) => {
    dead ||= death(...at)
    if (dead) throw new Killed()
  })
  return { client: new ElasticsearchClient(tapped, time), tapped }
}
