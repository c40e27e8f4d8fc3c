import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { downCluster } from '../../src/cli/down-cluster.ts'
import { upCluster } from '../../src/cli/up-cluster.ts'
import type { DownChoice, UpChoice } from '../../src/cluster/choice.ts'
import { overlay } from '../../src/cluster/overlay.ts'
import { fieldsOf, listOf, parseManifests, valueAt } from '../../src/environments/manifest.ts'
import { projectFile } from '../../src/stack/project.ts'
import { downOf, renderedEnvironment, upOf } from '../support/cluster-facts.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'

/**
 * `--on current` against a real API server. Nothing runs pods there: where one has to be there, the test writes the status that the
 * controllers and the reconcilers would.
 */
const namespace = 'infometis-dev'
const deadline = AbortSignal.timeout(600_000)
const stamp = Date.UTC(2026, 10, 21)

let api: TestKubeApi
let root: string
let env: Record<string, string>

before(async () => {
  api = await startKubeApi({ signal: deadline })
  root = await mkdtemp(join(tmpdir(), 'infometis-cluster-'))
  env = {
    PATH: [dirname(api.kubectlPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: root,
    KUBECONFIG: api.kubeconfig,
    INFOMETIS_CACHE: join(root, 'cache'),
  }
  await environment('dev', renderedEnvironment)
  await environment('given', renderedEnvironment.replace(/apiVersion: v1\nkind: Namespace\n.*\n---/, ''))
  await cp(projectFile('deploy', 'clusters'), join(root, 'deploy', 'clusters'), { recursive: true })
})

after(async () => {
  await api.stop()
  await rm(root, { recursive: true, force: true })
})

async function environment(name: string, rendered: string): Promise<void> {
  const folder = join(root, 'environments', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'all.yaml'), rendered)
  await writeFile(join(folder, 'kustomization.yaml'), 'resources: [all.yaml]\n')
}

interface Ended {
  readonly code?: number
  readonly said: string
  /** The words of what was thrown. */
  readonly refused: string
}

async function run(
  work: (context: object & Parameters<typeof upCluster>[0]) => Promise<number>,
): Promise<Ended> {
  let said = ''
  const write = (text: string) => (said += text)
  const context = { out: { write }, err: { write }, env, signal: deadline, now: () => stamp, root }
  try {
    const code = await work({ ...context, choice: upOf(), dryRun: false })
    return { code, said, refused: '' }
  } catch (error) {
    return { said, refused: error instanceof Error ? error.message : String(error) }
  }
}

const here = { on: 'current', skipImage: true, wait: false } as const

async function up(more: Partial<UpChoice> = {}, dryRun = false): Promise<Ended> {
  const choice = upOf({ ...here, ...more })
  return run(async (context) => upCluster({ ...context, choice, dryRun }))
}

async function down(more: Partial<DownChoice> = {}, dryRun = false): Promise<Ended> {
  const choice = downOf({ on: 'current', ...more })
  return run(async (context) => downCluster({ ...context, choice, dryRun }))
}

/** `kind/name` of everything of the environment’s kinds in its namespace. */
async function present(): Promise<readonly string[]> {
  const kinds = 'deployments,statefulsets,services,configmaps,persistentvolumeclaims'
  const text = await api.kubectl(['get', kinds, '-n', namespace, '-o', 'name'])
  return text
    .split('\n')
    .filter((each) => each !== '' && !each.includes('kube-root-ca'))
    .sort()
}

const applied = [
  'configmap/routes',
  'configmap/topics',
  'configmap/topics-base',
  'deployment.apps/infometis-kafka',
  'persistentvolumeclaim/pictures',
  'service/infometis-kafka',
  'service/kafka',
  'statefulset.apps/kafka',
]

describe('up --on current', () => {
  it('prints the commands of a dry run, what would stand in the way, and touches nothing', async () => {
    const { code, said } = await up({ wait: true }, true)
    assert.equal(code, 2)
    assert.match(said, /^Environment dev \(9 objects, 2 workloads, 1 desired ConfigMap; infometis:0\.1\.0\)/)
    assert.match(said, /on the context infometis \(https:\/\/127\.0\.0\.1:\d+\), namespace infometis-dev\./)
    assert.match(
      said,
      /^# 1\. Apply the environment dev\nkubectl --context infometis apply -k \/.*environments\/dev$/m,
    )
    assert.match(said, /^# 2\. Wait for .*, together$/m)
    assert.match(said, /not begun:\n {2}- the cluster has no nodes/)
    assert.equal((await api.kubectl(['get', 'namespaces', '-o', 'name'])).includes(namespace), false)
    // kubectl keeps what it discovered in .kube.
    const files = (await readdir(root)).filter((each) => each !== '.kube')
    assert.deepEqual(files.sort(), ['deploy', 'environments'])
  })

  it('refuses an environment that there is not, and names those there are', async () => {
    const { refused } = await up({ environment: 'prod' })
    assert.match(refused, /no environment "prod" in environments\/; there are dev, given/)
  })

  it('refuses a context that there is not', async () => {
    assert.match((await up({ context: 'elsewhere' })).refused, /no context "elsewhere"; there are infometis/)
  })

  it('refuses where the services would get no storage, and where nobody made the namespace', async () => {
    assert.match((await up()).refused, /^not begun: the cluster has no default StorageClass/)
    const both = await up({ environment: 'given' })
    assert.match(both.refused, /- the namespace infometis-dev does not exist/)
  })

  it('refuses a cluster that does not answer, in kubectl’s words', async () => {
    const kubeconfig = join(root, 'nowhere')
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
      contexts: [{ name: 'a', context: { cluster: 'a' } }],
      'current-context': 'a',
    }
    await writeFile(kubeconfig, JSON.stringify(config))
    const before = env
    env = { ...env, KUBECONFIG: kubeconfig }
    const { refused } = await up()
    env = before
    await rm(kubeconfig)
    assert.match(
      refused,
      /^not begun: the cluster does not answer: .*refused.*; start it, or point KUBECONFIG/,
    )
  })

  it('applies the environment once there is storage, and says what is next', async () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const storageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'a', annotations },
    }
    await api.kubectl(['apply', '-f', '-'], JSON.stringify({ ...storageClass, provisioner: 'example/none' }))
    const { code, said, refused } = await up()
    assert.deepEqual([code, refused], [0, ''])
    assert.deepEqual(await present(), applied)
    assert.match(said, /Apply the environment dev …\n {2}namespace\/infometis-dev created\n/)
    assert.match(said, /port-forward service\/kafka 8090/)
    assert.match(said, /Through the border: http:\/\/a\.infometis\.localhost\//)
    assert.match(said, /npx infometis down --on current/)
  })

  it('converges when it is run again, with the image of another registry', async () => {
    const { code, said } = await up({
      skipImage: false,
      image: { name: 'registry.example/infometis', tag: '9' },
    })
    assert.equal(code, 0)
    assert.match(said, /deployment\.apps\/infometis-kafka configured/)
    assert.match(said, /service\/kafka unchanged/)
    const jsonpath = 'jsonpath={.spec.template.spec.containers[0].image}'
    const image = await api.kubectl(['get', 'deployment', 'infometis-kafka', '-n', namespace, '-o', jsonpath])
    assert.equal(image, 'registry.example/infometis:9')
  })

  it('names what does not run at the deadline, and why', async () => {
    await api.kubectl(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }),
    )
    await api.kubectl(['create', 'serviceaccount', 'default', '-n', namespace])
    const labels = { app: 'kafka', 'app.kubernetes.io/part-of': 'infometis' }
    const containers = [{ name: 'kafka', image: 'apache/kafka:4.3.1' }]
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'kafka-0', namespace, labels },
    }
    await api.kubectl(['create', '-f', '-'], JSON.stringify({ ...pod, spec: { containers } }))
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' }
    await status('pod', 'kafka-0', { containerStatuses: [{ ...container, state: { waiting } }] })
    await up()
    await complete('deployment', 'infometis-kafka')
    const { refused } = await up({ wait: true, timeoutMs: 2_000 })
    assert.match(refused, /^Wait for statefulset\/kafka: .*timed out/)
    assert.match(refused, /\n {2}kafka-0: container kafka: ImagePullBackOff: no such image\n/)
    assert.match(
      refused,
      /\n {2}→ Look at it with `kubectl --namespace infometis-dev describe pods -l app=kafka`/,
    )
  })

  it('ends well when everything runs and every answer to this very request is Ready', async () => {
    await complete('deployment', 'infometis-kafka')
    await complete('statefulset', 'kafka')
    await answer('an earlier request', 'True')
    const first = await up({ wait: true, timeoutMs: 4_000 })
    assert.equal(first.code, 2)
    assert.match(first.said, /no reconciler has answered for topics: read the logs/)
    await answer(new Date(stamp).toISOString(), 'True')
    const second = await up({ wait: true, timeoutMs: 30_000 })
    assert.equal(second.code, 0, second.refused)
    assert.match(second.said, /topics: ready True, Succeeded: 1 topic/)
    await answer(new Date(stamp).toISOString(), 'False')
    assert.equal((await up({ wait: true, timeoutMs: 30_000 })).code, 2)
  })

  it('stops at once when it is told to, and says that it may be run again', async () => {
    const stopper = new AbortController()
    let said = ''
    const write = (text: string) => {
      said += text
      if (text.startsWith('Wait for')) stopper.abort(new DOMException('stopped by SIGINT', 'AbortError'))
    }
    await api.kubectl(['scale', 'statefulset', 'kafka', '-n', namespace, '--replicas=2'])
    const context = { out: { write }, err: { write }, env, signal: stopper.signal, now: () => stamp, root }
    const choice = upOf({ ...here, wait: true, timeoutMs: 60_000 })
    await assert.rejects(upCluster({ ...context, choice, dryRun: false }), { name: 'AbortError' })
    assert.match(said, /Stopped\. What was done stays; running the same command again goes on from there\./)
    assert.doesNotMatch(said, /Try next/)
  })

  it('leaves alone what Flux keeps', async () => {
    const label = 'kustomize.toolkit.fluxcd.io/name'
    await api.kubectl(['label', 'configmap', 'topics', '-n', namespace, `${label}=infometis-desired`])
    const refused = [await up(), await down()].map((each) => each.refused)
    await api.kubectl(['label', 'configmap', 'topics', '-n', namespace, `${label}-`])
    for (const words of refused)
      assert.match(words, /Flux keeps ConfigMap\/topics here .*commit to Git instead/)
  })
})

