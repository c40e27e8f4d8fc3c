import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { ask, type HttpAccess, type HttpAnswer } from '../../src/stack/http.ts'
import { startNifi as startNode } from '../../reconcilers/nifi/stack/nifi.ts'
import type { NifiUser } from '../../reconcilers/nifi/stack/security.ts'
import { createAuthority } from '../../src/stack/certificates.ts'
import { isRunning, processesMarked } from '../../src/stack/process-identity.ts'
import { startNifi, type RunningNifi, type TestNifi } from '../support/nifi.ts'
import { marked, testPlaces } from '../support/places.ts'

const about = z.object({ about: z.object({ version: z.string() }) })
const groups = z.object({ processGroups: z.array(z.object({ component: z.object({ name: z.string() }) })) })
const contexts = z.object({
  parameterContexts: z.array(
    z.object({
      component: z.object({
        parameters: z.array(z.object({ parameter: z.object({ sensitive: z.boolean() }) })),
      }),
    }),
  ),
})
const types = z.object({ processorTypes: z.array(z.object({ type: z.string() })) })
const services = z.object({ controllerServiceTypes: z.array(z.object({ type: z.string() })) })
const identity = z.object({ identity: z.string() })

const group = { revision: { version: 0 }, component: { name: 'orders', position: { x: 0, y: 0 } } }

async function groupsOf(nifi: RunningNifi): Promise<readonly string[]> {
  const { body } = await nifi.ask('GET', '/process-groups/root/process-groups')
  return groups.parse(body).processGroups.map(({ component }) => component.name)
}

async function makeFlow(nifi: RunningNifi): Promise<void> {
  const parameter = { name: 'password', sensitive: true, value: 'geheim' }
  const component = { name: 'orders', parameters: [{ parameter }] }
  const context = await nifi.ask('POST', '/parameter-contexts', { revision: { version: 0 }, component })
  assert.equal(context.status, 201)
  assert.equal((await nifi.ask('POST', '/process-groups/root/process-groups', group)).status, 201)
}

async function shortNames(nifi: RunningNifi): Promise<readonly string[]> {
  const processors = types.parse((await nifi.ask('GET', '/flow/processor-types')).body).processorTypes
  const { body } = await nifi.ask('GET', '/flow/controller-service-types')
  const all = [...processors, ...services.parse(body).controllerServiceTypes]
  return all.map(({ type }) => type.split('.').at(-1) ?? '')
}

/** What the pipelines of this project, and of its tests, are made of. */
const wanted = [
  ...['GenerateFlowFile', 'InvokeHTTP', 'ListenHTTP', 'HandleHttpRequest', 'HandleHttpResponse'],
  ...['ReplaceText', 'RouteOnAttribute', 'MergeContent', 'MergeRecord', 'ConvertRecord', 'UpdateCounter'],
  ...['ExecuteStreamCommand', 'Wait', 'Notify', 'LogAttribute', 'JsonTreeReader', 'JsonRecordSetWriter'],
  ...['MapCacheServer', 'MapCacheClientService', 'StandardRestrictedSSLContextService'],
]

