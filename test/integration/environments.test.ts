import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { services as known } from '../../reconcilers/index.ts'
import { allowanceOf } from '../../src/environments/allow-list.ts'
import { type Difference, differences } from '../../src/environments/differences.ts'
import {
  fieldsOf,
  listOf,
  type Manifest,
  nameOf,
  parseManifests,
  titleOf,
  toManifest,
  valueAt,
} from '../../src/environments/manifest.ts'
import { keyOfConfigMap, readConfigMap } from '../../src/kube/objects.ts'
import { readWritten } from '../../src/kube/written.ts'
import { buildEnvironment } from '../../src/stack/cache.ts'
import { runCommand } from '../../src/stack/command.ts'
import { projectFile } from '../../src/stack/project.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { testLaunch, testPlaces } from '../support/places.ts'

const environments = ['dev', 'uat', 'prod-independent', 'prod-shared'] as const
type Environment = (typeof environments)[number]
const independent = environments.filter((each) => each !== 'prod-shared')
const namespaces: Readonly<Record<Environment, string>> = {
  dev: 'infometis-dev',
  uat: 'infometis-uat',
  'prod-independent': 'infometis-prod',
  'prod-shared': 'data-platform',
}

let api: TestKubeApi
before(async () => {
  api = await startKubeApi()
})
after(async () => api.stop())

const folder = (...parts: readonly string[]): string => projectFile('environments', ...parts)
const rendered = new Map<string, Promise<string>>()
/** As `kubectl apply -k` would render it, once. */
function renderText(...parts: readonly string[]): Promise<string> {
  const path = folder(...parts)
  const text = rendered.get(path) ?? api.kubectl(['kustomize', path])
  rendered.set(path, text)
  return text
}
const render = async (...parts: readonly string[]): Promise<readonly Manifest[]> =>
  parseManifests(await renderText(...parts))

/** The core services and the reconcilers: what must be the same everywhere. */
async function core(environment: Environment): Promise<readonly Manifest[]> {
  return [
    ...(await render(environment, 'stack', 'services')),
    ...(await render(environment, 'stack', 'operator')),
  ]
}

