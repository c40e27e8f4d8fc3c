import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReconcileError } from '../../src/errors.ts'
import { createFake } from './fake.ts'
import { own, ownObject } from '../../src/core/json.ts'

const signal = AbortSignal.timeout(10_000)
const get = (path: string) => ({ method: 'GET', path }) as const
const put = (path: string, body?: unknown) => ({ method: 'PUT', path, body }) as const

describe('the wire to the fake cluster', () => {
  void it('records every request, and tells what could change something from what could not', async () => {
    const { server, wire } = createFake()
    await wire.send(put('/a', {}), signal)
    await wire.send({ method: 'POST', path: '/a/_search', body: {} }, signal)
    await wire.send(
      { method: 'POST', path: '/_index_template/_simulate', body: { index_patterns: ['x'] } },
      signal,
    )
    await wire.send(get('/a'), signal)
    assert.deepEqual(
      server.writes().map(({ path, status }) => [path, status]),
      [['/a', 200]],
    )
    assert.equal(server.reads().length, 3)
  })

  void it('fails the nth request it is told to, before or after it took effect, and heals', async () => {
    const { server, wire } = createFake()
    server.inject({ method: 'PUT', path: /^\/[ab]$/, nth: 2, kind: 'fail' })
    server.inject({ path: '/c', kind: 'fail', moment: 'after' })
    await wire.send(put('/a', {}), signal)
    await assert.rejects(wire.send(put('/b', {}), signal), reason('ServiceUnreachable'))
    await assert.rejects(wire.send(put('/c', {}), signal), reason('ServiceTimeout'))
    assert.deepEqual([...server.indices.keys()], ['a', 'c'])
    server.inject({ kind: 'fail', times: Infinity })
    await assert.rejects(wire.send(get('/'), signal), reason('ServiceUnreachable'))
    server.heal()
    assert.equal((await wire.send(get('/'), signal)).status, 200)
    server.down = true
    await assert.rejects(wire.send(get('/'), signal), reason('ServiceUnreachable'))
  })

  void it('answers what it is told to, and a 401 as the vendor’s wire does', async () => {
    const { server, wire } = createFake()
    server.inject({ path: '/', kind: 'answer', answer: { status: 429, body: {} } })
    assert.equal((await wire.send(get('/'), signal)).status, 429)
    server.inject({ path: '/', kind: 'answer', answer: { status: 401, body: undefined } })
    await assert.rejects(wire.send(get('/'), signal), reason('AuthenticationFailed'))
  })

  void it('hangs until the abort, and takes no request after it', async () => {
    const { server, wire } = createFake()
    server.inject({ kind: 'hang' })
    const stop = new AbortController()
    const waiting = wire.send(get('/'), stop.signal)
    stop.abort(new Error('stopped'))
    await assert.rejects(waiting, /stopped/)
    const requests = server.requests.length
    await assert.rejects(wire.send(get('/'), stop.signal), /stopped/)
    assert.equal(server.requests.length, requests)
  })

  void it('tells a tap before and after each request; what that throws is a crash', async () => {
    const { server, wire } = createFake()
    const seen: string[] = []
    server.tap = ({ path }, moment) => {
      seen.push(`${moment} ${path}`)
      if (path === '/b' && moment === 'before') throw new Error('crash')
      if (path === '/c' && moment === 'after') throw new Error('crash')
    }
    await wire.send(put('/a', {}), signal)
    await assert.rejects(wire.send(put('/b', {}), signal), /crash/)
    await assert.rejects(wire.send(put('/c', {}), signal), /crash/)
    assert.deepEqual(seen, ['before /a', 'after /a', 'before /b', 'before /c', 'after /c'])
    assert.deepEqual([...server.indices.keys()], ['a', 'c'])
  })

  void it('gives copies: what a caller does to an answer reaches nobody', async () => {
    const { wire } = createFake()
    await wire.send(
      put('/a', { mappings: JSON.parse('{"properties":{"__proto__":{"type":"keyword"}}}') as unknown }),
      signal,
    )
    const answer = await wire.send(get('/a/_mapping'), signal)
    const properties = ownObject(own(own(answer.body, 'a'), 'mappings'), 'properties')
    assert.deepEqual(Object.keys(properties), ['__proto__'])
    Object.assign(properties, { x: 1 })
    const again = await wire.send(get('/a/_mapping'), signal)
    assert.equal(Object.keys(ownObject(own(own(again.body, 'a'), 'mappings'), 'properties')).length, 1)
  })

  void it('is shared by clients: a second one finds what the first one made', async () => {
    const first = createFake()
    await first.wire.send(put('/a', {}), signal)
    const second = createFake({ server: first.server })
    assert.equal((await second.wire.send(get('/a'), signal)).status, 200)
  })

  void it('makes the same ids in every run', () => {
    const ids = [createFake(), createFake()].map(({ server }) => {
      server.ask('PUT', '/a', {})
      return server.indices.get('a')?.uuid
    })
    assert.equal(ids[0]?.length, 22)
    assert.equal(ids[0], ids[1])
  })
})

