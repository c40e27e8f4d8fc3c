import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { ElasticWire } from '../../reconcilers/elasticsearch/client/elastic-wire.ts'
import { ElasticsearchClient } from '../../reconcilers/elasticsearch/client/elasticsearch-client.ts'
import type { WireRequest } from '../../reconcilers/elasticsearch/client/wire.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import { elasticsearchSettings } from '../../reconcilers/elasticsearch/settings.ts'
import { ReconcileError } from '../../src/errors.ts'
import { type RunningElasticsearch, startElasticsearch } from '../support/elasticsearch.ts'
import {
  Killed,
  type Passed,
  TappedWire,
  converge,
  doomedClient,
  reconcileIndex,
} from '../support/reindexing.ts'
import { Readers, Writers, type WriterOptions, everything } from '../support/writers.ts'

// Only 7.17.29 can be had with its reindex module; 8.19.21 and 9.5.3 of the tests answer that they cannot reindex (last test).
const es = await startElasticsearch({ version: '7.17.29', heap: 768 })
after(async () => es.stop())

const { client, tapped } = clientOf(es)

function clientOf({ url }: RunningElasticsearch) {
  const wire = new TappedWire(new ElasticWire(elasticsearchSettings.parse({ ELASTICSEARCH_URL: url })))
  return { tapped: wire, client: new ElasticsearchClient(wire) }
}

/** Written with the opt-in, one shard and no replicas unless said otherwise. */
function written(part: WrittenIndex = {}): WrittenIndex {
  const { settings, ...rest } = part
  return {
    settings: { number_of_replicas: 0, ...(settings as object) },
    'on-incompatible': 'reindex',
    ...rest,
  }
}

const text: WrittenIndex = written({
  mappings: { properties: { text: { type: 'text' }, n: { type: 'long' } } },
})
const keyword: WrittenIndex = written({
  mappings: { properties: { text: { type: 'keyword' }, n: { type: 'long' } } },
})

const stable = 400

/** Documents that nobody touches: readers count them all the time. */
async function load(name: string, count = stable): Promise<Map<string, object>> {
  const documents = new Map<string, object>()
  for (let from = 0; from < count; from += 2_000) {
    const lines: string[] = []
    for (let n = from; n < Math.min(count, from + 2_000); n += 1) {
      const document = { text: `stable ${n}`, n, stable: true }
      documents.set(`s-${n}`, document)
      lines.push(JSON.stringify({ index: { _id: `s-${n}` } }), JSON.stringify(document))
    }
    const { body } = await es.ask('POST', `/${name}/_bulk`, `${lines.join('\n')}\n`)
    assert.deepEqual((body as { errors: boolean }).errors, false)
  }
  await es.ask('POST', `/${name}/_refresh`)
  return documents
}

/** What still writes and reads when a test has failed half way. */
const running: { stop(): Promise<void> }[] = []

interface Scene {
  readonly name: string
  readonly before: WrittenIndex
  readonly documents?: number
  readonly writing?: Partial<WriterOptions>
  readonly moments?: number
}

/** An index in use: documents that stay, writers and readers. `prove` stops them and compares every document one by one. */
async function inUse({ name, before, documents = stable, writing = {}, moments = 0 }: Scene) {
  assert.equal((await converge(client, name, before)).at(-1)?.state, 'converged')
  const kept = await load(name, documents)
  const readers = new Readers({
    url: es.url,
    name,
    query: { term: { stable: true } },
    expected: documents,
    moments,
  })
  const writers = new Writers({ url: es.url, name, moments, ...writing })
  running.push(readers, writers)
  return {
    writers,
    prove: async () => {
      await writers.stop()
      await readers.stop()
      const expected = new Map<string, unknown>([...kept, ...writers.documents])
      const found = new Map(
        [...(await everything(es, name))].map(([key, value]) => [key.replace(/@.*$/, ''), value]),
      )
      assert.equal(found.size, expected.size)
      for (const [id, document] of expected) assert.deepEqual(found.get(id), document, id)
    },
  }
}

interface Shown {
  readonly aliases: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, string>>
  readonly mappings: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> }
}

interface Blocks {
  readonly blocks?: { readonly indices: Readonly<Record<string, unknown>> }
}

