import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { classifyIndex } from '../../reconcilers/elasticsearch/classify.ts'
import { ElasticWire } from '../../reconcilers/elasticsearch/client/elastic-wire.ts'
import { ElasticsearchClient } from '../../reconcilers/elasticsearch/client/elasticsearch-client.ts'
import { applyInPlace } from '../../reconcilers/elasticsearch/client/in-place.ts'
import { reopeningAlias } from '../../reconcilers/elasticsearch/markers.ts'
import type { Wire, WireRequest } from '../../reconcilers/elasticsearch/client/wire.ts'
import { own } from '../../src/core/json.ts'
import { rollbackAlias } from '../../reconcilers/elasticsearch/markers.ts'
import { normalizeDefinition, normalizeIndex } from '../../reconcilers/elasticsearch/normalize.ts'
import { isIndex } from '../../reconcilers/elasticsearch/resource.ts'
import type { Definition, Index, SearchResource } from '../../reconcilers/elasticsearch/resource.ts'
import { indexSchema } from '../../reconcilers/elasticsearch/schema.ts'
import type { WrittenIndex } from '../../reconcilers/elasticsearch/schema.ts'
import { elasticsearchSettings } from '../../reconcilers/elasticsearch/settings.ts'
import { readSettings } from '../../src/config.ts'
import { diff } from '../../src/core/diff.ts'
import type { Change, FieldChange } from '../../src/core/resource.ts'
import type { Outcome } from '../../src/reconcile/service-client.ts'
import { creationOf, removalOf, updateWith } from '../support/changes.ts'
import { clearIndices, startElasticsearch } from '../support/elasticsearch.ts'
import type { RunningElasticsearch } from '../support/elasticsearch.ts'
import { spellings } from '../support/index-spellings.ts'
import { failure } from '../support/failure.ts'
import { TappedWire, spelled } from '../support/reindexing.ts'
import { changeBetween, differenceOf } from '../support/search-index.ts'

const deadline = () => AbortSignal.timeout(60_000)

function wireTo(es: { readonly url: string }, env: Record<string, string> = {}): ElasticWire {
  return new ElasticWire(readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: es.url, ...env }))
}

const never = () => false

/** What a ConfigMap may say, as desired in the server's spelling. */
async function desire(client: ElasticsearchClient, name: string, written: WrittenIndex): Promise<Index> {
  return spelled(client, name, indexSchema.parse(written))
}

async function observe(client: ElasticsearchClient, name: string): Promise<Index> {
  const [found] = await client.observe('indices', [name], deadline())
  assert.ok(found !== undefined && isIndex(found), `nothing bears the name ${name}`)
  return found
}

async function applyOne(client: ElasticsearchClient, change: Change<SearchResource>): Promise<Outcome> {
  const [outcome] = await client.apply([change], deadline())
  assert.ok(outcome !== undefined)
  return outcome
}

async function make(client: ElasticsearchClient, name: string, written: WrittenIndex): Promise<Index> {
  assert.deepEqual(await applyOne(client, creationOf(await desire(client, name, written))), { state: 'done' })
  return observe(client, name)
}

/** Written anew: what is applied, and what is left to do after that. */
async function change(
  client: ElasticsearchClient,
  name: string,
  before: WrittenIndex,
  after: WrittenIndex,
): Promise<{
  readonly outcome: Outcome
  readonly left: readonly FieldChange[]
  readonly classes: readonly (string | undefined)[]
}> {
  const [old, wanted] = [await desire(client, name, before), await desire(client, name, after)]
  const planned = changeBetween(wanted, await observe(client, name), old.fields)
  const outcome = await applyOne(client, planned)
  const left = differenceOf(wanted, await observe(client, name), old.fields)?.fields ?? []
  return { outcome, left, classes: classifyIndex(planned).map((part) => part.class) }
}

