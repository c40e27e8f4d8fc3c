import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { UserSecrets } from '../../src/cli/user-secrets.ts'
import { ReconcileError } from '../../src/errors.ts'
import { inCluster, type KubeConnection } from '../../src/kube/connection.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { KubeClient, type KubeRequest, type KubeResponse } from '../../src/kube/rest.ts'
import { KubeSecrets } from '../../src/kube/secrets.ts'
import { type Resolved, type SecretSource, resolveSecrets } from '../../src/reconcile/secrets.ts'
import { freePorts } from '../../src/stack/port.ts'
import { projectFile } from '../../src/stack/project.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { type Safe, from, safes } from '../support/vault-desk.ts'

const forever = new AbortController().signal
const keySecret = 'infometis-fingerprint-vault'

/** Nobody writes before all have come here: each of them has read by then. */
class Meeting {
  readonly #all = Promise.withResolvers<undefined>()
  #missing: number

  constructor(count: number) {
    this.#missing = count
  }

  async join(): Promise<void> {
    this.#missing -= 1
    if (this.#missing <= 0) this.#all.resolve(undefined)
    await this.#all.promise
  }
}

/** Waits for the others before it writes, and keeps what became of each request. */
class MeetingClient extends KubeClient {
  readonly seen: string[]
  readonly #meeting: Meeting | undefined

  constructor(connection: KubeConnection, meeting?: Meeting) {
    const seen: string[] = []
    super(connection, { onRequest: (verb, _resource, status) => void seen.push(`${verb} ${status}`) })
    this.seen = seen
    this.#meeting = meeting
  }

  override async request<T = unknown>(request: KubeRequest): Promise<KubeResponse<T>> {
    if (request.method !== 'GET') await this.#meeting?.join()
    return super.request<T>(request)
  }
}

describe('Secrets of a real API, under the Role of deploy/secrets', { timeout: 300_000 }, () => {
  let api: TestKubeApi
  let directory: string
  let namespaces = 0

  before(async () => {
    api = await startKubeApi()
    directory = await realpath(await mkdtemp(join(tmpdir(), 'infometis-deploy-')))
    await kustomization('vault', (path) => ({
      resources: [path('deploy/base')],
      components: [path('deploy/secrets')],
      nameSuffix: '-vault',
    }))
    const names = ['bank', 'shut', 'gone']
    const patch = names.map((value) => ({ op: 'add', path: '/rules/0/resourceNames/-', value }))
    await kustomization('environment', () => ({
      resources: ['../vault'],
      patches: [{ target: { kind: 'Role', name: 'infometis-vault' }, patch: JSON.stringify(patch) }],
    }))
  })
  after(async () => {
    await api.stop()
    await rm(directory, { recursive: true, force: true })
  })

  /** As an environment would write it, over the folders of this project. */
  async function kustomization(
    name: string,
    content: (path: (folder: string) => string) => object,
  ): Promise<void> {
    const place = join(directory, name)
    await mkdir(place)
    const path = (folder: string): string => relative(place, projectFile(folder))
    const whole = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content(path) }
    await writeFile(join(place, 'kustomization.yaml'), JSON.stringify(whole))
  }

  const applyEnvironment = async (namespace: string, ...flags: readonly string[]): Promise<string> =>
    api.kubectl(['apply', ...flags, '-n', namespace, '-k', join(directory, 'environment')])

  /** A namespace in which a reconciler for the vault is installed, and its connection. */
  const place = async (): Promise<{ readonly namespace: string; readonly connection: KubeConnection }> => {
    namespaces += 1
    const namespace = await api.namespace(`secrets-${namespaces}`)
    await applyEnvironment(namespace)
    return { namespace, connection: await accountOf(namespace, 'infometis-vault') }
  }

  const accountOf = async (namespace: string, name: string): Promise<KubeConnection> =>
    inCluster({
      KUBERNETES_SERVICE_HOST: api.host,
      KUBERNETES_SERVICE_PORT: String(api.port),
      SERVICE_ACCOUNT_DIR: await api.serviceAccountDir(namespace, name),
      INFOMETIS_NAMESPACE: namespace,
    })

  const clientOf = (t: TestContext, connection: KubeConnection, meeting?: Meeting): MeetingClient => {
    const client = new MeetingClient(connection, meeting)
    t.after(() => client.close())
    return client
  }

  const administrator = async (namespace: string): Promise<KubeConnection> => ({
    ...(await fromKubeconfig(api.kubeconfig)),
    namespace,
  })

  const write = async (
    namespace: string,
    name: string,
    stringData: Readonly<Record<string, string>>,
    usableBy: string | undefined = 'vault/safes',
  ): Promise<void> => {
    const annotations = usableBy === '' ? {} : { 'infometis.io/usable-by': usableBy }
    const metadata = { name, namespace, annotations }
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData }
    await api.kubectl(['apply', '-f', '-'], JSON.stringify(secret))
  }

  const keyIn = async (namespace: string): Promise<string> =>
    (await api.kubectl(['get', 'secret', keySecret, '-n', namespace, '-o', 'jsonpath={.data.key}'])).trim()

