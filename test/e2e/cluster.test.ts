import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { runOrThrow } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { installKubernetes } from '../../src/stack/kubernetes-install.ts'
import { testLaunch, testPlaces } from '../support/places.ts'
import { cgroupDirectories, createCgroup } from './cluster/cgroups.ts'
import { startCluster, type Cluster } from './cluster/cluster.ts'
import { programImage } from './cluster/images.ts'
import { busyboxFile } from './cluster/packages.ts'
import { clearDead, clusterRecords, writeClusterRecord } from './cluster/record.ts'
import { isRootOnLinux, whySkipped } from './support/root.ts'

const options = { places: testPlaces(), launch: testLaunch() }
const busyboxImage = 'localhost/busybox:1'
const kubectlImage = 'localhost/kubectl:1'

const restricted = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  fsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
}
const container = {
  imagePullPolicy: 'Never',
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
}

function pod(name: string, image: string, args: readonly string[], spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      securityContext: restricted,
      containers: [{ ...container, name, image, args, ...spec }],
    },
  }
}

/** A web server that shows one line, kept on a claimed volume: it writes the line only where there is none yet. */
function webServer(line: string): object {
  const script = `[ -f /data/index.html ] || echo ${line} > /data/index.html; exec /busybox httpd -f -p 8080 -h /data`
  const data = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  const web = pod('web', busyboxImage, ['sh', '-c', script], data)
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  return { ...web, spec: { ...(web as { spec: object }).spec, volumes } }
}

