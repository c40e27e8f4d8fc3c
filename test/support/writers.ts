import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'

/** A document as its writer knows it: what was acknowledged last, or undefined after an acknowledged deletion. */
type Known = Readonly<Record<string, unknown>> | undefined

interface Sent {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface WriterOptions {
  readonly url: string
  /** The alias (or index) that an application knows. */
  readonly name: string
  readonly writers?: number
  /** Documents that each writer calls its own. */
  readonly documents?: number
  /** Milliseconds between two writes of a writer. */
  readonly pauseMs?: number
  /** By document number; default: none. */
  readonly routing?: (number: number) => string
  /** Of the fields of a document; `n` counts the writes of this writer. */
  readonly fields?: (n: number) => Readonly<Record<string, unknown>>
  /**
   * Moments in which each writer may once meet no index, and tries until it does: while a concrete index gives way to an alias, and
   * while a node that comes back does not know its indices yet. How many tries fit into one is the machine's affair.
   */
  readonly moments?: number
}

/**
 * Applications that go on writing, over plain HTTP: they create, replace, update and delete documents, retry what was refused by a
 * write block or got lost, and remember every acknowledged write. An answer that does not fit what was acknowledged before (an update
 * of a document that is "missing", a "created" over one that was there) is a document lost, and noted at once.
 */
export class Writers {
  readonly #options: Required<WriterOptions>
  readonly #known = new Map<string, Known>()
  readonly #stop = new AbortController()
  readonly #work: Promise<void>[]
  readonly faults: string[] = []
  acknowledged = 0
  /** Writes refused by a write block, and the longest time that a writer was held back, in milliseconds. */
  blocked = 0
  /** Writes that met no index, however often. */
  vanished = 0
  longestMs = 0

  constructor(options: WriterOptions) {
    const { writers = 3, documents = 60, pauseMs = 3, moments = 0, routing = () => '' } = options
    const fields = options.fields ?? ((n: number) => ({ n, text: `text ${n}` }))
    this.#options = { ...options, writers, documents, pauseMs, moments, routing, fields }
    this.#work = Array.from({ length: writers }, async (_, writer) => this.#write(writer))
  }

