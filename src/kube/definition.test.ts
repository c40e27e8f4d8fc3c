import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { canonicalJson } from '../core/canonical.ts'
import type { Definition } from '../reconcile/written.ts'
import { readConfigMap, type ConfigMap } from './objects.ts'
import { readWritten, signatureOf } from './written.ts'

type Texts = Readonly<Record<string, string>>

function configMap(
  name: string,
  data: Texts,
  more: { readonly binaryData?: Texts; readonly labels?: Texts; readonly annotations?: Texts } = {},
): ConfigMap {
  const { binaryData = {}, labels = {}, annotations = {} } = more
  const metadata = { name, namespace: 'team', uid: name, resourceVersion: '1', labels, annotations }
  const read = readConfigMap({ metadata, data, binaryData })
  assert.ok(read)
  return read
}

const document = { 'flows.yaml': 'orders: {definition: {key: orders.json}}' }

function written(data: Texts, binaryData: Texts = {}, bases: readonly ConfigMap[] = []) {
  const annotations: Texts = bases.length === 0 ? {} : { 'infometis.io/extends': 'common' }
  const byKey = new Map(bases.map((each) => [`team/${each.metadata.name}`, each]))
  return readWritten(configMap('own', { ...document, ...data }, { binaryData, annotations }), byKey, [
    { name: 'flows' },
  ])
}

function base(name: string, data: Texts, more: { annotations?: Texts; binaryData?: Texts } = {}): ConfigMap {
  return configMap(
    name,
    { 'flows.json': '{}', ...data },
    { labels: { 'infometis.io/kind': 'base' }, ...more },
  )
}

function find(data: Texts, binaryData: Texts = {}, name = 'orders.json'): Definition {
  const found = written(data, binaryData).definition?.(name)
  assert.ok(found)
  return found
}

function valueOf(definition: Definition | undefined): unknown {
  assert.ok(definition?.ok === true, definition?.ok === false ? definition.message : 'no definition')
  return JSON.parse(canonicalJson(definition.value)) as unknown
}

const text = '{"name": "orders"}'
const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')
const packed = (content: string): string => base64(gzipSync(content))

const places: Readonly<Record<string, readonly [Texts, Texts, string, string]>> = {
  'text in data': [{ 'orders.json': text }, {}, 'orders.json', 'orders.json'],
  'text in binaryData': [{}, { 'orders.json': base64(text) }, 'orders.json', 'orders.json'],
  'gzip in binaryData, named in full': [
    {},
    { 'orders.json.gz': packed(text) },
    'orders.json.gz',
    'orders.json.gz',
  ],
  'gzip in binaryData, named without .gz': [
    {},
    { 'orders.json.gz': packed(text) },
    'orders.json',
    'orders.json.gz',
  ],
  'text beside a gzip of the same name': [
    { 'orders.json': text },
    { 'orders.json.gz': packed('{"name": "other"}') },
    'orders.json',
    'orders.json',
  ],
  'text under the name of a member of every object': [{}, { toString: base64(text) }, 'toString', 'toString'],
  'text under the name __proto__': [
    JSON.parse(`{"__proto__": ${JSON.stringify(text)}}`) as Texts,
    {},
    '__proto__',
    '__proto__',
  ],
}

for (const [what, [data, binaryData, name, key]] of Object.entries(places)) {
  test(`a definition may be ${what}`, () => {
    const definition = find(data, binaryData, name)
    assert.deepEqual(valueOf(definition), { name: 'orders' })
    assert.deepEqual(definition.at, { key })
  })
}

const good: Readonly<Record<string, readonly [string, unknown]>> = {
  'a byte order mark': ['\uFEFF{"a": 1}', { a: 1 }],
  comments: ['{ # one\n"a": 1 }', { a: 1 }],
  YAML: ['a:\n  - b: 1\n', { a: [{ b: 1 }] }],
  'an empty map': ['{}', {}],
}

for (const [what, [content, expected]] of Object.entries(good)) {
  test(`a definition may have ${what}, as a document may`, () => {
    assert.deepEqual(valueOf(find({ 'orders.json': content })), expected)
  })
}