describe(`the cluster${whySkipped}`, { skip: !isRootOnLinux }, () => {
  let base: string
  let cluster: Cluster
  const namespace = 'team'
  const kubectl = async (args: readonly string[], input?: object): Promise<string> =>
    cluster.kubectl(
      ['--namespace', namespace, ...args],
      input === undefined ? undefined : JSON.stringify(input),
    )
  const apply = async (...items: readonly object[]): Promise<string> =>
    kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items })
  const until = async (what: string, condition: string): Promise<string> =>
    kubectl(['wait', what, `--for=${condition}`, '--timeout=60s'])

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'infometis-'))
    const { kubectl: program } = await installKubernetes(options)
    const [busybox, client] = [
      await programImage({ name: busyboxImage, program: busyboxFile, args: [] }, options),
      await programImage({ name: kubectlImage, program, args: [] }, options),
    ]
    cluster = await startCluster({ ...options, directory: join(base, 'one') })
    await cluster.loadImage(busybox)
    await cluster.loadImage(client)
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
    const exists = (): Promise<boolean> =>
      kubectl(['get', 'serviceaccount', 'default']).then(
        () => true,
        () => false,
      )
    await waitUntil(exists, { what: 'the default service account', deadlineMs: 30_000 })
  })
  after(async () => {
    await cluster.stop()
    await rm(base, { recursive: true })
  })

  it('has a node that is ready', async () => {
    const condition = '{.items[*].status.conditions[?(@.type=="Ready")].status}'
    assert.equal(await kubectl(['get', 'nodes', '-o', `jsonpath=${condition}`]), 'True')
  })

  it('refuses a pod that is less than restricted', async () => {
    const careless = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'careless' } }
    const spec = { containers: [{ name: 'careless', image: busyboxImage }] }
    await assert.rejects(apply({ ...careless, spec }), /violates PodSecurity "restricted/)
  })

  it('lets a pod resolve names of the cluster', async () => {
    await apply(pod('lookup', busyboxImage, ['nslookup', 'kubernetes.default.svc.cluster.local']))
    await until('pod/lookup', 'jsonpath={.status.phase}=Succeeded')
    assert.match(await kubectl(['logs', 'lookup']), /Address: 10\.96\.0\.1\n/)
  })

  it('lets a pod reach the API with its service account, by the name in its resolv.conf', async () => {
    const whoAmI = ['auth', 'whoami', '--output=jsonpath={.status.userInfo.username}']
    const byName = { env: [{ name: 'KUBERNETES_SERVICE_HOST', value: 'kubernetes.default.svc' }] }
    await apply(pod('client', kubectlImage, whoAmI, byName))
    await until('pod/client', 'jsonpath={.status.phase}=Succeeded')
    assert.equal(await kubectl(['logs', 'client']), `system:serviceaccount:${namespace}:default`)
  })

  it('binds a claim, gives the volume the pod’s group, and finds its data again for the next pod', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    await apply(
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec },
      webServer('first'),
    )
    await until('pod/web', 'condition=Ready')
    assert.equal(await kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.status.phase}']), 'Bound')
    await kubectl(['delete', 'pod', 'web', '--wait'])
    await apply(webServer('second'))
    await until('pod/web', 'condition=Ready')
    assert.equal(await kubectl(['exec', 'web', '--', '/busybox', 'cat', '/data/index.html']), 'first\n')
  })

  it('passes requests on to a service, from the API server, from the node and from a pod', async () => {
    const port = { name: 'http', port: 80, targetPort: 8080 }
    await apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [port] },
    })
    const proxied = `/api/v1/namespaces/${namespace}/services/web:http/proxy/`
    const served = (): Promise<boolean> =>
      kubectl(['get', '--raw', proxied]).then(
        (answer) => answer === 'first\n',
        () => false,
      )
    await waitUntil(served, { what: 'the service proxy', deadlineMs: 30_000, everyMs: 200 })
    const address = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
    const [command, ...args] = [...cluster.inside, busyboxFile, 'wget', '-qO-', `http://${address}`]
    const fromNode = await runOrThrow(command, args, { env: {}, deadlineMs: 10_000 })
    assert.equal(fromNode, 'first\n')
    // Also to itself: the way there and back passes the node.
    const fromPod = await kubectl([
      'exec',
      'web',
      '--',
      '/busybox',
      'wget',
      '-qO-',
      `http://web.${namespace}`,
    ])
    assert.equal(fromPod, 'first\n')
  })

  it('restarts its API server, and pods run on', async () => {
    const started = '{.status.containerStatuses[0].state.running.startedAt}'
    const before = await kubectl(['get', 'pod', 'web', '-o', `jsonpath=${started}`])
    const ms = await cluster.restartApiServer()
    assert.ok(ms > 100 && ms < 60_000, `${ms} ms`)
    assert.equal(await kubectl(['get', 'pod', 'web', '-o', `jsonpath=${started}`]), before)
  })

  it('goes with an owner that is killed, and leaves the other cluster alone', async () => {
    const script = join(import.meta.dirname, 'cluster', 'doomed-owner.ts')
    const directory = join(base, 'two')
    const owner = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [, net = ''] = z.array(z.string()).parse(await firstLine(owner.stdout))
    const traces = await tracesOf(directory, await readlink(net.replace('--net=', '')))
    assert.notEqual(traces.network, await readlink('/proc/self/ns/net'))
    // Its parts, the shim of its one pod, the pod’s two containers.
    assert.ok((await remains(traces)).length > 10, (await remains(traces)).join('\n'))
    const exit = once(owner, 'exit')
    owner.kill('SIGKILL')
    await exit
    await untilGone(traces)
    assert.deepEqual(await remains(traces), [])
    assert.equal(await kubectl(['exec', 'web', '--', '/busybox', 'cat', '/data/index.html']), 'first\n')
  })
})

