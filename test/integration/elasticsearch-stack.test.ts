import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { ask } from '../../src/stack/http.ts'
import { isRunning, processesMarked } from '../../src/stack/process-identity.ts'
import { startElasticsearch, type RunningElasticsearch } from '../support/elasticsearch.ts'
import { marked } from '../support/places.ts'

const nodes = z.object({
  nodes: z.record(
    z.string(),
    z.object({ version: z.string(), modules: z.array(z.object({ name: z.string() })) }),
  ),
})
const count = z.object({ count: z.number() })

async function nodeOf(elasticsearch: RunningElasticsearch): Promise<{
  readonly version: string
  readonly modules: readonly string[]
}> {
  const { body } = await elasticsearch.ask('GET', '/_nodes?filter_path=nodes.*.version,nodes.*.modules.name')
  const [node] = Object.values(nodes.parse(body).nodes)
  assert.ok(node, 'one node')
  return { version: node.version, modules: node.modules.map(({ name }) => name) }
}

async function countOf(elasticsearch: RunningElasticsearch, index: string): Promise<number> {
  return count.parse((await elasticsearch.ask('GET', `/${index}/_count`)).body).count
}

const cases = [
  { version: '8.19.21', modules: ['x-pack-core', 'x-pack-security'] },
  { version: '7.17.29', modules: ['reindex', 'x-pack-core', 'x-pack-security'] },
  { version: '9.5.3', modules: [] },
] as const

describe('Elasticsearch of the local stack', { timeout: 600_000 }, () => {
  for (const { version, modules } of cases) {
    it(`version ${version} serves as a user without rights, keeps its data over kill and stop, and goes whole`, async () => {
      const { mark, launch } = marked()
      const elasticsearch = await startElasticsearch({ version, launch })
      try {
        const node = await nodeOf(elasticsearch)
        assert.equal(node.version, version)
        assert.deepEqual(
          modules.filter((name) => !node.modules.includes(name)),
          [],
        )
        const [process, ...others] = await processesMarked(mark)
        assert.ok(process, 'the node runs')
        assert.deepEqual(others, [], 'it is one process, so that a kill is the end of the server itself')
        assert.notEqual((await stat(`/proc/${process.pid}`)).uid, 0)

        assert.equal((await elasticsearch.ask('PUT', '/orders')).status, 200)
        await elasticsearch.ask('POST', '/orders/_doc?refresh', { state: 'paid' })
        await elasticsearch.kill()
        assert.equal(await isRunning(process), false)
        await elasticsearch.start()
        assert.equal(await countOf(elasticsearch, 'orders'), 1)
        await elasticsearch.node.stop()
        await elasticsearch.start()
        assert.equal(await countOf(elasticsearch, 'orders'), 1)
      } finally {
        await elasticsearch.stop()
      }
      assert.deepEqual(await processesMarked(mark), [])
      assert.equal(existsSync(elasticsearch.directory), false)
    })
  }

  describe('with a setting of its own', () => {
    let elasticsearch: RunningElasticsearch
    before(async () => {
      elasticsearch = await startElasticsearch({ settings: { 'action.auto_create_index': 'false' } })
    })
    after(async () => elasticsearch.stop())

    it('keeps to it', async () => {
      assert.equal((await elasticsearch.ask('POST', '/unknown/_doc', { a: 1 })).status, 404)
    })

    it('answers nothing while it is frozen, and everything after that', async () => {
      const access = { url: elasticsearch.url, ca: undefined, auth: undefined }
      const health = { method: 'GET', path: '/_cluster/health' }
      elasticsearch.pause()
      await assert.rejects(ask(access, health, AbortSignal.timeout(1_000)), { name: 'AbortError' })
      elasticsearch.resume()
      assert.equal((await ask(access, health)).status, 200)
    })
  })

  for (const version of ['8.19.21', '7.17.29'] as const) {
    it(`version ${version} asks over TLS who one is, and lets nobody do more than the roles say`, async () => {
      const roles = { orders: { indices: [{ names: ['orders*'], privileges: ['all'] }] } }
      const users = { infometis: ['orders'] }
      const elasticsearch = await startElasticsearch({ version, tls: true, users, roles })
      try {
        assert.ok(elasticsearch.url.startsWith('https://'))
        const user = elasticsearch.users.get('infometis')
        assert.ok(user && elasticsearch.ca !== undefined)
        assert.equal(await readFile(user.passwordFile, 'utf8'), user.password)
        const ca = await readFile(elasticsearch.ca, 'utf8')
        const access = { url: elasticsearch.url, ca, auth: `${user.username}:${user.password}` }
        const create = async (path: string, auth = access.auth): Promise<number> =>
          (await ask({ ...access, auth }, { method: 'PUT', path })).status
        assert.equal(await create('/orders', `${user.username}:wrong`), 401)
        assert.equal(await create('/orders'), 200)
        assert.equal(await create('/customers'), 403)
        assert.equal((await elasticsearch.ask('PUT', '/customers')).status, 200)
        const untrusted = ask({ ...access, ca: undefined }, { method: 'GET', path: '/' })
        await assert.rejects(untrusted, /self-signed certificate|unable to (verify|get)/)
      } finally {
        await elasticsearch.stop()
      }
    })
  }

  it('says that the 9.5.3 knows no users, before it starts anything', async () => {
    await assert.rejects(
      startElasticsearch({ version: '9.5.3', tls: true }),
      /9\.5\.3 of the local stack is put together without x-pack: it knows neither users nor TLS/,
    )
  })

  it('says in the node’s own words what is wrong with a setting', async () => {
    await assert.rejects(
      startElasticsearch({ settings: { 'no.such.setting': 'x' } }),
      /elasticsearch ended with exit code 1 while starting; its log \S+ ends:[\s\S]*unknown setting \[no\.such\.setting\]/,
    )
  })
})