  /** What the application knows to be there. */
  get documents(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    return new Map([...this.#known].flatMap(([id, known]) => (known === undefined ? [] : [[id, known]])))
  }

  /** Resolves when so many more were acknowledged: what is seen then, was seen while they went on. Fails where they hang. */
  async goOn(writes: number): Promise<void> {
    const [enough, end] = [this.acknowledged + writes, performance.now() + 30_000]
    while (this.acknowledged < enough) {
      assert.ok(performance.now() < end, `${enough - this.acknowledged} of ${writes} writes did not come`)
      await setTimeout(5)
    }
  }

  /** Ends after the write that each of them is at. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#work)
    assert.deepEqual(this.faults, [])
    assert.ok(this.acknowledged > 0, 'no write was acknowledged')
    const { moments, writers } = this.#options
    assert.ok(this.vanished <= moments * writers, `${this.vanished} writes met no index`)
  }

  async #write(writer: number): Promise<void> {
    const { documents, pauseMs, fields, routing } = this.#options
    for (let n = 0; !this.#stop.signal.aborted; n += 1) {
      const number = Math.floor(Math.random() * documents)
      await this.#one(`w${writer}-${number}`, { ...fields(n), writer, n }, routing(number))
      if (pauseMs > 0) await setTimeout(pauseMs)
    }
  }

  async #one(id: string, source: Readonly<Record<string, unknown>>, routing: string): Promise<void> {
    const known = this.#known.get(id)
    const suffix = routing === '' ? '' : `?routing=${routing}`
    const dice = Math.random()
    if (dice < 0.2) {
      const { body, certain } = await this.#insist('DELETE', `_doc/${id}${suffix}`)
      this.#expect(id, known === undefined ? 'not_found' : 'deleted', body, certain)
      this.#known.set(id, undefined)
    } else if (dice < 0.6) {
      const { body, certain } = await this.#insist('PUT', `_doc/${id}${suffix}`, source)
      this.#expect(id, known === undefined ? 'created' : 'updated', body, certain)
      this.#known.set(id, source)
    } else {
      const partial = { partial: source['n'] }
      const { status, body, certain } = await this.#insist('POST', `_update/${id}${suffix}`, { doc: partial })
      if ((status === 404) !== (known === undefined)) this.faults.push(`${id}: ${JSON.stringify(body)}`)
      if (certain && status !== 404 && body['result'] === 'noop') return
      if (status !== 404) this.#known.set(id, { ...known, ...partial })
    }
  }

  #expect(id: string, result: string, body: Sent['body'], certain: boolean): void {
    if (certain && body['result'] !== result)
      this.faults.push(`${id}: ${JSON.stringify(body)}, not ${result}`)
  }

  /** Until it is acknowledged; `certain`: no earlier try can have been taken as well. */
  async #insist(method: string, path: string, body?: unknown): Promise<Sent & { readonly certain: boolean }> {
    const began = performance.now()
    let certain = true
    let vanished = false
    for (;;) {
      const sent = await this.#send(method, path, body)
      if (sent === undefined || sent.status >= 500) certain = false
      else if (metNoIndex(sent)) {
        if (!vanished) this.vanished += 1
        vanished = true
      } else if (sent.status !== 403 && sent.status !== 429) {
        this.acknowledged += 1
        if (performance.now() - began > 50)
          this.longestMs = Math.max(this.longestMs, performance.now() - began)
        if (sent.status >= 400 && sent.status !== 404)
          this.faults.push(`${path}: ${JSON.stringify(sent.body)}`)
        return { ...sent, certain }
      } else this.blocked += 1
      await setTimeout(10)
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<Sent | undefined> {
    const { url, name } = this.#options
    try {
      const answer = await fetch(`${url}/${name}/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      return { status: answer.status, body: (await answer.json()) as Sent['body'] }
    } catch {
      return undefined
    }
  }
}

/**
 * Nothing was written. The second words come from 7.17 right after a restart: a write found no index yet, and making one by itself
 * then met the alias.
 */
function metNoIndex({ body }: Sent): boolean {
  return /index_not_found_exception|already exists as alias/.test(JSON.stringify(body['error'] ?? ''))
}

/** Somebody else's way to a cluster: plain HTTP, or the fake asked directly. */
interface Asked {
  ask(
    method: 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }>
}

/** Everything that a name finds, by id. Fails where an id comes twice. */
export async function everything(server: Asked, name: string): Promise<Map<string, unknown>> {
  const ask = async (path: string, body: unknown) => {
    const answer = await server.ask('POST', path, body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body as Page
  }
  await server.ask('POST', `/${name}/_refresh`)
  const found = new Map<string, unknown>()
  let page = await ask(`/${name}/_search?scroll=1m`, { size: 5_000, sort: ['_doc'] })
  while (page.hits.hits.length > 0) {
    assert.equal(page._shards.failed, 0)
    for (const { _id, _routing, _source } of page.hits.hits) {
      const key = _routing === undefined ? _id : `${_id}@${_routing}`
      assert.ok(!found.has(key), `${key} is there twice`)
      found.set(key, _source)
    }
    page = await ask('/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id })
  }
  return found
}

interface Page {
  readonly _scroll_id: string
  readonly _shards: { readonly failed: number }
  readonly hits: {
    readonly hits: readonly { readonly _id: string; readonly _routing?: string; readonly _source: unknown }[]
  }
}

export interface ReaderOptions {
  readonly url: string
  readonly name: string
  readonly query: object
  readonly expected: number
  /** Moments in which searches may be refused, and are asked again: while a concrete index gives way to an alias. */
  readonly moments?: number
}

/** Readers of documents that never change: at every moment all of them are found, and each once. */
export class Readers {
  readonly #stop = new AbortController()
  readonly #moments: number
  readonly #work: Promise<void>
  readonly faults: string[] = []
  reads = 0
  /** How often searches met an index in the moment of its deletion. */
  #refused = 0

  /** `query` finds `expected` documents. */
  constructor(options: ReaderOptions) {
    this.#moments = options.moments ?? 0
    this.#work = this.#read(options)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#work
    assert.deepEqual(this.faults, [])
    assert.ok(this.reads > 0, 'nothing was read')
    assert.ok(this.#refused <= this.#moments, `searches were refused ${this.#refused} times`)
  }

  async #read({ url, name, query, expected }: ReaderOptions): Promise<void> {
    let refusedAt: number | undefined
    while (!this.#stop.signal.aborted || refusedAt !== undefined) {
      const answer = await fetch(`${url}/${name}/_count`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      const body = (await answer.json()) as { readonly count?: number }
      if (answer.status !== 503) {
        refusedAt = undefined
        if (body.count !== expected) this.faults.push(`${answer.status}: ${JSON.stringify(body)}`)
        this.reads += 1
      } else if (refusedAt === undefined) {
        this.#refused += 1
        refusedAt = performance.now()
      } else if (performance.now() - refusedAt > 30_000) {
        this.faults.push('searches were refused for 30 s')
        return
      }
      await setTimeout(5)
    }
  }
}