  const resolve = async (
    source: SecretSource,
    namespace: string,
    entries: Readonly<Record<string, unknown>>,
  ): Promise<Resolved<Safe>> => {
    const desired = Object.entries(entries).map(([name, value]) => safes.normalize(name, value))
    return resolveSecrets(safes, desired, { kind: 'vault', namespace }, source, forever)
  }

  const codeOf = async (source: SecretSource, namespace: string): Promise<unknown> => {
    const { desired, rejections } = await resolve(source, namespace, { main: { code: from('bank', 'code') } })
    assert.deepEqual(rejections, [])
    return desired[0]?.fields.get('code')
  }

  it('gives the values of a Secret that the Role names and that lets it, and of no other', async (t) => {
    const { namespace, connection } = await place()
    await write(namespace, 'bank', { code: 'hunter2' }, 'kafka, vault/safes')
    await write(namespace, 'shut', { code: 'hunter2' }, '')
    await write(namespace, 'private', { code: 'hunter2' })
    const secrets = new KubeSecrets(clientOf(t, connection), 'vault')
    const { desired, rejections } = await resolve(secrets, namespace, {
      good: { code: from('bank', 'code') },
      shut: { code: from('shut', 'code') },
      unnamed: { code: from('private', 'code') },
      gone: { code: from('gone', 'code') },
      keyless: { code: from('bank', 'pin') },
      plain: { colour: 'red' },
    })
    assert.deepEqual(
      desired.map(({ name, secrets: values }) => [name, values?.reveal('code')]),
      [
        ['good', 'hunter2'],
        ['plain', undefined],
      ],
    )
    assert.deepEqual(
      rejections.map(({ resource, message }) => [resource.name, message]),
      [
        [
          'shut',
          `the Secret shut in namespace ${namespace} may not be used here: it lacks the annotation infometis.io/usable-by: vault/safes`,
        ],
        [
          'unnamed',
          `the Secret private in namespace ${namespace} may not be read: add private to the resourceNames of the Role infometis-vault`,
        ],
        ['gone', `there is no Secret gone in namespace ${namespace}`],
        ['keyless', `the Secret bank in namespace ${namespace} has no key pin`],
      ],
    )
  })

  it('says which namespace lacks a Role', async (t) => {
    const { connection } = await place()
    const other = await api.namespace('secrets-elsewhere')
    await write(other, 'bank', { code: 'hunter2' })
    const secrets = new KubeSecrets(clientOf(t, connection), 'vault')
    assert.deepEqual(await secrets.read(other, 'bank', forever), {
      problem: `the Secret bank in namespace ${other} may not be read: add bank to the resourceNames of a Role that is bound to infometis-vault there`,
    })
  })

  it('may do nothing else with Secrets', async () => {
    const { namespace } = await place()
    const may = async (...what: readonly string[]): Promise<boolean> => {
      const as = `--as=system:serviceaccount:${namespace}:infometis-vault`
      const answer = await api
        .kubectl(['auth', 'can-i', ...what, '-n', namespace, as])
        .catch((error: unknown) => String(error))
      return answer.trim() === 'yes'
    }
    const asked = {
      'get bank': await may('get', 'secret/bank'),
      'get key': await may('get', `secret/${keySecret}`),
      'patch key': await may('patch', `secret/${keySecret}`),
      'get any': await may('get', 'secrets'),
      list: await may('list', 'secrets'),
      watch: await may('watch', 'secrets'),
      create: await may('create', 'secrets'),
      'patch bank': await may('patch', 'secret/bank'),
      'delete key': await may('delete', `secret/${keySecret}`),
    }
    const allowed = Object.entries(asked).flatMap(([what, yes]) => (yes ? [what] : []))
    assert.deepEqual(allowed, ['get bank', 'get key', 'patch key'])
  })

  it('has one key, though two replicas make it at the same moment', async (t) => {
    const { namespace, connection } = await place()
    const meeting = new Meeting(2)
    const clients = [clientOf(t, connection, meeting), clientOf(t, connection, meeting)]
    const sources = clients.map((client) => new KubeSecrets(client, 'vault'))
    const keys = await Promise.all(sources.map((each) => each.fingerprintKey(forever)))
    const stored = await keyIn(namespace)
    assert.equal(Buffer.from(stored, 'base64').length, 32)
    for (const key of keys)
      assert.ok(key instanceof Uint8Array && Buffer.from(key).toString('base64') === stored)
    assert.deepEqual(clients.map(({ seen }) => seen).sort(), [
      ['get 200', 'patch 200', 'get 200'],
      ['get 200', 'patch 409', 'get 200'],
    ])
  })

