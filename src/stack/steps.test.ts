import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runSteps, type Step } from './steps.ts'

describe('steps', () => {
  const written: string[] = []
  const out = { write: (text: string): number => written.push(text) }
  const never = new AbortController().signal

  it('writes plain lines where there is no terminal', async () => {
    written.length = 0
    const step: Step = { title: 'Kafka', run: async (say) => say('downloading') }
    await runSteps([[step]], out, never)
    assert.deepEqual(written, ['Kafka …\n', '  downloading\n', 'Kafka: done\n'])
  })

  it('aborts the others of a group when one fails, waits for them, and begins no further group', async () => {
    const order: string[] = []
    const failing: Step = {
      title: 'one',
      run: async () => {
        throw new Error('no Java')
      },
    }
    const aborted: Step = {
      title: 'two',
      run: async (_, signal) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        order.push('two was aborted')
        throw new Error('aborted')
      },
    }
    const later: Step = { title: 'three', run: async () => void order.push('three ran') }
    await assert.rejects(runSteps([[aborted, failing], [later]], out, never), /no Java/)
    assert.deepEqual(order, ['two was aborted'])
  })
})
