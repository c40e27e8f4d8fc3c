import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ExitError, ReconcileError, reasons, toReconcileError } from './errors.ts'

describe('the table of reasons', () => {
  for (const [reason, { advice }] of Object.entries(reasons)) {
    it(`${reason} is CamelCase and advises in a sentence`, () => {
      assert.match(reason, /^([A-Z][a-z]+)+$/)
      assert.match(advice, /^[A-Z].*\.$/)
    })
  }
})

describe('an error', () => {
  it('knows its reason and whether a retry may mend it', () => {
    const cause = new Error('socket closed')
    const error = new ReconcileError('ServiceUnreachable', 'no broker can be reached', { cause })
    assert.deepEqual(
      [error.name, error.reason, error.retryable, error.cause],
      ['ReconcileError', 'ServiceUnreachable', true, cause],
    )
    assert.equal(new ReconcileError('InvalidDocument', '').retryable, false)
  })

  const thrown: readonly (readonly [string, unknown, string])[] = [
    ['a deadline', new DOMException('too late', 'TimeoutError'), 'DeadlineExceeded'],
    ['an abort', new DOMException('stopping', 'AbortError'), 'Aborted'],
    ['what nobody foresaw', new TypeError('x is not a function'), 'InternalError'],
    ['what is no error at all', 'a text', 'InternalError'],
  ]
  for (const [what, value, reason] of thrown) {
    it(`${what} becomes ${reason}, with its cause`, () => {
      const error = toReconcileError(value)
      assert.equal(error.reason, reason)
      assert.ok(error.cause instanceof Error)
      assert.equal(error.message, error.cause.message)
    })
  }
  it('that knows its reason stays itself', () => {
    const error = new ReconcileError('WrongCluster', 'another')
    assert.equal(toReconcileError(error), error)
  })
  it('of a command carries its exit code', () => {
    assert.deepEqual([new ExitError(2).code, new ExitError(1, 'why').message], [2, 'why'])
  })
})
