import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BoardsReconciler } from '../../test/support/boards.ts'
import { check } from './check.ts'
import { readDefinitionFiles } from './definition-files.ts'
import { desiredIn, readObjects } from './desired.ts'
import { readManifests } from './manifests.ts'
import { showProblem } from './problem.ts'

const service = new BoardsReconciler()
let cwd = ''

before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'infometis-definitions-'))
  await mkdir(join(cwd, 'd', 'folder.json'), { recursive: true })
  const files: Readonly<Record<string, string | Buffer>> = {
    'good.json': '{"title": "Good"}',
    'packed.json.gz': gzipSync('{"title": "Packed"}'),
    'wrong.json': '{\n  "title":\n    5\n}',
    'twice.json': '{\n  "title": "a",\n  "title": "b"\n}',
    'wrong-packed.json.gz': gzipSync('{\n  "title": 5\n}'),
    'folders.yaml': '{}',
    'notes.md': 'nothing of ours',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, 'd', name), content)
})

after(() => rm(cwd, { recursive: true }))

async function beside(text: string, path = 'd/boards.yaml') {
  return readDefinitionFiles([{ path, text }], service.types, cwd)
}

/** What `infometis validate` would say of a document on its own, and of a directory with it. */
async function problemsOf(text: string, others: readonly string[] = []): Promise<readonly string[]> {
  const files = [
    { path: 'd/boards.yaml', text },
    ...others.map((name) => ({ path: `d/${name}`, text: '{}' })),
  ]
  const { manifests, problems: unread } = await readObjects(files, [service], cwd)
  const { documents, problems } = desiredIn(manifests, [service], { namespace: 'team' })
  assert.equal(documents.length, 1)
  return [...unread, ...problems, ...check(documents)].map(showProblem)
}

describe('definitions beside a document on its own', () => {
  it('are the files that its entries name; of the others only the names are known, and none of other documents', async () => {
    const found = (await beside('a: {content: {key: good.json}}\nb: {content: {key: packed.json}}\n')).get(
      'd/boards.yaml',
    )
    assert.deepEqual([...(found ?? [])].map(([name, { bytes }]) => [name, bytes !== undefined]).sort(), [
      ['folder.json', false],
      ['good.json', true],
      ['packed.json.gz', true],
      ['twice.json', false],
      ['wrong-packed.json.gz', false],
      ['wrong.json', false],
    ])
  })

  it('are not looked for where no entry names one, or the type has none', async () => {
    assert.equal((await beside('a: {content: {title: x}}')).size, 0)
    assert.equal((await beside('a: {content: {key: good.json}}', 'd/topics.yaml')).size, 0)
    assert.equal((await beside('a: [')).size, 0)
  })

  it('that are a directory are an error with the place', async () => {
    await assert.rejects(beside('a: {content: {key: folder.json}}'), {
      name: 'ExitError',
      code: 1,
      message: 'd/folder.json: is named as a definition, and is not a file',
    })
  })

  it('are read, packed or not', async () => {
    assert.deepEqual(
      await problemsOf('a: {content: {key: good.json}}\nb: {content: {key: packed.json}}\n'),
      [],
    )
  })

  it('are no manifests of the directory that is read; what no entry names is taken for one', async () => {
    const text = 'a: {content: {key: good.json}}'
    assert.deepEqual(await problemsOf(text, ['good.json']), [])
    const [problem, ...others] = await problemsOf(text, ['good.json', 'wrong.json'])
    assert.match(problem ?? '', /^d\/wrong\.json:1: not a Kubernetes object/)
    assert.deepEqual(others, [])
  })

  it('are never read from another directory', async () => {
    const [problem, ...others] = await problemsOf('a: {content: {key: ../d/good.json}}\n')
    assert.match(problem ?? '', /^d\/boards\.yaml:1: a\.content\.key: \.\.\/d\/good\.json is no data key/)
    assert.deepEqual(others, [])
  })

  it('are told by their own file and line where they are wrong; the document’s line tells those that are not there', async () => {
    const text = [
      'a: {content: {key: wrong.json}}',
      'b: {content: {key: twice.json}}',
      'c: {content: {key: wrong-packed.json}}',
      'd:',
      '  content: {key: god.json}',
    ].join('\n')
    assert.deepEqual(await problemsOf(text), [
      'd/wrong.json:2: wrong.json: title: must be a text',
      'd/twice.json:3: twice.json: title is written twice, first in line 2',
      'd/boards.yaml:1: wrong-packed.json.gz (line 2): title: must be a text',
      'd/boards.yaml:5: d.content.key: god.json is no data key of the ConfigMap; did you mean "good.json"?',
    ])
  })
})

const manifest = (name: string, kind: string, extra: string, data: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  labels: {infometis.component: fake, infometis.config-type: boards${kind}}
  annotations: {${extra}}
data:
${data}`

describe('definitions in a manifest', () => {
  it('are told by the file’s line, those of a base by the line of the base', () => {
    const own = manifest(
      'own',
      '',
      'infometis.io/extends: common',
      '  boards.yaml: "{a: {content: {key: a.json}}, b: {content: {key: b.json}}}"\n  a.json: |\n    {\n    "title": 5}\n',
    )
    const base = manifest(
      'common',
      ', infometis.io/kind: base',
      '',
      '  boards.yaml: "{}"\n  b.json: |\n    {"title":\n     5}\n',
    )
    const files = [
      { path: 'own.yaml', text: own },
      { path: 'base.yaml', text: base },
    ]
    const { manifests } = readManifests(files, ['boards'])
    const { documents, problems } = desiredIn(manifests, [service], { namespace: 'team' })
    assert.deepEqual(problems, [])
    assert.deepEqual(check(documents).map(showProblem), [
      'own.yaml:11: a.json: title: must be a text',
      'base.yaml:10: base common: b.json: title: must be a text',
    ])
  })
})