describe('the client of Elasticsearch 8.19.21', () => {
  let es: RunningElasticsearch
  let wire: TappedWire
  const requests: WireRequest[] = []
  let client: ElasticsearchClient

  before(async () => {
    es = await startElasticsearch({
      settings: {
        'cluster.max_shards_per_node': '5000',
        'cluster.routing.allocation.disk.threshold_enabled': 'false',
      },
    })
    wire = new TappedWire(wireTo(es), (request, moment) => {
      if (moment === 'before') requests.push(request)
    })
    client = new ElasticsearchClient(wire)
  })
  after(async () => {
    await client.close()
    await es.stop()
  })
  beforeEach(async () => {
    await clearIndices(es)
  })

  /** The oracle's view: what the server shows to plain HTTP. */
  async function shown(index: string): Promise<unknown> {
    const { status, body } = await es.ask('GET', `/${index}?flat_settings=true&expand_wildcards=all`)
    return status === 200 ? own(body, index) : undefined
  }

  async function setting(index: string, key: string): Promise<unknown> {
    return own(own(await shown(index), 'settings'), key)
  }

  describe('asked who answers', () => {
    it('says the version and the cluster’s uuid, without GET / where that is missing', async () => {
      const fresh = new ElasticsearchClient(wireTo(es))
      for (let times = 0; times < 2; times += 1)
        assert.deepEqual(await fresh.ping(deadline()), { version: '8.19.21', clusterId: es.clusterUuid })
      await fresh.close()
    })
    it('asks for what is missing only once', async () => {
      await client.ping(deadline())
      requests.length = 0
      await client.ping(deadline())
      assert.deepEqual(requests.map(({ path }) => path).sort(), ['/_cluster/state/version', '/_nodes/_local'])
    })
  })

  describe('asked what there is', () => {
    it('lists every name that an index could collide with', async () => {
      await es.ask('PUT', '/listed', { aliases: { 'listed-alias': {} } })
      await es.ask('PUT', '/listed-hidden', { settings: { 'index.hidden': true } })
      await es.ask('PUT', '/listed-closed', {})
      await es.ask('POST', '/listed-closed/_close')
      const names = await client.list('indices', deadline())
      assert.deepEqual(names.toSorted(), ['listed', 'listed-alias', 'listed-closed', 'listed-hidden'])
    })
    it('has none of what the server does not know, and says so of what is sent', async () => {
      for (const type of ['ilm-policies', 'no-such-type']) {
        assert.deepEqual(await client.list(type, deadline()), [])
        assert.deepEqual(await client.observe(type, ['a', 'b'], deadline()), [])
      }
      const policy = normalizeDefinition('ilm-policies')('p', { phases: { hot: { actions: {} } } })
      const outcome = await applyOne(client, creationOf(policy))
      assert.equal(outcome.state === 'failed' ? outcome.reason : '', 'NotSupportedByServer')
    })
    it('shows an index by its name, by its alias, and as nothing when it is gone', async () => {
      await es.ask('PUT', '/orders-000001', { aliases: { orders: { is_write_index: true } } })
      await es.ask('PUT', '/plain', {})
      const found = await client.observe('indices', ['orders', 'plain', 'gone', '*', '_all'], deadline())
      assert.deepEqual(
        found.filter(isIndex).map(({ name, facts }) => [name, facts?.index, facts?.standsFor]),
        [
          ['orders', 'orders-000001', 'alias'],
          ['plain', 'plain', 'index'],
        ],
      )
      assert.equal(found[1]?.id, await setting('plain', 'index.uuid'))
    })
    it('sees a closed index, a hidden one, and the generations of one that is gone', async () => {
      await es.ask('PUT', '/shut', { settings: { 'index.hidden': true } })
      await es.ask('POST', '/shut/_close')
      assert.equal((await observe(client, 'shut')).facts?.closed, true)
    })
    it('reads 500 names with 10 requests, whether they are there or not', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `many-${String(index).padStart(3, '0')}`)
      const there = names.filter((_, index) => index % 5 === 0)
      const creating = there.values()
      const maker = async () => {
        for (const name of creating) await es.ask('PUT', `/${name}?wait_for_active_shards=0`)
      }
      await Promise.all(Array.from({ length: 8 }, maker))
      requests.length = 0
      const found = await client.observe('indices', names, deadline())
      assert.deepEqual(found.map(({ name }) => name).sort(), there)
      assert.equal(requests.filter(({ method }) => method === 'GET').length, 10)
      requests.length = 0
      await client.observe('indices', there, deadline())
      assert.equal(requests.length, 2)
    })
  })

  describe('an index that was written', () => {
    for (const [title, written] of spellings) {
      it(`is found as it was made: ${title}`, async () => {
        const desired = await desire(client, 'spelled', written)
        assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' })
        const observed = await observe(client, 'spelled')
        assert.equal(differenceOf(desired, observed, desired.fields), undefined)
        const again = await desire(client, 'spelled', written)
        assert.equal(differenceOf(again, observed, desired.fields), undefined)
        assert.equal(observed.unavailable, undefined)
      })
    }

    const ecs = globSync('../shared/fixtures/elasticsearch/ecs/*.json').filter(
      (file) => !file.endsWith('template.json'),
    )
    /** Types of modules that this server lacks, and what comes next to them. */
    const relatives: Readonly<Record<string, string>> = {
      match_only_text: 'text',
      wildcard: 'keyword',
      constant_keyword: 'keyword',
      scaled_float: 'float',
    }
    function ofThisServer(json: string): WrittenIndex {
      const known = json.replace(/("type":\s*)"(\w+)"/g, (all, before: string, type: string) =>
        type in relatives ? `${before}"${relatives[type]}"` : all,
      )
      const { template } = JSON.parse(
        known.replace(/"scaling_factor":\s*\d+\s*,|,\s*"scaling_factor":\s*\d+/g, ''),
      ) as {
        template: WrittenIndex
      }
      return template
    }
    it('is found as it was made: each part of the Elastic Common Schema', async (context) => {
      if (ecs.length === 0) {
        context.skip('the fixtures are not beside this checkout (../shared/fixtures)')
        return
      }
      let refused = 0
      for (const file of ecs) {
        const name = `ecs-${basename(file, '.json')}`
        const json = readFileSync(file, 'utf8')
        const { template } = JSON.parse(json) as { template: WrittenIndex }
        const [asPublished] = await client.canonical([normalizeIndex(name, template)], deadline())
        if (asPublished?.ok === false) {
          refused += 1
          assert.match(
            asPublished.message,
            /The mapper type \[\w+\] declared on field \[[\w.]+\] does not exist/,
          )
        }
        const desired = await desire(client, name, ofThisServer(json))
        assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' }, name)
        assert.equal(differenceOf(desired, await observe(client, name), desired.fields), undefined, name)
      }
      assert.ok(refused > 0 && refused < ecs.length, `${refused} of ${ecs.length}`)
    })

    const wrong: readonly (readonly [WrittenIndex, RegExp])[] = [
      [
        { mappings: { properties: { a: { type: 'nope' } } } },
        /^The mapper type \[nope\] declared on field \[a\] does not exist/,
      ],
      [
        { mappings: { properties: { a: { type: 'text', analyzer: 'nope' } } } },
        /^analyzer \[nope\] has not been configured in mappings$/,
      ],
      [
        { mappings: { properties: { a: { type: 'text', nope: 1 } } } },
        /^unknown parameter \[nope\] on mapper \[a\] of type \[text\]$/,
      ],
      [{ settings: { nope: 1 } }, /^unknown setting \[index\.nope\]/],
      [
        { settings: { refresh_interval: 'soon' } },
        /^failed to parse setting \[index\.refresh_interval\] with value \[soon\]/,
      ],
      [
        { aliases: { p: { filter: { nope: {} } } } },
        /^failed to parse filter for alias \[p\]: unknown query \[nope\]/,
      ],
      [
        {
          settings: { 'mapping.total_fields.limit': 1 },
          mappings: { properties: { a: { type: 'long' }, b: { type: 'long' } } },
        },
        /^Limit of total fields \[1\] has been exceeded$/,
      ],
      [
        { settings: { analysis: { analyzer: { x: { tokenizer: 'nope' } } } } },
        /failed to find tokenizer under name \[nope\]/,
      ],
    ]
    for (const [written, words] of wrong) {
      it(`is refused before anything is done, in the server's words: ${words.source}`, async () => {
        const good = normalizeIndex('good', {})
        const [bad, fine] = await client.canonical([normalizeIndex('bad', written), good], deadline())
        assert.ok(bad?.ok === false)
        assert.equal(bad.code, 'RejectedByServer')
        assert.match(bad.message, words)
        assert.equal(fine?.ok, true)
      })
    }

    it('costs one question for many of the same content, and none when asked again', async () => {
      const many = Array.from({ length: 30 }, (_, index) =>
        normalizeIndex(`same-${index}`, { settings: { priority: 7 } }),
      )
      requests.length = 0
      await client.canonical(many, deadline())
      assert.equal(requests.length, 1)
      await client.canonical(many, deadline())
      assert.equal(requests.length, 1)
    })
    it('leaves no trace of the question on the server', async () => {
      await desire(client, 'asked', { settings: { priority: 8 }, aliases: { a: {} } })
      assert.deepEqual(own((await es.ask('GET', '/_index_template')).body, 'index_templates'), [])
      assert.equal(await shown('asked'), undefined)
    })
  })

  describe('creating', () => {
    it('makes an index that the oracle finds', async () => {
      const written = {
        settings: { number_of_shards: 2, number_of_replicas: 0 },
        mappings: { properties: { a: { type: 'keyword' } } },
        aliases: { b: {} },
      }
      await make(client, 'made', written)
      assert.equal(await setting('made', 'index.number_of_shards'), '2')
      assert.deepEqual(own(await shown('made'), 'mappings'), { properties: { a: { type: 'keyword' } } })
      assert.deepEqual(own(await shown('made'), 'aliases'), { b: {} })
    })
    it('makes the first generation behind the alias where a later reindex is allowed', async () => {
      await make(client, 'gen', { 'on-incompatible': 'reindex', aliases: { other: {} } })
      assert.deepEqual(own(await shown('gen-000001'), 'aliases'), {
        gen: { is_write_index: true },
        other: {},
      })
      const observed = await observe(client, 'gen')
      assert.deepEqual(
        [observed.facts?.standsFor, observed.facts?.index, observed.facts?.next],
        ['alias', 'gen-000001', 'gen-000002'],
      )
    })
    it('is done when what exists is what was to be made: an answer got lost', async () => {
      const desired = await desire(client, 'twice', { settings: { number_of_replicas: 0 } })
      assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' })
      assert.deepEqual(await applyOne(client, creationOf(desired)), {
        state: 'done',
        id: await setting('twice', 'index.uuid'),
      })
    })
    it('leaves alone what somebody else made meanwhile: a writer, by auto-create', async () => {
      const desired = await desire(client, 'raced', { mappings: { properties: { at: { type: 'date' } } } })
      await es.ask('POST', '/raced/_doc', { at: 'not a date', n: 1 })
      const outcome = await applyOne(client, creationOf(desired))
      assert.ok(outcome.state === 'failed')
      assert.equal(outcome.reason, 'ChangesFailed')
      assert.match(outcome.message, /made by somebody else meanwhile/)
    })
    it('is refused where the name is an alias, or a generation lost its alias', async () => {
      await es.ask('PUT', '/real', { aliases: { taken: {} } })
      const taken = await applyOne(client, creationOf(await desire(client, 'taken', {})))
      assert.equal(taken.state === 'failed' ? taken.reason : '', 'RejectedByServer')
      assert.match(taken.state === 'failed' ? taken.message : '', /already exists as alias/)
      await es.ask('PUT', '/lost-000001', {})
      const lost = await applyOne(
        client,
        creationOf(await desire(client, 'lost', { 'on-incompatible': 'reindex' })),
      )
      assert.equal(lost.state === 'failed' ? lost.reason : '', 'RejectedByServer')
      assert.match(lost.state === 'failed' ? lost.message : '', /does not bear the alias lost/)
    })
    it('is done without its primary shard, and the index is of no use until that is there', async () => {
      const written = { settings: { 'routing.allocation.require._name': 'nowhere', number_of_replicas: 0 } }
      const change = creationOf(await desire(client, 'homeless', written))
      const impatient: Wire = {
        send: async (request, signal) =>
          wire.send(
            request.method === 'PUT' ? { ...request, query: { ...request.query, timeout: '1s' } } : request,
            signal,
          ),
        close: async () => undefined,
      }
      const other = new ElasticsearchClient(impatient)
      assert.deepEqual(await applyOne(other, change), { state: 'done' })
      assert.match((await observe(other, 'homeless')).unavailable ?? '', /primary shard/)
      await es.ask('PUT', '/homeless/_settings', { 'index.routing.allocation.require._name': null })
      await es.ask('GET', '/_cluster/health/homeless?wait_for_status=green&timeout=10s')
      assert.equal((await observe(other, 'homeless')).unavailable, undefined)
    })
    it('goes on with the others when one is bad, in the order given', async () => {
      const [a, c] = [await desire(client, 'item-a', {}), await desire(client, 'item-c', {})]
      const bad: Index = { ...a, name: 'Item-B' }
      const outcomes = await client.apply(
        [a, bad, c].map((each) => creationOf(each)),
        deadline(),
      )
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        ['done', 'failed', 'done'],
      )
      assert.match(JSON.stringify(outcomes[1]), /must be lowercase/)
    })
    it('says which shard limit would be passed', async () => {
      await es.ask('PUT', '/_cluster/settings', { transient: { 'cluster.max_shards_per_node': '2' } })
      const outcome = await applyOne(
        client,
        creationOf(await desire(client, 'large', { settings: { number_of_shards: 5 } })),
      )
      await es.ask('PUT', '/_cluster/settings', { transient: { 'cluster.max_shards_per_node': null } })
      assert.ok(outcome.state === 'failed')
      assert.equal(outcome.reason, 'RejectedByServer')
      assert.match(outcome.message, /would add \[\d+\].* shards/)
    })
  })

  describe('changing in place', () => {
    const base: WrittenIndex = {
      settings: { number_of_replicas: 0, refresh_interval: '5s' },
      mappings: {
        properties: {
          k: { type: 'keyword', ignore_above: 10 },
          o: { properties: { a: { type: 'long' } } },
          n: { type: 'nested', properties: { a: { type: 'long' } } },
          t: { type: 'text' },
        },
      },
      aliases: { 'in-place': {} },
    }
    beforeEach(async () => {
      await make(client, 'change', base)
    })

    const cases: readonly (readonly [string, WrittenIndex, (index: unknown) => void])[] = [
      [
        'a dynamic setting',
        { ...base, settings: { number_of_replicas: 1, refresh_interval: '5s' } },
        (index) => assert.equal(own(own(index, 'settings'), 'index.number_of_replicas'), '1'),
      ],
      [
        'a setting removed: back to its default',
        { ...base, settings: { number_of_replicas: 0 } },
        (index) => assert.equal(own(own(index, 'settings'), 'index.refresh_interval'), undefined),
      ],
      [
        'replicas removed: back to one',
        { ...base, settings: { refresh_interval: '5s' } },
        (index) => assert.equal(own(own(index, 'settings'), 'index.number_of_replicas'), '1'),
      ],
      [
        'a field at the root',
        {
          ...base,
          mappings: { properties: { ...(base.mappings?.['properties'] as object), added: { type: 'date' } } },
        },
        (index) => assert.match(JSON.stringify(index), /"added":\{"type":"date"\}/),
      ],
      [
        'a field inside an object and inside nested',
        {
          ...base,
          mappings: {
            properties: {
              ...(base.mappings?.['properties'] as object),
              o: { properties: { a: { type: 'long' }, b: { type: 'date' } } },
              n: { type: 'nested', properties: { a: { type: 'long' }, c: { type: 'ip' } } },
            },
          },
        },
        (index) => assert.match(JSON.stringify(index), /"c":\{"type":"ip"\}.*"b":\{"type":"date"\}/),
      ],
      [
        'a sub-field',
        {
          ...base,
          mappings: {
            properties: {
              ...(base.mappings?.['properties'] as object),
              t: { type: 'text', fields: { raw: { type: 'keyword' } } },
            },
          },
        },
        (index) => assert.match(JSON.stringify(index), /"raw"/),
      ],
      [
        'ignore_above changed',
        {
          ...base,
          mappings: {
            properties: {
              ...(base.mappings?.['properties'] as object),
              k: { type: 'keyword', ignore_above: 20 },
            },
          },
        },
        (index) => assert.match(JSON.stringify(index), /"ignore_above":20/),
      ],
      [
        'ignore_above removed: reset',
        {
          ...base,
          mappings: { properties: { ...(base.mappings?.['properties'] as object), k: { type: 'keyword' } } },
        },
        (index) => assert.doesNotMatch(JSON.stringify(index), /ignore_above/),
      ],
      [
        'fields called __proto__ and constructor',
        {
          ...base,
          mappings: {
            properties: JSON.parse(
              '{"__proto__":{"type":"keyword"},"constructor":{"type":"long"}}',
            ) as object,
          },
        },
        (index) => assert.match(JSON.stringify(index), /"__proto__":\{"type":"keyword"\}/),
      ],
      [
        'an alias added, one removed',
        { ...base, aliases: { other: { filter: { term: { k: 'x' } } } } },
        (index) => assert.deepEqual(own(index, 'aliases'), { other: { filter: { term: { k: 'x' } } } }),
      ],
      [
        'an alias given a routing',
        { ...base, aliases: { 'in-place': { routing: '7' } } },
        (index) =>
          assert.deepEqual(own(index, 'aliases'), {
            'in-place': { index_routing: '7', search_routing: '7' },
          }),
      ],
      [
        'root parameters',
        {
          ...base,
          mappings: {
            ...base.mappings,
            dynamic: 'strict',
            _meta: { owner: 'us' },
            date_detection: false,
            runtime: { r: { type: 'keyword' } },
          },
        },
        (index) => assert.match(JSON.stringify(index), /"dynamic":"strict","_meta":\{"owner":"us"\}/),
      ],
    ]
    for (const [what, written, check] of cases) {
      it(`makes it so: ${what}`, async () => {
        const { outcome, left, classes } = await change(client, 'change', base, written)
        assert.deepEqual(outcome, { state: 'done' })
        assert.deepEqual(left, [])
        assert.deepEqual(classes, ['in place'])
        check(await shown('change'))
      })
    }

    it('takes a runtime field away again', async () => {
      const written = { ...base, mappings: { ...base.mappings, runtime: { r: { type: 'keyword' } } } }
      await change(client, 'change', base, written)
      const { outcome, left } = await change(client, 'change', written, base)
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
      assert.equal(own(own(await shown('change'), 'mappings'), 'runtime'), undefined)
    })
    it('raises the limit on fields before it adds the fields', async () => {
      const limited = { ...base, settings: { ...base.settings, 'mapping.total_fields.limit': 8 } }
      assert.deepEqual((await change(client, 'change', base, limited)).outcome, { state: 'done' })
      const added = Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`f${index}`, { type: 'long' }]),
      )
      const wide = {
        ...base,
        settings: { ...base.settings, 'mapping.total_fields.limit': 40 },
        mappings: { properties: { ...(base.mappings?.['properties'] as object), ...added } },
      }
      const { outcome, left } = await change(client, 'change', limited, wide)
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
    })
    it('sets the dynamic settings beside one that this server does not change, and names that', async () => {
      const observed = await observe(client, 'change')
      const fields: FieldChange[] = [
        { path: 'settings.index.refresh_interval', after: '9s', cause: 'written' },
        // Unknown to the table of classes on purpose: the server decides.
        { path: 'settings.index.store.hybrid.nio.extensions', after: 'x', cause: 'written' },
      ]
      const outcome = await applyInPlace(wire, updateWith(observed, observed, fields), 'change', deadline())
      assert.ok(outcome.state === 'failed')
      assert.equal(outcome.reason, 'RejectedByServer')
      assert.ok(
        (await setting('change', 'index.refresh_interval')) === '9s' ||
          /unknown setting/.test(outcome.message),
        outcome.message,
      )
    })
    it('changes a closed index’s settings without opening it', async () => {
      await es.ask('POST', '/change/_close')
      const { outcome } = await change(client, 'change', base, {
        ...base,
        settings: { ...base.settings, codec: 'best_compression' },
      })
      assert.deepEqual(outcome, { state: 'done' })
      assert.equal((await observe(client, 'change')).facts?.closed, true)
    })
    it('reopens for settings that an open index does not change, the mapping that needs them after it', async () => {
      const written = {
        ...base,
        settings: {
          ...base.settings,
          refresh_interval: '7s',
          analysis: { analyzer: { mine: { type: 'standard' } } },
        },
        mappings: {
          properties: { ...(base.mappings?.['properties'] as object), a: { type: 'text', analyzer: 'mine' } },
        },
      }
      const { outcome, left, classes } = await change(client, 'change', base, written)
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
      assert.deepEqual(classes, ['in place', 'reopen'])
      assert.equal((await observe(client, 'change')).facts?.closed, false)
      assert.equal(await setting('change', 'index.refresh_interval'), '7s')
    })
    it('closes and opens by itself on a server before 8.12, and leaves no mark', async () => {
      const old: Wire = {
        send: async (request, signal) =>
          request.query?.['reopen'] === true
            ? {
                status: 400,
                body: {
                  error: {
                    type: 'illegal_argument_exception',
                    reason: 'request [/change/_settings] contains unrecognized parameter: [reopen]',
                  },
                },
              }
            : wire.send(request, signal),
        close: async () => undefined,
      }
      const written = { ...base, settings: { ...base.settings, codec: 'best_compression' } }
      const { outcome, left } = await change(new ElasticsearchClient(old), 'change', base, written)
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
      assert.equal((await observe(client, 'change')).facts?.closed, false)
      assert.deepEqual(own(await shown('change'), 'aliases'), { 'in-place': {} })
    })
    it('opens the index again when a server before 8.12 refuses the settings, or the pass is stopped', async () => {
      const controller = new AbortController()
      const broken: Wire = {
        send: async (request, signal) => {
          if (request.query?.['reopen'] === true)
            return {
              status: 400,
              body: { error: { type: 'x', reason: 'contains unrecognized parameter: [reopen]' } },
            }
          if (request.path.endsWith('/_settings')) {
            assert.deepEqual(Object.keys(own(await shown('change'), 'aliases') ?? {}).sort(), [
              'in-place',
              reopeningAlias('change'),
            ])
            controller.abort(new Error('stop now'))
          }
          return wire.send(request, signal)
        },
        close: async () => undefined,
      }
      const wanted = await desire(client, 'change', {
        ...base,
        settings: { ...base.settings, codec: 'best_compression' },
      })
      const observed = await observe(client, 'change')
      const planned = changeBetween(wanted, observed, observed.fields)
      await assert.rejects(applyInPlace(broken, planned, 'change', controller.signal), {
        message: 'stop now',
      })
      assert.equal((await observe(client, 'change')).facts?.closed, false)
      assert.deepEqual(own(await shown('change'), 'aliases'), { 'in-place': {} })
    })
    it('opens an index that a pass before closed and could not open, though its settings are as written', async () => {
      const written = { ...base, settings: { ...base.settings, codec: 'best_compression' } }
      await es.ask('POST', '/_aliases', {
        actions: [{ add: { index: 'change', alias: reopeningAlias('change'), is_hidden: true } }],
      })
      await es.ask('POST', '/change/_close')
      await es.ask('PUT', '/change/_settings', { 'index.codec': 'best_compression' })
      assert.match((await observe(client, 'change')).unavailable ?? '', /closed/)
      const { outcome, left, classes } = await change(client, 'change', written, written)
      assert.deepEqual([outcome, left, classes], [{ state: 'done' }, [], ['reopen']])
      const observed = await observe(client, 'change')
      assert.deepEqual([observed.facts?.closed, observed.unavailable], [false, undefined])
      assert.deepEqual(own(await shown('change'), 'aliases'), { 'in-place': {} })
    })
    it('changes the index behind the alias', async () => {
      const before: WrittenIndex = { 'on-incompatible': 'reindex', settings: { number_of_replicas: 0 } }
      await make(client, 'behind', before)
      const { outcome, left } = await change(client, 'behind', before, {
        ...before,
        settings: { number_of_replicas: 1 },
        aliases: { more: {} },
      })
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
      assert.deepEqual(own(await shown('behind-000001'), 'aliases'), {
        behind: { is_write_index: true },
        more: {},
      })
    })
    it('tells a change that the server refuses in its words, and makes the rest', async () => {
      const observed = await observe(client, 'change')
      const wanted: Index = {
        ...observed,
        body: { ...observed.body, mappings: { properties: { k: { type: 'long' } } } },
      }
      const fields: FieldChange[] = [
        { path: 'mappings.properties.k', after: { type: 'long' }, cause: 'written' },
        { path: 'settings.index.refresh_interval', after: '8s', cause: 'written' },
      ]
      const outcome = await applyOne(client, updateWith(observed, wanted, fields))
      assert.ok(outcome.state === 'failed')
      assert.equal(outcome.reason, 'RejectedByServer')
      assert.match(outcome.message, /mapper \[k\] cannot be changed from type \[keyword\] to \[long\]/)
      assert.equal(await setting('change', 'index.refresh_interval'), '8s')
    })
    it('says which block stands in the way', async () => {
      await es.ask('PUT', '/change/_settings', { 'index.blocks.read_only': true })
      const blocked = await change(client, 'change', base, { ...base, aliases: { more: {} } })
      assert.ok(blocked.outcome.state === 'failed')
      assert.equal(blocked.outcome.reason, 'ServiceUnhealthy')
      assert.match(blocked.outcome.message, /read-only/)
      await es.ask('PUT', '/change/_settings', {
        'index.blocks.read_only': null,
        'index.blocks.read_only_allow_delete': true,
      })
      const full = await change(client, 'change', base, { ...base, aliases: { more: {} } })
      assert.deepEqual(full.outcome, { state: 'done' }, 'the flood stage keeps documents out, not what we do')
      await es.ask('PUT', '/change/_settings', { 'index.blocks.read_only_allow_delete': null })
    })
  })

  describe('deleting', () => {
    it('takes the index with that uuid and no other', async () => {
      const first = await make(client, 'gone', {})
      await es.ask('DELETE', '/gone')
      const second = await make(client, 'gone', {})
      assert.deepEqual(await applyOne(client, removalOf(first)), { state: 'done' })
      assert.ok((await shown('gone')) !== undefined)
      assert.deepEqual(await applyOne(client, removalOf(second)), { state: 'done' })
      assert.equal(await shown('gone'), undefined)
      assert.deepEqual(await applyOne(client, removalOf(second)), { state: 'done' })
    })
    it('takes the index behind an alias, not its neighbours', async () => {
      const observed = await make(client, 'behind', { 'on-incompatible': 'reindex' })
      await es.ask('PUT', '/behind-000002', { aliases: { behind: {} } })
      assert.deepEqual(await applyOne(client, removalOf(observed)), { state: 'done' })
      assert.equal(await shown('behind-000001'), undefined)
      assert.ok((await shown('behind-000002')) !== undefined)
    })
    it('is not tried without a uuid', async () => {
      const { id, ...observed } = await make(client, 'kept', {})
      assert.notEqual(id, undefined)
      const outcome = await applyOne(client, removalOf(observed))
      assert.equal(outcome.state === 'failed' ? outcome.reason : '', 'NotVerified')
      assert.ok((await shown('kept')) !== undefined)
    })
    it('is objected to with what would be lost, whatever that is', async () => {
      const name = 'weighed'
      const until = Date.UTC(2026, 10, 21, 12, 0, 0)
      await es.ask('PUT', `/${name}`, {
        settings: { 'index.refresh_interval': '-1' },
        aliases: { [rollbackAlias('orders', until)]: {} },
      })
      const ask = async () => client.validate([removalOf(await observe(client, name))], deadline())
      const [unrefreshed] = await ask()
      assert.ok(unrefreshed?.ok === false)
      assert.equal(unrefreshed.code, 'DeletesIndex')
      assert.doesNotMatch(unrefreshed.message, /empty/)
      for (let number = 0; number < 3; number += 1) await es.ask('POST', `/${name}/_doc`, { number })
      await es.ask('POST', `/${name}/_refresh`)
      const [verdict] = await ask()
      assert.ok(verdict?.ok === false)
      assert.match(
        verdict.message,
        /weighed \(uuid \S+\) would be deleted with about 3 documents, [\d.]+ (bytes|KB)/,
      )
      assert.match(verdict.message, /the way back for orders and is meant to stay until 2026-11-21T12:00:00Z/)
      await es.ask('POST', `/${name}/_close`)
      const [closed] = await ask()
      assert.ok(closed?.ok === false)
      assert.equal(closed.code, 'DeletesIndex')
    })
  })

  describe('definitions', () => {
    const component = normalizeDefinition('component-templates')
    const template = normalizeDefinition('index-templates')
    const pipeline = normalizeDefinition('ingest-pipelines')

    async function found(type: string, ...names: string[]): Promise<readonly SearchResource[]> {
      return client.observe(type, names, deadline())
    }
    function rest(desired: Definition, observed: SearchResource | undefined): readonly FieldChange[] {
      assert.ok(observed !== undefined)
      return diff(desired, observed, undefined, never)
    }

    it('of each type that the server has are made, found as they were made, changed and deleted', async () => {
      const parts = component('defs-part', {
        template: {
          settings: { number_of_shards: 2 },
          mappings: { properties: { 'a.b': { type: 'keyword' } } },
        },
        version: 3,
        _meta: { by: 'us' },
      })
      const whole = template('defs-whole', {
        index_patterns: 'defs-*',
        composed_of: ['defs-part'],
        priority: 7,
        template: { aliases: { d: { routing: '1' } } },
      })
      const empty = pipeline('defs-pipe', { description: 'nothing', processors: [] })
      for (const desired of [parts, whole, empty]) {
        assert.deepEqual(await found(desired.type, desired.name, 'defs-other'), [])
        assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' })
        const [observed] = await found(desired.type, desired.name, 'defs-other')
        assert.deepEqual(rest(desired, observed), [], desired.name)
        assert.deepEqual(await client.list(desired.type, deadline()), [desired.name])
      }
      const changed = component('defs-part', { template: { settings: { number_of_shards: 1 } } })
      assert.deepEqual(await applyOne(client, { ...creationOf(changed), action: 'update' }), {
        state: 'done',
      })
      assert.deepEqual(rest(changed, (await found('component-templates', 'defs-part'))[0]), [])
      const used = await applyOne(client, removalOf(changed))
      assert.equal(used.state === 'failed' ? used.reason : '', 'RejectedByServer')
      assert.match(
        used.state === 'failed' ? used.message : '',
        /still in use by index templates \[defs-whole\]/,
      )
      for (const desired of [whole, parts, empty]) {
        assert.deepEqual(await applyOne(client, removalOf(desired)), { state: 'done' })
        assert.deepEqual(await applyOne(client, removalOf(desired)), { state: 'done' })
        assert.deepEqual(await found(desired.type, desired.name), [])
      }
    })
    it('are read with one request, however many they are', async () => {
      for (const name of ['bulk-a', 'bulk-b', 'bulk-c', 'other'])
        await es.ask('PUT', `/_component_template/${name}`, { template: {} })
      requests.length = 0
      const observed = await found('component-templates', 'bulk-a', 'bulk-c', 'bulk-missing')
      assert.deepEqual(observed.map(({ name }) => name).sort(), ['bulk-a', 'bulk-c'])
      assert.equal(requests.length, 1)
      for (const name of ['bulk-a', 'bulk-b', 'bulk-c', 'other'])
        await es.ask('DELETE', `/_component_template/${name}`)
    })
    it('that the server would not take are refused in its words, before they are sent', async () => {
      const missing = template('sim', { index_patterns: ['sim-*'], composed_of: ['not-there'] })
      const bad = template('sim', {
        index_patterns: ['sim-*'],
        template: { mappings: { properties: { a: { type: 'nope' } } } },
      })
      const good = template('sim', { index_patterns: ['sim-*'], priority: 3 })
      await es.ask('PUT', '/_index_template/sim', { index_patterns: ['sim-*'], priority: 3 })
      const verdicts = await client.validate(
        [missing, bad, good].map((each) => creationOf(each)),
        deadline(),
      )
      assert.deepEqual(
        verdicts.map(({ ok }) => ok),
        [false, false, true],
        JSON.stringify(verdicts),
      )
      assert.match(JSON.stringify(verdicts[0]), /not-there/)
      assert.match(JSON.stringify(verdicts[1]), /mapper type \[nope\]/)
      await es.ask('DELETE', '/_index_template/sim')
    })
    it('whose parts this server lacks are refused when they are sent', async () => {
      const outcome = await applyOne(
        client,
        creationOf(pipeline('no-such', { processors: [{ 'no-such-processor': {} }] })),
      )
      assert.equal(outcome.state === 'failed' ? outcome.reason : '', 'RejectedByServer')
    })
  })

  // The last: it ends the node.
  describe('with a server that fails', () => {
    let hurried: ElasticsearchClient
    before(() => {
      hurried = new ElasticsearchClient(wireTo(es, { ELASTICSEARCH_REQUEST_TIMEOUT: '10s' }))
    })
    after(async () => hurried.close())

    it('frozen: every call ends with the signal, within a second', async () => {
      await make(hurried, 'frozen', {})
      const desired = await desire(hurried, 'thawed', {})
      es.pause()
      const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
        (signal) => hurried.ping(signal),
        (signal) => hurried.list('indices', signal),
        (signal) => hurried.observe('indices', ['frozen'], signal),
        (signal) => hurried.observe('index-templates', ['frozen'], signal),
        (signal) => hurried.canonical([normalizeIndex('new', { settings: { priority: 9 } })], signal),
        (signal) => hurried.apply([creationOf(desired)], signal),
      ]
      for (const call of calls) {
        const begun = performance.now()
        await assert.rejects(call(AbortSignal.timeout(100)), { name: 'TimeoutError' })
        assert.ok(performance.now() - begun < 1_000)
      }
      es.resume()
      assert.equal((await hurried.ping(deadline())).clusterId, es.clusterUuid)
      // What was sent to it while it was frozen may have been done since: once more is done, too.
      assert.equal((await applyOne(hurried, creationOf(desired))).state, 'done')
    })
    it('killed: says so, and goes on by itself with the one that comes back', async () => {
      await make(hurried, 'lasting', {})
      await es.kill()
      const error = await failure(hurried.ping(deadline()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.match(error.message, /nothing listens there/)
      const changes = [normalizeIndex('a', {}), normalizeIndex('b', {})].map((each) => creationOf(each))
      assert.equal((await failure(hurried.apply(changes, deadline()))).reason, 'ServiceUnreachable')
      await es.start()
      assert.equal((await hurried.ping(deadline())).clusterId, es.clusterUuid)
      assert.equal((await hurried.observe('indices', ['lasting'], deadline())).length, 1)
    })
  })
})