async function shown(name: string): Promise<Readonly<Record<string, Shown>>> {
  const { body } = await es.ask(
    'GET',
    `/${name},${name}-0*?flat_settings=true&ignore_unavailable=true&expand_wildcards=all`,
  )
  return body as Record<string, Shown>
}

async function uuidOf(index: string): Promise<string | undefined> {
  return (await shown(index))[index]?.settings['index.uuid']
}

/** No mark but that of the rollback point is left, and nothing is blocked but that. */
async function assertSettled(name: string, physical: string): Promise<void> {
  const indices = await shown(name)
  for (const [index, { aliases, settings }] of Object.entries(indices)) {
    const marks = Object.keys(aliases).filter((alias) => alias.startsWith('infometis-'))
    const isRollback = marks.length === 1 && marks[0]?.startsWith('infometis-rollback-') === true
    assert.ok(index === physical ? marks.length === 0 : isRollback, `${index} carries ${marks.join(', ')}`)
    assert.equal(settings['index.blocks.write'], isRollback ? 'true' : undefined, index)
  }
  assert.deepEqual(Object.keys(indices[physical]?.aliases ?? {}).includes(name), true)
  const { body } = await es.ask('GET', '/_cluster/state/blocks?filter_path=blocks.indices.*')
  assert.equal((body as Blocks).blocks?.indices[physical], undefined)
}

function assertConverged(passed: readonly Passed[]): void {
  assert.equal(passed.at(-1)?.state, 'converged', JSON.stringify(passed.slice(-3)))
}

const briefly = { between: async () => setTimeout(200) }

function noteOf(passed: readonly Passed[]): string {
  const done = passed.find((each) => each.state === 'done')
  return done?.state === 'done' ? (done.note ?? '') : JSON.stringify(passed.at(-1))
}

/** Seconds of the write block as the outcome tells them. */
function heldSeconds(passed: readonly Passed[]): number {
  const [, seconds] = /held back for ([\d.]+) s/.exec(noteOf(passed)) ?? []
  assert.ok(seconds !== undefined, noteOf(passed))
  return Number(seconds)
}

const isBlock = ({ path }: WireRequest): boolean => path.endsWith('/_block/write')
const isSwap = ({ path, body }: WireRequest): boolean =>
  path === '/_aliases' && JSON.stringify(body).includes('-until-')
const isPass = ({ path, body }: WireRequest): boolean =>
  path === '/_reindex' && !JSON.stringify(body).includes('max_docs')

afterEach(async () => {
  tapped.tap = () => undefined
  for (const each of running.splice(0)) await each.stop().catch(() => undefined)
})

