import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { keyOf } from '../../src/core/resource.ts'
import type { InventoryEntry } from '../../src/core/inventory.ts'
import { ReconcileError } from '../../src/errors.ts'
import { ConfigMapSource, type ConfigMapSourceParts } from '../../src/kube/config-map-source.ts'
import { inCluster } from '../../src/kube/connection.ts'
import { Control } from '../../src/kube/control.ts'
import { hasStatus } from '../../src/kube/kube-error.ts'
import { fromKubeconfig } from '../../src/kube/kubeconfig.ts'
import { Originals } from '../../src/kube/originals.ts'
import { listAll } from '../../src/kube/paged-list.ts'
import { Reflector } from '../../src/kube/reflector.ts'
import { KubeClient, configMapPath, contentTypes } from '../../src/kube/rest.ts'
import { systemClock } from '../../src/reconcile/clock.ts'
import { KubeSurroundings } from '../../src/kube/surroundings.ts'
import { endingOf, watchSession } from '../../src/kube/watch-session.ts'
import { KubeStateStore } from '../../src/kube/state-store.ts'
import type { Log } from '../../src/reconcile/world.ts'
import type { State } from '../../src/reconcile/state.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { emptyState } from '../support/state.ts'

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
const labels = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' }
const forever = new AbortController().signal

async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `did not happen within ${ms} ms: ${what}`)
    await sleep(10)
  }
}