describe('the core services of the environments', () => {
  for (const environment of environments.filter((each) => each !== 'prod-independent')) {
    it(`of ${environment} differ from production’s in replicas, resources and storage only`, async () => {
      const all = differences(await core('prod-independent'), await core(environment))
      assert.deepEqual(all.filter(isForbidden).map(say), [])
    })
  }

  it('do differ in size', async () => {
    const sizes = differences(await core('prod-independent'), await core('dev')).map(say)
    assert.ok(sizes.includes('StatefulSet/kafka spec.replicas'), sizes.join('\n'))
    assert.ok(sizes.includes('StatefulSet/elasticsearch spec.replicas'), sizes.join('\n'))
  })

  for (const environment of environments) {
    it(`of ${environment} tell each pod as many replicas as there are`, async () => {
      const told = (await core(environment)).flatMap((workload) => {
        const env = containersOf(workload).flatMap((container) => listOf(fieldsOf(container)['env']))
        const replicas = env.map(fieldsOf).find(({ name }) => name === 'REPLICAS')
        return replicas === undefined
          ? []
          : [[titleOf(workload), replicas['value'], String(fieldsOf(workload['spec'])['replicas'])]]
      })
      assert.deepEqual(
        told.filter(([, repeated, counted]) => repeated !== counted),
        [],
      )
      assert.ok(told.some(([title]) => title === 'StatefulSet/kafka'))
    })
  }

  describe('are found out where one environment changes', () => {
    const changes: readonly {
      readonly what: string
      readonly object: string
      readonly change: (manifest: Manifest) => Manifest | undefined
      readonly path: RegExp
    }[] = [
      {
        what: 'the tag of an image',
        object: 'StatefulSet/kafka',
        change: inContainer((container) => ({ ...container, image: 'apache/kafka:4.3.0' })),
        path: /^spec\.template\.spec\.containers\[\w+\]\.image$/,
      },
      {
        what: 'an environment variable',
        object: 'StatefulSet/elasticsearch',
        change: inContainer((container) => ({
          ...container,
          env: [...listOf(container['env']), { name: 'LOGGER_LEVEL', value: 'debug' }],
        })),
        path: /^spec\.template\.spec\.containers\[\w+\]\.env\[LOGGER_LEVEL\]$/,
      },
      {
        what: 'a port',
        object: 'Service/grafana',
        change: (manifest) => ({
          ...manifest,
          spec: { ...fieldsOf(manifest['spec']), ports: [{ port: 80 }] },
        }),
        path: /^spec\.ports/,
      },
      {
        what: 'a security context',
        object: 'StatefulSet/nifi',
        change: inContainer((container) => ({
          ...container,
          securityContext: { ...fieldsOf(container['securityContext']), readOnlyRootFilesystem: false },
        })),
        path: /^spec\.template\.spec\.containers\[\w+\]\.securityContext\.readOnlyRootFilesystem$/,
      },
      {
        what: 'the arguments of a reconciler',
        object: 'Deployment/infometis-kafka',
        change: inContainer((container) => ({ ...container, args: ['run', 'kafka', '--verbose'] })),
        path: /^spec\.template\.spec\.containers\[\w+\]\.args/,
      },
      {
        what: 'a network policy, by leaving it out',
        object: 'NetworkPolicy/infometis-default-deny',
        change: () => undefined,
        path: /^$/,
      },
    ]
    for (const { what, object, change, path } of changes) {
      it(what, async () => {
        const reference = await core('prod-independent')
        const other = (await core('dev')).flatMap((each) =>
          titleOf(each) === object ? (change(each) ?? []) : [each],
        )
        const found = differences(reference, other).filter(isForbidden)
        assert.ok(found.length > 0, `${object} is compared`)
        for (const each of found) {
          assert.equal(each.object, object)
          assert.match(each.path, path)
        }
      })
    }
  })
})

const isForbidden = (difference: Difference): boolean => allowanceOf(difference) === undefined
const say = ({ object, path }: Difference): string => `${object} ${path}`