describe('a reindex on 7.17.29 while writers and readers go on', () => {
  it('changes the type of a field and loses no acknowledged write', async () => {
    const scene = await inUse({ name: 'retyped', before: text })
    await scene.writers.goOn(200)
    const passed = await converge(client, 'retyped', keyword, { ...briefly, made: text })
    await scene.writers.goOn(200)
    await scene.prove()
    assertConverged(passed)
    const indices = await shown('retyped')
    assert.equal(indices['retyped-000002']?.mappings.properties?.['text']?.type, 'keyword')
    await assertSettled('retyped', 'retyped-000002')
    assert.ok(heldSeconds(passed) < 10, noteOf(passed))
  })

  it('changes the number of shards, with custom routing, and keeps each document’s routing', async () => {
    const before = written({ settings: { number_of_shards: 3 } })
    const after = written({ settings: { number_of_shards: 2 } })
    const routing = (number: number) => `r${number % 7}`
    const scene = await inUse({ name: 'resharded', before, writing: { routing } })
    const passed = await converge(client, 'resharded', after, { ...briefly, made: before })
    await scene.writers.goOn(100)
    await scene.prove()
    assertConverged(passed)
    assert.equal((await shown('resharded'))['resharded-000002']?.settings['index.number_of_shards'], '2')
    await assertSettled('resharded', 'resharded-000002')
  })

  it('sorts an index anew', async () => {
    const mappings = { properties: { n: { type: 'long' } } }
    const before = written({ mappings })
    const after = written({ mappings, settings: { 'sort.field': 'n', 'sort.order': 'desc' } })
    const scene = await inUse({ name: 'sorted', before })
    const passed = await converge(client, 'sorted', after, { ...briefly, made: before })
    await scene.prove()
    assertConverged(passed)
    assert.equal((await shown('sorted'))['sorted-000002']?.settings['index.sort.field'], 'n')
  })

  it('turns a concrete index into an alias once, and keeps what it was as a write-blocked clone', async () => {
    const before: WrittenIndex = {
      ...text,
      'on-incompatible': 'hold',
      aliases: { readers: { filter: { term: { stable: true } } } },
    }
    const after: WrittenIndex = { ...keyword, aliases: { readers: { filter: { term: { stable: true } } } } }
    const scene = await inUse({ name: 'concrete', before, moments: 1 })
    const passed = await converge(client, 'concrete', after, { ...briefly, made: before })
    await scene.prove()
    assertConverged(passed)
    await assertSettled('concrete', 'concrete-000001')
    const indices = await shown('concrete')
    assert.deepEqual(Object.keys(indices).sort(), ['concrete-000000', 'concrete-000001'])
    assert.equal(indices['concrete-000000']?.mappings.properties?.['text']?.type, 'text')
    const { body } = await es.ask('GET', '/readers/_count')
    assert.equal((body as { count: number }).count, stable)
    const clone = await everything(es, 'concrete-000000')
    assert.ok([...Array(stable).keys()].every((n) => clone.has(`s-${n}`)))
  })

  it('copies an index without documents, and one whose documents were all deleted', async () => {
    await converge(client, 'hollow', text)
    assertConverged(await converge(client, 'hollow', keyword, { made: text }))
    await assertSettled('hollow', 'hollow-000002')
    await load('hollow', 50)
    await es.ask('POST', '/hollow/_delete_by_query?refresh=true', { query: { match_all: {} } })
    assertConverged(await converge(client, 'hollow', text, { made: keyword }))
    assert.equal((await everything(es, 'hollow')).size, 0)
    await assertSettled('hollow', 'hollow-000003')
  })

  it('copies nested documents whose routing is required', async () => {
    const properties = { lines: { type: 'nested', properties: { sku: { type: 'keyword' } } } }
    const mappings = { _routing: { required: true }, properties }
    const before = written({ settings: { number_of_shards: 2 }, mappings })
    const after = written({ settings: { number_of_shards: 3 }, mappings })
    await converge(client, 'family', before)
    const expected = new Map<string, unknown>()
    for (let n = 0; n < 60; n += 1) {
      const order = { lines: [{ sku: `a${n}` }, { sku: 'b' }] }
      await es.ask('PUT', `/family/_doc/o${n}?routing=c${n % 5}`, order)
      expected.set(`o${n}@c${n % 5}`, order)
    }
    const gone = tapped.once(isPass, 'after', async () => {
      await es.ask('DELETE', '/family/_doc/o7?routing=c2')
      expected.delete('o7@c2')
    })
    assertConverged(await converge(client, 'family', after, { ...briefly, made: before }))
    assert.ok(gone())
    assert.deepEqual(await everything(es, 'family'), expected)
    const query = { nested: { path: 'lines', query: { term: { 'lines.sku': 'a3' } } } }
    const { body } = await es.ask('POST', '/family/_count', { query })
    assert.equal((body as { count: number }).count, 1)
  })
})

