import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { services as known } from '../../reconcilers/index.ts'
import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  type Manifest,
  nameOf,
  parseManifests,
  titleOf,
  valueAt,
} from '../../src/environments/manifest.ts'
import { type Container, containersOf, podTemplate, selects } from '../../src/environments/pods.ts'
import { ReconcileError } from '../../src/errors.ts'
import { projectFile } from '../../src/stack/project.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { containerPorts, labelsOf, lets } from '../support/network-policies.ts'

const namespace = 'restricted'
const name = 'app.kubernetes.io/name'
const component = 'app.kubernetes.io/component'
const partOf = 'app.kubernetes.io/part-of'
/** Everything under deploy/ that is applied by itself: not what others are made of, nor what only changes others. */
const folders = globSync('deploy/**/kustomization.yaml', { cwd: projectFile('.') })
  .map((file) => dirname(file))
  .filter((folder) => !['deploy/base', 'deploy/secrets'].includes(folder))
  .filter((folder) => !folder.startsWith('deploy/clusters/'))
  .sort()
const reconcilers = Object.keys(known)

let api: TestKubeApi
const rendered = new Map<string, readonly Manifest[]>()

before(async () => {
  api = await startKubeApi({ namespace })
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
  for (const folder of folders) {
    rendered.set(folder, parseManifests(await api.kubectl(['kustomize', projectFile(folder)])))
  }
})
after(async () => api.stop())

const apply = async (object: object, ...options: readonly string[]): Promise<string> =>
  api.kubectl(['apply', '--server-side', '-f', '-', ...options], JSON.stringify(object))

const all = (): readonly Manifest[] => [...rendered.values()].flat()
const ofKind = (kind: string, objects = all()): readonly Manifest[] =>
  objects.filter((each) => each.kind === kind)
const workloads = (objects = all()): readonly Manifest[] =>
  objects.filter((each) => podTemplate(each) !== undefined)

function find(kind: string, wanted: string): Manifest {
  const found = ofKind(kind).find(({ metadata }) => metadata.name === wanted)
  assert.ok(found, `${kind}/${wanted}`)
  return found
}

/** By the name of its Service, which its workload shares. */
function workload(wanted: string): Manifest {
  const found = workloads().find(({ metadata }) => metadata.name === wanted)
  assert.ok(found, `a workload called ${wanted}`)
  return found
}

function containers(of: Manifest): readonly Container[] {
  const template = podTemplate(of)
  return template === undefined ? [] : containersOf(template)
}

/** The pod that a controller would make of a workload. */
function podOf(of: Manifest): { readonly spec: Fields } & Fields {
  const template = podTemplate(of)
  assert.ok(template, titleOf(of))
  const claims = listOf(valueAt(of, ['spec', 'volumeClaimTemplates'])).map((claim) => {
    const claimName = nameOf(fieldsOf(claim)['metadata'])
    return { name: claimName, persistentVolumeClaim: { claimName } }
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: of.metadata.name, namespace, labels: template.labels },
    spec: { ...template.spec, volumes: [...listOf(template.spec['volumes']), ...claims] },
  }
}

/** `find` with what an environment variable says. */
function variable(of: Manifest, wanted: string): unknown {
  const env = containers(of).flatMap(({ fields }) => listOf(fields['env']).map(fieldsOf))
  return env.find((each) => each['name'] === wanted)?.['value']
}

