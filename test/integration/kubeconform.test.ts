import assert from 'node:assert/strict'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { type Manifest, parseManifests, titleOf } from '../../src/environments/manifest.ts'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import { loadSchemas, type Schemas } from '../../src/environments/schemas.ts'
import { ReconcileError } from '../../src/errors.ts'
import { runCommand } from '../../src/stack/command.ts'
import { projectFile } from '../../src/stack/project.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { testLaunch, testPlaces } from '../support/places.ts'
import { programFile } from '../support/programs.ts'
import { schemaLocation, writeKubeconformSchemas } from '../schemas/kubeconform-layout.ts'
import { kubernetesSchemas } from '../schemas/kubernetes.ts'
import { fluxSchemas, showSchemas } from '../schemas/sets.ts'

const signal = AbortSignal.timeout(300_000)
const install = { places: testPlaces(), launch: testLaunch(), signal }
const names = ['kubernetes', 'flux', 'traefik'] as const
const schemaFile = (name: (typeof names)[number]): string =>
  projectFile('src', 'environments', 'schemas', `${name}.json`)

let api: TestKubeApi
let kubeconform: string
let directory: string
let schemas: Schemas

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'infometis-schemas-'))
  const sets = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(schemaFile(name), 'utf8')) as SchemaSet),
  )
  await writeKubeconformSchemas(directory, sets)
  kubeconform = await programFile('kubeconform', install)
  schemas = await loadSchemas()
  api = await startKubeApi({ signal })
})

after(async () => {
  await api.stop()
  await rm(directory, { recursive: true, force: true })
})

const report = z.object({
  resources: z.array(z.object({ kind: z.string(), name: z.string(), status: z.string(), msg: z.string() })),
})

/** What kubeconform has against the objects of a text, each as `Kind/name: words`. */
async function judged(text: string): Promise<readonly string[]> {
  const location = join(directory, schemaLocation)
  const args = ['-strict', '-output', 'json', '-schema-location', location]
  const { stdout, stderr } = await runCommand(kubeconform, args, {
    env: { PATH: install.places.path, HOME: directory },
    deadlineMs: 60_000,
    stdin: text,
    signal,
  })
  assert.equal(stderr, '')
  return report.parse(JSON.parse(stdout)).resources.map(({ kind, name, msg }) => `${kind}/${name}: ${msg}`)
}

/** Kubernetes' own word; nothing is kept. */
async function created(text: string): Promise<string> {
  return api.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], text)
}

function ours(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap((manifest) => {
    const faults = schemas.check(manifest)
    if (faults === undefined) return [`${titleOf(manifest)}: there is no schema`]
    return faults.map(({ path, message }) => `${titleOf(manifest)}: ${path.join('.')}: ${message}`)
  })
}

describe('the schemas that come with the project', () => {
  it('are those that the API server publishes (else: node test/schemas/generate.ts)', async () => {
    const current = await kubernetesSchemas(api.kubectl)
    assert.equal(await readFile(schemaFile('kubernetes'), 'utf8'), showSchemas(current))
  })

  it('are those of the Flux that the tests run (else: node test/schemas/generate.ts)', async () => {
    const current = await fluxSchemas(install)
    assert.equal(await readFile(schemaFile('flux'), 'utf8'), showSchemas(current))
  })

  it('are those of the Traefik that is deployed (else: node test/schemas/generate.ts)', async () => {
    const deployment = await readFile(projectFile('deploy', 'services', 'traefik', 'deployment.yaml'), 'utf8')
    const [, version] = /image: traefik:v(\S+)/.exec(deployment) ?? []
    const { origin } = JSON.parse(await readFile(schemaFile('traefik'), 'utf8')) as SchemaSet
    assert.equal(origin, `Traefik ${version}`)
  })

  it('together take less than 150 kB', async () => {
    const texts = await Promise.all(names.map(async (name) => readFile(schemaFile(name))))
    assert.ok(texts.reduce((sum, { length }) => sum + length, 0) < 150_000)
  })
})

/** Every folder that somebody applies: components and what only others use are no wholes. */
const folders = await Array.fromAsync(
  glob(
    [
      'environments/*/kustomization.yaml',
      'environments/*/flux/kustomization.yaml',
      'environments/base/stack/*/kustomization.yaml',
      'deploy/services/*/kustomization.yaml',
      'deploy/*/kustomization.yaml',
    ],
    { cwd: projectFile() },
  ),
)