describe('down --on current', () => {
  it('keeps data and memory, says so, and deletes nothing of others', async () => {
    for (const name of ['data-kafka-0', 'of-others']) await claim(name)
    await api.kubectl(['create', 'configmap', 'of-others', '-n', namespace])
    await api.kubectl(['delete', 'pod', 'kafka-0', '-n', namespace, '--force', '--grace-period=0'])
    const { code, said, refused } = await down()
    assert.deepEqual([code, refused], [0, ''])
    const claims = ['data-kafka-0', 'of-others', 'pictures'].map((each) => `persistentvolumeclaim/${each}`)
    assert.deepEqual(await present(), ['configmap/of-others', 'configmap/topics-status', ...claims])
    assert.match(
      said,
      /Kept, the data of the services: PersistentVolumeClaim infometis-dev\/data-kafka-0, infometis-dev\/pictures\./,
    )
    assert.match(said, /Kept, what the reconcilers remember: ConfigMap infometis-dev\/topics-status\./)
    assert.match(said, /--delete-data deletes both/)
    assert.match(said, /`kubectl --context infometis delete namespace infometis-dev` deletes it/)
  })

  it('has nothing left to complain of the second time', async () => {
    const { code, refused } = await down()
    assert.deepEqual([code, refused], [0, ''])
  })

  it('deletes the data too when told to, and then only that is left which is not ours', async () => {
    // What keeps a claim that is in use; a controller takes it away, and none runs here.
    for (const name of ['data-kafka-0', 'pictures']) await release(name)
    const { code, said, refused } = await down({ deleteData: true })
    assert.deepEqual([code, refused], [0, ''])
    assert.match(said, /Gone, with its data\./)
    assert.deepEqual(await present(), ['configmap/of-others', 'persistentvolumeclaim/of-others'])
  })
})

