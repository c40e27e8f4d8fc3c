import { gzipSync } from 'node:zlib'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { readWritten, signatureOf } from './written.ts'

type Metadata = {
  name?: string
  uid?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  resourceVersion?: string
  managedFields?: readonly object[]
}

const labelled = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' }

function configMap(
  data: Record<string, string>,
  metadata: Metadata = {},
  binaryData: Record<string, string> = {},
): ConfigMap {
  const meta = {
    name: 'topics-desired',
    namespace: 'team',
    uid: 'uid-1',
    resourceVersion: '1',
    creationTimestamp: '2026-11-20T10:00:00Z',
    labels: labelled,
    ...metadata,
  }
  const read = readConfigMap({ metadata: meta, data, binaryData })
  assert.ok(read)
  return read
}

function base(
  name: string,
  text: string,
  annotations: Record<string, string> = {},
  labels: Record<string, string> = { 'infometis.io/kind': 'base' },
): ConfigMap {
  return configMap({ 'topics.yaml': text }, { name, labels, annotations })
}

function written(data: Record<string, string>, metadata: Metadata = {}, bases: readonly ConfigMap[] = []) {
  const byKey = new Map(bases.map((each) => [`team/${each.metadata.name}`, each]))
  return readWritten(configMap(data, metadata), byKey, [{ name: 'topics' }, { name: 'acls' }])
}

const topic = '{"partitions": 6}'

