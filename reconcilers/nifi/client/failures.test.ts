import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reason } from '../../../src/errors.ts'
import { failure } from '../../../test/support/failure.ts'
import { accepted, isConflict, isMissing, isUnsupported, refusalOf } from './failures.ts'

/** Status and words as NiFi 2.3.0 answers, or as its source has them. */
const cases: readonly (readonly [number, unknown, Reason, RegExp])[] = [
  [400, 'Revision must be specified.', 'RejectedByServer', /^Revision must be specified\.$/],
  [
    400,
    '[5, null, x] is not the most up-to-date revision. This component appears to have been modified',
    'ServiceBusy',
    /modified$/,
  ],
  [401, 'Unauthorized', 'AuthenticationFailed', /Unauthorized/],
  [
    403,
    'Unable to view the user interface. Contact the system administrator.',
    'AuthorizationFailed',
    /^Unable to view the user interface\.$/,
  ],
  [404, 'The specified resource could not be found.', 'NotSupportedByServer', /could not be found/],
  [404, "Unable to locate group with id 'nope'.", 'ChangesFailed', /nope/],
  [405, 'HTTP 405 Method Not Allowed', 'NotSupportedByServer', /405/],
  [
    409,
    '[5, null, x] is not the most up-to-date revision. This component appears to have been modified',
    'ServiceBusy',
    /modified$/,
  ],
  [409, 'The Flow Controller is initializing the Data Flow.', 'ServiceUnhealthy', /initializing/],
  [
    409,
    'Cannot replicate request to Node n:8443 because the node is not connected',
    'ServiceUnhealthy',
    /not connected/,
  ],
  [409, 'Invalid Processor Type: org.example.None', 'RejectedByServer', /org\.example\.None/],
  [409, 'Cannot delete Processor because it is running', 'ChangesFailed', /running/],
  [429, 'slow down', 'ServiceBusy', /slow down/],
  [500, 'An unexpected error has occurred.', 'ChangesFailed', /unexpected/],
  [503, 'Service Unavailable', 'ServiceUnhealthy', /Unavailable/],
  [504, undefined, 'ServiceTimeout', /^status 504 without a word$/],
  [500, { message: 'no text' }, 'ChangesFailed', /^status 500 without a word$/],
]

describe('what NiFi refuses', () => {
  for (const [status, body, reason, words] of cases) {
    it(`${status} ${typeof body === 'string' ? JSON.stringify(body.slice(0, 50)) : 'without text'} is ${reason}`, () => {
      const refusal = refusalOf({ status, body })
      assert.equal(refusal?.reason, reason)
      assert.match(refusal.message, words)
    })
  }

  it('throws it with what was tried, and hands on the body of what was done', async () => {
    const error = await failure(
      (async () => Promise.resolve(accepted({ status: 403, body: 'No.' }, 'listing process groups')))(),
    )
    assert.equal(error.message, 'listing process groups: No.')
    assert.deepEqual(accepted({ status: 202, body: { id: 'x' } }, 'x'), { id: 'x' })
  })

  it('tells what is not there from an API that is not there', () => {
    const gone = { status: 404, body: 'Unable to find request with ID x' }
    const unknown = { status: 404, body: 'The specified resource could not be found.' }
    assert.deepEqual([isMissing(gone), isMissing(unknown)], [true, false])
    assert.deepEqual([isUnsupported(gone), isUnsupported(unknown)], [false, true])
    assert.ok(!isMissing({ status: 200, body: undefined }))
  })

  it('knows a revision that somebody else has moved', () => {
    assert.ok(isConflict({ status: 409, body: 'x is not the most up-to-date revision.' }))
    assert.ok(!isConflict({ status: 409, body: 'Port must be stopped.' }))
    assert.ok(!isConflict({ status: 200, body: 'x is not the most up-to-date revision.' }))
  })

  it('keeps a long story short, and in one line', () => {
    const { message = '' } = refusalOf({ status: 400, body: `a\n\tb ${'x'.repeat(5_000)}` }) ?? {}
    assert.ok(message.length <= 600)
    assert.match(message, /^a b x+…$/)
  })
})