describe(`what is left of a cluster${whySkipped}`, { skip: !isRootOnLinux }, () => {
  let base: string
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'infometis-'))
  })
  after(async () => rm(base, { recursive: true }))

  it('is nothing when a part does not start, and the error gives the part’s last words', async () => {
    const programs = join(base, 'programs')
    await mkdir(programs)
    await writeFile(join(programs, 'containerd'), '#!/bin/sh\necho no room for containers; exit 3\n', {
      mode: 0o755,
    })
    const path = [programs, options.places.path].join(delimiter)
    const directory = join(base, 'broken')
    await assert.rejects(
      startCluster({ ...options, places: { ...options.places, path }, directory }),
      /containerd ended with exit code 3 while starting; its log \S+ ends:\nno room for containers/,
    )
    assert.equal(existsSync(directory), false)
    const records = await clusterRecords(options.places.cache)
    assert.deepEqual(
      records.filter(({ record }) => record.directory === directory),
      [],
    )
  })

  it('is nothing when the start is given up', async () => {
    const directory = join(base, 'given-up')
    const signal = AbortSignal.timeout(1_500)
    await assert.rejects(startCluster({ ...options, directory, signal }), { name: 'TimeoutError' })
    assert.equal(existsSync(directory), false)
  })

  it('is removed by the next start when owner and janitor were both killed', async () => {
    const [cache, directory, id] = [join(base, 'cache'), join(base, 'dead'), crypto.randomUUID().slice(0, 8)]
    const cgroup = `/infometis-${id}`
    const owner = { name: 'owner', pid: process.pid, startTicks: '1' }
    await writeClusterRecord(cache, { id, owner, directory, cgroup })
    await createCgroup(cgroup)
    await mkdir(join(directory, 'mounted'), { recursive: true })
    // A process namespace whose first process ignores everything that can be ignored, with a mount and a process below it.
    const script = `trap '' TERM; mount -t tmpfs tmpfs ${join(directory, 'mounted')}; sleep 600 & echo '[]'; wait`
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc']
    const env = { PATH: options.places.path, INFOMETIS_CLUSTER: id }
    const left = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await firstLine(left.stdout)
    const traces = await tracesOf(directory, await readlink(`/proc/${left.pid ?? 0}/ns/net`), cache)
    assert.ok((await remains(traces)).some((each) => each.startsWith('mounts')))
    await clearDead(cache)
    await untilGone(traces)
    assert.deepEqual(await remains(traces), [])
    await clearDead(cache)
  })

  it('is never somebody’s directory', async () => {
    const start = async (directory: string): Promise<unknown> => startCluster({ ...options, directory })
    await assert.rejects(start(base), /is not empty: choose another/)
    await assert.rejects(start('/var/tmp/infometis'), /is below \/run or \/var/)
    await assert.rejects(start(join(base, 'x'.repeat(60))), /is longer than 64 characters/)
  })
})

/** By what a cluster would still be seen. */
interface Traces {
  readonly directory: string
  /** As /proc names a network namespace. */
  readonly network: string
  readonly cgroup: string
  readonly record: string
}

async function tracesOf(directory: string, network: string, cache = options.places.cache): Promise<Traces> {
  const found = (await clusterRecords(cache)).find(({ record }) => record.directory === directory)
  assert.ok(found, `no record of ${directory}`)
  return { directory, network, cgroup: found.record.cgroup, record: found.file }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<unknown> {
  let all = ''
  for await (const chunk of stream) {
    all += String(chunk)
    if (all.includes('\n')) break
  }
  return JSON.parse(all)
}

async function untilGone(traces: Traces): Promise<void> {
  const gone = async (): Promise<boolean> => (await remains(traces)).length === 0
  // Too late is for the assertion to say, which names what is left.
  await waitUntil(gone, { what: 'its end', deadlineMs: 60_000 }).catch(() => undefined)
}

/** What is left of a cluster, in words. */
async function remains({ directory, network, cgroup, record }: Traces): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const each = async (pid: string): Promise<readonly string[]> => {
    const own = await readlink(`/proc/${pid}/ns/net`).catch(() => '')
    const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
    return [
      ...(own === network ? [`process ${pid} in its network`] : []),
      ...(mounts.includes(directory) ? [`mounts, seen by process ${pid}`] : []),
      ...(groups.includes(cgroup) ? [`process ${pid} in a pod`] : []),
    ]
  }
  return [
    ...(await Promise.all(pids.map(each))).flat(),
    ...(await cgroupDirectories(cgroup)),
    ...[directory, record].filter((file) => existsSync(file)),
  ]
}
