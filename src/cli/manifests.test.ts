import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readManifests } from './manifests.ts'

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  topics.yaml: |
    user-events:
      partitions: 1
`

function read(text: string, path = 'x.yaml') {
  return readManifests([{ path, text }], ['topics'])
}

function names(text: string): readonly unknown[] {
  return read(text).manifests.map(({ object }) => {
    const metadata = object['metadata']
    return typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined
  })
}

describe('manifests', () => {
  it('are several in one file, empty documents between them left out', () => {
    assert.deepEqual(
      names(`---\n${configMap}---\n---\n# nothing\n---\n${configMap.replace('name: a', 'name: b')}`),
      ['a', 'b'],
    )
  })

  it('are the items of a List, as kubectl get prints one', () => {
    const items = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]
    assert.deepEqual(names(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })), ['a'])
  })

  it('know the line at which a block of text begins', () => {
    const [manifest] = read(`# first\n---\n${configMap}`).manifests
    assert.equal(manifest?.lineOf(['data', 'topics.yaml']), 9)
  })

  it('know the line of a text in quotes, and none for what is not there', () => {
    const [manifest] = read('apiVersion: v1\nkind: ConfigMap\ndata:\n  topics.json: "{}"\n').manifests
    const lines = ['topics.json', 'other'].map((key) => manifest?.lineOf(['data', key]))
    assert.deepEqual(lines, [4, undefined])
  })

  it('know the line inside the items of a List', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n- ${configMap.trimEnd().split('\n').join('\n  ')}\n`
    assert.equal(read(text).manifests[0]?.lineOf(['data', 'topics.yaml']), 10)
  })

  it('are a bare document where the file is called as a config type', () => {
    const { bare, manifests } = read('user-events:\n  partitions: 1\n', 'desired/topics.yaml')
    assert.deepEqual(bare, [
      { file: 'desired/topics.yaml', type: 'topics', text: 'user-events:\n  partitions: 1\n' },
    ])
    assert.deepEqual(manifests, [])
  })

  it('are objects even in a file called as a config type', () => {
    assert.equal(read(configMap, 'topics.yaml').manifests.length, 1)
  })

  const wrong: readonly { name: string; text: string; line: number; message: RegExp }[] = [
    { name: 'a duplicate key', text: 'kind: A\nkind: B\n', line: 2, message: /unique/ },
    {
      name: 'a tab for indentation',
      text: 'apiVersion: v1\nkind: A\nmetadata:\n\tname: a\n',
      line: 4,
      message: /tab/i,
    },
    {
      name: 'a document that is no object',
      text: '# note\nuser-events: {}\n',
      line: 2,
      message: /must be called topics.yaml/,
    },
    { name: 'a list', text: '- 1\n', line: 1, message: /not a Kubernetes object/ },
  ]
  for (const { name, text, line, message } of wrong) {
    it(`name the line of ${name}`, () => {
      const [problem] = read(text).problems
      assert.ok(problem !== undefined)
      assert.equal(problem.line, line)
      assert.match(problem.message, message)
    })
  }
})
