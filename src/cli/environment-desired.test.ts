import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { BoardsReconciler } from '../../test/support/boards.ts'
import type { Environment } from '../environments/environment.ts'
import { SourceReader } from '../environments/sources.ts'
import { desiredOf } from './environment-desired.ts'
import { showProblem } from './problem.ts'

const labels = { 'infometis.component': 'fake', 'infometis.config-type': 'boards' }
const kustomization = 'configMapGenerator:\n  - name: boards\n    files: [a.json, boards.yaml]\n'
const data = {
  'a.json': '{\n  "title":\n    5\n}',
  'boards.yaml': 'a: {content: {key: a.json}}\nb:\n  content: {key: b.json}\n',
}
let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infometis-desired-'))
  for (const [name, text] of Object.entries({ ...data, 'kustomization.yaml': kustomization }))
    await writeFile(join(folder, name), text)
})

after(() => rm(folder, { recursive: true }))

describe('the desired documents of an environment', () => {
  it('have their definitions in files of their own, each told by its own line', async () => {
    const source = await new SourceReader().folder(folder)
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'boards-7hk2m5gt8c', namespace: 'dev', labels },
      data,
    }
    const environment: Environment = {
      name: 'dev',
      objects: [{ manifest, origin: join(folder, 'kustomization.yaml'), part: 'desired' }],
      flux: [],
      fluxPaths: new Map(),
    }
    const loaded = { name: 'dev', folder, source, fluxSource: undefined, environment, faults: [] }
    const found = desiredOf(loaded, environment, { services: [new BoardsReconciler()], cwd: folder })
    assert.deepEqual(found.problems.map(showProblem), [
      'a.json:2: a.json: title: must be a text',
      'boards.yaml:3: b.content.key: b.json is no data key of the ConfigMap; did you mean "a.json"?',
    ])
    assert.deepEqual([found.documents, found.entries], [1, 2])
  })
})