describe('the environments that are shipped', () => {
  const own = projectFile()
  const shipped = { name: 'infometis', environment: 'dev' } as const

  it('go onto a cluster as they are, and off it again', async () => {
    const choice = upOf({ ...here, ...shipped })
    const ended = await run(async (context) => upCluster({ ...context, root: own, choice, dryRun: false }))
    assert.deepEqual([ended.code, ended.refused], [0, ''])
    assert.match(ended.said, /http:\/\/nifi\.infometis\.localhost\//)
    const again = await run(async (context) => upCluster({ ...context, root: own, choice, dryRun: false }))
    assert.equal(again.code, 0)
    const off = downOf({ on: 'current', ...shipped })
    const down = await run(async (context) =>
      downCluster({ ...context, root: own, choice: off, dryRun: false }),
    )
    assert.deepEqual([down.code, down.refused], [0, ''])
    const left = (await present()).filter((each) => !each.endsWith('/of-others'))
    assert.deepEqual(
      left.filter((each) => !each.startsWith('persistentvolumeclaim/')),
      [],
    )
  })

  it('get ports of the node on kind and k0s, those that kind.yaml maps', async () => {
    const directory = join(await realpath(root), 'cache', 'on-kind')
    const components = ['node-ports']
    const write = overlay({ root: await realpath(own), directory, environment: 'dev', components })
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'kustomization.yaml'), write?.text ?? '')
    const services = parseManifests(await api.kubectl(['kustomize', directory])).filter(
      ({ kind, spec }) => kind === 'Service' && fieldsOf(spec)['type'] === 'NodePort',
    )
    assert.equal(services.length, 1)
    const ports = listOf(valueAt(services[0], ['spec', 'ports'])).map(fieldsOf)
    assert.deepEqual(
      ports.map(({ port, nodePort, targetPort }) => [port, nodePort, typeof targetPort]),
      [
        [80, 30080, 'string'],
        [443, 30443, 'string'],
      ],
    )
  })
})