describe('NiFi of the local stack', { timeout: 600_000 }, () => {
  it('serves as a user without rights, keeps its flow over kill, stop and a start anew, and goes whole', async () => {
    const { mark, launch } = marked()
    const nifi = await startNifi({ launch })
    try {
      assert.equal(about.parse((await nifi.ask('GET', '/flow/about')).body).about.version, nifi.version)
      const [process, ...others] = await processesMarked(mark)
      assert.ok(process, 'the node runs')
      assert.deepEqual(others, [], 'it is one process, so that a kill is the end of NiFi itself')
      assert.notEqual((await stat(`/proc/${process.pid}`)).uid, 0)
      const names = await shortNames(nifi)
      assert.deepEqual(
        wanted.filter((name) => !names.includes(name)),
        [],
      )

      await makeFlow(nifi)
      await nifi.node.stop()
      assert.equal(await nifi.exited(), 'exit code 143', 'it ended by itself within its grace')
      await nifi.start()
      assert.deepEqual(await groupsOf(nifi), ['orders'])
      await nifi.kill()
      assert.equal(await isRunning(process), false)

      // As `infometis up` does after `down`: another port, and the key of the first start.
      const again = await startNode({ directory: nifi.directory, places: testPlaces(), launch })
      try {
        assert.notEqual(again.url, nifi.url)
        assert.equal(again.clusterId, nifi.clusterId)
        assert.deepEqual(await groupsOf(again), ['orders'])
        const { body } = await again.ask('GET', '/flow/parameter-contexts')
        const [context] = contexts.parse(body).parameterContexts
        assert.deepEqual(context?.component.parameters, [{ parameter: { sensitive: true } }])
      } finally {
        await again.kill()
      }
    } finally {
      await nifi.stop()
    }
    assert.deepEqual(await processesMarked(mark), [])
    assert.equal(existsSync(nifi.directory), false)
  })

  describe('with a setting of its own', () => {
    let nifi: TestNifi
    before(async () => {
      nifi = await startNifi({ settings: { 'nifi.ui.banner.text': 'a test' } })
    })
    after(async () => nifi.stop())

    it('keeps to it', async () => {
      const { body } = await nifi.ask('GET', '/flow/banners')
      assert.deepEqual(body, { banners: { headerText: 'a test', footerText: 'a test' } })
    })

    it('answers nothing while it is frozen, and everything after that', async () => {
      nifi.pause()
      const frozen = nifi.ask('GET', '/flow/about', undefined, { signal: AbortSignal.timeout(1_000) })
      await assert.rejects(frozen, { name: 'AbortError' })
      nifi.resume()
      assert.equal((await nifi.ask('GET', '/flow/about')).status, 200)
    })

    it('gives no token over plain HTTP', async () => {
      const body = new URLSearchParams({ username: 'admin', password: 'x' })
      const { status } = await ask(
        { url: `${nifi.url}/nifi-api` },
        { method: 'POST', path: '/access/token', body },
      )
      assert.equal(status, 409)
    })
  })

  describe('with TLS and users', () => {
    let nifi: TestNifi
    let user: NifiUser
    let outside: HttpAccess
    before(async () => {
      const root = ['read /process-groups/root', 'write /process-groups/root'] as const
      nifi = await startNifi({ users: { infometis: ['read /flow', ...root], stranger: [] } })
      assert.ok(nifi.ca !== undefined)
      outside = { url: `${nifi.url}/nifi-api`, ca: await readFile(nifi.ca, 'utf8') }
      user = userOf('infometis')
    })
    after(async () => nifi.stop())

    const userOf = (name: string): NifiUser => {
      const found = nifi.users.get(name)
      assert.ok(found)
      return found
    }
    const login = async (username: string, password: string): Promise<HttpAnswer> => {
      const body = new URLSearchParams({ username, password })
      return ask(outside, { method: 'POST', path: '/access/token', body })
    }
    const withCertificate = async ({ certificate }: Pick<NifiUser, 'certificate'>): Promise<HttpAccess> => ({
      ...outside,
      certificate: {
        cert: await readFile(certificate.certificate, 'utf8'),
        key: await readFile(certificate.key, 'utf8'),
      },
    })
    const whoami = async (access: HttpAccess): Promise<HttpAnswer> =>
      ask(access, { method: 'GET', path: '/flow/current-user' })

    it('lets nobody in who is not known, and is trusted only with its authority', async () => {
      assert.ok(nifi.url.startsWith('https://'))
      assert.equal((await whoami(outside)).status, 401)
      assert.equal((await whoami({ ...outside, token: 'a.b.c' })).status, 401)
      const untrusted = whoami({ url: nifi.url })
      await assert.rejects(untrusted, /self-signed certificate|unable to (verify|get)/)
    })

    it('answers a wrong password with 400, and a name unknown just the same', async () => {
      const wrong = await login(user.username, 'wrong')
      assert.equal(wrong.status, 400)
      assert.match(String(wrong.body), /username and password are not valid/)
      assert.deepEqual(await login('unknown', user.password), wrong)
    })

    it('knows one by a token, which outlives a restart', async () => {
      const { status, body } = await login(user.username, await readFile(user.passwordFile, 'utf8'))
      assert.equal(status, 201)
      const access = { ...outside, token: String(body) }
      assert.equal(identity.parse((await whoami(access)).body).identity, 'infometis')
      await nifi.node.stop()
      await nifi.start()
      assert.equal(identity.parse((await whoami(access)).body).identity, 'infometis')
    })

    it('knows one by a client certificate', async () => {
      const { body } = await whoami(await withCertificate(user))
      assert.equal(identity.parse(body).identity, 'infometis')
    })

    it('takes no certificate of a stranger’s name, nor one that another authority signed', async () => {
      const { authority } = nifi
      assert.ok(authority)
      const unknown = { certificate: await authority.issue('unknown', '/CN=unknown') }
      assert.equal((await whoami(await withCertificate(unknown))).status, 403)
      const elsewhere = join(nifi.directory, 'secrets', 'another-authority')
      const another = await createAuthority(elsewhere, testPlaces().path)
      const forged = await withCertificate({ certificate: await another.issue('admin', '/CN=admin') })
      await assert.rejects(whoami(forged), /alert certificate unknown|ECONNRESET|EPIPE/)
    })

    it('lets nobody do more than was granted', async () => {
      const access = await withCertificate(user)
      const create = async (path: string, component: object): Promise<number> =>
        (await ask(access, { method: 'POST', path, body: { revision: { version: 0 }, component } })).status
      assert.equal(await create('/process-groups/root/process-groups', group.component), 201)
      assert.equal(await create('/parameter-contexts', { name: 'mine', parameters: [] }), 403)
      const context = { revision: { version: 0 }, component: { name: 'mine', parameters: [] } }
      assert.equal((await nifi.ask('POST', '/parameter-contexts', context)).status, 201)
      assert.equal((await whoami(await withCertificate(userOf('stranger')))).status, 403)
    })
  })

  it('says in the node’s own words what is wrong with a setting', async () => {
    await assert.rejects(
      startNifi({ settings: { 'nifi.web.http.port': 'abc' } }),
      /nifi ended with exit code 1 while starting; its log \S+ ends:[\s\S]*Invalid port configuration/,
    )
  })
})
