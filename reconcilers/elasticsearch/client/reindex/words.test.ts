import assert from 'node:assert/strict'
import { it } from 'node:test'
import { copying, duration } from './words.ts'

const task = (status: object, runningMs = 20_000) => ({
  id: 'n:1',
  isChild: false,
  targetId: 't',
  name: 'orders',
  status,
  runningMs,
})

it('progress is told with what is done, of how many, and about how long it will last', () => {
  assert.equal(
    copying([
      task({ total: 0, slices: [null, null] }),
      task({ total: 400_000, created: 150_000 }),
      task({ total: 600_000, updated: 200_000 }),
    ]),
    'copying 350,000 of 1,000,000 documents (35 %), about 37 s left',
  )
  assert.equal(copying([]), 'copying begins')
})

it('a duration is as exact as it is short', () => {
  assert.deepEqual([420, 1_540, 12_300, 240_000, 7_800_000].map(duration), [
    '0.42 s',
    '1.5 s',
    '12 s',
    '4 min',
    '2 h 10 min',
  ])
})
