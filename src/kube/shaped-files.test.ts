import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { DocumentType } from '../reconcile/resource-type.ts'
import { readConfigMap } from './objects.ts'
import { readWritten, signatureOf } from './written.ts'

type Texts = Readonly<Record<string, string>>

/** A type whose definitions another tool's users keep one in each file of ConfigMaps labelled `board`. */
const boards: DocumentType = {
  name: 'boards',
  definition: 'definition',
  files: {
    label: 'board',
    annotations: ['board-folder'],
    entry: ({ key, content, annotations }) => {
      if (key.endsWith('.url')) return { message: 'names an address; put the board itself here' }
      const id = (content as { id?: string } | undefined)?.id ?? key.replace(/\.json$/, '')
      const folder = annotations['board-folder']
      return { name: id, value: folder === undefined ? {} : { folder } }
    },
  },
}

function configMap(data: Texts, more: { labels?: Texts; annotations?: Texts; binaryData?: Texts } = {}) {
  const { labels = {}, annotations = {}, binaryData = {} } = more
  const all = { 'infometis.component': 'wall', board: '1', ...labels }
  const metadata = {
    namespace: 'team',
    name: 'mine',
    uid: 'u',
    resourceVersion: '1',
    labels: all,
    annotations,
  }
  const read = readConfigMap({ metadata, data, binaryData })
  assert.ok(read)
  return read
}

function written(data: Texts, more: Parameters<typeof configMap>[1] = {}) {
  return readWritten(configMap(data, more), new Map(), [{ name: 'walls' }, boards])
}

describe('a ConfigMap in the shape of another tool', () => {
  it('is a document of the type whose label it bears, each file an entry with its definition', () => {
    const read = written(
      { 'a.json': '{"id": "first", "title": "A"}' },
      { binaryData: { 'b.json.gz': gzipSync('{"title": "B"}').toString('base64') } },
    )
    assert.equal(read.type, 'boards')
    assert.deepEqual(Object.fromEntries(read.entries ?? []), {
      first: { definition: { key: 'a.json' } },
      b: { definition: { key: 'b.json.gz' } },
    })
    const definition = read.definition?.('b.json.gz')
    assert.deepEqual(definition?.ok === true && { ...(definition.value as object) }, { title: 'B' })
  })

  it('gives its annotations to the entries, and a change of one is a change of what is written', () => {
    const data = { 'a.json': '{}' }
    const inFolder = (folder: string) => written(data, { annotations: { 'board-folder': folder } })
    const [one, other] = [inFolder('x'), inFolder('y')]
    assert.deepEqual(one.entries?.get('a'), { folder: 'x', definition: { key: 'a.json' } })
    assert.notEqual(one.hash, other.hash)
    assert.notEqual(one.signature, other.signature)
    const unsaid = { annotations: { unsaid: '1' } }
    assert.equal(signatureOf(configMap(data, unsaid), [boards]), signatureOf(configMap(data), [boards]))
  })

  it('deletes nothing while one of its files cannot be read: nobody knows which entry that was', () => {
    const sync = { annotations: { 'infometis.io/policy': 'sync' } }
    const whole = written({ 'a.json': '{}', 'b.json': '{"id": "known"}' }, sync)
    assert.deepEqual([...(whole.entries?.keys() ?? [])], ['a', 'known'])
    assert.equal(whole.controls.policy, 'sync')
    const broken = written({ 'a.json': '{}', 'b.json': '{"id": "known",' }, sync)
    assert.deepEqual([...(broken.entries?.keys() ?? [])], ['a', 'b'])
    assert.equal(broken.controls.policy, 'upsert-only')
    assert.equal(broken.definition?.('b.json').ok, false)
    const watched = written({ 'b.json': '{' }, { annotations: { 'infometis.io/policy': 'observe-only' } })
    assert.equal(watched.controls.policy, 'observe-only')
  })

  it('cannot be used where two of its files stand for one entry, or one for none', () => {
    const twice = written({ 'a.json': '{"id": "x"}', 'b.json': '{"id": "x"}' })
    assert.equal(twice.entries, undefined)
    assert.deepEqual(twice.issues, [
      { path: 'b.json', message: 'is "x", as a.json is: each needs a name of its own' },
    ])
    const address = written({ 'a.json.url': 'https://boards.example/a.json' })
    assert.deepEqual(address.issues, [
      { path: 'a.json.url', message: 'names an address; put the board itself here' },
    ])
  })

  it('is an ordinary document where it has one, or says that it is of another type', () => {
    assert.deepEqual([...(written({ 'boards.yaml': '{a: {}}' }).entries?.keys() ?? [])], ['a'])
    const labels = { 'infometis.config-type': 'walls' }
    assert.match(written({ 'a.json': '{}' }, { labels }).issues[0]?.message ?? '', /has no key walls\.yaml/)
  })
})