  it('has one key where the Secret has to be made, too, and says so where it may not be', async (t) => {
    const { namespace, connection } = await place()
    await api.kubectl(['delete', 'secret', keySecret, '-n', namespace])
    const poor = new KubeSecrets(clientOf(t, connection), 'vault')
    const told = await poor.fingerprintKey(forever)
    assert.ok('problem' in told)
    assert.match(told.problem, /^may not create secrets in namespace .*deploy\/secrets brings it$/)
    const meeting = new Meeting(2)
    const clients = [
      clientOf(t, await administrator(namespace), meeting),
      clientOf(t, await administrator(namespace), meeting),
    ]
    const [one, other] = await Promise.all(
      clients.map(async (client) => new KubeSecrets(client, 'vault').fingerprintKey(forever)),
    )
    assert.ok(one instanceof Uint8Array)
    assert.deepEqual(one, other)
    assert.deepEqual(clients.map(({ seen }) => seen).sort(), [
      ['get 404', 'create 201', 'get 200'],
      ['get 404', 'create 409', 'get 200'],
    ])
    assert.deepEqual(await poor.fingerprintKey(forever), one)
  })

  it('keeps its key over a restart and whatever applies the Secret again, and asks once', async (t) => {
    const { namespace, connection } = await place()
    const client = clientOf(t, connection)
    const secrets = new KubeSecrets(client, 'vault')
    const key = await secrets.fingerprintKey(forever)
    await applyEnvironment(namespace)
    await applyEnvironment(
      namespace,
      '--server-side',
      '--force-conflicts',
      '--field-manager=kustomize-controller',
    )
    const before = client.seen.length
    assert.deepEqual(await secrets.fingerprintKey(forever), key)
    assert.equal(client.seen.length, before)
    assert.deepEqual(await new KubeSecrets(client, 'vault').fingerprintKey(forever), key)
    assert.deepEqual(client.seen.slice(before), ['get 200'])
  })

  it('takes no key that is too short', async (t) => {
    const { namespace, connection } = await place()
    await api.kubectl([
      'patch',
      'secret',
      keySecret,
      '-n',
      namespace,
      '--type=merge',
      '-p',
      JSON.stringify({ stringData: { key: 'short' } }),
    ])
    const told = await new KubeSecrets(clientOf(t, connection), 'vault').fingerprintKey(forever)
    assert.deepEqual(told, {
      problem: `the key in the Secret ${keySecret} is shorter than 16 bytes: remove it`,
    })
  })

  it('shows another fingerprint once a value changed, and the same again when it changes back', async (t) => {
    const { namespace, connection } = await place()
    const secrets = new KubeSecrets(clientOf(t, connection), 'vault')
    await write(namespace, 'bank', { code: 'hunter2' })
    const first = await codeOf(secrets, namespace)
    await write(namespace, 'bank', { code: 'hunter3' })
    assert.notDeepEqual(await codeOf(secrets, namespace), first)
    await write(namespace, 'bank', { code: 'hunter2' })
    assert.deepEqual(await codeOf(secrets, namespace), first)
  })

  it('fails as a whole, to be tried again, where the API does not answer', async (t) => {
    const { namespace, connection } = await place()
    const [port = 0] = await freePorts(1)
    const server = new URL(`http://127.0.0.1:${port}`)
    const token = async (): Promise<string | undefined> => connection.token()
    const secrets = new KubeSecrets(clientOf(t, { server, namespace, token }), 'vault')
    await assert.rejects(
      codeOf(secrets, namespace),
      (error) =>
        error instanceof ReconcileError && error.reason === 'ApiServerUnreachable' && error.retryable,
    )
  })

  it('compares for a person as the reconciler does, where that person may read both', async (t) => {
    const { namespace, connection } = await place()
    await write(namespace, 'bank', { code: 'hunter2' })
    const theirs = await codeOf(new KubeSecrets(clientOf(t, connection), 'vault'), namespace)
    const client = clientOf(t, await administrator(namespace))
    const mine = new UserSecrets({ client, namespace }, 'vault')
    assert.deepEqual(await codeOf(mine, namespace), theirs)
    assert.equal(said(mine), '')
  })

  it('writes nothing for a person, and says what is not compared', async (t) => {
    const { namespace } = await place()
    await write(namespace, 'bank', { code: 'hunter2' })
    const client = clientOf(t, await administrator(namespace))
    const keyless = new UserSecrets({ client, namespace }, 'vault')
    assert.deepEqual(await codeOf(keyless, namespace), { secret: 'bank/code' })
    assert.equal(await keyIn(namespace), '')
    assert.ok(client.seen.every((each) => each.startsWith('get ')))
    assert.equal(
      said(keyless),
      `Values from Secrets are not compared, but taken as they stand: you may not read the key of fingerprints in ${keySecret}.\n`,
    )
    const stranger = clientOf(t, await accountOf(namespace, 'stranger'))
    const blind = new UserSecrets({ client: stranger, namespace }, 'vault')
    assert.deepEqual(await codeOf(blind, namespace), { secret: 'bank/code' })
    assert.equal(
      said(blind),
      `Values from Secrets are not compared, but taken as they stand: you may not read ${namespace}/bank.\n`,
    )
    const nowhere = new UserSecrets(undefined, 'vault')
    assert.deepEqual(await codeOf(nowhere, namespace), { secret: 'bank/code' })
    assert.equal(
      said(nowhere),
      `Values from Secrets are not compared, but taken as they stand: no cluster is asked for ${namespace}/bank.\n`,
    )
  })
})

function said(secrets: UserSecrets): string {
  let text = ''
  secrets.tell({ write: (more) => (text += more) })
  return text
}
