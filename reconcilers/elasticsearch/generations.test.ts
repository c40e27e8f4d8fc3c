import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { generationName, generationOf, nextGeneration, parseGeneration } from './generations.ts'

const others: readonly (readonly [string, string, string])[] = [
  ['a month of logs', 'logs', 'logs-202611'],
  ['a day of logs', 'logs', 'logs-00002026'],
  ['another name that begins alike', 'orders', 'orders-old-000001'],
  ['a part of the name', 'orders-old', 'orders-000001'],
  ['five digits', 'orders', 'orders-00001'],
  ['no dash', 'orders', 'orders000001'],
  ['nothing before the dash', '', '-000001'],
  ['the name itself', 'orders', 'orders'],
]

const next: readonly (readonly [string, readonly string[], string])[] = [
  ['the first, of none', [], 'orders-000001'],
  ['the first, after the clone of a concrete index', ['orders-000000'], 'orders-000001'],
  [
    'the one after the highest, whatever the order',
    ['orders-000002', 'orders-000010', 'orders-000001'],
    'orders-000011',
  ],
  [
    'the first, where only others are there',
    ['orders', 'orders-old-000007', 'orders-202611'],
    'orders-000001',
  ],
  [
    'the lowest that is free, past the last',
    ['orders-099999', 'orders-000001', 'orders-000002'],
    'orders-000003',
  ],
]

describe('a generation', () => {
  for (const [what, name, index] of others) {
    it(`of ${name || 'nothing'} is not ${what}`, () => assert.equal(generationOf(name, index), undefined))
  }
  for (const [what, indices, expected] of next) {
    it(`comes next as ${what}`, () => assert.equal(nextGeneration('orders', indices), expected))
  }

  it('is read as it was named, for any name and number', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(99_999), (name, number) => {
        assert.equal(generationOf(name, generationName(name, number)), number)
        assert.deepEqual(parseGeneration(generationName(name, number)), { name, number })
      }),
    )
  })
})