/** A change of the first container of a workload. */
function inContainer(
  change: (container: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): (manifest: Manifest) => Manifest {
  return (manifest) => {
    const spec = fieldsOf(manifest['spec'])
    const template = fieldsOf(spec['template'])
    const pod = fieldsOf(template['spec'])
    const [first, ...others] = listOf(pod['containers'])
    const containers = [change(fieldsOf(first)), ...others]
    return { ...manifest, spec: { ...spec, template: { ...template, spec: { ...pod, containers } } } }
  }
}

function containersOf(workload: Manifest): readonly unknown[] {
  return listOf(valueAt(workload, ['spec', 'template', 'spec', 'containers']))
}

describe('the desired state of the environments', () => {
  const sizes: Readonly<Record<Environment, object>> = {
    dev: { partitions: 1, 'replication-factor': 1, 'min.insync.replicas': 1 },
    uat: { partitions: 3, 'replication-factor': 3, 'min.insync.replicas': 2 },
    'prod-independent': { partitions: 12, 'replication-factor': 3, 'min.insync.replicas': 2 },
    'prod-shared': { partitions: 12, 'replication-factor': 3, 'min.insync.replicas': 2 },
  }
  for (const environment of environments) {
    it(`of ${environment} is valid to the last entry`, async () => {
      const { code, stderr, stdout } = await runCommand(
        process.execPath,
        [projectFile('src', 'main.ts'), 'validate', '-f', '-'],
        { env: {}, deadlineMs: 60_000, stdin: await renderText(environment, 'desired') },
      )
      assert.equal(code, 0, stdout + stderr)
      assert.match(stderr, /(33|37|39) entries in 12 documents: valid/)
    })

    it(`of ${environment} says how large its topics are`, async () => {
      const topics = await entriesOf(environment, 'topics')
      for (const name of ['user-events', 'orders.created', 'orders.cancelled']) {
        const topic = fieldsOf(topics.get(name))
        const { partitions, config, ...more } = topic
        const size = {
          partitions,
          'replication-factor': more['replication-factor'],
          'min.insync.replicas': fieldsOf(config)['min.insync.replicas'],
        }
        assert.deepEqual(size, sizes[environment], name)
      }
    })
  }

  it('of dev has one partition and one replica of everything', async () => {
    const topics = [...(await entriesOf('dev', 'topics')).values()].map(fieldsOf)
    assert.ok(topics.length >= 10)
    for (const { partitions, 'replication-factor': factor } of topics)
      assert.deepEqual([partitions, factor], [1, 1])
    const indices = [...(await entriesOf('dev', 'indices')).values()].map((each) =>
      fieldsOf(fieldsOf(each)['settings']),
    )
    for (const settings of indices) assert.equal(settings['number_of_replicas'], 0)
  })

  it('needs no more nodes than the stack has', async () => {
    for (const environment of environments) {
      const stack = await core(environment)
      const [kafka, search] = ['kafka', 'elasticsearch'].map((name) =>
        replicasOf(stack, `StatefulSet/${name}`),
      )
      for (const [name, topic] of await entriesOf(environment, 'topics')) {
        const { 'replication-factor': factor, config } = fieldsOf(topic)
        assert.ok(Number(factor) <= (kafka ?? 0), `${environment}: ${name} wants ${String(factor)} brokers`)
        // With as many in sync as there are replicas, one broker that restarts would stop every writer.
        const inSync = Number(fieldsOf(config)['min.insync.replicas'] ?? 1)
        assert.ok(inSync === 1 || inSync < Number(factor), `${environment}: ${name}`)
      }
      for (const [name, index] of await entriesOf(environment, 'indices')) {
        const copies = Number(fieldsOf(fieldsOf(index)['settings'])['number_of_replicas'] ?? 1)
        assert.ok(copies < (search ?? 0), `${environment}: ${name} wants ${copies + 1} nodes`)
      }
    }
  })
})

function replicasOf(manifests: readonly Manifest[], title: string): number | undefined {
  const found = manifests.find((each) => titleOf(each) === title)
  const replicas = fieldsOf(found?.['spec'])['replicas']
  return typeof replicas === 'number' ? replicas : undefined
}

/** Every entry of a config type, as the reconciler reads it: merged over its base. */
async function entriesOf(environment: Environment, type: string): Promise<ReadonlyMap<string, unknown>> {
  const configMaps = (await render(environment, 'desired')).flatMap((manifest) => {
    const read = { namespace: 'n', uid: 'u', resourceVersion: '1' }
    const metadata = { labels: {}, annotations: {}, ...manifest.metadata, ...read }
    return readConfigMap({ ...manifest, metadata }) ?? []
  })
  const bases = new Map(configMaps.map((each) => [keyOfConfigMap(each), each]))
  const types = (
    await Promise.all(Object.values(known).map(async ({ reconciler }) => (await reconciler()).types))
  ).flat()
  const documents = configMaps
    .filter(({ metadata }) => metadata.labels['infometis.config-type'] === type)
    .map((each) => readWritten(each, bases, types))
  for (const { name, issues } of documents) assert.deepEqual(issues, [], name)
  return new Map(documents.flatMap(({ entries }) => [...(entries ?? [])]))
}

describe('a processing unit', () => {
  it('that no environment takes yet is valid, too', async () => {
    const { code, stdout, stderr } = await runCommand(
      process.execPath,
      [projectFile('src', 'main.ts'), 'validate', '-f', folder('processing-units', 'kafka-to-search')],
      { env: {}, deadlineMs: 60_000 },
    )
    assert.equal(code, 0, stdout + stderr)
    assert.match(stderr, /4 entries in 3 documents: valid/)
  })

  for (const environment of environments) {
    it(`is found as one by its label in ${environment}, whatever service its parts belong to`, async () => {
      const parts = (await render(environment, 'desired')).filter(
        ({ metadata }) => metadata.labels?.['infometis.io/unit'] === 'orders',
      )
      assert.deepEqual(parts.map(({ metadata }) => metadata.name).sort(), [
        'orders-indices-base',
        'orders-indices-desired',
        'orders-topics-base',
        'orders-topics-desired',
      ])
    })
  }

  it('is scaled by one number: every step of the stream has as many partitions', async () => {
    for (const environment of environments) {
      const topics = await entriesOf(environment, 'topics')
      const steps = [...topics].filter(([name]) => /^orders\.(?!dead-letters)/.test(name))
      assert.equal(steps.length, 4)
      assert.equal(new Set(steps.map(([, step]) => fieldsOf(step)['partitions'])).size, 1)
    }
  })
})

describe('a whole environment, applied to a real API server', () => {
  for (const environment of independent) {
    it(`${environment}: everything is accepted, and a second time nothing changes`, async () => {
      await appliedTwice(api.kubectl, environment)
    })

    it(`${environment}: every pod is let in by a namespace that enforces restricted`, async () => {
      const namespace = namespaces[environment]
      const enforced = ['get', 'namespace', namespace, '-o', `jsonpath={.metadata.labels}`]
      assert.match(await api.kubectl(enforced), /"pod-security.kubernetes.io\/enforce":"restricted"/)
      const pods = podsOf(await render(environment))
      assert.ok(pods.length >= 8, `${pods.length} pods`)
      await create(api.kubectl, pods, '--dry-run=server')
      for (const pod of pods.slice(0, 1))
        await assert.rejects(
          create(api.kubectl, [onHostNetwork(pod)], '--dry-run=server'),
          /violates PodSecurity/,
        )
    })
  }
})

type Kubectl = TestKubeApi['kubectl']

async function create(
  kubectl: Kubectl,
  items: readonly Manifest[],
  ...more: readonly string[]
): Promise<void> {
  await kubectl(['create', ...more, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

/** kubectl's own words do not tell: it says `configured` of lists that the server has filled with defaults. */
async function appliedTwice(kubectl: Kubectl, environment: Environment): Promise<void> {
  const text = await renderText(environment)
  const versions = async (): Promise<readonly string[]> => {
    const path = '{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}'
    const out = await kubectl(['get', '-f', '-', '-o', `jsonpath=${path}`], text)
    return out.trim().split('\n')
  }
  await kubectl(['apply', '-f', '-'], text)
  const first = await versions()
  assert.equal(first.length, parseManifests(text).length)
  await kubectl(['apply', '-f', '-'], text)
  assert.deepEqual(await versions(), first)
}

/** A pod for each replica of each workload, as its controller would make it. */
function podsOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.flatMap((workload) => {
    const { replicas, template, volumeClaimTemplates } = fieldsOf(workload['spec'])
    if (template === undefined) return []
    const { labels, annotations } = fieldsOf(fieldsOf(template)['metadata'])
    return Array.from({ length: Number(replicas ?? 1) }, (_, ordinal) => {
      const name = `${workload.metadata.name}-${ordinal}`
      const claims = listOf(volumeClaimTemplates).map((claim) => {
        const volume = nameOf(fieldsOf(claim)['metadata']) ?? ''
        return { name: volume, persistentVolumeClaim: { claimName: `${volume}-${name}` } }
      })
      const spec = fieldsOf(fieldsOf(template)['spec'])
      const volumes = [...listOf(spec['volumes']), ...claims]
      const { namespace } = workload.metadata
      const metadata = { name, namespace, labels, annotations }
      return toManifest({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, volumes } })
    }).flat()
  })
}

/** The claims that the controller of a StatefulSet would make. */
function claimsOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.flatMap((workload) => {
    const { replicas, volumeClaimTemplates } = fieldsOf(workload['spec'])
    return listOf(volumeClaimTemplates).flatMap((claim) =>
      Array.from({ length: Number(replicas ?? 1) }, (_, ordinal) => {
        const name = `${nameOf(fieldsOf(claim)['metadata']) ?? ''}-${workload.metadata.name}-${ordinal}`
        const { namespace } = workload.metadata
        return toManifest({
          ...fieldsOf(claim),
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name, namespace },
        })
      }).flat(),
    )
  })
}