describe('what happens between two passes on 7.17.29', () => {
  const untold = { properties: { text: { type: 'text' }, kind: { type: 'keyword' } }, dynamic: false }
  const dated = { properties: { text: { type: 'text' }, at: { type: 'date' }, kind: { type: 'keyword' } } }
  for (const [name, mappings, says] of [
    ['thinned', untold, 'with no field to tell documents apart'],
    ['thinned-dated', dated, 'told apart by a date that some of them lack'],
  ] as const) {
    it(`documents deleted during the copy of a large index are found before and within the write block, ${says}`, async () => {
      const before = written({ mappings })
      const after = written({ mappings, settings: { number_of_shards: 2 } })
      await converge(client, name, before)
      const expected = new Map<string, unknown>()
      const lines = Array.from({ length: 25_000 }, (_, n) => {
        const at = n % 5 === 0 ? {} : { at: new Date(1_700_000_000_000 + n * 977).toISOString() }
        const document = { text: `b ${n}`, ...at }
        expected.set(`b${n}`, document)
        return `{"index":{"_id":"b${n}"}}\n${JSON.stringify(document)}`
      })
      await es.ask('POST', `/${name}/_bulk`, `${lines.join('\n')}\n`)
      let removed = 0
      const removeSome = async (count: number): Promise<void> => {
        const ids = Array.from({ length: count }, () => `b${(removed += 7)}`)
        for (const id of ids) expected.delete(id)
        const deletions = ids.map((_id) => JSON.stringify({ delete: { _id } }))
        await es.ask('POST', `/${name}/_bulk`, `${deletions.join('\n')}\n`)
      }
      let blocked = false
      tapped.tap = async (request, at) => {
        if (at === 'after' && request.path === '/_reindex' && !blocked) await removeSome(50)
        if (at === 'before' && isBlock(request)) blocked = true
        if (at === 'before' && isBlock(request)) await removeSome(12)
      }
      assertConverged(await converge(client, name, after, { ...briefly, made: before }))
      assert.ok(removed > 400)
      assert.deepEqual(await everything(es, name), new Map([...expected]))
    })
  }

  it('a document deleted and made again, whose version began anew, is not taken for an old one', async () => {
    // Tombstones are forgotten at once here; by default it takes a minute.
    const forgetful = { 'index.gc_deletes': '0s' }
    const before = written({ settings: forgetful, mappings: { properties: { text: { type: 'text' } } } })
    const after = written({ settings: forgetful, mappings: { properties: { text: { type: 'keyword' } } } })
    await converge(client, 'reborn', before)
    for (let round = 0; round < 5; round += 1) await load('reborn', 50)
    const made = tapped.once(isPass, 'after', async () => {
      for (let n = 0; n < 20; n += 1) await es.ask('DELETE', `/reborn/_doc/s-${n}`)
      await es.ask('POST', '/reborn/_refresh')
      await setTimeout(600)
      await es.ask('POST', '/reborn/_refresh')
      for (let n = 0; n < 10; n += 1) {
        const { body } = await es.ask('PUT', `/reborn/_doc/s-${n}`, { text: 'anew', n })
        assert.equal((body as { _version: number })._version, 1)
      }
    })
    const passed = await converge(client, 'reborn', after, { ...briefly, made: before })
    assert.ok(made())
    assertConverged(passed)
    assert.ok(passed.some((each) => each.state === 'pending' && each.message.includes('compared')))
    const found = await everything(es, 'reborn')
    assert.equal(found.size, 40)
    for (let n = 0; n < 10; n += 1) assert.deepEqual(found.get(`s-${n}`), { text: 'anew', n })
  })

  it('one document of many that does not fit ends the wish with the server’s words, without its value, and leaves nothing', async () => {
    for (const [name, documents] of [
      ['misfit', 300],
      ['misfits', 6_000],
    ] as const) {
      const before = written({ mappings: { properties: { code: { type: 'keyword' } } } })
      const after = written({ mappings: { properties: { code: { type: 'long' } } } })
      const scene = await inUse({ name, before, documents, writing: { fields: (n) => ({ code: n }) } })
      await es.ask('PUT', `/${name}/_doc/odd`, { code: 'confidential' })
      const passed = await converge(client, name, after, { ...briefly, made: before })
      const last = passed.at(-1)
      assert.ok(last?.state === 'failed')
      assert.equal(last.reason, 'RejectedByServer')
      assert.match(last.message, /failed to parse field \[code\] of type \[long\]/)
      assert.doesNotMatch(last.message, /confidential|odd/)
      await es.ask('DELETE', `/${name}/_doc/odd`)
      await scene.prove()
      assert.deepEqual(Object.keys(await shown(name)), [`${name}-000001`])
      await assertSettled(name, `${name}-000001`)
    }
  })

  it('documents that share an id under several routings are not thrown together', async () => {
    const before = written({ settings: { number_of_shards: 4 } })
    const after = written({ settings: { number_of_shards: 1 } })
    await converge(client, 'twins', before)
    for (let r = 0; r < 12; r += 1) await es.ask('PUT', `/twins/_doc/same?routing=r${r}`, { r })
    const there = (await everything(es, 'twins')).size
    assert.ok(there > 1)
    const last = (await converge(client, 'twins', after, { ...briefly, made: before })).at(-1)
    assert.ok(last?.state === 'failed' && last.reason === 'RejectedByServer', JSON.stringify(last))
    assert.match(last.message, /share an id/)
    assert.equal((await everything(es, 'twins')).size, there)
    await assertSettled('twins', 'twins-000001')
  })
})