describe('the room of Kubernetes on a real API', () => {
  let api: TestKubeApi
  let admin: KubeClient
  let namespaces = 0

  before(async () => {
    api = await startKubeApi()
    admin = new KubeClient(await fromKubeconfig(api.kubeconfig))
  })
  after(async () => {
    admin.close()
    await api.stop()
  })

  /** A namespace of its own for a test, and a client whose own namespace it is. */
  const place = async (
    t: TestContext,
  ): Promise<{ readonly namespace: string; readonly client: KubeClient }> => {
    namespaces += 1
    const namespace = await api.namespace(`test-${namespaces}`)
    const client = new KubeClient({ ...(await fromKubeconfig(api.kubeconfig)), namespace })
    t.after(() => client.close())
    return { namespace, client }
  }

  /** Server-side apply as the manager given; the API's own words come back. */
  const apply = async (manager: string, namespace: string, name: string, object: object): Promise<void> => {
    await admin.request({
      method: 'PATCH',
      path: configMapPath(namespace, name),
      query: { fieldManager: manager, force: true },
      contentType: contentTypes.apply,
      body: { apiVersion: 'v1', kind: 'ConfigMap', ...object },
      signal: forever,
    })
  }

  const desire = async (
    namespace: string,
    name: string,
    document: string,
    more: object = {},
    manager = 'kubectl',
  ): Promise<void> =>
    apply(manager, namespace, name, {
      metadata: { name, namespace, labels, ...more },
      data: { 'topics.yaml': document },
    })

  const remove = async (namespace: string, name: string): Promise<void> => {
    await admin.request({ method: 'DELETE', path: configMapPath(namespace, name), signal: forever })
  }

  interface Seen {
    metadata: {
      resourceVersion: string
      annotations?: Record<string, string>
      labels?: Record<string, string>
    }
    data?: Record<string, string>
  }

  const read = async (namespace: string, name: string): Promise<Seen> =>
    (await admin.request<Seen>({ method: 'GET', path: configMapPath(namespace, name), signal: forever })).body

  /** A source that follows `namespace`, and the keys it told. */
  const source = async (
    t: TestContext,
    client: KubeClient,
    more: Partial<ConfigMapSourceParts> = {},
  ): Promise<{ readonly source: ConfigMapSource; readonly told: string[] }> => {
    const parts = {
      component: 'kafka',
      types: [{ name: 'topics' }],
      namespaces: [client.connection.namespace],
      names: [],
      instance: '',
    }
    const made = new ConfigMapSource({ client, ...parts, log: quiet, ...more })
    const told: string[] = []
    made.onChange((key) => told.push(key))
    const stop = new AbortController()
    made.start(stop.signal)
    t.after(async () => {
      stop.abort()
      await Promise.all(made.reflectors.map(({ done }) => done))
    })
    await eventually('the source is synced', () => made.synced())
    return { source: made, told }
  }

  const store = async (
    t: TestContext,
    client: KubeClient,
    desired: ConfigMapSource,
  ): Promise<KubeStateStore> => {
    const stop = new AbortController()
    const made = new KubeStateStore({
      client,
      component: 'kafka',
      instance: '',
      desired,
      log: quiet,
      signal: stop.signal,
    })
    made.reflector.start(stop.signal)
    t.after(async () => {
      stop.abort()
      await made.reflector.done
    })
    await eventually('the store is synced', () => made.reflector.synced)
    return made
  }

  describe('desired state', () => {
    it('is seen at once, changed at once, and gone with its label as with its ConfigMap', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired, told } = await source(t, client)
      const key = `${namespace}/topics`
      await desire(namespace, 'topics', 'a: {partitions: 1}')
      await eventually('the ConfigMap is there', () => desired.read(key)?.entries?.has('a') === true)
      await desire(namespace, 'topics', 'b: {partitions: 1}')
      await eventually('the change is there', () => desired.read(key)?.entries?.has('b') === true)
      await apply('kubectl', namespace, 'topics', { metadata: { name: 'topics', namespace } })
      await eventually('it is gone from view', () => desired.read(key) === undefined)
      assert.equal((await read(namespace, 'topics')).metadata.labels, undefined)
      assert.deepEqual(told, [key, key, key])
      assert.deepEqual(desired.keys(), [])
    })

    it('is not asked for again by annotations of our own', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired, told } = await source(t, client)
      await desire(namespace, 'topics', 'a: {}')
      await eventually('the ConfigMap is told', () => told.length === 1)
      const annotations = { 'infometis.io/ready': 'True', 'infometis.io/reason': 'Succeeded' }
      await apply('infometis-kafka', namespace, 'topics', {
        metadata: { name: 'topics', namespace, annotations },
      })
      await desire(namespace, 'end', 'a: {}')
      await eventually('the next ConfigMap is told', () => told.includes(`${namespace}/end`))
      assert.equal(told.length, 2)
      assert.equal(desired.object(`${namespace}/topics`)?.metadata.annotations['infometis.io/ready'], 'True')
    })

    it('follows its base, which is never desired state itself', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired, told } = await source(t, client)
      const child = `${namespace}/child`
      await desire(namespace, 'child', 'b: {}', { annotations: { 'infometis.io/extends': 'common' } })
      await eventually('the base is missed', () => desired.read(child)?.issueReason === 'BaseNotFound')
      const base = async (text: string): Promise<void> =>
        apply('kubectl', namespace, 'common', {
          metadata: { name: 'common', namespace, labels: { 'infometis.io/kind': 'base' } },
          data: { 'topics.yaml': text },
        })
      await base('a: {}')
      await eventually('the base is merged', () => desired.read(child)?.entries?.size === 2)
      await base('a: {}\nc: {}')
      await eventually('its change is merged', () => desired.read(child)?.entries?.size === 3)
      assert.deepEqual(desired.keys(), [child])
      assert.equal(told.filter((key) => key === child).length, 3)
    })

    it('follows the definitions of its base, text and packed, and keeps what it parsed while nothing changes', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired, told } = await source(t, client)
      const child = `${namespace}/child`
      const base = async (text: string): Promise<void> =>
        apply('kubectl', namespace, 'common', {
          metadata: { name: 'common', namespace, labels: { 'infometis.io/kind': 'base' } },
          data: { 'topics.yaml': 'a: {}', 'one.json': text },
          binaryData: { 'two.json.gz': gzipSync(text).toString('base64') },
        })
      const valueOf = (name: string): unknown => {
        const found = desired.read(child)?.definition?.(name)
        return found?.ok === true ? { ...(found.value as object) } : undefined
      }
      await base('{"x": 1}')
      await desire(namespace, 'child', 'b: {}', { annotations: { 'infometis.io/extends': 'common' } })
      await eventually('the definition is inherited', () => valueOf('one.json') !== undefined)
      assert.deepEqual([valueOf('one.json'), valueOf('two.json')], [{ x: 1 }, { x: 1 }])
      const before = desired.read(child)
      const tellings = told.length
      await base('{"x": 2}')
      await eventually('its change is told', () => told.slice(tellings).includes(child))
      assert.deepEqual([valueOf('one.json'), valueOf('two.json')], [{ x: 2 }, { x: 2 }])
      assert.notEqual(desired.read(child)?.hash, before?.hash)
      assert.equal(desired.read(child), desired.read(child))
    })

    it('is taken by name without a label, and under a Role that names it', async (t) => {
      const { namespace } = await place(t)
      await api.kubectl([
        'create',
        'role',
        'named',
        '-n',
        namespace,
        '--verb=get,list,watch',
        '--resource=configmaps',
        '--resource-name=mine',
      ])
      await api.kubectl([
        'create',
        'rolebinding',
        'named',
        '-n',
        namespace,
        '--role=named',
        `--serviceaccount=${namespace}:named`,
      ])
      const client = new KubeClient(await pod(await api.serviceAccountDir(namespace, 'named')))
      t.after(() => client.close())
      const { source: desired } = await source(t, client, { names: ['mine'] })
      for (const name of ['mine', 'other']) {
        await apply('kubectl', namespace, name, {
          metadata: { name, namespace },
          data: { 'topics.json': '{"a": {}}' },
        })
      }
      await eventually('it is there', () => desired.read(`${namespace}/mine`)?.type === 'topics')
      assert.deepEqual(desired.keys(), [`${namespace}/mine`])
    })

    it('belongs to one instance only', async (t) => {
      const { namespace, client } = await place(t)
      const { source: none } = await source(t, client)
      const { source: west } = await source(t, client, { instance: 'west' })
      await desire(namespace, 'east', '{}', { labels: { ...labels, 'infometis.io/instance': 'east' } })
      await desire(namespace, 'west', '{}', { labels: { ...labels, 'infometis.io/instance': 'west' } })
      await desire(namespace, 'none', '{}')
      await eventually('each has its own', () => none.keys().length === 1 && west.keys().length === 1)
      assert.deepEqual([none.keys(), west.keys()], [[`${namespace}/none`], [`${namespace}/west`]])
    })

    it('of 1,000 ConfigMaps is read within seconds, and a change among them is seen within 250 ms', async (t) => {
      const { namespace, client } = await place(t)
      for (let at = 0; at < 1_000; at += 50) {
        await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            desire(namespace, `topics-${at + i}`, `t-${at + i}: {partitions: 1}`),
          ),
        )
      }
      const started = performance.now()
      const { source: desired, told } = await source(t, client)
      const synced = performance.now() - started
      assert.equal(desired.keys().filter((key) => desired.read(key)?.entries?.size === 1).length, 1_000)
      const before = told.length
      const changed = performance.now()
      await desire(namespace, 'topics-500', 'changed: {}')
      await eventually('the change is told', () => told.length > before)
      const seen = performance.now() - changed
      t.diagnostic(`synced in ${synced.toFixed(0)} ms; a change written and seen in ${seen.toFixed(0)} ms`)
      assert.ok(seen < 250)
    })
  })

  const pod = async (directory: string): ReturnType<typeof inCluster> =>
    inCluster({
      KUBERNETES_SERVICE_HOST: api.host,
      KUBERNETES_SERVICE_PORT: String(api.port),
      SERVICE_ACCOUNT_DIR: directory,
      INFOMETIS_NAMESPACE: undefined,
    })

  describe('access', () => {
    it('that is refused says the verb, the resource and the namespace', async (t) => {
      const { namespace } = await place(t)
      const client = new KubeClient(await pod(await api.serviceAccountDir(namespace, 'nobody')))
      t.after(() => client.close())
      assert.equal(client.connection.namespace, namespace)
      await assert.rejects(
        client.request({ method: 'GET', path: configMapPath(namespace), signal: forever }),
        {
          reason: 'ApiServerForbidden',
          status: 403,
          message: new RegExp(`^may not list configmaps in namespace ${namespace}: configmaps is forbidden`),
        },
      )
    })

    it('to lists without watches shows as a problem', async (t) => {
      const { namespace } = await place(t)
      await api.kubectl(['create', 'role', 'lister', '-n', namespace, '--verb=list', '--resource=configmaps'])
      await api.kubectl([
        'create',
        'rolebinding',
        'lister',
        '-n',
        namespace,
        '--role=lister',
        `--serviceaccount=${namespace}:lister`,
      ])
      const client = new KubeClient(await pod(await api.serviceAccountDir(namespace, 'lister')))
      const reflector = new Reflector(client, { namespace })
      const stop = new AbortController()
      t.after(async () => {
        stop.abort()
        await reflector.done
        client.close()
      })
      reflector.start(stop.signal)
      await eventually('the problem is seen', () => reflector.problem !== undefined)
      assert.equal(reflector.synced, true)
      assert.match(reflector.problem?.message ?? '', /^may not watch configmaps in namespace/)
    })

    it('goes on with a token and a CA that were replaced on disk', async (t) => {
      const { namespace } = await place(t)
      const directory = await api.serviceAccountDir(namespace, 'rotated')
      await api.kubectl([
        'create',
        'role',
        'rotated',
        '-n',
        namespace,
        '--verb=list',
        '--resource=configmaps',
      ])
      await api.kubectl([
        'create',
        'rolebinding',
        'rotated',
        '-n',
        namespace,
        '--role=rotated',
        `--serviceaccount=${namespace}:rotated`,
      ])
      const list = async (client: KubeClient): Promise<number> =>
        (await client.request({ method: 'GET', path: configMapPath(namespace), signal: forever })).status
      for (const [file, wrong] of [
        ['token', 'no.such.token'],
        ['ca.crt', await readFile(api.admin.certificate, 'utf8')],
      ] as const) {
        const right = await readFile(join(directory, file), 'utf8')
        await writeFile(join(directory, file), wrong)
        const client = new KubeClient(await pod(directory))
        t.after(() => client.close())
        await assert.rejects(list(client), ReconcileError, `a wrong ${file} is refused`)
        await writeFile(join(directory, file), right)
        assert.equal(await list(client), 200, `a right ${file} is read at once`)
      }
    })
  })

  describe('state', () => {
    const entry = (name: string): InventoryEntry => ({
      type: 'topics',
      name,
      id: `id-of-${name}`,
      fields: new Map<string, string | number>([
        ['partitions', 6],
        ['config.retention.ms', '9223372036854775807'],
        ['__proto__', 'x'],
      ]),
      deletable: true,
    })
    const stateOf = (more: Partial<State> = {}): State => ({
      ...emptyState,
      inventory: new Map([entry('a')].map((each) => [keyOf(each), each])),
      ...more,
    })
    const status = 'topics-status'

    it('comes back after a restart as it was saved, and is not written again when nothing differs', async (t) => {
      const { namespace, client } = await place(t)
      await desire(namespace, 'topics', 'a: {}')
      const { source: desired } = await source(t, client)
      const first = await store(t, client, desired)
      const key = `${namespace}/topics`
      await first.save(key, stateOf(), forever)
      const { resourceVersion } = (await read(namespace, status)).metadata
      await first.save(key, stateOf(), forever)
      const second = await store(t, client, desired)
      assert.deepEqual(second.read(key), stateOf())
      await second.save(key, stateOf(), forever)
      const seen = await read(namespace, status)
      assert.equal(seen.metadata.resourceVersion, resourceVersion)
      assert.deepEqual(seen.metadata.labels, { ...labels, 'infometis.io/kind': 'status' })
      const listed = await api.kubectl([
        'get',
        'configmap',
        '-n',
        namespace,
        '-l',
        'infometis.io/kind=status',
        '-o',
        'custom-columns=N:.metadata.name,R:.data.ready,S:.data.summary',
        '--no-headers',
      ])
      assert.match(listed, /^topics-status\s+True\s+1 ready\n$/)
    })

    it('that was edited or deleted is made right by the next save', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const made = await store(t, client, desired)
      const key = `${namespace}/topics`
      await made.save(key, stateOf(), forever)
      await api.kubectl([
        'patch',
        'configmap',
        status,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"data":{"ready":"False","plan.json":"{}"},"binaryData":{"inventory.json.gz":"AAAA"}}',
      ])
      await eventually(
        'the edit is seen',
        () => made.reflector.get(`${namespace}/${status}`)?.data['ready'] === 'False',
      )
      assert.deepEqual(made.read(key), stateOf())
      await made.save(key, stateOf(), forever)
      assert.equal((await read(namespace, status)).data?.['ready'], 'True')
      assert.equal((await read(namespace, status)).data?.['plan.json'], '')
      await remove(namespace, status)
      await eventually(
        'the deletion is seen',
        () => made.reflector.get(`${namespace}/${status}`) === undefined,
      )
      assert.deepEqual(made.read(key), stateOf())
      await made.save(key, stateOf(), forever)
      assert.equal((await read(namespace, status)).data?.['ready'], 'True')
    })

    it('that cannot be read is never taken for an empty one, and says so', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const key = `${namespace}/topics`
      await (await store(t, client, desired)).save(key, stateOf(), forever)
      const right = (await read(namespace, status)).data?.['inventoryDigest'] ?? ''
      await api.kubectl([
        'patch',
        'configmap',
        status,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"data":{"inventoryDigest":"forged"}}',
      ])
      const restarted = await store(t, client, desired)
      assert.equal(restarted.read(key), undefined)
      await assert.rejects(restarted.save(key, stateOf({ inventory: new Map() }), forever), {
        reason: 'StateUnreadable',
        message: /digest/,
      })
      const marked = await read(namespace, status)
      assert.deepEqual([marked.data?.['ready'], marked.data?.['reason']], ['False', 'StateUnreadable'])
      await api.kubectl([
        'patch',
        'configmap',
        status,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ data: { inventoryDigest: right } }),
      ])
      await eventually('the repair is read', () => restarted.read(key)?.inventory.size === 1)
    })

    it('that lost its labels is found before the first save, and an object of somebody else is left alone', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const key = `${namespace}/topics`
      await (await store(t, client, desired)).save(key, stateOf(), forever)
      await api.kubectl([
        'label',
        'configmap',
        status,
        '-n',
        namespace,
        'infometis.io/kind-',
        'infometis.component-',
      ])
      const restarted = await store(t, client, desired)
      await assert.rejects(
        restarted.save(key, stateOf({ inventory: new Map() }), forever),
        /was stored already/,
      )
      assert.deepEqual(restarted.read(key), stateOf())
      await api.kubectl(['create', 'configmap', 'other-status', '-n', namespace, '--from-literal=mine=yes'])
      await restarted.save(`${namespace}/other`, stateOf(), forever)
      assert.deepEqual((await read(namespace, 'other-status')).data, { mine: 'yes' })
    })

    it('of one name in two namespaces stays apart, also where the names would meet', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const made = await store(t, client, desired)
      await made.save('b/c', stateOf({ summary: 'of b/c' }), forever)
      await made.save(`${namespace}/b.c`, stateOf({ summary: 'of b.c' }), forever)
      const restarted = await store(t, client, desired)
      assert.deepEqual(restarted.keys().toSorted(), [`${namespace}/b.c`, 'b/c'].toSorted())
      assert.equal(restarted.read('b/c')?.summary, 'of b/c')
    })

    it('is removed when nothing is left of it, and given up when a person deletes it after its source', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const made = await store(t, client, desired)
      const key = `${namespace}/topics`
      await made.save(key, stateOf(), forever)
      await made.remove(key, forever)
      await made.remove(key, forever)
      assert.equal(made.read(key), undefined)
      await assert.rejects(read(namespace, status), (error) => hasStatus(error, 404))
      await made.save(key, stateOf({ ready: 'Unknown', reason: 'SourceGone' }), forever)
      await remove(namespace, status)
      await eventually('it is given up', () => made.read(key) === undefined)
    })

    it('of a namespace that is going away is not made any more, and the desired state in it stays desired', async (t) => {
      const { namespace, client } = await place(t)
      await desire(namespace, 'topics', 'a: {partitions: 1}')
      const { source: desired, told } = await source(t, client)
      const kept = await store(t, client, desired)
      told.length = 0
      await api.kubectl(['delete', 'namespace', namespace, '--wait=false'])
      await assert.rejects(kept.save(`${namespace}/topics`, emptyState, forever), (error) => {
        assert.ok(error instanceof ReconcileError)
        assert.match(error.message, /in namespace test-\d+: .* because it is being terminated$/)
        return true
      })
      assert.deepEqual([told, desired.keys()], [[], [`${namespace}/topics`]])
    })

    it('that does not fit an object is refused before anything is written', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const made = await store(t, client, desired)
      const noise = (i: number): InventoryEntry => ({
        ...entry(`t-${i}`),
        id: Array.from({ length: 40 }, () => Math.random().toString(36)).join(''),
      })
      const huge = new Map(
        Array.from({ length: 4_000 }, (_, i) => noise(i)).map((each) => [keyOf(each), each]),
      )
      await assert.rejects(made.save(`${namespace}/topics`, stateOf({ inventory: huge }), forever), {
        reason: 'StateTooLarge',
      })
      await assert.rejects(read(namespace, status), (error) => hasStatus(error, 404))
    })

    describe('on the desired object', () => {
      const flux = 'kustomize-controller'

      it('echoes the time of Flux’s write once that second is over, and writes nothing more', async (t) => {
        const { namespace, client } = await place(t)
        const { source: desired, told } = await source(t, client)
        const made = await store(t, client, desired)
        const key = `${namespace}/topics`
        await desire(namespace, 'topics', 'a: {}', {}, flux)
        await eventually('it is read', () => desired.read(key) !== undefined)
        const written = desired.read(key)
        assert.ok(written?.appliedAt !== undefined)
        const state = stateOf({ observedHash: written.hash })
        for (
          let wait = await made.summarize(written, state, forever);
          wait !== undefined;
          wait = await made.summarize(written, state, forever)
        ) {
          assert.ok(wait > 0 && wait <= 1_100)
          await sleep(wait)
        }
        const { annotations, resourceVersion } = (await read(namespace, 'topics')).metadata
        assert.deepEqual(annotations, {
          'infometis.io/ready': 'True',
          'infometis.io/reason': 'Succeeded',
          'infometis.io/message': 'as written',
          'infometis.io/observed-hash': written.hash,
          'infometis.io/observed-applied': written.appliedAt,
        })
        assert.equal(await made.summarize(written, state, forever), undefined)
        assert.equal((await read(namespace, 'topics')).metadata.resourceVersion, resourceVersion)
        assert.deepEqual(told, [key])
      })

      it('is not stamped for a content that Flux has replaced meanwhile', async (t) => {
        const { namespace, client } = await place(t)
        const { source: desired } = await source(t, client)
        const made = await store(t, client, desired)
        await desire(namespace, 'topics', 'a: {}', {}, flux)
        await eventually('it is read', () => desired.read(`${namespace}/topics`) !== undefined)
        const written = desired.read(`${namespace}/topics`)
        assert.ok(written !== undefined)
        await desire(namespace, 'topics', 'b: {}', {}, flux)
        await sleep(1_100)
        assert.equal(await made.summarize(written, stateOf(), forever), undefined)
        assert.equal((await read(namespace, 'topics')).metadata.annotations, undefined)
      })

      it('is written without an echo where Flux did not write, and never makes a deleted object again', async (t) => {
        const { namespace, client } = await place(t)
        const { source: desired } = await source(t, client)
        const made = await store(t, client, desired)
        await desire(namespace, 'topics', 'a: {}')
        await eventually('it is read', () => desired.read(`${namespace}/topics`) !== undefined)
        const written = desired.read(`${namespace}/topics`)
        assert.ok(written !== undefined)
        assert.equal(await made.summarize(written, stateOf({ ready: 'False' }), forever), undefined)
        const { annotations } = (await read(namespace, 'topics')).metadata
        assert.equal(annotations?.['infometis.io/ready'], 'False')
        assert.equal(annotations['infometis.io/observed-applied'], undefined)
        const gone = {
          object: () => desired.object(written.key) ?? assert.fail('held'),
          typeOf: () => 'topics',
          signatureOf: desired.signatureOf.bind(desired),
          accept: () => undefined,
        }
        const held = gone.object()
        const late = new KubeStateStore({
          client,
          component: 'kafka',
          instance: '',
          desired: { ...gone, object: () => held },
          log: quiet,
          signal: forever,
        })
        await remove(namespace, 'topics')
        assert.equal(await late.summarize(written, stateOf(), forever), undefined)
        await assert.rejects(read(namespace, 'topics'), (error) => hasStatus(error, 404))
      })

      it('is left to Git where Git carries it, and that is said once', async (t) => {
        const { namespace, client } = await place(t)
        const { source: desired } = await source(t, client)
        const warnings: string[] = []
        const log = { ...quiet, warn: (_: object, message: string) => void warnings.push(message) }
        const made = new KubeStateStore({
          client,
          component: 'kafka',
          instance: '',
          desired,
          log,
          signal: forever,
        })
        await desire(namespace, 'topics', 'a: {}', { annotations: { 'infometis.io/ready': 'True' } })
        await eventually('it is read', () => desired.read(`${namespace}/topics`) !== undefined)
        const written = desired.read(`${namespace}/topics`)
        assert.ok(written !== undefined)
        for (let i = 0; i < 3; i += 1) await made.summarize(written, stateOf({ ready: 'False' }), forever)
        assert.equal((await read(namespace, 'topics')).metadata.annotations?.['infometis.io/ready'], 'True')
        assert.deepEqual(warnings, ['summary annotations belong to another manager; remove them from Git'])
      })
    })

    it('tells its transitions as Events, and equal ones as one', async (t) => {
      const { namespace, client } = await place(t)
      const { source: desired } = await source(t, client)
      const made = await store(t, client, desired)
      await desire(namespace, 'topics', 'a: {}')
      await eventually('it is read', () => desired.read(`${namespace}/topics`) !== undefined)
      const written = desired.read(`${namespace}/topics`)
      assert.ok(written !== undefined)
      const held = { type: 'Warning', reason: 'ChangesHeld', message: 'a: deletion is held' } as const
      made.announce(written, [held, { type: 'Normal', reason: 'Applied', message: 'created 1 (a)' }])
      made.announce(written, [held])
      await made.drained()
      const events = await api.kubectl([
        'get',
        'events',
        '-n',
        namespace,
        '-o',
        'custom-columns=T:.type,R:.reason,C:.count,O:.involvedObject.name',
        '--no-headers',
        '--sort-by=.reason',
      ])
      assert.deepEqual(
        events
          .trim()
          .split('\n')
          .map((line) => line.split(/\s+/)),
        [
          ['Normal', 'Applied', '1', 'topics'],
          ['Warning', 'ChangesHeld', '2', 'topics'],
        ],
      )
    })
  })

  describe('an original', () => {
    const originals = async (namespace: string) => {
      const { objects } = await listAll(
        admin,
        { namespace, labelSelector: 'infometis.io/kind=original' },
        forever,
      )
      return objects
    }

    it('is kept once, with whose it was, and comes back as it was', async (t) => {
      const { namespace, client } = await place(t)
      const store = new Originals(client, 'kafka')
      const original = { text: '{"title":"mine"}', by: 'user:ada', at: '2026-01-01T00:00:00Z' }
      const name = await store.keep('team/boards', 'boards/a', original, forever)
      assert.equal(await store.keep('team/boards', 'boards/a', original, forever), name)
      const [object, ...others] = await originals(namespace)
      assert.deepEqual(others, [])
      assert.equal(object?.metadata.name, name)
      assert.deepEqual(object?.metadata.annotations, {
        'infometis.io/desired': 'team/boards',
        'infometis.io/resource': 'boards/a',
        'infometis.io/saved-by': 'user:ada',
        'infometis.io/saved-at': '2026-01-01T00:00:00Z',
      })
      const packed = Buffer.from(object.binaryData['original.json.gz'] ?? '', 'base64')
      assert.equal(gunzipSync(packed).toString(), original.text)
    })

    it('is one of at most five of its resource, the newest always among them', async (t) => {
      const { namespace, client } = await place(t)
      const store = new Originals(client, 'kafka')
      await store.keep('team/boards', 'boards/other', { text: 'other' }, forever)
      let last: string | undefined
      for (let n = 0; n < 8; n += 1) {
        last = await store.keep('team/boards', 'boards/a', { text: `edit ${n}` }, forever)
      }
      const names = (await originals(namespace)).map(({ metadata }) => metadata.name)
      assert.equal(names.length, 6)
      assert.ok(last !== undefined && names.includes(last))
    })

    it('is as young as when it was saved once more', async (t) => {
      const { namespace, client } = await place(t)
      const store = new Originals(client, 'kafka')
      const keep = (text: string, at: string) => store.keep('team/boards', 'boards/a', { text, at }, forever)
      await keep('again', '2026-01-01T00:00:00Z')
      for (const n of [1, 2, 3, 4]) await keep(`edit ${n}`, `2026-01-0${n + 1}T00:00:00Z`)
      const again = await keep('again', '2099-01-01T00:00:00Z')
      for (const n of [5, 6]) await keep(`edit ${n}`, '2026-01-08T00:00:00Z')
      const names = (await originals(namespace)).map(({ metadata }) => metadata.name)
      assert.ok(again !== undefined && names.includes(again))
    })

    it('that does not fit a ConfigMap is not kept, and that is said', async (t) => {
      const { namespace, client } = await place(t)
      const text = randomBytes(800_000).toString('base64')
      assert.equal(
        await new Originals(client, 'kafka').keep('team/a', 'boards/a', { text }, forever),
        undefined,
      )
      assert.deepEqual(await originals(namespace), [])
    })
  })

  it('the control ConfigMap suspends within a second, and lifts it within a second', async (t) => {
    const { namespace, client } = await place(t)
    const control = new Control(client, quiet)
    const stop = new AbortController()
    t.after(async () => {
      stop.abort()
      await control.reflector.done
    })
    assert.equal(control.suspended(), true, 'nothing is known yet')
    control.start(stop.signal)
    await eventually('it is synced', () => !control.suspended())
    const say = async (suspend: string): Promise<void> =>
      apply('infometis-cli', namespace, 'infometis-control', {
        metadata: { name: 'infometis-control', namespace },
        data: { suspend },
      })
    for (const [word, expected] of [
      ['true', true],
      ['false', false],
      ['yes please', true],
    ] as const) {
      await say(word)
      await eventually(`"${word}" is heard`, () => control.suspended() === expected, 1_000)
    }
    await remove(namespace, 'infometis-control')
    await eventually('its absence is heard', () => !control.suspended(), 1_000)
  })

  it('the whole room starts synced, tells keys and the control’s word, keeps state, and stops at once', async (t) => {
    const { namespace, client } = await place(t)
    const second = await api.namespace(`${namespace}-second`)
    await desire(namespace, 'topics', 'a: {}')
    const settings = {
      WATCH_NAMESPACES: [namespace, second],
      CONFIG_MAP_NAME: [],
      INFOMETIS_INSTANCE: '',
      DESIRED_DIR: '',
    }
    const room = new KubeSurroundings(client, {
      component: 'kafka',
      types: [{ name: 'topics' }],
      settings,
      log: quiet,
    })
    const told: string[] = []
    await room.start({ changed: (key) => told.push(key), controlled: () => told.push('control') })
    assert.deepEqual(
      [room.watch().synced, room.suspended(), room.source.keys()],
      [true, false, [`${namespace}/topics`]],
    )
    await desire(second, 'topics', 'b: {}')
    await eventually('the second namespace is told', () => told.includes(`${second}/topics`))
    await apply('infometis-cli', namespace, 'infometis-control', {
      metadata: { name: 'infometis-control', namespace },
      data: { suspend: 'true' },
    })
    await eventually('the control is told', () => told.includes('control'))
    await room.store.save(`${second}/topics`, { ...emptyState, summary: 'of another namespace' }, forever)
    const stored = await read(namespace, `${second}.topics-status`)
    assert.deepEqual(
      [stored.data?.['summary'], stored.metadata.labels],
      ['of another namespace', { ...labels, 'infometis.io/kind': 'status' }],
    )
    assert.ok(room.watch().age < 10_000)
    const started = performance.now()
    await room.stop()
    assert.ok(performance.now() - started < 1_000)
  })

  it('an API server that restarts costs no event and no help', async (t) => {
    const { namespace, client } = await place(t)
    await desire(namespace, 'before', 'a: {}')
    const { source: desired } = await source(t, client)
    await api.apiserver.kill()
    await assert.rejects(client.request({ method: 'GET', path: configMapPath(namespace), signal: forever }), {
      reason: 'ApiServerUnreachable',
    })
    await api.apiserver.start()
    await desire(namespace, 'after', 'b: {}')
    await eventually('what came after is seen', () => desired.keys().length === 2, 60_000)
    await eventually(
      'every watch is open again',
      () => desired.reflectors.every(({ problem }) => problem === undefined),
      60_000,
    )
    const restarts = Object.fromEntries(desired.reflectors[0]?.counters.restarts ?? [])
    t.diagnostic(`ended watches: ${JSON.stringify(restarts)}`)
    assert.ok(Object.values(restarts).reduce((sum, each) => sum + each, 0) < 20)
  })

  it('a resource version that the API server has forgotten is answered with 410, which the reflector takes for gone', async (t) => {
    const { namespace, client } = await place(t)
    await desire(namespace, 'topics', 'a: {}')
    const from = (await read(namespace, 'topics')).metadata.resourceVersion
    for (let i = 0; i < 5; i += 1) await desire(namespace, 'topics', `a: {x: ${i}}`)
    await api.apiserver.stop()
    await api.apiserver.start()
    const watch = watchSession({
      client,
      selector: { namespace },
      from,
      clock: systemClock,
      signal: forever,
      onOpen: () => undefined,
      onActivity: () => undefined,
      onEvent: ({ type }) => assert.fail(`a ${type} event from a forgotten version`),
    })
    await assert.rejects(watch, (error) => endingOf(error) === 'gone')
  })
})
