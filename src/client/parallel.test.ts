import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { inParallel } from './parallel.ts'

describe('work in parallel', () => {
  it('is done by so many at a time, and its results stand in the order of the items', async () => {
    let running = 0
    let most = 0
    const results = await inParallel([3, 1, 2, 0], 2, async (turns) => {
      running += 1
      most = Math.max(most, running)
      for (let turn = 0; turn < turns; turn += 1) await setImmediate()
      running -= 1
      return turns * 10
    })
    assert.deepEqual(results, [30, 10, 20, 0])
    assert.equal(most, 2)
  })

  it('begins nothing more after a failure', async () => {
    const begun: number[] = []
    const ended = Promise.withResolvers<undefined>()
    const work = inParallel([0, 1, 2, 3], 2, async (item) => {
      begun.push(item)
      if (item === 0) throw new Error('no answer')
      await ended.promise
    })
    await assert.rejects(work, { message: 'no answer' })
    ended.resolve(undefined)
    await setImmediate()
    assert.deepEqual(begun, [0, 1])
  })
})