describe('the client of Elasticsearch 8.19.21 with security', () => {
  let es: RunningElasticsearch
  let directory: string
  const roles = {
    narrow: {
      cluster: ['monitor', 'manage_index_templates'],
      indices: [{ names: ['mine-*'], privileges: ['all'] }],
    },
    reader: { cluster: ['monitor'], indices: [{ names: ['*'], privileges: ['view_index_metadata'] }] },
  }

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-es-client-'))
    es = await startElasticsearch({ tls: true, users: { narrow: ['narrow'], reader: ['reader'] }, roles })
  })
  after(async () => {
    await es.stop()
    await rm(directory, { recursive: true, force: true })
  })

  function as(user: string, env: Record<string, string> = {}): ElasticsearchClient {
    const { usernameFile, passwordFile } = es.users.get(user) ?? assert.fail(user)
    const files = { ELASTICSEARCH_USERNAME_FILE: usernameFile, ELASTICSEARCH_PASSWORD_FILE: passwordFile }
    return new ElasticsearchClient(wireTo(es, { ...files, ELASTICSEARCH_CA_FILE: es.ca ?? '', ...env }))
  }

  it('comes in with a password over TLS, and works', async () => {
    const client = as('admin')
    assert.equal((await client.ping(deadline())).clusterId, es.clusterUuid)
    await make(client, 'mine-1', { settings: { number_of_replicas: 0 } })
    await client.close()
  })
  it('is refused with another password, and let in once the file is right', async () => {
    const file = join(directory, 'password')
    await writeFile(file, 'wrong')
    const client = as('admin', { ELASTICSEARCH_PASSWORD_FILE: file })
    const error = await failure(client.ping(deadline()))
    assert.equal(error.reason, 'AuthenticationFailed')
    assert.match(error.message, /unable to authenticate user \[admin\]/)
    assert.doesNotMatch(error.message, /wrong/)
    await writeFile(file, es.users.get('admin')?.password ?? '')
    assert.equal((await client.ping(deadline())).version, '8.19.21')
    await client.close()
  })
  // This server lacks a filter that its own index of API keys needs, so that it can make none.
  it('is refused with an API key that the server does not know', async () => {
    const file = join(directory, 'key')
    await writeFile(file, `${Buffer.from('id:key').toString('base64')}\n`)
    const client = new ElasticsearchClient(
      wireTo(es, { ELASTICSEARCH_API_KEY_FILE: file, ELASTICSEARCH_CA_FILE: es.ca ?? '' }),
    )
    assert.equal((await failure(client.ping(deadline()))).reason, 'AuthenticationFailed')
    await client.close()
  })
  it('says TlsFailed without the authority', async () => {
    const client = new ElasticsearchClient(wireTo(es))
    assert.equal((await failure(client.ping(deadline()))).reason, 'TlsFailed')
    await client.close()
  })
  it('names the privilege that is missing', async () => {
    const client = as('reader')
    const failed = await failure(client.canonical([normalizeIndex('mine-2', {})], deadline()))
    assert.equal(failed.reason, 'AuthorizationFailed')
    assert.match(failed.message, /manage_index_templates/)
    const admin = as('admin')
    const outcome = await applyOne(client, creationOf(await desire(admin, 'mine-2', {})))
    assert.equal(outcome.state === 'failed' ? outcome.reason : '', 'AuthorizationFailed')
    assert.match(outcome.state === 'failed' ? outcome.message : '', /privileges \[create_index/)
    await Promise.all([client.close(), admin.close()])
  })
  it('does not take what it may not see for absent', async () => {
    await es.ask('PUT', '/theirs', {})
    const client = as('narrow')
    const seen = await client.observe('indices', ['mine-1', 'mine-absent'], deadline())
    assert.deepEqual(
      seen.map(({ name }) => name),
      ['mine-1'],
    )
    const error = await failure(client.observe('indices', ['mine-1', 'theirs'], deadline()))
    assert.equal(error.reason, 'AuthorizationFailed')
    assert.match(error.message, /theirs.*view_index_metadata/)
    await client.close()
  })
})

