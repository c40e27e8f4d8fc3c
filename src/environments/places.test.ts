import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Manifest, parseManifests, type Path, readPath } from './manifest.ts'
import { placeOf, placeWithin, textPlaceOf } from './places.ts'
import { filesOf, type SourceFolder, SourceReader } from './sources.ts'

const files: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources:\n  - all.yaml\n',
  'base/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  small: a
  text.yaml: |
    one:
      two: 2
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: side
          image: side:1
        - name: web
          image: web:1
          args: [a, b]
`,
  'over/kustomization.yaml': `namePrefix: my-
resources:
  - ../base
patches:
  - path: patch.yaml
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        paused: true
  - target: {kind: Deployment}
    patch: |
      - {op: replace, path: /spec/template/spec/containers/0/image, value: side:2}
      - op: add
        path: /spec/template/spec/securityContext
        value:
          runAsNonRoot: true
configMapGenerator:
  - name: other
    literals: [a=b]
  - name: made
    files: [made.yaml]
`,
  'over/patch.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: web:2
`,
  'over/made.yaml': 'http:\n  routers:\n    a: {service: b}\n',
}

const rendered = parseManifests(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: my-web}
spec:
  replicas: 3
  paused: true
  template:
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - {name: side, image: "side:2"}
        - {name: web, image: "web:2", args: [a, b]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: my-settings}
data: {small: a, text.yaml: "one:\\n  two: 2\\n"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: my-made-4k2t7d9h5m}
data: {made.yaml: "http:\\n  routers:\\n    a: {service: b}\\n"}
`)

let root: string
let folder: SourceFolder

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'infometis-places-'))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  const read = await new SourceReader().folder(join(root, 'over'))
  assert.ok(read !== undefined)
  folder = read
})

after(async () => rm(root, { recursive: true, force: true }))

const origins: Readonly<Record<string, string>> = {
  'my-web': 'base/all.yaml',
  'my-settings': 'base/all.yaml',
  'my-made-4k2t7d9h5m': 'over/kustomization.yaml',
}

function object(name: string): { readonly manifest: Manifest; readonly origin: string } {
  const manifest = rendered.find(({ metadata }) => metadata.name === name)
  assert.ok(manifest !== undefined)
  return { manifest, origin: join(root, origins[name] ?? '') }
}

function place(name: string, path: string): string | undefined {
  const of = object(name)
  return shown(placeOf(folder, of, readPath(of.manifest, path)))
}

function shown(found: { readonly file: string; readonly line: number } | undefined): string | undefined {
  return found === undefined ? undefined : `${relative(root, found.file)}:${found.line}`
}

describe('the place in Git of what was rendered', () => {
  const containers = 'spec.template.spec.containers'
  const cases: Readonly<Record<string, readonly [string, string, string]>> = {
    'is the patch in a file that set it': ['my-web', 'spec.replicas', 'over/patch.yaml:6'],
    'is the patch in a kustomization that set it': ['my-web', 'spec.paused', 'over/kustomization.yaml:11'],
    'goes by the names of containers, not by their positions': [
      'my-web',
      `${containers}[web].image`,
      'over/patch.yaml:11',
    ],
    'is the operation of a JSON patch': ['my-web', `${containers}[side].image`, 'over/kustomization.yaml:14'],
    'is inside the value of an operation': [
      'my-web',
      'spec.template.spec.securityContext.runAsNonRoot',
      'over/kustomization.yaml:18',
    ],
    'is the file that the object is from, where nothing changed it': [
      'my-web',
      `${containers}[web].args[1]`,
      'base/all.yaml:24',
    ],
    'is the nearest above for what is missing': [
      'my-web',
      `${containers}[side].resources.limits`,
      'base/all.yaml:20',
    ],
    'is the object itself for an empty path': ['my-settings', '', 'base/all.yaml:1'],
    'is a key of a ConfigMap': ['my-settings', 'data.small', 'base/all.yaml:6'],
    'is the file that a value was generated from': [
      'my-made-4k2t7d9h5m',
      'data["made.yaml"]',
      'over/made.yaml:1',
    ],
    'is the generator for the rest of what it made': [
      'my-made-4k2t7d9h5m',
      'metadata.name',
      'over/kustomization.yaml:22',
    ],
  }
  for (const [what, [name, path, expected]] of Object.entries(cases)) {
    it(what, () => assert.equal(place(name, path), expected))
  }

  it('is unknown for an object of which kustomize told no origin', () => {
    const { manifest } = object('my-settings')
    assert.equal(placeOf(folder, { manifest, origin: undefined }, ['data']), undefined)
  })

  it('is below the | of a text', () => {
    const at: Path = ['data', 'text.yaml']
    assert.equal(shown(textPlaceOf(folder, object('my-settings'), at)), 'base/all.yaml:8')
    assert.equal(shown(placeWithin(folder, object('my-settings'), at, ['one', 'two'])), 'base/all.yaml:9')
  })

  it('is inside a generated text', () => {
    const found = placeWithin(
      folder,
      object('my-made-4k2t7d9h5m'),
      ['data', 'made.yaml'],
      ['http', 'routers', 'a', 'service'],
    )
    assert.equal(shown(found), 'over/made.yaml:3')
  })

  it('is not that of another text of the same key', () => {
    const { manifest, origin } = object('my-made-4k2t7d9h5m')
    const other = { ...manifest, data: { 'made.yaml': 'http: {}' } }
    assert.equal(textPlaceOf(folder, { manifest: other, origin }, ['data', 'made.yaml']), undefined)
  })
})

describe('the files of a folder', () => {
  it('are each there once, with those of the folders that it takes', () => {
    assert.deepEqual(
      [...filesOf(folder).keys()].map((file) => relative(root, file)).sort(),
      Object.keys(files).sort(),
    )
  })

  it('end where a folder takes itself', async () => {
    const ring = join(root, 'ring')
    await mkdir(ring)
    await writeFile(join(ring, 'kustomization.yaml'), 'resources: [../ring]\n')
    assert.deepEqual((await new SourceReader().folder(ring))?.folders, [])
  })
})
