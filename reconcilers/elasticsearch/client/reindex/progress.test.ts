import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { formatProgress, parseProgress } from './progress.ts'

const plain = { noNullPrototype: true }
const numbers = fc.array(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }), {
  minLength: 1,
  maxLength: 8,
})
const task = fc.stringMatching(/^[\w-]{1,22}:\d{1,9}$/)
const running = fc.option(fc.record({ aim: numbers, task }, plain), { nil: undefined })
const reached = fc.option(numbers, { nil: undefined })
const progress = fc.record({ history: fc.stringMatching(/^[0-9a-f]{12}$/), reached, running }, plain)

it('what is noted on the server is what is read from it, in a line without a comma', () => {
  fc.assert(
    fc.property(progress, (noted) => {
      const line = formatProgress(noted)
      assert.ok(!line.includes(','))
      assert.deepEqual(parseProgress(line), noted)
    }),
  )
})

it('any other text is no progress, or progress that reached nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(parseProgress(text)?.running, undefined)
    }),
  )
  assert.equal(parseProgress(''), undefined)
  assert.equal(parseProgress('history=a reached=1/x')?.reached, undefined)
})