const smoked = ['7.17.29', '9.5.3'] as const
for (const version of smoked) {
  describe(`the client of Elasticsearch ${version}`, () => {
    let es: RunningElasticsearch
    let client: ElasticsearchClient
    before(async () => {
      es = await startElasticsearch({ version })
      client = new ElasticsearchClient(wireTo(es))
    })
    after(async () => {
      await client.close()
      await es.stop()
    })

    it('knows who answers', async () => {
      assert.deepEqual(await client.ping(deadline()), { version, clusterId: es.clusterUuid })
    })
    it('makes, finds, changes, reopens and deletes an index', async () => {
      const before: WrittenIndex = {
        settings: { number_of_replicas: 0 },
        mappings: { properties: { 'a.b': { type: 'keyword' }, t: { type: 'text' } } },
        aliases: { s: {} },
      }
      await make(client, 'smoke', before)
      const after: WrittenIndex = {
        settings: {
          number_of_replicas: 1,
          refresh_interval: '7s',
          analysis: { analyzer: { mine: { type: 'standard' } } },
        },
        mappings: { properties: { t: { type: 'text' }, u: { type: 'text', analyzer: 'mine' } } },
        aliases: { s: { routing: '1' } },
      }
      const { outcome, left } = await change(client, 'smoke', before, after)
      assert.deepEqual([outcome, left], [{ state: 'done' }, []])
      const observed = await observe(client, 'smoke')
      assert.equal(observed.facts?.closed, false)
      assert.deepEqual(Object.keys(own((await es.ask('GET', '/smoke/_alias')).body, 'smoke') ?? {}), [
        'aliases',
      ])
      assert.equal((await client.validate([removalOf(observed)], deadline()))[0]?.ok, false)
      assert.deepEqual(await applyOne(client, removalOf(observed)), { state: 'done' })
      assert.deepEqual(await client.list('indices', deadline()), [])
    })
    it('makes, finds and deletes templates', async () => {
      const part = normalizeDefinition('component-templates')('part', {
        template: { settings: { number_of_shards: 2 } },
      })
      const whole = normalizeDefinition('index-templates')('whole', {
        index_patterns: ['w-*'],
        composed_of: ['part'],
      })
      for (const desired of [part, whole]) {
        assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' })
        const [observed] = await client.observe(desired.type, [desired.name], deadline())
        assert.ok(observed !== undefined)
        assert.deepEqual(diff(desired, observed, undefined, never), [])
      }
      for (const desired of [whole, part])
        assert.deepEqual(await applyOne(client, removalOf(desired)), { state: 'done' })
    })
    it('says what it does not have', async () => {
      for (const type of ['ingest-pipelines', 'ilm-policies'])
        assert.deepEqual(await client.list(type, deadline()), [])
    })
    for (const [title, written] of spellings) {
      it(`finds an index as it was made, or refuses it: ${title}`, async () => {
        const name = `spelled-${createHash('sha256').update(title).digest('hex').slice(0, 12)}`
        const [taken] = await client.canonical([normalizeIndex(name, indexSchema.parse(written))], deadline())
        if (taken?.ok === false) {
          assert.match(taken.message, /unknown|no handler|not exist|unsupported|limit|cannot be changed/i)
          return
        }
        assert.ok(taken !== undefined && isIndex(taken.desired))
        const { desired } = taken
        assert.deepEqual(await applyOne(client, creationOf(desired)), { state: 'done' })
        assert.equal(differenceOf(desired, await observe(client, name), desired.fields), undefined)
        await es.ask('DELETE', `/${name}`)
      })
    }
  })
}