describe('every folder of deploy/', { timeout: 300_000 }, () => {
  it('has one for each reconciler and each service', () => {
    const services = ['elasticsearch', 'grafana', 'kafka', 'nifi', 'nifi-registry', 'prometheus', 'traefik']
    const expected = [...reconcilers, ...services.map((each) => `services/${each}`)]
    assert.deepEqual(folders, expected.map((each) => `deploy/${each}`).sort())
  })

  for (const folder of folders) {
    it(`${folder} is taken by the API server, into the namespace that is named on the command line`, async () => {
      const dry = await api.kubectl(['apply', '-n', namespace, '--dry-run=server', '-k', projectFile(folder)])
      const lines = dry.trim().split('\n')
      assert.equal(lines.length, rendered.get(folder)?.length)
      assert.ok(
        lines.every((line) => line.endsWith('created (server dry run)')),
        dry,
      )
      // For the pods below, which need their service accounts.
      await api.kubectl(['apply', '-n', namespace, '-k', projectFile(folder)])
    })
  }

  it('applies a second time without a change', async () => {
    const versions = '{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}'
    for (const folder of folders) {
      const place = ['-n', namespace, '-k', projectFile(folder)]
      const first = await api.kubectl(['get', ...place, '-o', `jsonpath=${versions}`])
      await api.kubectl(['apply', ...place])
      assert.equal(first.trim().split('\n').length, rendered.get(folder)?.length)
      assert.equal(await api.kubectl(['get', ...place, '-o', `jsonpath=${versions}`]), first)
    }
  })

  it('holds nothing of the whole cluster, and no Secret with anything in it', async () => {
    const list = await api.kubectl(['api-resources', '--namespaced=true', '--no-headers'])
    const namespaced = new Set(list.split('\n').map((line) => line.trim().split(/\s+/).at(-1)))
    assert.ok(namespaced.has('StatefulSet') && !namespaced.has('ClusterRole'))
    const isFilled = (each: Manifest): boolean =>
      each.kind === 'Secret' && (each['data'] !== undefined || each['stringData'] !== undefined)
    const outside = all().filter((each) => !namespaced.has(each.kind) || isFilled(each))
    assert.deepEqual(outside.map(titleOf), [])
  })

  it('gives every object and every pod the labels that others find it by', () => {
    const wrong = [...rendered].flatMap(([folder, objects]) => {
      const service = folder.split('/').at(-1) ?? ''
      const isReconciler = !folder.includes('/services/')
      const wanted = isReconciler
        ? { [name]: 'infometis', [component]: service, [partOf]: 'infometis' }
        : { [name]: service, [partOf]: 'infometis' }
      const isLabelled = (labels: Fields = {}): boolean => selects({ matchLabels: wanted }, labels)
      return objects.filter(
        (each) => !isLabelled(each.metadata.labels) || (podTemplate(each) && !isLabelled(labelsOf(each))),
      )
    })
    assert.deepEqual(wrong.map(titleOf), [])
  })

  it('names no namespace: who applies it does', () => {
    const named = all().filter(({ metadata }) => metadata.namespace !== undefined)
    assert.deepEqual(named.map(titleOf), [])
  })
})

