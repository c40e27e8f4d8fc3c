import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { canonicalJson } from './canonical.ts'
import { SecretValues, fingerprintOf } from './secret-values.ts'

const values = new SecretValues(new Map([['password', 'hunter2']]))

describe('values from Secrets', () => {
  it('come out by their path and no other way', () => {
    assert.equal(values.reveal('password'), 'hunter2')
    assert.equal(values.reveal('other'), undefined)
    const around = { name: 'a', values }
    assert.equal(JSON.stringify(around), '{"name":"a"}')
    assert.equal(canonicalJson(around), '{"name":"a","values":{}}')
    for (const shown of [
      inspect(around, { depth: 9, showHidden: true, showProxy: true, getters: true }),
      String(values),
      `${Object.prototype.toString.call(values)} ${Object.keys(values).join()}`,
      inspect(structuredClone(around), { depth: 9 }),
    ])
      assert.ok(!shown.includes('hunter2'), shown)
  })

  it('do not change with the map they were made of', () => {
    const map = new Map([['a', '1']])
    const made = new SecretValues(map)
    map.set('a', '2')
    assert.equal(made.reveal('a'), '1')
  })
})

describe('the fingerprint of a value', () => {
  const key = Buffer.from('0b'.repeat(20), 'hex')

  it('is the beginning of HMAC-SHA256', () => {
    // The first test case of RFC 4231.
    assert.deepEqual(fingerprintOf(key, 'Hi There'), { secret: 'b0344c61d8db3853' })
  })

  it('is another for another value and for another key', () => {
    const all = [fingerprintOf(key, 'a'), fingerprintOf(key, 'b'), fingerprintOf(Buffer.from('other'), 'a')]
    assert.equal(new Set(all.map(({ secret }) => secret)).size, 3)
    assert.deepEqual(fingerprintOf(key, 'a'), all[0])
  })
})
