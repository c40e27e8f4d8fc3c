import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isKustomization, isRemote, readKustomization } from './kustomization.ts'

describe('a kustomization', () => {
  it('goes by the three names that kustomize takes', () => {
    const names = [
      'kustomization.yaml',
      'kustomization.yml',
      'Kustomization',
      'kustomization.json',
      'other.yaml',
    ]
    assert.deepEqual(names.filter(isKustomization), [
      'kustomization.yaml',
      'kustomization.yml',
      'Kustomization',
    ])
  })

  it('takes files and folders from all its lists', () => {
    const { resources } = readKustomization(`
resources: [a.yaml, ../base]
components: [c]
transformers: [t.yaml]
replacements: [{path: r.yaml}, {source: {kind: Pod}}]
openapi: {path: schema.json}
crds: [crd.json]
`)
    assert.deepEqual(resources, ['a.yaml', '../base', 'c', 'crd.json', 't.yaml', 'r.yaml', 'schema.json'])
  })

  it('names patches in files, within itself, and in the form of old', () => {
    const { patches } = readKustomization(`patches:
  - path: size.yaml
  - target: {kind: Deployment, name: a.*}
    patch: |
      - {op: add, path: /x, value: 1}
  - patch: '{kind: Pod}'
patchesStrategicMerge:
  - old.yaml
`)
    assert.deepEqual(patches, [
      { path: 'size.yaml', text: undefined, firstLine: 1, target: undefined },
      {
        path: undefined,
        text: '- {op: add, path: /x, value: 1}\n',
        firstLine: 5,
        target: { kind: 'Deployment', name: 'a.*' },
      },
      { path: undefined, text: '{kind: Pod}', firstLine: 6, target: undefined },
      { path: 'old.yaml', text: undefined, firstLine: 8, target: undefined },
    ])
  })

  it('names the files of generators, with their keys', () => {
    const { generated } = readKustomization(`
configMapGenerator:
  - {name: a, files: [x/topics.yaml, key=y.txt], literals: [b=c]}
secretGenerator: [{name: s, files: [users]}]
`)
    assert.deepEqual(generated, [
      { name: 'a', key: 'topics.yaml', path: 'x/topics.yaml' },
      { name: 'a', key: 'key', path: 'y.txt' },
      { name: 's', key: 'users', path: 'users' },
    ])
  })

  it('tells what would be fetched, and its line', () => {
    const { remote, resources } = readKustomization(`resources:
  - a.yaml
  - https://example.org/x.yaml
components: [github.com/team/repository//folder?ref=main]
helmCharts: [{name: x}]
`)
    assert.deepEqual(resources, ['a.yaml'])
    assert.deepEqual(remote, [
      { entry: 'https://example.org/x.yaml', line: 3 },
      { entry: 'github.com/team/repository//folder?ref=main', line: 4 },
      { entry: 'helmCharts', line: 5 },
    ])
  })

  it('that is none takes nothing', () => {
    for (const text of ['', '[', 'resources: {a: b}', '- a', 'patches: [1]']) {
      const { resources, generated, remote } = readKustomization(text)
      assert.deepEqual([resources, generated, remote], [[], [], []], text)
    }
  })
})

describe('a remote resource', () => {
  for (const entry of [
    'https://a/b',
    'ssh://git@a/b',
    'git@a:b',
    'gh:a/b',
    'gitlab.com/a/b',
    'a?ref=b',
    'a/b.git//c',
  ])
    it(`is ${entry}`, () => assert.ok(isRemote(entry)))
  for (const entry of ['../base', 'a.yaml', './github.com.yaml', 'folder.gitops/a'])
    it(`is not ${entry}`, () => assert.ok(!isRemote(entry)))
})
