import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { batchesOf, groupsOf } from './batches.ts'

const cases: readonly [string, readonly number[], readonly (readonly number[])[]][] = [
  ['nothing gives no batch', [], []],
  ['what fits stays together', [4, 3, 3], [[4, 3, 3]]],
  [
    'what no longer fits begins the next batch',
    [4, 3, 4, 6],
    [
      [4, 3],
      [4, 6],
    ],
  ],
  ['what is heavier than a batch goes alone', [1, 11, 1], [[1], [11], [1]]],
]

describe('batches by weight', () => {
  for (const [what, weights, batches] of cases) {
    it(what, () =>
      assert.deepEqual(
        batchesOf(weights, (weight) => weight, 10),
        batches,
      ),
    )
  }

  it('carry 8,000 records at most unless told otherwise', () => {
    const batches = batchesOf(Array.from({ length: 1_200 }), () => 13)
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [615, 585],
    )
  })
})

describe('groups without a repeated key', () => {
  it('keep order and put each repetition into the next group', () => {
    assert.deepEqual(
      groupsOf(['a1', 'b1', 'a2', 'c1', 'a3'], (item) => item.slice(0, 1)),
      [['a1', 'b1', 'c1'], ['a2'], ['a3']],
    )
    assert.deepEqual(groupsOf([], String), [])
  })
})