describe('what is shipped, by kubeconform and by us', () => {
  it('is found', () => {
    for (const environment of ['dev', 'uat', 'prod-independent', 'prod-shared'])
      assert.ok(folders.includes(`environments/${environment}/kustomization.yaml`), environment)
    assert.ok(folders.includes('deploy/services/kafka/kustomization.yaml'))
  })

  for (const folder of folders.map(dirname).sort()) {
    it(`is valid in ${folder}`, async () => {
      const text = await api.kubectl(['kustomize', projectFile(folder)])
      assert.ok(parseManifests(text).length > 0)
      assert.deepEqual(await judged(text), [])
      assert.deepEqual(ours(parseManifests(text)), [])
    })
  }
})

const deployment = (container: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec: {containers: [{name: a, image: a:1${container}}]}
${more}`

/** Faults of which a schema tells; `api`: Kubernetes has the kind, so it can be asked as well. */
const faults: Readonly<Record<string, { readonly text: string; readonly api: boolean }>> = {
  'a field that is not there': { text: deployment(', imagee: b'), api: true },
  'a field at the wrong depth': { text: deployment('', 'replicas: 2'), api: true },
  'text for a number': { text: deployment(', ports: [{containerPort: "80"}]'), api: true },
  'a number for text': { text: deployment(', env: [{name: A, value: 1}]'), api: true },
  'a list for a map': { text: deployment(', resources: [a]'), api: true },
  'a map for a list': { text: deployment(', args: {a: b}'), api: true },
  'a value that is not among the choices': { text: deployment(', imagePullPolicy: Sometimes'), api: true },
  'a size with a unit of its own': { text: deployment(', resources: {limits: {memory: 1GiB}}'), api: true },
  'a number in a ConfigMap': {
    text: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 1}}',
    api: true,
  },
  'a missing field that must be there': {
    text: '{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{name: http}]}}',
    api: true,
  },
  'a label that is a number': {
    text: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: 1}}}',
    api: true,
  },
  'a selector written as in a Service': {
    text: '{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {selector: {app: a}}}',
    api: true,
  },
  'a policy with a port that is no port': {
    text: '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, ingress: [{ports: [{prot: TCP}]}]}}',
    api: true,
  },
  'a Flux interval that is no duration': {
    text: '{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a}, spec: {interval: 10 minutes, prune: true, sourceRef: {kind: GitRepository, name: a}}}',
    api: false,
  },
  'a Flux Kustomization without prune': {
    text: '{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a}, spec: {interval: 10m, sourceRef: {kind: GitRepository, name: a}}}',
    api: false,
  },
  'a route with service for services': {
    text: '{apiVersion: traefik.io/v1alpha1, kind: IngressRoute, metadata: {name: a}, spec: {routes: [{match: x, kind: Rule, service: []}]}}',
    api: false,
  },
  'a middleware that there is none of': {
    text: '{apiVersion: traefik.io/v1alpha1, kind: Middleware, metadata: {name: a}, spec: {basicAuht: {secret: a}}}',
    api: false,
  },
  'a kind of which nothing is known': {
    text: '{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}',
    api: false,
  },
}

describe('a fault that a schema tells of', () => {
  it('is none in the same object without it', async () => {
    assert.deepEqual(await judged(deployment('')), [])
    assert.deepEqual(ours(parseManifests(deployment(''))), [])
    assert.match(await created(deployment('')), /created \(server dry run\)/)
  })

  for (const [name, { text, api: known }] of Object.entries(faults)) {
    it(`is told by kubeconform, by us${known ? ' and by Kubernetes' : ''}: ${name}`, async () => {
      assert.equal((await judged(text)).length, 1)
      assert.ok(ours(parseManifests(text)).length > 0)
      if (!known) return
      await assert.rejects(
        api.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], text),
        (error) =>
          error instanceof ReconcileError && !/connection refused|already exists/.test(error.message),
      )
    })
  }

  it('is told by kubeconform as well where a key stands twice', async () => {
    const twice = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: one\n  a: two\n'
    assert.match((await judged(twice)).join(), /already set|already defined|duplicate/)
  })
})
