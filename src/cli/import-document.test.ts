import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfigMap } from '../kube/objects.ts'
import { readWritten } from '../kube/written.ts'
import { documentData } from './import-document.ts'

const boards = { name: 'boards', definition: 'content' }
const types = ['boards', 'folders']

function dataOf(entries: Readonly<Record<string, unknown>>, output: 'yaml' | 'json' = 'yaml') {
  return documentData(boards, new Map(Object.entries(entries)), { output, types })
}

describe('an imported document', () => {
  it('names each definition, which is readable JSON under a key of its own', () => {
    assert.deepEqual(dataOf({ orders: { size: 1, content: { title: 'Orders' } }, bare: { size: 2 } }), {
      'boards.yaml': 'orders:\n  size: 1\n  content:\n    key: orders.json\nbare:\n  size: 2\n',
      'orders.json': '{\n  "title": "Orders"\n}\n',
    })
  })

  it('is JSON where that is asked for', () => {
    const data = dataOf({ orders: { content: {} } }, 'json')
    assert.deepEqual(JSON.parse(data['boards.json'] ?? ''), { orders: { content: { key: 'orders.json' } } })
  })

  it('keeps what is no definition in its entry', () => {
    const entries = { a: { content: null }, b: { content: 'text' }, c: {}, d: null }
    assert.deepEqual(Object.keys(dataOf(entries)), ['boards.yaml'])
    const data = documentData({ name: 'boards' }, new Map([['a', { content: {} }]]), {
      output: 'yaml',
      types,
    })
    assert.deepEqual(Object.keys(data), ['boards.yaml'])
  })

  it('gives keys that Kubernetes takes, each to one definition, and none that a document could have', () => {
    const names = ['Orders to search', 'Orders/to/search', 'folders', 'boards', 'ü', 'x'.repeat(300)]
    const keys = Object.keys(dataOf(Object.fromEntries(names.map((name) => [name, { content: {} }]))))
    assert.equal(keys.length, names.length + 1)
    for (const key of keys) assert.match(key, /^[-._a-zA-Z0-9]{1,253}$/)
    assert.deepEqual(keys.slice(1, 6), [
      'Orders-to-search.json',
      'Orders-to-search-2.json',
      'folders-2.json',
      'boards-2.json',
      '-.json',
    ])
  })

  it('reads back as it was', () => {
    const content = { key: 'not a key', list: [1, { deep: '<&"\n: #' }], text: 'a\tb \n' }
    const data = dataOf({ orders: { content } })
    const metadata = { name: 'a', namespace: 'team', uid: 'a', resourceVersion: '1' }
    const configMap = readConfigMap({ metadata, data })
    assert.ok(configMap)
    const found = readWritten(
      configMap,
      new Map(),
      types.map((name) => ({ name })),
    ).definition?.('orders.json')
    assert.ok(found?.ok === true)
    assert.equal(JSON.stringify(found.value), JSON.stringify(content))
  })
})