test('integers of a definition are exact, and a long fraction is a number like any other', () => {
  const found = find({
    'orders.json': '{"big": 9223372036854775807, "x": 1432.0000305175781, "s": "9223372036854775807"}',
  })
  assert.ok(found.ok)
  assert.deepEqual(
    { ...(found.value as object) },
    { big: 9223372036854775807n, x: 1432.0000305175781, s: '9223372036854775807' },
  )
})

const bad: Readonly<Record<string, readonly [Texts, Texts, RegExp, number?]>> = {
  'is not there, with the nearest name': [
    { 'order.json': '{}' },
    {},
    /^is no data key of the ConfigMap; did you mean "order\.json"\?$/,
  ],
  'is not there, with the names there are': [
    { zebra: '{}' },
    {},
    /is no data key of the ConfigMap; there are zebra$/,
  ],
  'is not there, like any other': [{}, {}, /there is none besides the document$/],
  'is empty': [{ 'orders.json': '' }, {}, /^is empty$/],
  'is white space': [{ 'orders.json': ' \n' }, {}, /^is empty$/],
  'is a list': [{ 'orders.json': '[]' }, {}, /^must be a map of names to values, not a list$/],
  'is a text': [{ 'orders.json': 'hello' }, {}, /not a string$/],
  'is XML': [
    { 'orders.json': '<?xml version="1.0"?><template/>' },
    {},
    /^is XML; only JSON or YAML definitions are read$/,
  ],
  'is XML below a byte order mark': [{ 'orders.json': '\uFEFF\n<template/>' }, {}, /^is XML;/],
  'names a key twice': [
    { 'orders.json': '{"a": {\n"b": 1,\n"b": 2}}' },
    {},
    /^a\.b is written twice, first in line 2$/,
    3,
  ],
  'is no JSON': [{ 'orders.json': '{"a":\n {}' }, {}, /^cannot be read: /, 2],
  'has an infinite number': [{ 'orders.json': '{"a": 1e400}' }, {}, /^a is not a finite number$/],
  'is nested too deeply': [{ 'orders.json': `{"a":${'['.repeat(100)}${']'.repeat(100)}}` }, {}, /64 levels/],
  'is not gzip': [{}, { 'orders.json.gz': base64('{}') }, /^is not gzip$/],
  'is packed, but not in binaryData': [{ 'orders.json.gz': 'x' }, {}, /^must stand in binaryData/],
  'is not UTF-8': [{}, { 'orders.json': base64(Buffer.from([0xff, 0xfe, 0x7b])) }, /^is not UTF-8 text$/],
  'unpacks to more than 32 MiB': [
    {},
    { 'orders.json.gz': base64(gzipSync(Buffer.alloc(33 * 1024 * 1024, 32))) },
    /^is larger than 33554432 bytes unpacked$/,
  ],
  'unpacks to millions of empty maps': [
    {},
    { 'orders.json.gz': packed(`{"a": [${'{},'.repeat(1_000_000)}{}]}`) },
    /^holds more than 2000000 values$/,
  ],
  'is a large text for the slow parser': [
    {},
    { 'orders.json.gz': packed(`# comment\n{"a": "${'x'.repeat(2 * 1024 * 1024)}"}`) },
    /^is larger than 2097152 characters, so it must be plain JSON/,
  ],
}

for (const [what, [data, binaryData, says, line]] of Object.entries(bad)) {
  test(`a definition is refused that ${what}; the document is not`, () => {
    const found = find(data, binaryData)
    assert.ok(!found.ok)
    assert.match(found.message, says)
    assert.equal(found.line, line)
    assert.deepEqual(written(data, binaryData).issues, [])
  })
}

test('the document is no definition of its own', () => {
  const found = find({}, {}, 'flows.yaml')
  assert.ok(!found.ok)
  assert.match(found.message, /^is no data key/)
})

test('a definition of many MiB is read where it is plain JSON', () => {
  const found = find({}, { 'orders.json.gz': packed(`{"a": "${'x'.repeat(20 * 1024 * 1024)}"}`) })
  assert.ok(found.ok)
  assert.equal(found.lineOf?.(['a']), undefined)
})

test('the line of a value is found in maps and lists of a definition', () => {
  const found = find({ 'orders.json': '{\n"list": [\n{"a": 1},\n{"a": 1,\n"b": 2}]}' })
  assert.ok(found.ok)
  assert.equal(found.lineOf?.(['list', '1']), 4)
  assert.equal(found.lineOf(['list', '1', 'b']), 5)
  assert.equal(found.lineOf(['list', '7', 'b']), 2)
})