describe('the write block on 7.17.29', () => {
  it('ends in time, writers go on, and a later attempt succeeds with the copy that is there', async () => {
    let ahead = 0
    const late = new ElasticsearchClient(tapped, { now: () => Date.now() + ahead })
    const before: WrittenIndex = { ...text, 'max-write-block': '4s' }
    const after: WrittenIndex = { ...keyword, 'max-write-block': '4s' }
    const scene = await inUse({ name: 'bounded', before })
    const slow = tapped.once(isBlock, 'after', async () => setTimeout(5_000))
    const first = (await converge(late, 'bounded', after, { ...briefly, made: before })).at(-1)
    assert.ok(slow())
    assert.ok(first?.state === 'failed' && first.reason === 'TimeLimitReached', JSON.stringify(first))
    assert.match(first.message, /held back for .* limit is max-write-block \(4\.0 s\)/)
    const copy = await uuidOf('bounded-000002')
    assert.ok(copy, 'the copy is kept')
    const { blocked } = scene.writers
    await scene.writers.goOn(100)
    assert.equal(scene.writers.blocked, blocked, 'writers go on')
    const waiting = await reconcileIndex(late, 'bounded', after, before)
    assert.ok(
      waiting.state === 'pending' && waiting.message.includes('next attempt'),
      JSON.stringify(waiting),
    )
    ahead += 60_000
    const passed = await converge(late, 'bounded', after, { ...briefly, made: before })
    assertConverged(passed)
    assert.equal(await uuidOf('bounded-000002'), copy)
    await scene.prove()
    await assertSettled('bounded', 'bounded-000002')
  })

  it('is kept short under heavy writing', async () => {
    const before: WrittenIndex = { ...text, 'max-write-block': '10s' }
    const after: WrittenIndex = { ...keyword, 'max-write-block': '10s' }
    const scene = await inUse({
      name: 'heavy',
      before,
      documents: 2_000,
      writing: { writers: 8, documents: 500, pauseMs: 0 },
    })
    await scene.writers.goOn(1_000)
    const passed = await converge(client, 'heavy', after, { ...briefly, made: before })
    await scene.writers.goOn(500)
    await scene.prove()
    assertConverged(passed)
    assert.ok(heldSeconds(passed) <= 10, noteOf(passed))
    assert.ok(scene.writers.longestMs <= 11_000, `${scene.writers.longestMs} ms`)
  })

  it('that was asked for and never answered does not come back after it was lifted', async () => {
    const scene = await inUse({ name: 'unanswered', before: text })
    const wire = new ElasticWire(elasticsearchSettings.parse({ ELASTICSEARCH_URL: es.url }))
    let late: Promise<unknown> = Promise.resolve()
    const { client: doomed } = doomedClient(wire, (request, moment) => {
      if (moment !== 'before' || !isBlock(request)) return false
      late = es.ask('PUT', request.path)
      return true
    })
    await assert.rejects(converge(doomed, 'unanswered', keyword, { ...briefly, made: text }), Killed)
    const passed = await converge(client, 'unanswered', keyword, { ...briefly, made: text })
    await late
    assertConverged(passed)
    await scene.prove()
    await assertSettled('unanswered', 'unanswered-000002')
    await wire.close()
  })

  it('and a swap that arrives late moves nothing: its permit is gone before writers go on', async () => {
    const scene = await inUse({ name: 'belated', before: text })
    let swap: WireRequest | undefined
    tapped.once(isSwap, 'before', (request) => {
      swap = request
      throw new ReconcileError('ServiceTimeout', 'no answer')
    })
    await assert.rejects(converge(client, 'belated', keyword, { ...briefly, made: text }), /no answer/)
    await scene.writers.goOn(50)
    const arrived = await es.ask('POST', '/_aliases', swap?.body)
    assert.equal(arrived.status, 404)
    assert.ok((await shown('belated'))['belated-000001']?.aliases['belated'])
    assertConverged(
      await converge(new ElasticsearchClient(tapped), 'belated', keyword, { ...briefly, made: text }),
    )
    await scene.prove()
    await assertSettled('belated', 'belated-000002')
  })

  it('a name that somebody moves meanwhile stays where it was moved to', async () => {
    await converge(client, 'moved', text)
    const kept = await load('moved')
    const moved = tapped.once(isSwap, 'before', async () => {
      await es.ask('PUT', '/moved-elsewhere')
      const actions = [
        { remove: { index: 'moved-000001', alias: 'moved' } },
        { add: { index: 'moved-elsewhere', alias: 'moved' } },
      ]
      assert.equal((await es.ask('POST', '/_aliases', { actions })).status, 200)
    })
    const last = (await converge(client, 'moved', keyword, { ...briefly, made: text })).at(-1)
    assert.ok(moved())
    assert.ok(last?.state === 'failed' && last.reason === 'ChangesFailed', JSON.stringify(last))
    const indices = await shown('moved')
    assert.ok(indices['moved-elsewhere'] !== undefined && 'moved' in indices['moved-elsewhere'].aliases)
    assert.equal(indices['moved-000001']?.settings['index.blocks.write'], undefined)
    assert.deepEqual(await everything(es, 'moved-000001'), kept)
    // The plan is made anew for what the name stands for now; the unfinished copy of the other index goes.
    assertConverged(await converge(client, 'moved', keyword, { ...briefly, made: text }))
    assert.equal((await everything(es, 'moved')).size, 0)
    assert.deepEqual(await everything(es, 'moved-000001'), kept)
  })
})