const container = { name: 'kafka', image: 'a', imageID: '', ready: false, restartCount: 0 }

async function status(kind: string, name: string, value: object): Promise<void> {
  const patch = JSON.stringify({ status: value })
  await api.kubectl([
    'patch',
    kind,
    name,
    '-n',
    namespace,
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  ])
}

/** What the controller of a workload writes when it is done with what is asked of it now. */
async function complete(kind: string, name: string): Promise<void> {
  const generation = await api.kubectl([
    'get',
    kind,
    name,
    '-n',
    namespace,
    '-o',
    'jsonpath={.metadata.generation}',
  ])
  const counts = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 }
  const revisions =
    kind === 'statefulset' ? { currentRevision: 'a', updateRevision: 'a', currentReplicas: 1 } : {}
  await status(kind, name, { observedGeneration: Number(generation), ...counts, ...revisions })
}

/** What a reconciler writes. */
async function answer(reconciledAt: string, ready: 'True' | 'False'): Promise<void> {
  const metadata = { name: 'topics-status', namespace, labels: { 'infometis.io/kind': 'status' } }
  const annotations = { 'infometis.io/desired': `${namespace}/topics` }
  const reason = ready === 'True' ? 'Succeeded' : 'ChangesHeld'
  const data = { ready, reason, message: '', summary: '1 topic', reconciledAt }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, annotations }, data }
  await api.kubectl(['apply', '-f', '-'], JSON.stringify(object))
}

async function claim(name: string): Promise<void> {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec }
  await api.kubectl(['apply', '-f', '-'], JSON.stringify(object))
}

async function release(name: string): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers: null } })
  await api.kubectl(['patch', 'persistentvolumeclaim', name, '-n', namespace, '--type=merge', '-p', patch])
}
