import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createFake } from '../../reconcilers/elasticsearch/fake.ts'
import { own, ownObject } from '../../src/core/json.ts'
import { ElasticsearchReconciler } from '../../reconcilers/elasticsearch/reconciler.ts'
import { readSettings } from '../../src/config.ts'
import { ElasticsearchDesk } from '../support/elasticsearch-desk.ts'
import { clear, startElasticsearch } from '../support/elasticsearch.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

interface Place {
  readonly desk: ElasticsearchDesk
  /** Somebody else's request. */
  readonly ask: (method: Method, path: string, body?: unknown) => Promise<unknown>
  /** Changes at every write of the cluster state. */
  readonly version: () => Promise<unknown>
}

const real = await startElasticsearch({ version: '8.19.21' })
after(() => real.stop())

const orders = {
  settings: { number_of_replicas: 0, refresh_interval: '60s' },
  mappings: { properties: { id: { type: 'keyword' } } },
}
const movable = { ...orders, 'on-incompatible': 'reindex' }

async function inFake(run: (place: Place) => Promise<void>): Promise<void> {
  const { server } = createFake()
  const desk = new ElasticsearchDesk(() => createFake({ server }).client)
  await run({
    desk,
    ask: async (...of) => accepted(of, server.ask(...of)),
    version: async () => server.stateVersion,
  })
}

async function inReal(run: (place: Place) => Promise<void>): Promise<void> {
  const reconciler = new ElasticsearchReconciler()
  const settings = readSettings(reconciler.settings, { ELASTICSEARCH_URL: real.url })
  const desk = new ElasticsearchDesk(() => reconciler.connect(settings))
  const ask = async (method: Method, path: string, body?: unknown) =>
    accepted([method, path], await real.ask(method, path, body))
  const version = async () => own(await ask('GET', '/_cluster/state/version'), 'version')
  try {
    await run({ desk, ask, version })
  } finally {
    await desk.close()
    await clear(real)
  }
}

function accepted(
  asked: readonly unknown[],
  { status, body }: { readonly status: number; readonly body: unknown },
): unknown {
  assert.ok(status < 400, `${JSON.stringify(asked)}: ${JSON.stringify(body)}`)
  return body
}

/** What can be had on a real 8.19.21 and on the fake has one answer on both. */
function onBoth(sentence: string, run: (place: Place) => Promise<void>): void {
  void it(`${sentence} (fake)`, { timeout: 60_000 }, () => inFake(run))
  void it(`${sentence} (8.19.21)`, { timeout: 120_000 }, () => inReal(run))
}

async function indices({ ask }: Place): Promise<readonly string[]> {
  return Object.keys((await ask('GET', '/*')) as object).sort()
}

async function settings({ ask }: Place, name: string): Promise<Readonly<Record<string, unknown>>> {
  const shown = Object.values((await ask('GET', `/${name}?flat_settings=true`)) as object)[0] as unknown
  return ownObject(shown, 'settings')
}

async function properties({ ask }: Place, name: string): Promise<Readonly<Record<string, unknown>>> {
  const shown = Object.values((await ask('GET', `/${name}`)) as object)[0] as unknown
  return ownObject(ownObject(shown, 'mappings'), 'properties')
}

