import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { unlessAborted } from './abort.ts'

describe('unlessAborted', () => {
  it('is what the promise is, or the reason of an abort before or after', async () => {
    const { signal } = new AbortController()
    assert.equal(await unlessAborted(Promise.resolve(1), signal), 1)
    assert.equal(await unlessAborted(2, signal), 2)
    const enough = new Error('enough')
    await assert.rejects(unlessAborted(3, AbortSignal.abort(enough)), enough)
    const controller = new AbortController()
    const waiting = unlessAborted(new Promise<never>(() => undefined), controller.signal)
    controller.abort(enough)
    await assert.rejects(waiting, enough)
  })

  it('leaves no promise that fails with nobody listening, however early the abort', async () => {
    const unheard: unknown[] = []
    const listen = (reason: unknown) => void unheard.push(reason)
    process.on('unhandledRejection', listen)
    try {
      const late = Promise.withResolvers<never>()
      await assert.rejects(unlessAborted(late.promise, AbortSignal.abort(new Error('enough'))), /enough/)
      late.reject(new Error('nobody listens'))
      await setImmediate()
      await setImmediate()
      assert.deepEqual(unheard, [])
    } finally {
      process.off('unhandledRejection', listen)
    }
  })
})
