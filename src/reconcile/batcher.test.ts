import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReconcileError } from '../errors.ts'
import { Batcher } from './batcher.ts'

const never = new AbortController().signal
const minute = 60_000

/** A shared call that waits to be answered by the test. */
interface Call {
  readonly items: readonly number[]
  readonly signal: AbortSignal
  answer(results?: readonly number[]): void
  fail(error: Error): void
}

function gated(timeoutMs = minute): { batcher: Batcher<number, number>; calls: Call[] } {
  const calls: Call[] = []
  const batcher = new Batcher<number, number>((items, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    calls.push({
      items,
      signal,
      answer: (results = items.map((item) => item * 10)) => resolve(results),
      fail: reject,
    })
    return promise
  }, timeoutMs)
  return { batcher, calls }
}

/** Lets everything run that is ready to. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
}

describe('a batcher', () => {
  it('shares one call among those who ask in the same moment, each with its own results in order', async () => {
    const { batcher, calls } = gated()
    const asked = [batcher.call([1, 2], never), batcher.call([3], never), batcher.call([4, 5], never)]
    await settle()
    assert.deepEqual(
      calls.map(({ items }) => items),
      [[1, 2, 3, 4, 5]],
    )
    calls[0]?.answer()
    assert.deepEqual(await Promise.all(asked), [[10, 20], [30], [40, 50]])
  })

  it('has at most three calls under way, and gathers what comes meanwhile into the next', async () => {
    const { batcher, calls } = gated()
    const asked: Promise<readonly number[]>[] = []
    for (const item of [1, 2, 3]) {
      asked.push(batcher.call([item], never))
      await settle()
    }
    for (const item of [4, 5, 6]) asked.push(batcher.call([item], never))
    await settle()
    assert.deepEqual(
      calls.map(({ items }) => items),
      [[1], [2], [3]],
    )
    calls[1]?.answer()
    await settle()
    assert.deepEqual(calls[3]?.items, [4, 5, 6])
    for (const call of calls) call.answer()
    assert.deepEqual((await Promise.all(asked)).flat(), [10, 20, 30, 40, 50, 60])
  })

  it('asks nothing for nothing', async () => {
    const { batcher, calls } = gated()
    assert.deepEqual(await batcher.call([], never), [])
    await settle()
    assert.equal(calls.length, 0)
  })

  it('lets one caller go at once, and the others have their results', async () => {
    const { batcher, calls } = gated()
    const stop = new AbortController()
    const leaves = batcher.call([1], stop.signal)
    const stays = batcher.call([2], never)
    await settle()
    stop.abort(new Error('enough'))
    await assert.rejects(leaves, /enough/)
    assert.equal(calls[0]?.signal.aborted, false)
    calls[0].answer()
    assert.deepEqual(await stays, [20])
  })

  it('ends the call when nobody waits for it', async () => {
    const { batcher, calls } = gated()
    const stops = [new AbortController(), new AbortController()]
    const asked = stops.map(({ signal }, index) => batcher.call([index], signal))
    await settle()
    for (const stop of stops) stop.abort(new Error('enough'))
    for (const each of await Promise.allSettled(asked)) assert.equal(each.status, 'rejected')
    assert.equal(calls[0]?.signal.aborted, true)
  })

  it('does not ask for those who left before the call went out', async () => {
    const { batcher, calls } = gated()
    const stop = new AbortController()
    const leaves = batcher.call([1], stop.signal)
    const stays = batcher.call([2], never)
    stop.abort(new Error('enough'))
    await assert.rejects(leaves, /enough/)
    await settle()
    assert.deepEqual(calls[0]?.items, [2])
    calls[0].answer()
    await stays
    await assert.rejects(batcher.call([3], stop.signal), /enough/)
  })

  it('fails for all when the call fails, and goes on afterwards', async () => {
    const { batcher, calls } = gated()
    const asked = [batcher.call([1], never), batcher.call([2], never)]
    await settle()
    calls[0]?.fail(new Error('unreachable'))
    for (const each of asked) await assert.rejects(each, /unreachable/)
    const again = batcher.call([3], never)
    await settle()
    calls[1]?.answer()
    assert.deepEqual(await again, [30])
  })

  it('calls each alone when the failure may be one caller’s, so that only that one fails', async () => {
    const { batcher, calls } = gated()
    const asked = [batcher.call([1], never), batcher.call([2], never)]
    await settle()
    calls[0]?.fail(new ReconcileError('AuthorizationFailed', 'may not describe 1'))
    await settle()
    const [, first, second] = calls
    assert.deepEqual([first?.items, second?.items], [[1], [2]])
    first?.fail(new ReconcileError('AuthorizationFailed', 'may not describe 1'))
    second?.answer()
    const ends = await Promise.allSettled(asked)
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
  })

  it('gives nobody another’s results when there are fewer than were asked for', async () => {
    const { batcher, calls } = gated()
    const asked = [batcher.call([1], never), batcher.call([2], never)]
    await settle()
    calls[0]?.answer([10])
    for (const each of asked) await assert.rejects(each, /a shared call of 2 answered with 1 results/)
  })

  it('ends a call that takes too long', async () => {
    const { batcher } = gated(20)
    await assert.rejects(batcher.call([1], never), { name: 'TimeoutError' })
  })
})