describe('every pod of deploy/', { timeout: 120_000 }, () => {
  it('is let into a namespace that enforces Pod Security restricted', async () => {
    assert.ok(workloads().length >= reconcilers.length + 7)
    for (const each of workloads()) {
      assert.match(await apply(podOf(each), '--dry-run=server'), /serverside-applied/, titleOf(each))
    }
  })

  it('would be refused for a single field less', async () => {
    const pod = podOf(workload('nifi'))
    const securityContext = { ...fieldsOf(pod.spec['securityContext']), runAsNonRoot: undefined }
    const careless = { ...pod, spec: { ...pod.spec, securityContext } }
    await assert.rejects(apply(careless, '--dry-run=server'), /violates PodSecurity "restricted/)
  })

  it('has in every container a read-only root, requests and limits', () => {
    const sizes = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']
    const wrong = eachContainer(({ fields }) => [
      ...(valueAt(fields, ['securityContext', 'readOnlyRootFilesystem']) === true ? [] : ['root']),
      ...sizes.filter((size) => valueAt(fields, ['resources', ...size.split('.')]) === undefined),
    ])
    assert.deepEqual(wrong, [])
  })

  it('is asked whether it has started, is ready and lives', () => {
    const probes = ['startupProbe', 'readinessProbe', 'livenessProbe']
    const wrong = eachContainer(({ fields, first }) =>
      first ? [] : probes.filter((probe) => !isFields(fields[probe])),
    )
    assert.deepEqual(wrong, [])
  })

  it('has a service account of its own, and a token only where it speaks to Kubernetes', () => {
    const speakers = [...reconcilers.map((each) => `infometis-${each}`), 'prometheus']
    for (const each of workloads()) {
      const { serviceAccountName, automountServiceAccountToken: token } = podOf(each).spec
      assert.equal(serviceAccountName, each.metadata.name)
      assert.equal(token, speakers.includes(each.metadata.name), titleOf(each))
      assert.equal(find('ServiceAccount', each.metadata.name)['automountServiceAccountToken'], false)
    }
  })

  it('gets no environment variables of Services, whose names are those of settings', () => {
    assert.deepEqual(
      workloads().filter((each) => podOf(each).spec['enableServiceLinks'] !== false),
      [],
    )
  })

  it('writes to no volume that is not its own', () => {
    const wrong = workloads().flatMap((each) => {
      const names = listOf(podOf(each).spec['volumes']).map(nameOf)
      return containers(each)
        .flatMap(({ fields }) => listOf(fields['volumeMounts']).map(nameOf))
        .filter((mount) => !names.includes(mount))
        .map((mount) => `${titleOf(each)}: ${String(mount)}`)
    })
    assert.deepEqual(wrong, [])
  })

  it('is found by exactly one NetworkPolicy of its own, by its Service and by no other’s', () => {
    const selectors = [
      ...ofKind('NetworkPolicy').map((each) => ({ each, selector: valueAt(each, ['spec', 'podSelector']) })),
      ...ofKind('PodDisruptionBudget').map((each) => ({
        each,
        selector: valueAt(each, ['spec', 'selector']),
      })),
      ...ofKind('Service').map((each) => ({
        each,
        selector: { matchLabels: valueAt(each, ['spec', 'selector']) },
      })),
    ]
    for (const { each, selector } of selectors) {
      const found = workloads().filter((one) => selects(selector, labelsOf(one)))
      assert.equal(found.length, 1, `${titleOf(each)} finds ${found.map(titleOf).join(', ')}`)
    }
    for (const each of workloads()) {
      const found = ofKind('NetworkPolicy').filter((policy) =>
        selects(valueAt(policy, ['spec', 'podSelector']), labelsOf(each)),
      )
      assert.equal(found.length, 1, titleOf(each))
    }
  })

  it('has a disruption budget where there may be more than one', () => {
    const many = workloads().filter((each) => Number(valueAt(each, ['spec', 'replicas'])) > 1)
    assert.ok(many.length >= reconcilers.length)
    for (const each of many) find('PodDisruptionBudget', each.metadata.name)
  })
})

describe('the images of deploy/', () => {
  const images = (): ReadonlySet<string> =>
    new Set(workloads().flatMap((each) => containers(each).map(({ fields }) => String(fields['image']))))

  it('are pinned, each to one version in all of deploy/', () => {
    assert.deepEqual(
      [...images()].filter((image) => !/^[a-z/-]+:v?\d+\.\d+\.\d+$/.test(image)),
      [],
    )
    const names = [...images()].map((image) => image.split(':')[0])
    assert.equal(new Set(names).size, names.length, names.join(' '))
  })

  it('are ours at the version of package.json', async () => {
    const { version } = fieldsOf(JSON.parse(await readFile(projectFile('package.json'), 'utf8')))
    assert.ok(images().has(`infometis:${String(version)}`))
  })

  it('are those of compose.yaml, which opens them to this machine only', async () => {
    const compose = fieldsOf(parse(await readFile(projectFile('compose.yaml'), 'utf8')))
    const services = Object.entries(fieldsOf(compose['services'])).map(
      ([each, fields]) => [each, fieldsOf(fields)] as const,
    )
    assert.deepEqual(services.map(([each]) => each).sort(), [
      'elasticsearch',
      'grafana',
      'kafka',
      'nifi',
      'prometheus',
    ])
    for (const [each, { image, ports, healthcheck, volumes }] of services) {
      assert.equal(image, containers(workload(each)).find(({ first }) => !first)?.fields['image'])
      assert.ok(listOf(ports).length > 0)
      for (const port of listOf(ports)) assert.match(String(port), /^127\.0\.0\.1:/)
      assert.ok(isFields(healthcheck) && listOf(volumes).length > 0, each)
    }
  })
})

describe('the NetworkPolicies of deploy/', () => {
  const open = (from: string, to: string, port: number): boolean =>
    lets(ofKind('NetworkPolicy'), { from: workload(from), to: workload(to), port })

  for (const service of reconcilers) {
    it(`let the reconciler for ${service} reach the address that it is given, and nobody else’s service`, () => {
      const address = variable(workload(`infometis-${service}`), known[service]?.address.setting ?? '')
      const [, host = '', port = ''] = /^(?:http:\/\/)?([a-z-]+):(\d+)$/.exec(String(address)) ?? []
      assert.equal(host, service)
      const ports = listOf(valueAt(find('Service', host), ['spec', 'ports'])).map(fieldsOf)
      assert.ok(
        ports.some((each) => each['port'] === Number(port)),
        `the Service ${host} has ${port}`,
      )
      assert.ok(open(`infometis-${service}`, host, Number(port)))
      for (const other of reconcilers.filter((each) => each !== service)) {
        assert.ok(!open(`infometis-${service}`, other, portOf[other] ?? assert.fail(other)), other)
      }
    })
  }

  it('let Prometheus reach the metrics of every pod that says it has some', () => {
    const annotated = workloads().filter(
      (each) => podTemplate(each)?.annotations['prometheus.io/scrape'] === 'true',
    )
    assert.ok(annotated.length >= reconcilers.length + 2)
    for (const each of annotated) {
      const port = Number(podTemplate(each)?.annotations['prometheus.io/port'])
      assert.ok([...containerPorts(each).values()].includes(port), `${titleOf(each)} has ${port}`)
      assert.ok(open('prometheus', each.metadata.name, port), titleOf(each))
    }
  })

  it('let Traefik reach what has a page, and Grafana its data', () => {
    assert.ok(open('traefik', 'nifi', 8080))
    assert.ok(open('traefik', 'grafana', 3000))
    assert.ok(open('traefik', 'prometheus', 9090))
    assert.ok(open('grafana', 'prometheus', 9090))
  })

  it('let NiFi reach what its flows read and write', () => {
    assert.ok(open('nifi', 'kafka', 9092))
    assert.ok(open('nifi', 'elasticsearch', 9200))
  })

  it('keep everybody else out', () => {
    assert.ok(!open('kafka', 'nifi', 8080))
    assert.ok(!open('elasticsearch', 'grafana', 3000))
    assert.ok(!open('nifi', 'prometheus', 9090))
    assert.ok(!open('infometis-kafka', 'nifi', 8080))
    assert.ok(!open('infometis-kafka', 'grafana', 3000))
  })
})

describe('the rights of deploy/', { timeout: 120_000 }, () => {
  const can = async (
    account: string,
    verb: string,
    resource: string,
    where = namespace,
  ): Promise<boolean> => {
    const user = `--as=system:serviceaccount:${namespace}:${account}`
    try {
      return (await api.kubectl(['auth', 'can-i', verb, resource, '-n', where, user])).trim() === 'yes'
    } catch (error) {
      assert.ok(error instanceof ReconcileError)
      return false
    }
  }

  for (const service of reconcilers) {
    it(`are for the reconciler for ${service} those that deploy/README.md lists, in its own namespace`, async () => {
      const listed = await listedRights()
      const rules = listOf(find('Role', `infometis-${service}`)['rules']).map(fieldsOf)
      const given = rules.flatMap(({ resources, verbs }) =>
        listOf(resources).flatMap((resource) =>
          listOf(verbs).map((verb) => `${String(verb)} ${String(resource)}`),
        ),
      )
      const ofSecrets = given.filter((right) => right.endsWith(' secrets')).sort()
      assert.deepEqual(given.filter((right) => !ofSecrets.includes(right)).sort(), listed)
      // Only where its documents take values from Secrets, and then none but its own by name: an environment adds to that.
      const takesValues = ['nifi', 'grafana'].includes(service)
      assert.deepEqual(ofSecrets, takesValues ? ['get secrets', 'patch secrets'] : [])
      for (const { resources, resourceNames } of rules)
        if (listOf(resources).includes('secrets'))
          assert.deepEqual(resourceNames, [`infometis-fingerprint-${service}`])
      const account = `infometis-${service}`
      assert.ok(await can(account, 'patch', 'configmaps'))
      assert.ok(!(await can(account, 'patch', 'configmaps', 'default')))
      assert.ok(!(await can(account, 'get', 'secrets')))
    })
  }

  it('are for Prometheus to find pods, in its own namespace', async () => {
    assert.ok(await can('prometheus', 'watch', 'pods'))
    assert.ok(!(await can('prometheus', 'list', 'pods', 'default')))
    assert.ok(!(await can('prometheus', 'get', 'configmaps')))
  })
})

const portOf: Readonly<Record<string, number>> = {
  kafka: 9092,
  elasticsearch: 9200,
  nifi: 8080,
  grafana: 3000,
}

/** What is wrong with each container, behind its name. */
function eachContainer(judge: (container: Container) => readonly string[]): readonly string[] {
  return workloads().flatMap((each) =>
    containers(each).flatMap((container) =>
      judge(container).map((fault) => `${titleOf(each)} ${String(nameOf(container.fields))}: ${fault}`),
    ),
  )
}

/** `patch configmaps` and so on, from the table of deploy/README.md. */
async function listedRights(): Promise<readonly string[]> {
  const text = await readFile(projectFile('deploy', 'README.md'), 'utf8')
  const [, table = ''] = /## What the Role allows, and why\n([\s\S]*?)\n## /.exec(text) ?? []
  return [...table.matchAll(/^\| (configmaps|events|leases) \| ([a-z, ]+) \|/gm)]
    .flatMap(([, resource = '', verbs = '']) => verbs.split(', ').map((verb) => `${verb} ${resource}`))
    .sort()
}