describe('names and spellings', { concurrency: 1 }, () => {
  onBoth(
    '__proto__ and constructor are names of fields like any other, constructor also one of an index',
    async (place) => {
      const fields = JSON.parse(
        '{"__proto__":{"type":"keyword"},"constructor":{"properties":{"__proto__":{"type":"long"}}}}',
      ) as object
      place.desk.indices('d', { constructor: { mappings: { properties: fields } } })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      assert.deepEqual(JSON.stringify(await properties(place, 'constructor')), JSON.stringify(fields))
      const before = await place.version()
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      assert.equal(await place.version(), before)
    },
  )

  onBoth('what means the same is written once, in whatever spelling it comes', async (place) => {
    const spellings = [
      {
        settings: {
          index: { refresh_interval: '60s', number_of_replicas: 0, 'query.default_field': 'a' },
          'index.gc_deletes': '60s',
        },
        mappings: {
          dynamic: false,
          properties: {
            a: { type: 'keyword', copy_to: 'all' },
            'user.name': { type: 'text', index: true, store: false },
            empty: { type: 'object' },
            at: { type: 'date', format: 'strict_date_optional_time||epoch_millis' },
            all: { type: 'text' },
          },
        },
        aliases: { mine: { routing: 'x' } },
      },
      {
        aliases: { mine: { search_routing: 'x', index_routing: 'x' } },
        mappings: {
          properties: {
            all: { type: 'text' },
            at: { type: 'date' },
            empty: { properties: {}, type: 'object' },
            user: { properties: { name: { type: 'text' } } },
            a: { type: 'keyword', copy_to: ['all'] },
          },
          dynamic: 'false',
        },
        settings: {
          'index.refresh_interval': '1m',
          number_of_replicas: '0',
          query: { default_field: ['a'] },
          gc_deletes: '1m',
        },
      },
    ]
    place.desk.indices('d', { orders: spellings[0] })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    const before = await place.version()
    for (const spelling of spellings) {
      place.desk.indices('d', { orders: spelling })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    }
    assert.equal(await place.version(), before)
  })

  onBoth('fields that documents added and settings that a template injected are no drift', async (place) => {
    const template = {
      settings: { priority: 7 },
      mappings: { properties: { injected: { type: 'ip' } } },
      aliases: { added: {} },
    }
    await place.ask('PUT', '/_index_template/for-orders', { index_patterns: ['ord*'], template })
    place.desk.indices('d', { orders })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    await place.ask('PUT', '/orders/_doc/1', { id: 'a', extra: { n: 1 } })
    const before = await place.version()
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    assert.equal(await place.version(), before)
    assert.deepEqual(Object.keys(await properties(place, 'orders')).sort(), ['extra', 'id', 'injected'])
    assert.equal((await settings(place, 'orders'))['index.priority'], '7')
  })
})

describe('changes of one index', { concurrency: 1 }, () => {
  onBoth(
    'what the index can take is done beside what is held, and a removed setting is reset',
    async (place) => {
      place.desk.indices('d', { orders: { ...orders, settings: { ...orders.settings, priority: 5 } } })
      await place.desk.converge('d')
      const changed = {
        refresh_interval: '5s',
        number_of_replicas: 0,
        codec: 'best_compression',
        number_of_shards: 2,
      }
      place.desk.indices('d', {
        orders: {
          settings: changed,
          mappings: { properties: { ...orders.mappings.properties, n: { type: 'long' } } },
        },
      })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: held ReopensIndex', 'orders: held NeedsReindex'])
      const shown = await settings(place, 'orders')
      assert.deepEqual(
        ['refresh_interval', 'priority', 'codec', 'number_of_shards'].map((key) => shown[`index.${key}`]),
        ['5s', undefined, undefined, '1'],
      )
      assert.deepEqual(Object.keys(await properties(place, 'orders')).sort(), ['id', 'n'])
    },
  )

  onBoth('a field or sub-field that is no longer written stays, and status says so', async (place) => {
    const title = { type: 'text', fields: { raw: { type: 'keyword' } } }
    place.desk.indices('d', { orders: { mappings: { properties: { title, id: { type: 'keyword' } } } } })
    await place.desk.converge('d')
    place.desk.indices('d', { orders: { mappings: { properties: { title: { type: 'text' } } } } })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    assert.equal(place.desk.state('d').ready, 'True')
    assert.deepEqual(place.desk.unready('d'), ['orders: retained Retained'])
    assert.match(place.desk.said('d'), /mappings\.properties\.id, mappings\.properties\.title\.fields\.raw/)
    assert.deepEqual(Object.keys(await properties(place, 'orders')).sort(), ['id', 'title'])
  })

  onBoth('the limit on fields is raised before the fields that need it', async (place) => {
    const fields = (n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, each) => [`f${each}`, { type: 'long' }]))
    const of = (n: number) => ({
      settings: { 'mapping.total_fields.limit': n },
      mappings: { properties: fields(n) },
    })
    place.desk.indices('d', { orders: of(5) })
    await place.desk.converge('d')
    place.desk.indices('d', { orders: of(9) })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    assert.equal(Object.keys(await properties(place, 'orders')).length, 9)
  })

  onBoth(
    'an index that somebody closed takes settings and stays closed; it is not reindexed',
    async (place) => {
      place.desk.indices('d', { orders })
      await place.desk.converge('d')
      await place.ask('POST', '/orders/_close')
      place.desk.indices('d', {
        orders: {
          ...orders,
          settings: { ...orders.settings, refresh_interval: '5s', codec: 'best_compression' },
        },
      })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      const shown = await settings(place, 'orders')
      assert.deepEqual(
        ['refresh_interval', 'codec', 'verified_before_close'].map((key) => shown[`index.${key}`]),
        ['5s', 'best_compression', 'true'],
      )
      place.desk.indices('d', { orders: { ...movable, mappings: { properties: { id: { type: 'long' } } } } })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: refused IndexClosed'])
    },
  )

  onBoth('a block on an index is told with its reason, and never lifted for somebody', async (place) => {
    place.desk.indices('d', { orders, users: orders })
    await place.desk.converge('d')
    await place.ask('PUT', '/orders/_settings', { 'index.blocks.read_only': true })
    const faster = { ...orders, settings: { ...orders.settings, refresh_interval: '5s' } }
    place.desk.indices('d', { orders: faster, users: faster })
    assert.equal((await place.desk.converge('d')).kind, 'retryable')
    assert.deepEqual(place.desk.unready('d'), ['orders: failed ServiceUnhealthy'])
    assert.match(place.desk.said('d'), /blocked by: \[FORBIDDEN\/5\/index read-only \(api\)\]/)
    assert.equal((await settings(place, 'users'))['index.refresh_interval'], '5s')
    await place.ask('PUT', '/orders/_settings', { 'index.blocks.read_only': null })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
  })

  onBoth('the flood-stage block keeps no setting away, and stays', async (place) => {
    place.desk.indices('d', { orders })
    await place.desk.converge('d')
    await place.ask('PUT', '/orders/_settings', { 'index.blocks.read_only_allow_delete': true })
    place.desk.indices('d', {
      orders: { ...orders, settings: { ...orders.settings, refresh_interval: '5s' } },
    })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    const shown = await settings(place, 'orders')
    assert.equal(shown['index.blocks.read_only_allow_delete'], 'true')
    assert.equal(shown['index.refresh_interval'], '5s')
  })
})