describe('wishes that change, and several at once, on 7.17.29', () => {
  it('a wish that changes during the copy is built anew; what the first one left is deleted', async () => {
    const scene = await inUse({ name: 'changing', before: text, documents: 6_000 })
    const begun = await reconcileIndex(client, 'changing', keyword, text)
    assert.equal(begun.state, 'pending', JSON.stringify(begun))
    const other = written({
      settings: { number_of_shards: 2 },
      mappings: { properties: { text: { type: 'keyword', ignore_above: 100 }, n: { type: 'long' } } },
    })
    assertConverged(await converge(client, 'changing', other, { ...briefly, made: text }))
    await scene.prove()
    const indices = await shown('changing')
    assert.equal(indices['changing-000002']?.settings['index.number_of_shards'], '2')
    assert.equal(Object.keys(indices).length, 2)
    await assertSettled('changing', 'changing-000002')
  })

  it('a wish that is taken back leaves nothing', async () => {
    const scene = await inUse({ name: 'reverted', before: text, documents: 6_000 })
    const begun = await reconcileIndex(client, 'reverted', keyword, text)
    assert.equal(begun.state, 'pending')
    assertConverged(await converge(client, 'reverted', text, briefly))
    await scene.prove()
    assert.deepEqual(Object.keys(await shown('reverted')), ['reverted-000001'])
    await assertSettled('reverted', 'reverted-000001')
    const { body } = await es.ask('GET', '/_tasks?actions=*reindex&group_by=none')
    assert.deepEqual((body as { tasks: unknown[] }).tasks, [])
  })

  it('of two reindexes one waits for the other, also after a restart', async () => {
    const one = await inUse({ name: 'first', before: text, documents: 20_000 })
    const two = await inUse({ name: 'second', before: text })
    assert.equal((await reconcileIndex(client, 'first', keyword, text)).state, 'pending')
    const waiting = await reconcileIndex(client, 'second', keyword, text)
    assert.deepEqual(waiting, { state: 'pending', message: 'waits for the reindex of first' })
    const restarted = new ElasticsearchClient(tapped)
    assert.deepEqual(await reconcileIndex(restarted, 'second', keyword, text), waiting)
    assertConverged(await converge(client, 'first', keyword, { ...briefly, made: text }))
    assertConverged(await converge(client, 'second', keyword, { ...briefly, made: text }))
    await one.prove()
    await two.prove()
  })

  it('what nobody wrote goes with the index: settings, fields and aliases made by hand; a template’s alias finds no half copy', async () => {
    await converge(client, 'adopted', text)
    await es.ask('PUT', '/adopted/_settings', { 'index.max_result_window': 5_000 })
    await es.ask('PUT', '/adopted/_mapping', { properties: { place: { type: 'geo_point' } } })
    const alias = { filter: { term: { n: 3 } }, routing: 'x', is_hidden: true }
    await es.ask('POST', '/_aliases', {
      actions: [{ add: { index: 'adopted-000001', alias: 'by-hand', ...alias } }],
    })
    await es.ask('PUT', '/_index_template/adopted', {
      index_patterns: ['adopted-0*'],
      priority: 5,
      template: { aliases: { 'all-adopted': {} } },
    })
    await es.ask('PUT', '/adopted-000001/_alias/all-adopted')
    await load('adopted')
    const readers = new Readers({
      url: es.url,
      name: 'all-adopted',
      query: { match_all: {} },
      expected: stable,
    })
    running.push(readers)
    assertConverged(await converge(client, 'adopted', keyword, { ...briefly, made: text }))
    await readers.stop()
    const made = (await shown('adopted'))['adopted-000002']
    assert.equal(made?.settings['index.max_result_window'], '5000')
    assert.equal(made.mappings.properties?.['place']?.type, 'geo_point')
    assert.deepEqual(made.aliases, {
      adopted: { is_write_index: true },
      'all-adopted': {},
      'by-hand': { filter: { term: { n: 3 } }, index_routing: 'x', search_routing: 'x', is_hidden: true },
    })
  })
})

