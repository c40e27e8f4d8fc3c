import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { StoppedClock } from '../../test/support/stopped-clock.ts'
import { Leadership } from './leadership.ts'

function stage() {
  const clock = new ManualClock()
  return {
    clock,
    leadership: new Leadership({ name: 'infometis-kafka', clock, deadline: 10_000, limit: 14_000 }),
  }
}

const lost = { reason: 'LeadershipLost' }

describe('the right to write', () => {
  it('is not there before it is confirmed, and that is no loss: a standby may ask', async () => {
    const { clock, leadership } = stage()
    await clock.advance(60_000)
    leadership.check()
    assert.deepEqual([leadership.leading, leadership.signal.aborted], [false, false])
  })

  it('ends ten seconds after the last confirmation was asked for, whenever that was answered', async () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    await clock.advance(8_000)
    leadership.confirm(2_000)
    await clock.advance(3_999)
    leadership.check()
    assert.equal(leadership.leading, true)
    await clock.advance(1)
    assert.deepEqual([leadership.leading, leadership.signal.aborted], [false, true])
  })

  it('lets what ends clean up after itself for four seconds more, before another may lead', async () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    await clock.advance(13_999)
    assert.equal(leadership.signal.aborted, true)
    leadership.check()
    await clock.advance(1)
    assert.throws(() => leadership.check(), lost)
  })

  it('is over at once when another leads already', () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    leadership.taken('pod-b holds the lease infometis-kafka now')
    assert.throws(() => leadership.check(), { ...lost, message: /pod-b holds/ })
    assert.deepEqual([leadership.leading, leadership.signal.aborted, clock.timers], [false, true, 0])
  })

  it('is gone for good: a late confirmation does not bring it back', async () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    await clock.advance(10_000)
    leadership.confirm(clock.now())
    assert.deepEqual([leadership.leading, leadership.signal.aborted], [false, true])
  })

  it('is gone at once when the confirmation itself comes too late', async () => {
    const { clock, leadership } = stage()
    await clock.advance(10_000)
    leadership.confirm(0)
    assert.deepEqual([leadership.leading, leadership.signal.aborted], [false, true])
  })

  it('says why, with the last trouble', async () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    leadership.troubled('no answer to update leases')
    await clock.advance(10_000)
    assert.match(
      String(leadership.signal.reason),
      /the lease infometis-kafka was not renewed for 10 s, .*no answer to update leases/,
    )
  })

  it('ends without a loss when it is given up', async () => {
    const { clock, leadership } = stage()
    leadership.confirm(clock.now())
    leadership.end()
    await clock.advance(60_000)
    assert.deepEqual([leadership.leading, leadership.signal.aborted, clock.timers], [false, false, 0])
  })
})

it('a process that was stopped knows at its first look at the clock, before any timer', () => {
  const clock = new StoppedClock()
  const leadership = new Leadership({ name: 'infometis-kafka', clock, deadline: 10_000, limit: 14_000 })
  leadership.confirm(clock.now())
  clock.skip(16_000)
  assert.equal(leadership.signal.aborted, false)
  assert.throws(() => leadership.check(), { ...lost, message: /this process stood still/ })
  assert.equal(leadership.signal.aborted, true)
})

it('one that was stopped for less than that is told to end at that look', () => {
  const clock = new StoppedClock()
  const leadership = new Leadership({ name: 'infometis-kafka', clock, deadline: 10_000, limit: 14_000 })
  leadership.confirm(clock.now())
  clock.skip(12_000)
  leadership.check()
  assert.equal(leadership.signal.aborted, true)
})