describe('what bears a name', { concurrency: 1 }, () => {
  onBoth(
    'an index that a writer made anew by auto-create is ours no longer: nothing in it is lost',
    async (place) => {
      place.desk.indices('d', { orders })
      await place.desk.converge('d')
      const before = (await settings(place, 'orders'))['index.uuid']
      await place.ask('DELETE', '/orders')
      await place.ask('PUT', '/orders/_doc/1?refresh=true', { id: 'a', extra: 1 })
      const made = (await settings(place, 'orders'))['index.uuid']
      assert.notEqual(made, before)
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: held FewerReplicas', 'orders: held NeedsReindex'])
      assert.match(place.desk.said('d'), /id: its type cannot change from text to keyword/)
      const allowed = { policy: 'sync', allow: new Set(['DeletesIndex', 'EmptyDocument']) } as const
      place.desk.indices('d', {}, allowed)
      await place.desk.converge('d')
      assert.equal((await settings(place, 'orders'))['index.uuid'], made)
      assert.equal(own(await place.ask('GET', '/orders/_count'), 'count'), 1)
    },
  )

  onBoth(
    'an index whose alias somebody took away is not made a second time beside its documents',
    async (place) => {
      place.desk.indices('d', { orders: movable })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      await place.ask('POST', '/_aliases', {
        actions: [{ remove: { index: 'orders-000001', alias: 'orders' } }],
      })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: refused NameTaken'])
      assert.deepEqual(await indices(place), ['orders-000001'])
      await place.ask('POST', '/_aliases', {
        actions: [{ add: { index: 'orders-000001', alias: 'orders', is_write_index: true } }],
      })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    },
  )

  onBoth('an alias over two indices is neither changed nor taken for one of them', async (place) => {
    await place.ask('PUT', '/a', { aliases: { orders: {} } })
    await place.ask('PUT', '/b', { aliases: { orders: {} } })
    const before = await place.version()
    place.desk.indices('d', { orders }, { adopt: true })
    assert.equal((await place.desk.converge('d')).kind, 'terminal')
    assert.deepEqual(place.desk.unready('d'), ['orders: refused SeveralIndices'])
    assert.equal(await place.version(), before)
  })

  onBoth('an alias over one index stands for it: adopted only when a person says so', async (place) => {
    await place.ask('PUT', '/orders-v1', { settings: { number_of_replicas: 0 }, aliases: { orders: {} } })
    place.desk.indices('d', { orders })
    assert.equal((await place.desk.converge('d')).kind, 'terminal')
    assert.deepEqual(place.desk.unready('d'), ['orders: held AdoptionDiffers'])
    place.desk.indices('d', { orders }, { adopt: true })
    assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
    assert.deepEqual(await indices(place), ['orders-v1'])
    assert.equal((await settings(place, 'orders-v1'))['index.refresh_interval'], '1m')
  })

  onBoth(
    'of two ConfigMaps, one naming the alias and one the index behind it, the second changes nothing',
    async (place) => {
      place.desk.indices('d', { orders: movable })
      await place.desk.converge('d')
      place.desk.indices('other', { 'orders-000001': { settings: { refresh_interval: '5s' } } })
      assert.equal((await place.desk.converge('other')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('other'), ['orders-000001: held AdoptionDiffers'])
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      assert.equal((await settings(place, 'orders-000001'))['index.refresh_interval'], '1m')
    },
  )

  void it('a data stream is left alone (fake: the real node has none)', async () =>
    inFake(async (place) => {
      await place.ask('PUT', '/_index_template/streams', { index_patterns: ['orders'], data_stream: {} })
      await place.ask('PUT', '/_data_stream/orders')
      const before = await place.version()
      place.desk.indices('d', { orders }, { adopt: true })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: refused DataStream'])
      assert.equal(await place.version(), before)
    }))

  void it('an index that a lifecycle policy manages is left alone, until the entry names the policy (fake: ILM)', async () =>
    inFake(async (place) => {
      await place.ask('PUT', '/_ilm/policy/p', { policy: { phases: { hot: { actions: {} } } } })
      await place.ask('PUT', '/orders', { settings: { 'index.lifecycle.name': 'p', number_of_replicas: 0 } })
      place.desk.indices('d', { orders }, { adopt: true })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: refused ManagedByLifecycle'])
      assert.equal((await settings(place, 'orders'))['index.refresh_interval'], undefined)
      const named = { ...orders, settings: { ...orders.settings, 'lifecycle.name': 'p' } }
      place.desk.indices('d', { orders: named }, { adopt: true })
      assert.deepEqual(await place.desk.converge('d'), { kind: 'done' })
      place.desk.indices('d', { users: orders }, { policy: 'sync', allow: new Set(['DeletesIndex']) })
      assert.equal((await place.desk.converge('d')).kind, 'terminal')
      assert.deepEqual(place.desk.unready('d'), ['orders: refused ManagedByLifecycle'])
      assert.deepEqual(await indices(place), ['orders', 'users'])
    }))
})

describe('what needs or lacks something', { concurrency: 1 }, () => {
  onBoth('an index template waits for its component template, and follows by itself', async ({ desk }) => {
    desk.put('templates', 'index-templates', { logs: { index_patterns: ['logs-*'], composed_of: ['base'] } })
    assert.equal((await desk.converge('templates')).kind, 'retryable')
    assert.equal(desk.state('templates').reason, 'DependencyMissing')
    assert.deepEqual(desk.unready('templates'), ['logs: waiting DependencyMissing'])
    desk.put('parts', 'component-templates', { base: { template: { settings: { number_of_replicas: 0 } } } })
    assert.deepEqual(await desk.converge('parts'), { kind: 'done' })
    assert.deepEqual([...desk.requeued], ['team/templates'])
    assert.deepEqual(await desk.converge('templates'), { kind: 'done' })
  })

  onBoth(
    'a component template that is still in use is not deleted; the rest goes on, and it goes once it is free',
    async ({ desk, ask }) => {
      desk.put('parts', 'component-templates', { base: { template: {} } })
      await desk.converge('parts')
      desk.put('templates', 'index-templates', {
        logs: { index_patterns: ['logs-*'], composed_of: ['base'] },
      })
      await desk.converge('templates')
      desk.put('parts', 'component-templates', { other: { template: {} } }, { policy: 'sync' })
      assert.equal((await desk.converge('parts')).kind, 'terminal')
      assert.deepEqual(desk.unready('parts'), ['base: refused RejectedByServer'])
      assert.match(desk.said('parts'), /still in use by index templates \[logs\]/)
      await ask('GET', '/_component_template/other')
      desk.put('templates', 'index-templates', { logs: { index_patterns: ['logs-*'] } })
      await desk.converge('templates')
      desk.elapsed += 11 * 60_000
      assert.deepEqual(await desk.converge('parts'), { kind: 'done' })
      assert.deepEqual(own(await ask('GET', '/_component_template'), 'component_templates'), [
        { name: 'other', component_template: { template: {} } },
      ])
    },
  )

  void it('a server without ILM and ingest refuses those entries and takes the rest (8.19.21 has no ILM)', async () =>
    inReal(async ({ desk }) => {
      desk.put('policies', 'ilm-policies', { p: { phases: { hot: { actions: {} } } } })
      assert.equal((await desk.converge('policies')).kind, 'terminal')
      assert.deepEqual(desk.unready('policies'), ['p: refused NotSupportedByServer'])
      desk.indices('d', { orders })
      assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    }))

  void it('a server without ILM and ingest refuses those entries and takes the rest (fake)', async () => {
    const { server } = createFake({ lacks: ['ilm', 'ingest'] })
    const desk = new ElasticsearchDesk(() => createFake({ server }).client)
    desk.put('policies', 'ilm-policies', { p: { phases: { hot: { actions: {} } } } })
    desk.put('pipelines', 'ingest-pipelines', { p: { processors: [{ set: { field: 'a', value: 1 } }] } })
    for (const name of ['policies', 'pipelines']) {
      assert.equal((await desk.converge(name)).kind, 'terminal')
      assert.deepEqual(desk.unready(name), ['p: refused NotSupportedByServer'])
    }
    desk.indices('d', { orders, piped: { settings: { default_pipeline: 'p' } } })
    assert.equal((await desk.converge('d')).kind, 'retryable')
    assert.deepEqual(desk.unready('d'), ['piped: waiting DependencyMissing'])
    assert.deepEqual([...server.indices.keys()], ['orders'])
  })

  void it('policies and pipelines are kept as written, what the server adds to them is no drift (fake: ILM, ingest)', async () => {
    const { server } = createFake()
    const desk = new ElasticsearchDesk(() => createFake({ server }).client)
    const phases = {
      hot: { actions: { rollover: { max_age: '1d' } } },
      delete: { min_age: '30d', actions: { delete: {} } },
    }
    desk.put('policies', 'ilm-policies', { p: { phases, _meta: { by: 'us' } } })
    desk.put('pipelines', 'ingest-pipelines', {
      p: { processors: [{ set: { field: 'a', value: 1 } }, { remove: { field: 'b' } }] },
    })
    for (const name of ['policies', 'pipelines', 'policies', 'pipelines']) {
      assert.deepEqual(await desk.converge(name), { kind: 'done' })
    }
    assert.equal(server.writes().length, 2)
    server.ask('PUT', '/_ingest/pipeline/p', { processors: [{ set: { field: 'a', value: 2 } }] })
    server.ask('PUT', '/_ilm/policy/p', {
      policy: { phases: { ...phases, delete: { min_age: '1d', actions: { delete: {} } } } },
    })
    for (const name of ['policies', 'pipelines'])
      assert.deepEqual(await desk.converge(name), { kind: 'done' })
    assert.equal(own(ownObject(own(server.policies.get('p')?.policy, 'phases'), 'delete'), 'min_age'), '30d')
    assert.equal((server.pipelines.get('p')?.['processors'] as readonly unknown[]).length, 2)
    desk.indices('d', { managed: { settings: { 'lifecycle.name': 'p', default_pipeline: 'p' } } })
    assert.deepEqual(await desk.converge('d'), { kind: 'done' })
    desk.put('policies', 'ilm-policies', { q: { phases: { hot: { actions: {} } } } }, { policy: 'sync' })
    desk.put('pipelines', 'ingest-pipelines', { q: { processors: [] } }, { policy: 'sync', maxDeletes: 9 })
    for (const name of ['policies', 'pipelines']) {
      assert.equal((await desk.converge(name)).kind, 'terminal')
      assert.deepEqual(desk.unready(name), ['p: refused RejectedByServer'])
    }
  })
})
