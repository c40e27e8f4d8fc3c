import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExactly } from './exact-json.ts'

describe('JSON of the server', () => {
  it('keeps the digits of an integer that a number would round', () => {
    assert.deepEqual(
      parseExactly('{"a":9007199254740993,"b":[-12345678901234567890],"c":9007199254740991}'),
      {
        a: '9007199254740993',
        b: ['-12345678901234567890'],
        c: 9_007_199_254_740_991,
      },
    )
  })
  it('leaves texts, fractions and powers alone, however long', () => {
    const text = '{"a":"9007199254740993","b":0.12345678901234567,"c":1e300}'
    assert.deepEqual(parseExactly(text), JSON.parse(text))
  })
  for (const digits of ['1', '9007199254740993']) {
    it(`has a member __proto__ like any other, beside ${digits}`, () => {
      const parsed = parseExactly(`{"__proto__":{"type":"keyword"},"n":${digits}}`)
      assert.ok(typeof parsed === 'object' && parsed !== null)
      assert.deepEqual(Object.keys(parsed), ['__proto__', 'n'])
      assert.equal(Object.getPrototypeOf(parsed), Object.prototype)
    })
  }
  it('is refused when it is none', () => assert.throws(() => parseExactly('<html>'), SyntaxError))
})
