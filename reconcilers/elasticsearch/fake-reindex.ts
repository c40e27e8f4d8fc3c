import { type Call, flag, ok } from './fake-call.ts'
import { requirePath } from './fake-definitions.ts'
import { type Target, nameBehind, writeDocument } from './fake-documents.ts'
import type { WriteResult } from './fake-index.ts'
import { ServerRefusal, illegalArgument, noAlias } from './fake-refusal.ts'
import { type Hit, hitsOf, sourceOf } from './fake-search.ts'
import type { FakeState, LongWork } from './fake-state.ts'
import { javaText } from './fake-text.ts'
import { own } from '../../src/core/json.ts'
import type { WireAnswer } from './client/wire.ts'

interface Counts {
  total: number
  updated: number
  created: number
  batches: number
  conflicts: number
}

interface Slice {
  readonly counts: Counts
  left: readonly Hit[]
}

/** One `_reindex`: what the source showed when it began, copied batch by batch. Forms and words of 7.17.29 with its reindex module. */
export class Reindex implements LongWork {
  readonly #state: FakeState
  readonly #body: unknown
  readonly #target: Target
  readonly #slices: readonly Slice[]
  readonly #failures: { readonly status: number; readonly body: unknown }[] = []

  constructor(state: FakeState, body: unknown, query: ReadonlyMap<string, string>) {
    this.#state = state
    this.#body = body
    const pipeline = own(own(body, 'dest'), 'pipeline')
    this.#target = {
      name: javaText(own(own(body, 'dest'), 'index') ?? ''),
      requireAlias: flag({ query }, 'require_alias') || own(own(body, 'dest'), 'require_alias') === true,
      ...(typeof pipeline === 'string' ? { pipeline } : {}),
    }
    const hits = this.#read(query)
    const parts = sliced(hits, query.get('slices') ?? '1')
    this.#slices = parts.map((left) => ({
      left,
      counts: { total: left.length, updated: 0, created: 0, batches: 0, conflicts: 0 },
    }))
  }

  get batches(): number {
    return this.#slices.reduce((sum, { counts }) => sum + counts.batches, 0)
  }

  isOver(): boolean {
    return this.#failures.length > 0 || this.#slices.every(({ left }) => left.length === 0)
  }

  /** One batch of every slice. */
  step(): void {
    const size = Number(own(own(this.#body, 'source'), 'size') ?? 1_000)
    for (const slice of this.#slices) {
      if (slice.left.length === 0 || this.#failures.length > 0) continue
      const batch = slice.left.slice(0, size)
      slice.left = slice.left.slice(size)
      slice.counts.batches += 1
      for (const hit of batch) this.#copy(hit, slice.counts)
    }
  }

  run(): void {
    while (!this.isOver()) this.step()
  }

  /** The status of the whole; of a sliced one only finished slices count (documentation). */
  status(): Readonly<Record<string, unknown>> {
    const [only] = this.#slices
    if (this.#slices.length === 1 && only !== undefined) return statusOf(only.counts)
    const finished = this.#slices.map((slice) => (slice.left.length === 0 ? slice : undefined))
    const total = together(finished.flatMap((slice) => slice?.counts ?? []))
    return {
      ...statusOf(total),
      slices: finished.map((slice, id) =>
        slice === undefined ? null : { slice_id: id, ...statusOf(slice.counts) },
      ),
    }
  }

  /** Of each slice that runs; none where there is only one. */
  slices(): readonly Readonly<Record<string, unknown>>[] {
    if (this.#slices.length === 1) return []
    return this.#slices.flatMap(({ left, counts }, id) =>
      left.length === 0 ? [] : [{ slice_id: id, ...statusOf(counts) }],
    )
  }

  response(canceled?: string): Readonly<Record<string, unknown>> {
    const counts = together(this.#slices.map((slice) => slice.counts))
    const failures = this.#failures.map(({ body }) => body)
    return {
      took: counts.batches,
      timed_out: false,
      ...statusOf(counts),
      ...(canceled === undefined ? {} : { canceled }),
      failures,
    }
  }

  httpStatus(): number {
    return Math.max(200, ...this.#failures.map(({ status }) => status))
  }

  #read(query: ReadonlyMap<string, string>): readonly Hit[] {
    const source = own(this.#body, 'source')
    const names = own(source, 'index')
    const expression = Array.isArray(names) ? names.join(',') : javaText(names ?? '')
    const indices = this.#state.resolve(expression, { hidden: true, forbidClosed: true })
    const { name, requireAlias } = this.#target
    const into = this.#state.indices.has(name) ? name : this.#state.aliased(name)[0]?.name
    if (indices.some((index) => index.name === into)) {
      const words = `Validation Failed: 1: reindex cannot write into an index its reading from [${name}];`
      throw new ServerRefusal('action_request_validation_exception', words)
    }
    if (requireAlias && this.#state.aliased(name).length === 0) throw noAlias(name)
    const most = Number(own(this.#body, 'max_docs') ?? query.get('max_docs') ?? Infinity)
    const hits = hitsOf(indices, source).slice(0, most)
    for (const hit of hits) {
      if (sourceOf(hit) === undefined)
        throw illegalArgument(`[${hit.index.name}][${hit.document.id}] didn't store _source`)
    }
    return hits
  }

  #copy(hit: Hit, counts: Counts): void {
    const dest = own(this.#body, 'dest')
    const versionType = own(dest, 'version_type')
    const external = typeof versionType === 'string' && versionType.startsWith('external')
    const { id, version, routing } = hit.document
    try {
      const written = writeDocument(this.#state, this.#target, {
        id,
        source: sourceOf(hit),
        ...(routing === undefined ? {} : { routing }),
        ...(external ? { version, versionType } : {}),
        ...(own(dest, 'op_type') === 'create' ? { create: true } : {}),
      })
      tally(counts, written)
    } catch (error) {
      if (!(error instanceof ServerRefusal)) throw error
      this.#fail(error, id, counts)
    }
  }

  #fail(error: ServerRefusal, id: string, counts: Counts): void {
    if (error.status === 409) counts.conflicts += 1
    if (error.status === 409 && own(this.#body, 'conflicts') === 'proceed') return
    const index = nameBehind(this.#state, this.#target.name)
    this.#failures.push({
      status: error.status,
      body: { index, id, cause: error.toError(), status: error.status },
    })
  }
}

function tally(counts: Counts, { result }: WriteResult): void {
  if (result === 'created') counts.created += 1
  else counts.updated += 1
}

function together(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0)
  return {
    total: sum('total'),
    updated: sum('updated'),
    created: sum('created'),
    batches: sum('batches'),
    conflicts: sum('conflicts'),
  }
}

function statusOf({
  total,
  updated,
  created,
  batches,
  conflicts,
}: Counts): Readonly<Record<string, unknown>> {
  return {
    total,
    updated,
    created,
    deleted: 0,
    batches,
    version_conflicts: conflicts,
    noops: 0,
    retries: { bulk: 0, search: 0 },
    throttled_millis: 0,
    requests_per_second: -1,
    throttled_until_millis: 0,
  }
}

/** `auto` is one slice per shard. */
function sliced(hits: readonly Hit[], slices: string): readonly (readonly Hit[])[] {
  const [shards = 1] = hits.map(({ index }) => index.shards)
  const number = slices === 'auto' ? shards : Number(slices)
  if (number <= 1) return [hits]
  return Array.from({ length: number }, (_, slice) =>
    hits.filter(({ document }) => document.shard % number === slice),
  )
}

/** `POST /_reindex`, in one request or as a task. */
export function reindex({ state, query, body, opaqueId }: Call): WireAnswer {
  requirePath(state, 'reindex', '/_reindex', 'POST')
  const work = new Reindex(state, body, query)
  if (query.get('wait_for_completion') !== 'false') {
    work.run()
    if (flag({ query }, 'refresh')) for (const index of state.indices.values()) index.refresh()
    return ok(work.response(), work.httpStatus())
  }
  const number = state.serial()
  const id = `${state.nodeId}:${number}`
  const [from, to] = [own(own(body, 'source'), 'index'), own(own(body, 'dest'), 'index')].map(javaText)
  const description = `reindex from [${from}] to [${to}]`
  state.tasks.set(id, {
    id,
    number,
    description,
    opaqueId,
    reindex: work,
    cancelled: false,
    response: undefined,
  })
  return ok({ task: id })
}
