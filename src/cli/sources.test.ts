import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { readSources } from './sources.ts'

const files: Readonly<Record<string, string>> = {
  'plain/b.yaml': 'b',
  'plain/a.json': 'a',
  'plain/notes.md': 'not a manifest',
  'plain/.hidden/c.yaml': 'hidden',
  'plain/sub/d.yml': 'd',
  'base/kustomization.yaml': 'resources: [topics.yaml]\n',
  'base/topics.yaml': 'base topics',
  'base/stray.yaml': 'not a resource',
  'dev/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base, own.yaml]\n',
  'dev/own.yaml': 'own',
  'patched/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]\nnamePrefix: x-\n',
  'dotted/kustomization.yaml': 'resources: [v1.topics/a.yaml]\n',
  'dotted/v1.topics/a.yaml': 'a',
  'empty-lists/kustomization.yaml': 'resources: [../base]\npatches: []\n',
  'remote/kustomization.yaml': 'resources: ["https://example.com/x.yaml"]\n',
  'github/kustomization.yaml': 'resources: ["github.com/org/repo?ref=v1"]\n',
  'missing/kustomization.yaml': 'resources: [nowhere.yaml]\n',
  'cycle/kustomization.yaml': 'resources: [../cycle, ../base]\n',
  'wrong/kustomization.yaml': 'resources: {a: b}\n',
  'broken/kustomization.yaml': 'resources: [\n',
}

let cwd = ''

before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'infometis-sources-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), text)
  }
  await symlink(join(cwd, 'plain'), join(cwd, 'plain/sub/loop'))
})

after(() => rm(cwd, { recursive: true }))

async function read(path: string, input: readonly string[] = []) {
  return readSources(path, { cwd, input: stream(input), signal: new AbortController().signal })
}

async function* stream(chunks: readonly string[]): AsyncIterable<string> {
  yield* chunks
}

describe('sources', () => {
  const cases: readonly { name: string; path: string; expected: readonly string[] }[] = [
    {
      name: 'of a file are that file, whatever it is called',
      path: 'plain/notes.md',
      expected: ['plain/notes.md'],
    },
    {
      name: 'of a directory are its manifests in the order of their names, hidden ones left out, a link in a circle once',
      path: 'plain',
      expected: ['plain/a.json', 'plain/b.yaml', 'plain/sub/d.yml'],
    },
    { name: 'of a kustomization are its resources only', path: 'base', expected: ['base/topics.yaml'] },
    {
      name: 'of a kustomization follow other kustomizations',
      path: 'dev',
      expected: ['base/topics.yaml', 'dev/own.yaml'],
    },
    {
      name: 'of a kustomization may have features that are empty',
      path: 'empty-lists',
      expected: ['base/topics.yaml'],
    },
    {
      name: 'of a kustomization may lie in a folder with a dot',
      path: 'dotted',
      expected: ['dotted/v1.topics/a.yaml'],
    },
    { name: 'of a kustomization that names itself end', path: 'cycle', expected: ['base/topics.yaml'] },
  ]
  for (const { name, path, expected } of cases) {
    it(name, async () => {
      assert.deepEqual(
        (await read(path)).map((file) => file.path),
        expected,
      )
    })
  }

  it('of - are standard input', async () => {
    assert.deepEqual(await read('-', ['a: ', '1\n']), [{ path: '<stdin>', text: 'a: 1\n' }])
  })

  it('of - end when the signal aborts, although nothing comes', async () => {
    const controller = new AbortController()
    const reading = readSources('-', { cwd, input: new PassThrough(), signal: controller.signal })
    controller.abort(new Error('stopped'))
    await assert.rejects(reading, /stopped/)
  })

  it('larger than 16 MiB are refused while they are read', async () => {
    const chunk = 'x'.repeat(1024 * 1024)
    await assert.rejects(
      read(
        '-',
        Array.from({ length: 17 }, () => chunk),
      ),
      /larger than 16 MiB/,
    )
  })

  const refused: readonly { path: string; message: RegExp }[] = [
    {
      path: 'patched',
      message:
        /^patched\/kustomization\.yaml: uses patches, namePrefix; render it first: kubectl kustomize patched \| infometis plan -f -$/,
    },
    { path: 'remote', message: /the remote resource https:\/\/example\.com\/x\.yaml; render it first/ },
    { path: 'github', message: /the remote resource github\.com\/org\/repo\?ref=v1; render it first/ },
    {
      path: 'missing',
      message: /^missing\/kustomization\.yaml: resources: nowhere\.yaml: no such file or directory$/,
    },
    { path: 'wrong', message: /resources must be a list of paths/ },
    { path: 'broken', message: /^broken\/kustomization\.yaml: / },
    { path: 'nowhere', message: /^nowhere: no such file or directory$/ },
  ]
  for (const { path, message } of refused) {
    it(`of ${path} are refused with the way out`, async () => {
      await assert.rejects(read(path), { name: 'ExitError', code: 1, message })
    })
  }
})