test('any map reads back as it was, from plain text and packed', () => {
  const map = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: true, maxKeys: 8 })
  fc.assert(
    fc.property(map, fc.boolean(), (value, indented) => {
      const content = JSON.stringify(value, undefined, indented ? 2 : undefined)
      const plain = find({ 'orders.json': content })
      const zipped = find({}, { 'orders.json.gz': packed(content) })
      assert.ok(plain.ok && zipped.ok)
      assert.equal(canonicalJson(plain.value), canonicalJson(value))
      assert.equal(canonicalJson(zipped.value), canonicalJson(value))
    }),
  )
})

test('a definition is parsed once while it is used', () => {
  const read = written({ 'orders.json': text })
  assert.equal(read.definition?.('orders.json'), read.definition?.('orders.json'))
})

// Bases

test('a definition is inherited from a base, the ConfigMap’s own and the nearer base’s first', () => {
  const bases = [
    base(
      'common',
      { 'a.json': '{"from": "common"}', 'b.json': '{"from": "common"}' },
      { annotations: { 'infometis.io/extends': 'far' } },
    ),
    base('far', { 'a.json': '{"from": "far"}', 'b.json': '{"from": "far"}', 'c.json': '{"from": "far"}' }),
  ]
  const read = written({}, { 'a.json.gz': packed('{"from": "own"}') }, bases)
  const found = ['a.json', 'b.json', 'c.json'].map((name) => read.definition?.(name))
  assert.deepEqual(found.map(valueOf), [{ from: 'own' }, { from: 'common' }, { from: 'far' }])
  assert.deepEqual(
    found.map((each) => each?.at),
    [{ key: 'a.json.gz' }, { key: 'b.json', base: 'common' }, { key: 'c.json', base: 'far' }],
  )
  const missing = read.definition?.('a.jsn')
  assert.equal(
    missing?.ok === false && missing.message,
    'is no data key of the ConfigMap or its bases; did you mean "a.json"?',
  )
})

test('the document of a base is no definition', () => {
  const missing = written({}, {}, [base('common', {})]).definition?.('flows.json')
  assert.equal(missing?.ok, false)
})

// Hash

test('a definition is part of what is written, whether it is text or packed, own or inherited', () => {
  const own = (content: string): string => written({ 'orders.json': content }).hash
  assert.notEqual(own('{"a": 1}'), own('{"a": 2}'))
  const zipped = (content: string): string => written({}, { 'orders.json.gz': packed(content) }).hash
  assert.notEqual(zipped('{"a": 1}'), zipped('{"a": 2}'))
  const far = (content: string) => [
    base('common', {}, { annotations: { 'infometis.io/extends': 'far' } }),
    base('far', { 'orders.json': content }),
  ]
  const inherited = (content: string): string => written({}, {}, far(content)).hash
  assert.notEqual(inherited('{"a": 1}'), inherited('{"a": 2}'))
  assert.equal(inherited('{"a": 1}'), inherited('{"a": 1}'))
  const packedBelow = (content: string): string =>
    written({}, {}, [base('common', {}, { binaryData: { 'orders.json.gz': packed(content) } })]).hash
  assert.notEqual(packedBelow('{"a": 1}'), packedBelow('{"a": 2}'))
})

test('a base’s definition that the ConfigMap has of its own is not what is written', () => {
  const hashOver = (content: string): string =>
    written({ 'orders.json': '{}' }, {}, [base('common', { 'orders.json': content })]).hash
  assert.equal(hashOver('{"a": 1}'), hashOver('{"a": 2}'))
})

test('a base’s own comments are not what is written beside its definitions', () => {
  const hashOver = (comment: string): string =>
    written({}, {}, [base('common', { 'flows.json': `{} # ${comment}`, 'orders.json': '{}' })]).hash
  assert.equal(hashOver('one'), hashOver('two'))
})

test('a definition that changes asks for a reconcile: of its ConfigMap, and of those that extend it', () => {
  const signature = (content: string): string => signatureOf(base('common', { 'orders.json': content }), [])
  assert.notEqual(signature('{"a": 1}'), signature('{"a": 2}'))
})