describe('a node that dies during the copy', () => {
  it('comes back, and no acknowledged write is lost (7.17.29)', async () => {
    const own = await startElasticsearch({ version: '7.17.29' })
    try {
      const { client: patient } = clientOf(own)
      await converge(patient, 'mortal', text)
      const lines = Array.from(
        { length: 40_000 },
        (_, n) => `{"index":{"_id":"b${n}"}}\n{"text":"b","n":${n}}`,
      )
      await own.ask('POST', '/mortal/_bulk', `${lines.join('\n')}\n`)
      const writers = new Writers({ url: own.url, name: 'mortal', moments: 2 })
      for (let deaths = 0; deaths < 2; deaths += 1) {
        assert.equal((await reconcileIndex(patient, 'mortal', keyword, text)).state, 'pending')
        await own.kill()
        await assert.rejects(reconcileIndex(patient, 'mortal', keyword, text))
        await own.start()
      }
      const passed = await converge(patient, 'mortal', keyword, { ...briefly, made: text })
      await writers.goOn(100)
      await writers.stop()
      assertConverged(passed)
      const found = await everything(own, 'mortal')
      assert.equal(found.size, 40_000 + writers.documents.size)
      for (const [id, document] of writers.documents) assert.deepEqual(found.get(id), document, id)
    } finally {
      await own.stop()
    }
  })
})

for (const version of ['8.19.21', '9.5.3'] as const) {
  describe(`${version}, which has no reindex module here`, () => {
    let node: RunningElasticsearch
    before(async () => {
      node = await startElasticsearch({ version })
    })
    after(async () => node.stop())

    it('says so, and is left as it was', async () => {
      const { client: own } = clientOf(node)
      await converge(own, 'without', text)
      const last = (await converge(own, 'without', keyword, { made: text })).at(-1)
      assert.ok(last?.state === 'failed' && last.reason === 'NotSupportedByServer', JSON.stringify(last))
      const { body } = await node.ask('GET', '/without-0*')
      assert.deepEqual(Object.keys(body as object), ['without-000001'])
    })

    it('has what a reindex relies on beside the module', async () => {
      await proveFoundations(node)
    })
  })
}

it('7.17.29 has what a reindex relies on beside the module', async () => {
  await proveFoundations(es)
})

