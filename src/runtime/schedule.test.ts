import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reason } from '../errors.ts'
import { backoffCeiling, resyncAfter, untilSlot } from './schedule.ts'

test('a resync comes within the interval, and no more than a tenth before its end', () => {
  assert.equal(resyncAfter(30_000, 0), 30_000)
  assert.equal(resyncAfter(30_000, 0.5), 28_500)
  assert.ok(resyncAfter(30_000, 0.999) >= 27_000)
})

test('resyncs of one half second begin together, and never late', () => {
  assert.equal(untilSlot(100, 29_000), 28_900)
  assert.equal(untilSlot(250, 29_200), 28_750)
  assert.equal(untilSlot(0, 1_000), 1_000)
})

test('an interval of nothing does not become a hot loop', () => {
  assert.equal(resyncAfter(0, 0.5), 1_000)
})

const ceilings: readonly (readonly [reason: Reason, resync: number, ceiling: number])[] = [
  ['ServiceUnreachable', 3_600_000, 30_000],
  ['ServiceTimeout', 3_600_000, 30_000],
  ['ApiServerUnreachable', 3_600_000, 30_000],
  ['ChangesFailed', 30_000, 30_000],
  ['NotVerified', 3_600_000, 600_000],
  ['ServiceBusy', 30_000, 600_000],
  ['AuthorizationFailed', 30_000, 30_000],
  ['DeadlineExceeded', 30_000, 600_000],
  ['InternalError', 30_000, 600_000],
]

for (const [reason, resync, ceiling] of ceilings) {
  test(`with a resync in ${resync / 1_000} s, ${reason} waits at most ${ceiling / 1_000} s`, () => {
    assert.equal(backoffCeiling(reason, resync), ceiling)
  })
}