describe('the fake cluster, where no real one can be asked here', () => {
  void it('counts writes of the cluster state: what changes nothing leaves it', () => {
    const { server } = createFake()
    const counted = (method: 'PUT' | 'POST', path: string, body: unknown): number => {
      const before = server.stateVersion
      assert.equal(server.ask(method, path, body).status, 200)
      return server.stateVersion - before
    }
    const alias = { actions: [{ add: { index: 'a', alias: 'x' } }] }
    const policy = { policy: { phases: { hot: { actions: {} } } } }
    const mapping = { properties: { n: { type: 'long' } } }
    const requests: readonly (readonly ['PUT' | 'POST', string, unknown])[] = [
      ['PUT', '/a/_settings', { refresh_interval: '5s' }],
      ['PUT', '/a/_mapping', mapping],
      ['POST', '/_aliases', alias],
      ['PUT', '/_component_template/c', { template: { mappings: mapping } }],
      ['PUT', '/_index_template/t', { index_patterns: ['t*'], composed_of: ['c'] }],
      ['PUT', '/_ilm/policy/p', policy],
      ['PUT', '/_ingest/pipeline/p', { processors: [] }],
    ]
    server.ask('PUT', '/a', {})
    for (const [method, path, body] of requests) {
      assert.equal(counted(method, path, body), 1, path)
      assert.equal(counted(method, path, body), 0, path)
    }
  })

  void it('runs a reindex as a task that advances with each request, or by hand', () => {
    const { server } = createFake()
    const lines = Array.from({ length: 5 }, (_, id) => `{"index":{"_id":"${id}"}}\n{"n":${id}}\n`).join('')
    server.ask('POST', '/a/_bulk?refresh=true', lines)
    server.manual = true
    const started = server.ask('POST', '/_reindex?wait_for_completion=false', {
      source: { index: 'a', size: 2 },
      dest: { index: 'b' },
    })
    const task = `/_tasks/${String(own(started.body, 'task'))}`
    assert.equal(own(server.ask('GET', task).body, 'completed'), false)
    server.step()
    assert.equal(server.indices.get('b')?.live().length, 2)
    const [running] = own(
      server.ask('GET', '/_tasks?actions=*reindex&detailed=true&group_by=none').body,
      'tasks',
    ) as readonly unknown[]
    assert.equal(own(own(running, 'status'), 'created'), 2)
    server.manual = false
    for (let request = 0; request < 2; request += 1) server.ask('GET', '/')
    assert.equal(own(server.ask('GET', task).body, 'completed'), true)
    assert.equal(server.indices.get('b')?.live().length, 5)
  })

  void it('stops a task that is cancelled, and forgets all of them with their node', () => {
    const { server } = createFake()
    server.ask('PUT', '/a/_doc/1?refresh=true', { n: 1 })
    server.manual = true
    const begin = (into: string) =>
      String(
        own(
          server.ask('POST', '/_reindex?wait_for_completion=false', {
            source: { index: 'a' },
            dest: { index: into },
          }).body,
          'task',
        ),
      )
    const cancelled = begin('b')
    server.ask('POST', `/_tasks/${cancelled}/_cancel`)
    server.step()
    assert.equal(
      own(own(server.ask('GET', `/_tasks/${cancelled}`).body, 'response'), 'canceled'),
      'by user request',
    )
    const lost = begin('c')
    server.loseTasks()
    assert.equal(server.ask('GET', `/_tasks/${lost}`).status, 404)
    assert.deepEqual([...server.indices.keys()], ['a'])
  })

  void it('adds to a policy what Elasticsearch adds, and knows which action belongs to which phase (documentation of 8.19)', () => {
    const { server } = createFake()
    const phases = {
      delete: { min_age: '3d', actions: { delete: {} } },
      warm: { actions: { shrink: { number_of_shards: 1 } } },
    }
    assert.equal(server.ask('PUT', '/_ilm/policy/p', { policy: { phases } }).status, 200)
    assert.deepEqual(own(own(own(server.ask('GET', '/_ilm/policy/p').body, 'p'), 'policy'), 'phases'), {
      delete: { min_age: '3d', actions: { delete: { delete_searchable_snapshot: true } } },
      warm: { min_age: '0ms', actions: { shrink: { number_of_shards: 1, allow_write_after_shrink: false } } },
    })
    const misplaced = server.ask('PUT', '/_ilm/policy/q', {
      policy: { phases: { warm: { actions: { rollover: {} } } } },
    })
    assert.equal(misplaced.status, 400)
    assert.match(JSON.stringify(misplaced.body), /invalid action \[rollover\] defined in phase \[warm\]/)
    server.ask('PUT', '/a', { settings: { 'index.lifecycle.name': 'p' } })
    assert.match(
      JSON.stringify(server.ask('DELETE', '/_ilm/policy/p').body),
      /in use by one or more indices: \[a\]/,
    )
  })

  void it('runs the pipelines of an index on what is written to it, a reindex included (documentation of 8.19)', () => {
    const { server } = createFake()
    server.ask('PUT', '/_ingest/pipeline/p', { processors: [{ set: { field: 'seen', value: true } }] })
    server.ask('PUT', '/_ingest/pipeline/f', { processors: [{ remove: { field: 'secret' } }] })
    server.ask('PUT', '/a', { settings: { default_pipeline: 'p', final_pipeline: 'f' } })
    server.ask('PUT', '/a/_doc/1?refresh=true', { n: 1, secret: 's' })
    assert.deepEqual(own(server.ask('GET', '/a/_doc/1').body, '_source'), { n: 1, seen: true })
    server.ask('PUT', '/b', { settings: { default_pipeline: '_none' } })
    server.ask('POST', '/_reindex', { source: { index: 'a' }, dest: { index: 'b' } })
    assert.deepEqual(own(server.ask('GET', '/b/_doc/1').body, '_source'), { n: 1, seen: true })
    assert.equal(server.ask('DELETE', '/_ingest/pipeline/p').status, 400)
  })

  void it('has data streams whose indices nobody sees by accident (documentation of 8.19)', () => {
    const { server } = createFake()
    assert.equal(server.ask('PUT', '/_data_stream/logs').status, 400)
    server.ask('PUT', '/_index_template/t', { index_patterns: ['logs*'], data_stream: {} })
    assert.equal(server.ask('PUT', '/_data_stream/logs').status, 200)
    assert.equal(server.ask('PUT', '/logs', {}).status, 400)
    const shown = server.ask('GET', '/logs?expand_wildcards=all').body
    assert.deepEqual(
      Object.values(shown as object).map((index: unknown) => own(index, 'data_stream')),
      ['logs'],
    )
    assert.deepEqual(server.ask('GET', '/*').body, {})
    assert.equal(
      server.ask('POST', '/_aliases', { actions: [{ add: { index: 'logs', alias: 'logs' } }] }).status,
      400,
    )
  })

  void it('shows health, disk and privileges as they are set', () => {
    const { server } = createFake({ nodes: 2 })
    server.ask('PUT', '/a', { settings: { number_of_replicas: 2 } })
    assert.equal(own(server.ask('GET', '/_cluster/health/a').body, 'status'), 'yellow')
    assert.equal(server.ask('GET', '/_cluster/health/a?wait_for_status=green&timeout=1s').status, 408)
    server.health = 'red'
    assert.equal(own(server.ask('GET', '/_cluster/health').body, 'status'), 'red')
    server.disk = { total: 10, available: 1 }
    const nodes = Object.values(ownObject(server.ask('GET', '/_nodes/stats/fs').body, 'nodes'))
    assert.deepEqual(
      nodes.map((node) => own(own(own(node, 'fs'), 'total'), 'available_in_bytes')),
      [1, 1],
    )
    server.invisible.add('a')
    assert.deepEqual(server.ask('GET', '/a?ignore_unavailable=true').body, {})
  })
})

function reason(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof ReconcileError && error.reason === expected
}