function onHostNetwork(pod: Manifest): Manifest {
  const spec = fieldsOf(pod['spec'])
  return { ...pod, spec: { ...spec, hostNetwork: true } }
}

describe('prod-shared, in a namespace that others gave', () => {
  const namespace = namespaces['prod-shared']
  let asTenant: Kubectl

  before(async () => {
    // What the platform gave: a namespace with rules of its own, Traefik's kinds, and an account that may do all in there and nothing elsewhere.
    const given = [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      },
      { ...inNamespace('ResourceQuota', 'given'), spec: { hard: quota } },
      { ...inNamespace('LimitRange', 'given'), spec: { limits } },
      {
        ...inNamespace('NetworkPolicy', 'given', 'networking.k8s.io/v1'),
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
      { ...inNamespace('ServiceAccount', 'tenant') },
      {
        ...inNamespace('Role', 'tenant', 'rbac.authorization.k8s.io/v1'),
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      },
      {
        ...inNamespace('RoleBinding', 'tenant', 'rbac.authorization.k8s.io/v1'),
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tenant' },
        subjects: [{ kind: 'ServiceAccount', name: 'tenant', namespace }],
      },
    ]
    for (const each of given) await api.kubectl(['apply', '-f', '-'], JSON.stringify(each))
    // No controller runs here that would do it.
    const used = Object.fromEntries(Object.keys(quota).map((name) => [name, '0']))
    const status = JSON.stringify({ status: { hard: quota, used } })
    const patch = ['patch', 'resourcequota', 'given', '-n', namespace, '--subresource=status']
    await api.kubectl([...patch, '--type=merge', '-p', status])
    const definitions = await traefikDefinitions()
    await api.kubectl(['apply', '--server-side', '-f', '-'], definitions)
    await api.kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', '-'], definitions)
    asTenant = await tenant(await api.serviceAccountDir(namespace, 'tenant'))
  })

  function inNamespace(kind: string, name: string, apiVersion = 'v1') {
    return { apiVersion, kind, metadata: { name, namespace } }
  }

  async function tenant(directory: string): Promise<Kubectl> {
    const token = await readFile(join(directory, 'token'), 'utf8')
    const login = [
      '--kubeconfig=/dev/null',
      `--server=${api.url}`,
      `--certificate-authority=${join(directory, 'ca.crt')}`,
      `--token=${token}`,
    ]
    return async (args, stdin, signal) => api.kubectl([...login, ...args], stdin, signal)
  }

  it('is applied by whoever may do nothing outside of it, Traefik’s objects included', async () => {
    await assert.rejects(asTenant(['create', 'namespace', 'mine']), /forbidden/)
    await appliedTwice(asTenant, 'prod-shared')
    const routes = ['get', 'ingressroutes.traefik.io', '-n', namespace, '-o', 'name']
    assert.match(await asTenant(routes), /ingressroute\.traefik\.io\/nifi/)
  })

  it('is refused by Traefik’s definitions where a field is misspelt', async () => {
    const text = await renderText('prod-shared', 'border')
    const wrong = text.replaceAll('removeHeader:', 'removeHeaders:')
    await assert.rejects(
      asTenant(['apply', '--dry-run=server', '-n', namespace, '-f', '-'], wrong),
      /unknown field "spec\.basicAuth\.removeHeaders"/,
    )
  })

  it('has every pod and claim let in under the quota, with room to roll out an image', async () => {
    const all = await render('prod-shared')
    const pods = podsOf(all)
    // A rolling update makes the new pod before it ends an old one.
    const next = pods
      .filter(({ metadata }) => /^infometis-.*-0$/.test(metadata.name))
      .map((pod) => named(pod, `${pod.metadata.name}-next`))
    assert.equal(next.length, Object.keys(known).length)
    await create(asTenant, [...claimsOf(all), ...pods, ...next])
    for (const pod of pods.slice(0, 1).map((each) => named(each, 'another'))) {
      await assert.rejects(create(asTenant, [unlimited(pod)]), /no request is specified/)
      await assert.rejects(create(asTenant, [onHostNetwork(pod)]), /violates PodSecurity/)
      await assert.rejects(create(asTenant, [pod]), /exceeded quota/)
    }
  })

  it('takes as much of the quota as environments/README.md tells people to ask for', async () => {
    const text = await readFile(folder('README.md'), 'utf8')
    for (const [name, value] of Object.entries(quota)) assert.ok(text.includes(`${name}: "${value}"`), name)
    const get = ['get', 'resourcequota', 'given', '-n', namespace, '-o', 'json']
    const { status } = quotaSchema.parse(JSON.parse(await api.kubectl(get)))
    assert.deepEqual(status.used, quota)
  })

  it('asks for nothing that only an administrator may give', async () => {
    const all = await render('prod-shared')
    assert.deepEqual([...new Set(all.map(({ metadata }) => metadata.namespace))], [namespace])
    const services = all.filter(({ kind }) => kind === 'Service').map(({ spec }) => fieldsOf(spec)['type'])
    assert.deepEqual([...new Set(services)], [undefined])
    assert.doesNotMatch(JSON.stringify(all), /hostPath|hostPort|storageClassName|ClusterRole|hostNetwork/)
    assert.equal(
      all.some(({ metadata }) => metadata.name === 'traefik'),
      false,
    )
  })
})

