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

test('numbers that are read the quick way are those of the YAML parser, however long', () => {
  const digits = fc.stringMatching(/^[1-9]\d{0,25}$/)
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      digits,
      fc.constantFrom('', '.5', '.0000305175781', '.12345678901234567', 'e3'),
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(number, fc.string(), (written, text) => {
      const json = `{"a": ${written}, "s": ${JSON.stringify(`${text}${written}`)}}`
      const slow = parseDocument(`# comment\n${json}`, 'x')
      assert.deepEqual(parseDocument(json, 'x').entries, slow.entries)
    }),
  )
})

test('long fractions and digits in strings take the quick way; an integer beyond 2^53 does not', () => {
  const text =
    '{"x": 1432.0000305175781, "y": -0.30000000000000004, "s\\"1234567890123456": "12345678901234567890"}'
  assert.deepEqual(plainJson(text), JSON.parse(text))
  assert.equal(plainJson('{"a": [1, -9007199254740992]}'), undefined)
  assert.deepEqual(plainJson('{"a": [1, -9007199254740991]}'), { a: [1, -9007199254740991] })
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