const badDocuments: readonly {
  readonly what: string
  readonly data: Record<string, string>
  readonly path: string
  readonly says: RegExp
  readonly line?: number
}[] = [
  { what: 'no data key at all', data: {}, path: 'data', says: /has no key topics\.yaml.*it has no keys/ },
  {
    what: 'a data key that is misspelt',
    data: { 'topic.yaml': 'a: {}' },
    path: 'data',
    says: /it has topic\.yaml/,
  },
  { what: 'the ending .yml', data: { 'topics.yml': 'a: {}' }, path: 'data', says: /it has topics\.yml/ },
  {
    what: 'two documents',
    data: { 'topics.yaml': '{}', 'topics.json': '{}' },
    path: 'data',
    says: /more than one document: topics\.json, topics\.yaml/,
  },
  {
    what: 'documents of two types',
    data: { 'topics.yaml': '{}', 'acls.yaml': '{}' },
    path: 'data',
    says: /more than one document/,
  },
  {
    what: 'a document of another type than the label',
    data: { 'acls.yaml': '{}' },
    path: 'acls.yaml',
    says: /type acls, but the label/,
  },
  { what: 'an empty string', data: { 'topics.json': '' }, path: 'topics.json', says: /is empty/ },
  { what: 'white space', data: { 'topics.json': ' \n' }, path: 'topics.json', says: /is empty/ },
  {
    what: 'only a comment',
    data: { 'topics.yaml': '# nothing yet\n' },
    path: 'topics.yaml',
    says: /must be a map.*not null/,
  },
  { what: 'null', data: { 'topics.json': 'null' }, path: 'topics.json', says: /not null/ },
  { what: 'a list', data: { 'topics.json': '[]' }, path: 'topics.json', says: /not a list/ },
  { what: 'a number', data: { 'topics.json': '5' }, path: 'topics.json', says: /not a number/ },
  { what: 'a text', data: { 'topics.yaml': 'hello' }, path: 'topics.yaml', says: /not a string/ },
  {
    what: 'an open brace',
    data: { 'topics.json': '{"a":\n {}' },
    path: 'topics.json',
    says: /cannot be read/,
    line: 2,
  },
  {
    what: 'a line that is not YAML',
    data: { 'topics.yaml': 'a: {}\nb: c: d\n' },
    path: 'topics.yaml',
    says: /cannot be read/,
    line: 2,
  },
  {
    what: 'a tab as indentation',
    data: { 'topics.yaml': 'a:\n\tpartitions: 6\n' },
    path: 'topics.yaml',
    says: /[Tt]abs/,
    line: 2,
  },
  {
    what: 'a repeated entry',
    data: { 'topics.json': '{"a": {},\n "b": {},\n "a": {}}' },
    path: 'a',
    says: /written twice, first in line 1/,
    line: 3,
  },
  {
    what: 'a repeated key within an entry',
    data: { 'topics.yaml': 'a:\n  config:\n    x: 1\n    x: 2\n' },
    path: 'a.config.x',
    says: /written twice, first in line 3/,
    line: 4,
  },
  {
    what: 'two YAML documents',
    data: { 'topics.yaml': 'a: {}\n---\nb: {}\n' },
    path: 'topics.yaml',
    says: /more than one document/,
    line: 2,
  },
  {
    what: 'a key that is a list',
    data: { 'topics.yaml': '? [a]\n: {}\n' },
    path: 'topics.yaml',
    says: /not a string/,
    line: 1,
  },
  {
    what: 'a tag of its own',
    data: { 'topics.yaml': 'a: !secret x\n' },
    path: 'topics.yaml',
    says: /tag/,
    line: 1,
  },
  {
    what: 'a binary tag',
    data: { 'topics.yaml': 'a: !!binary aGk=\n' },
    path: 'topics.yaml',
    says: /tag/,
    line: 1,
  },
  {
    what: 'an infinite number',
    data: { 'topics.yaml': 'a: {partitions: .inf}' },
    path: 'a.partitions',
    says: /finite/,
  },
  {
    what: 'a number beyond every float',
    data: { 'topics.json': '{"a": {"partitions": 1e400}}' },
    path: 'a.partitions',
    says: /finite/,
  },
  {
    what: 'an unclosed alias',
    data: { 'topics.yaml': 'a: *nothing\n' },
    path: 'topics.yaml',
    says: /nothing|alias/i,
  },
  {
    what: 'nesting 100 levels deep',
    data: { 'topics.json': `{"a":${'['.repeat(100)}${']'.repeat(100)}}` },
    path: 'a.0.0',
    says: /64 levels/,
  },
  {
    what: 'nesting past every stack',
    data: { 'topics.json': '{"a":' + '['.repeat(100_000) },
    path: 'topics.json',
    says: /nested too deeply|cannot be read/,
  },
  { what: 'aliases that explode', data: { 'topics.yaml': bomb() }, path: 'topics.yaml', says: /aliases/ },
]

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 9; i += 1)
    lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`)
  return lines.join('\n')
}

for (const { what, data, path, says, line } of badDocuments) {
  test(`a document is refused with its place: ${what}`, () => {
    const { entries, issues, issueReason } = written(data)
    assert.equal(entries, undefined)
    assert.equal(issueReason, 'InvalidDocument')
    assert.equal(issues[0]?.path, path)
    assert.match(issues[0].message, says)
    if (line !== undefined) assert.equal(issues[0].line, line)
  })
}

const goodDocuments: readonly {
  readonly what: string
  readonly data: Record<string, string>
  readonly entries: Record<string, unknown>
}[] = [
  { what: 'an empty map, which asks for nothing', data: { 'topics.json': '{}' }, entries: {} },
  { what: 'JSON', data: { 'topics.json': `{"a": ${topic}}` }, entries: { a: { partitions: 6 } } },
  {
    what: 'YAML under the ending .json',
    data: { 'topics.json': 'a:\n  partitions: 6\n' },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'JSON under the ending .yaml',
    data: { 'topics.yaml': `{"a": ${topic}}` },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'JSON indented with tabs',
    data: { 'topics.json': '{\n\t"a": {\n\t\t"partitions": 6\n\t}\n}' },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'comments',
    data: { 'topics.json': '{ # the six\n "a": {"partitions": 6} }' },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'a trailing comma',
    data: { 'topics.json': `{"a": ${topic},}` },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'a byte order mark',
    data: { 'topics.json': `\uFEFF{"a": ${topic}}` },
    entries: { a: { partitions: 6 } },
  },
  {
    what: 'a byte order mark before YAML',
    data: { 'topics.yaml': '\uFEFFa: {partitions: 6}' },
    entries: { a: { partitions: 6 } },
  },
  { what: 'CRLF', data: { 'topics.yaml': 'a:\r\n  partitions: 6\r\n' }, entries: { a: { partitions: 6 } } },
  {
    what: 'yes and no as words',
    data: { 'topics.yaml': 'a: {config: {x: yes, y: no}}' },
    entries: { a: { config: { x: 'yes', y: 'no' } } },
  },
  {
    what: 'aliases',
    data: { 'topics.yaml': 'a: &six {partitions: 6}\nb: *six\n' },
    entries: { a: { partitions: 6 }, b: { partitions: 6 } },
  },
  {
    what: 'an integer beyond 2^53, exactly',
    data: { 'topics.json': '{"a": {"retention.ms": 9223372036854775807}}' },
    entries: { a: { 'retention.ms': 9223372036854775807n } },
  },
  {
    what: 'the largest safe integer as a number',
    data: { 'topics.json': '{"a": {"retention.ms": 9007199254740991}}' },
    entries: { a: { 'retention.ms': 9007199254740991 } },
  },
  {
    what: 'floats and booleans and null',
    data: { 'topics.json': '{"a": {"x": 1e9, "y": 6.5, "z": true, "n": null}}' },
    entries: { a: { x: 1e9, y: 6.5, z: true, n: null } },
  },
  {
    what: 'emoji written as surrogates',
    data: { 'topics.json': '{"\\ud83d\\ude00": {}}' },
    entries: { '😀': {} },
  },
  {
    what: 'definitions under further keys',
    data: { 'topics.json': '{}', 'orders.flow.json': 'not: [read' },
    entries: {},
  },
]

for (const { what, data, entries } of goodDocuments) {
  test(`a document may hold ${what}`, () => {
    const read = written(data)
    assert.deepEqual(read.issues, [])
    assert.deepEqual(plain(read.entries), entries)
    assert.equal(read.type, 'topics')
  })
}

/** Null prototypes away, so that deepEqual compares values. */
function plain(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

test('__proto__, constructor and toString are names like any other, at every level', () => {
  for (const text of [
    '{"__proto__": {"__proto__": 1}, "constructor": {}, "toString": {}}',
    '__proto__: {__proto__: 1}\nconstructor: {}\ntoString: {}\n',
  ]) {
    const { entries } = written({ 'topics.json': text })
    assert.deepEqual([...(entries?.keys() ?? [])], ['__proto__', 'constructor', 'toString'])
    const value = entries?.get('__proto__') as object
    assert.equal(Object.getPrototypeOf(value), null)
    assert.deepEqual(Object.keys(value), ['__proto__'])
  }
})

test('a document may be gzipped in binaryData', () => {
  const gz = gzipSync(`{"a": ${topic}}`).toString('base64')
  const read = readWritten(configMap({}, {}, { 'topics.json.gz': gz }), new Map(), [{ name: 'topics' }])
  assert.deepEqual(plain(read.entries), { a: { partitions: 6 } })
})

test('plain text in binaryData is read as text, which is where kubectl puts a file with a stray byte elsewhere', () => {
  const read = readWritten(
    configMap({}, {}, { 'topics.json': Buffer.from('{}').toString('base64') }),
    new Map(),
    [{ name: 'topics' }],
  )
  assert.deepEqual(read.issues, [])
})

for (const [what, binaryData, says] of [
  ['is not gzip', { 'topics.json.gz': Buffer.from('{}').toString('base64') }, /not gzip/],
  ['is not UTF-8', { 'topics.json': Buffer.from([0xff, 0xfe, 0x7b]).toString('base64') }, /UTF-8/],
  [
    'unpacks to more than 8 MiB',
    { 'topics.json.gz': gzipSync(Buffer.alloc(9 * 1024 * 1024, 32)).toString('base64') },
    /larger than/,
  ],
] as const) {
  test(`a document in binaryData is refused that ${what}`, () => {
    const read = readWritten(configMap({}, {}, binaryData), new Map(), [{ name: 'topics' }])
    assert.equal(read.issueReason, 'InvalidDocument')
    assert.match(read.issues[0]?.message ?? '', says)
  })
}

test('a ConfigMap watched by name needs no label: its data key tells the type', () => {
  const read = written({ 'topics.yaml': 'a: {}' }, { labels: {} })
  assert.equal(read.type, 'topics')
})

test('an unknown config type is refused with the types there are', () => {
  const read = written(
    { 'topics.yaml': 'a: {}' },
    { labels: { ...labelled, 'infometis.config-type': 'topic' } },
  )
  assert.match(read.issues[0]?.message ?? '', /"topic"; there are topics, acls/)
})

test('the line of a value is found, in JSON and YAML', () => {
  const yaml = written({ 'topics.yaml': 'a:\n  partitions: 6\n  config:\n    retention.ms: x\n' })
  assert.equal(yaml.lineOf?.(['a', 'config', 'retention.ms']), 4)
  assert.equal(yaml.lineOf(['a', 'missing']), 1)
  assert.equal(yaml.lineOf(['elsewhere']), undefined)
  const json = written({ 'topics.json': '{\n"a": {},\n"b": {}\n}' })
  assert.equal(json.lineOf?.(['b']), 3)
})

test('a large plain document takes milliseconds and a repeated key in it is still found', () => {
  const entry = (name: string): string =>
    `"${name}": {"partitions": 3, "config": {"retention.ms": "86400000"}}`
  const names = Array.from({ length: 20_000 }, (_, i) => `topic-${i}`)
  const text = `{${names.map(entry).join(',\n')}}`
  assert.equal(written({ 'topics.json': text }).entries?.size, 20_000)
  const twice = written({
    'topics.json': `{${[...names.slice(0, 2_000), 'topic-7'].map(entry).join(',\n')}}`,
  })
  assert.equal(twice.issues[0]?.path, 'topic-7')
  assert.equal(twice.issues[0].line, 2_001)
})

// Overlays

test('a document is merged over its base entry by entry, and null takes away', () => {
  const under = base(
    'common',
    'a: {partitions: 1, config: {x: "1", y: "2"}}\ngone: {partitions: 1}\nkept: {partitions: 3}\n',
  )
  const text = 'a: {partitions: 6, config: {y: null, z: "3"}}\ngone: null\nnew: {partitions: 2}\n'
  const read = written({ 'topics.yaml': text }, { annotations: { 'infometis.io/extends': 'common' } }, [
    under,
  ])
  assert.deepEqual(plain(read.entries), {
    a: { partitions: 6, config: { x: '1', z: '3' } },
    kept: { partitions: 3 },
    new: { partitions: 2 },
  })
})

test('bases may rest on bases', () => {
  const chain = [
    base('one', 'a: {partitions: 1}', { 'infometis.io/extends': 'two' }),
    base('two', 'a: {x: 2}\nb: {}'),
  ]
  const read = written({ 'topics.yaml': 'c: {}' }, { annotations: { 'infometis.io/extends': 'one' } }, chain)
  assert.deepEqual(plain(read.entries), { a: { partitions: 1, x: 2 }, b: {}, c: {} })
})

const badBases: readonly {
  readonly what: string
  readonly bases: readonly ConfigMap[]
  readonly reason: string
  readonly says: RegExp
}[] = [
  { what: 'is not there', bases: [], reason: 'BaseNotFound', says: /no ConfigMap common labelled/ },
  {
    what: 'is not labelled a base',
    bases: [base('common', 'a: {}', {}, {})],
    reason: 'BaseNotFound',
    says: /labelled infometis\.io\/kind=base/,
  },
  {
    what: 'cannot be read',
    bases: [base('common', 'a: [')],
    reason: 'InvalidDocument',
    says: /cannot be read/,
  },
  { what: 'is empty', bases: [base('common', '')], reason: 'InvalidDocument', says: /is empty/ },
  {
    what: 'extends itself',
    bases: [base('common', '{}', { 'infometis.io/extends': 'common' })],
    reason: 'InvalidDocument',
    says: /extends itself: topics-desired → common → common/,
  },
  {
    what: 'extends its child',
    bases: [base('common', '{}', { 'infometis.io/extends': 'topics-desired' })],
    reason: 'InvalidDocument',
    says: /extends itself/,
  },
  {
    what: 'rests on too many others',
    bases: ['common', 'b', 'c', 'd'].map((name, i, all) =>
      base(name, '{}', { 'infometis.io/extends': all[i + 1] ?? 'e' }),
    ),
    reason: 'InvalidDocument',
    says: /more than 3 bases/,
  },
]

for (const { what, bases, reason, says } of badBases) {
  test(`a base is refused that ${what}`, () => {
    const read = written(
      { 'topics.yaml': 'a: {}' },
      { annotations: { 'infometis.io/extends': 'common' } },
      bases,
    )
    assert.equal(read.entries, undefined)
    assert.equal(read.issueReason, reason)
    assert.match(`${read.issues[0]?.path} ${read.issues[0]?.message}`, says)
  })
}

test('a change of the base is a change of what is written', () => {
  const annotations = { 'infometis.io/extends': 'common' }
  const hashWith = (text: string): string =>
    written({ 'topics.yaml': 'b: {}' }, { annotations }, [base('common', text)]).hash
  assert.notEqual(hashWith('a: {x: 1}'), hashWith('a: {x: 2}'))
  assert.notEqual(hashWith('a: {x: 1}'), written({ 'topics.yaml': 'b: {}' }, { annotations }, []).hash)
})

// Hash and signature

test('comments, white space and the order of keys are not what is written', () => {
  const one = written({ 'topics.yaml': 'a: {x: 1, y: 2}\nb: {} # new\n' })
  const two = written({ 'topics.yaml': 'b: {}\na:\n  y: 2\n  x: 1\n' })
  assert.equal(one.hash, two.hash)
})

test('a policy is part of what is written; an approval and a request to reconcile are not', () => {
  const hashWith = (annotations: Record<string, string>): string =>
    written({ 'topics.yaml': '{}' }, { annotations }).hash
  const none = hashWith({})
  assert.notEqual(none, hashWith({ 'infometis.io/policy': 'sync' }))
  assert.equal(none, hashWith({ 'infometis.io/approve': '0123456789ab' }))
  assert.equal(none, hashWith({ 'infometis.io/reconcile-at': 'now' }))
})

test('every control changes the signature, our own summary and a resource version do not', () => {
  const signature = (metadata: Metadata): string =>
    signatureOf(configMap({ 'topics.yaml': '{}' }, metadata), [])
  const none = signature({})
  assert.equal(
    none,
    signature({
      resourceVersion: '99',
      annotations: { 'infometis.io/ready': 'True', 'infometis.io/observed-hash': 'x', other: 'y' },
    }),
  )
  for (const control of ['approve', 'reconcile-at', 'policy', 'suspend', 'anything']) {
    assert.notEqual(none, signature({ annotations: { [`infometis.io/${control}`]: 'x' } }), control)
  }
  assert.notEqual(none, signature({ uid: 'uid-2' }))
  assert.notEqual(none, signature({ managedFields: [flux('2026-11-20T10:00:00Z')] }))
})

const flux = (time: string): object => ({ manager: 'kustomize-controller', operation: 'Apply', time })

test('the time of Flux’s own entry is echoed, and nobody else’s', () => {
  const managedFields = [
    { manager: 'infometis-kafka', operation: 'Apply', time: '2026-11-20T10:00:09Z' },
    { manager: 'kustomize-controller', operation: 'Update', time: '2026-11-20T10:00:08Z' },
    flux('2026-11-20T10:00:07Z'),
  ]
  assert.equal(written({ 'topics.yaml': '{}' }, { managedFields }).appliedAt, '2026-11-20T10:00:07Z')
  assert.equal(written({ 'topics.yaml': '{}' }).appliedAt, undefined)
})

test('identity and age are the object’s own', () => {
  const read = written({ 'topics.yaml': '{}' })
  assert.deepEqual(
    [read.key, read.uid, read.createdAt],
    ['team/topics-desired', 'uid-1', Date.parse('2026-11-20T10:00:00Z')],
  )
})

test('a wrong control keeps the document from being used, and says which', () => {
  const read = written({ 'topics.yaml': 'a: {}' }, { annotations: { 'infometis.io/polcy': 'observe-only' } })
  assert.equal(read.entries, undefined)
  assert.equal(read.issueReason, 'InvalidControl')
  assert.match(read.issues[0]?.message ?? '', /not a control; there are policy/)
})