const quotaSchema = z.object({
  status: z.object({ used: z.record(z.string(), z.string()) }),
})

/** Nothing here has a default for containers, which would hide a missing request. */
const limits = [
  { type: 'Container', maxLimitRequestRatio: { cpu: '20', memory: '2' } },
  { type: 'Pod', max: { cpu: '4', memory: '8Gi' } },
  { type: 'PersistentVolumeClaim', max: { storage: '100Gi' } },
]

/** No more than it takes, so that whatever makes it larger shows. */
const quota: Readonly<Record<string, string>> = {
  'requests.cpu': '4300m',
  'requests.memory': '23296Mi',
  'limits.cpu': '28',
  'limits.memory': '25088Mi',
  'requests.storage': '491Gi',
  persistentvolumeclaims: '9',
  pods: '21',
}

function unlimited(pod: Manifest): Manifest {
  const spec = fieldsOf(pod['spec'])
  const containers = listOf(spec['containers']).map((each) => ({ ...fieldsOf(each), resources: {} }))
  return { ...pod, spec: { ...spec, containers } }
}

function named(pod: Manifest, name: string): Manifest {
  return { ...pod, metadata: { ...pod.metadata, name } }
}

const download = z.object({ Dir: z.string(), Sum: z.string() })

/** The CustomResourceDefinitions of the Traefik whose image the other environments run, from its Go module. */
async function traefikDefinitions(): Promise<string> {
  const [traefik] = (await render('base', 'border')).filter(({ kind }) => kind === 'Deployment')
  const image = fieldsOf(containersOf(traefik ?? assert.fail('Traefik is a Deployment'))[0])['image']
  const version = String(image).replace(/^traefik:/, '')
  const args = ['mod', 'download', '-json', `github.com/traefik/traefik/v3@${version}`]
  const { code, stdout, stderr } = await runCommand('go', args, {
    env: buildEnvironment({ places: testPlaces(), launch: testLaunch() }),
    deadlineMs: 120_000,
  })
  assert.equal(code, 0, stdout + stderr)
  const { Dir, Sum } = download.parse(JSON.parse(stdout))
  assert.equal(Sum, 'h1:T8wy9KuaFzCkmXCqAzDy7t73pBDR1DHrJe3pqXpNXTw=', `the checksum of ${version}`)
  const file = 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml'
  return readFile(join(Dir, file), 'utf8')
}
