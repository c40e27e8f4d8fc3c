import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '../core/canonical.ts'
import { parseDocument } from './document.ts'
import { plainJson } from './plain-json.ts'

test('the quick way for plain JSON and the YAML parser read the same values', () => {
  const document = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), {
    noNullPrototype: true,
    maxKeys: 8,
  })
  fc.assert(
    fc.property(document, (value) => {
      const text = JSON.stringify(value)
      // A comment keeps the text from being plain JSON.
      const slow = parseDocument(`# comment\n${text}`, 'x')
      const quick = parseDocument(text, 'x')
      assert.equal(canonicalJson(quick.entries), canonicalJson(slow.entries))
    }),
    { numRuns: 300 },
  )
})

test('only plain JSON takes the quick way', () => {
  assert.deepEqual(plainJson('{"a": {"b:": ": \\": {"}}'), { a: { 'b:': ': ": {' } })
  for (const text of [
    '{"a": 1, "a": 2}',
    '{"a": {"b": 1, "b": 1}}',
    '{"a": 9223372036854775807}',
    'a: 1',
    '{"a": 1,}',
  ]) {
    assert.equal(plainJson(text), undefined, text)
  }
})