/** Each of them is taken for granted somewhere in client/reindex/. */
async function proveFoundations(node: RunningElasticsearch): Promise<void> {
  const good = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await node.ask(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body as Record<string, unknown>
  }
  const settings = { number_of_shards: 3, number_of_replicas: 0 }
  await good('PUT', '/ground', { settings, aliases: { mark: { is_hidden: true } } })
  for (let n = 0; n < 60; n += 1) await good('PUT', `/ground/_doc/g${n}`, { n })
  await good('POST', '/ground/_refresh')
  await proveNumbers(good)
  await proveAliases(node, good)
  await proveConversion(node, good)
}

type Good = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>

/** Every document has a sequence number of its shard that a range finds, and the shards say where they are. */
async function proveNumbers(good: Good): Promise<void> {
  const stats = await good('GET', '/ground/_stats/docs,store?level=shards&filter_path=indices.*.shards')
  const shards = Object.values((stats as unknown as Stats).indices['ground']?.shards ?? {}).flat()
  assert.equal(shards.length, 3)
  for (const shard of shards) {
    assert.equal(shard.seq_no.global_checkpoint, shard.seq_no.max_seq_no)
    assert.match(shard.commit.user_data.history_uuid, /./)
  }
  for (const above of [-1, 5, 15]) {
    const found = await good('POST', '/ground/_count', { query: { range: { _seq_no: { gt: above } } } })
    const expected = shards.reduce((sum, { seq_no }) => sum + Math.max(0, seq_no.max_seq_no - above), 0)
    assert.equal(found['count'], expected)
  }
  const search = '/ground/_search?size=0&allow_partial_search_results=false&track_total_hits=true'
  const numbered = { filter: { range: { _seq_no: { gte: 0 } } } }
  const summed = await good('POST', search, { aggs: { versions: { sum: { field: '_version' } }, numbered } })
  assert.deepEqual(summed['aggregations'], { versions: { value: 60 }, numbered: { doc_count: 60 } })
}

/** An alias keeps a line of words, and what must exist and does not undoes everything beside it. */
async function proveAliases(node: RunningElasticsearch, good: Good): Promise<void> {
  const words = 'history=ab12 reached=1/2/3 aim=4/5/6 task=a_-b:12'
  const note = { index: 'ground', alias: 'noted', index_routing: words, is_hidden: true }
  await good('POST', '/_aliases', { actions: [{ add: note }] })
  const noted = (await good('GET', '/ground/_alias/noted')) as unknown as Record<string, Shown>
  assert.deepEqual(noted['ground']?.aliases['noted'], { index_routing: words, is_hidden: true })
  const remove = { index: 'ground', alias: 'absent', must_exist: true }
  const undone = await node.ask('POST', '/_aliases', {
    actions: [{ remove }, { add: { index: 'ground', alias: 'beside' } }],
  })
  assert.equal(undone.status, 404)
  assert.equal((await node.ask('GET', '/_alias/beside')).status, 404)
}

/** A concrete index gives its name to an alias in one step or not at all, and its clone holds the documents. */
async function proveConversion(node: RunningElasticsearch, good: Good): Promise<void> {
  await good('PUT', '/ground/_block/write')
  const aliases = { cloned: { is_hidden: true } }
  await good('POST', '/ground/_clone/ground-000000?wait_for_active_shards=1', { aliases })
  assert.equal((await everything(node, 'ground-000000')).size, 60)
  await good('PUT', '/ground-000001', { aliases: { permit: { is_hidden: true } } })
  const swap = (permit: string) => ({
    actions: [
      { remove: { index: 'ground-000001', alias: permit, must_exist: true } },
      { remove_index: { index: 'ground' } },
      { add: { index: 'ground-000001', alias: 'ground' } },
    ],
  })
  assert.equal((await node.ask('POST', '/_aliases', swap('absent'))).status, 404)
  assert.equal((await everything(node, 'ground')).size, 60)
  await good('POST', '/_aliases', swap('permit'))
  assert.equal((await everything(node, 'ground')).size, 0)
}

interface Stats {
  readonly indices: Readonly<
    Record<string, { readonly shards: Readonly<Record<string, readonly ShardStats[]>> }>
  >
}

interface ShardStats {
  readonly seq_no: { readonly max_seq_no: number; readonly global_checkpoint: number }
  readonly commit: { readonly user_data: { readonly history_uuid: string } }
}
