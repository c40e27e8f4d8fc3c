import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reason } from '../../../src/errors.ts'
import {
  accepted,
  failureOf,
  isConflict,
  isMissing,
  isUnsupported,
  messageIdOf,
  wordsOf,
} from './failures.ts'

const status = (code: number, reason: string, message: string, details: unknown = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
})

const unauthorized = {
  extra: null,
  message: 'Invalid API key',
  messageId: 'api-key.invalid',
  statusCode: 401,
  traceID: '',
}
const denied = {
  accessErrorId: 'ACE1646206561',
  message: "You'll need additional permissions to perform this action. Permissions needed: folders:create",
  title: 'Access denied',
}
const notEmpty = status(400, 'Bad request', 'Folder cannot be deleted: folder is not empty', {
  uid: 'folder.not-empty',
})
const notServed = status(404, 'NotFound', 'the server could not find the requested resource')
const stale = status(
  409,
  'Conflict',
  'Operation cannot be fulfilled on folders.folder.grafana.app "x": the object has been modified; please apply your changes to the latest version and try again',
)
const binding = [{ fieldNames: ['Title'], classification: 'RequiredError', message: 'Required' }]

/** Bodies as Grafana's source and captures have them. */
const cases: readonly (readonly [number, unknown, Reason, RegExp])[] = [
  [400, { message: 'bad request data', traceID: '' }, 'RejectedByServer', /: bad request data$/],
  [400, notEmpty, 'RejectedByServer', /: Folder cannot be deleted: folder is not empty$/],
  [400, binding, 'RejectedByServer', /: Title: Required$/],
  [401, unauthorized, 'AuthenticationFailed', /: Invalid API key$/],
  [403, denied, 'AuthorizationFailed', /Permissions needed: folders:create$/],
  [403, { message: 'data_source Quota reached' }, 'ChangesFailed', /Quota reached/],
  [404, notServed, 'NotSupportedByServer', /could not find the requested resource$/],
  [404, { message: 'folder not found', status: 'not-found' }, 'ChangesFailed', /folder not found$/],
  [404, null, 'ChangesFailed', /: status 404 without a word$/],
  [406, { message: 'dashboard api version not supported' }, 'NotSupportedByServer', /not supported/],
  [409, stale, 'ServiceBusy', /has been modified/],
  [409, { message: 'data source with the same name already exists' }, 'ChangesFailed', /already exists/],
  [
    412,
    { status: 'version-mismatch', message: 'The dashboard has been changed by someone else' },
    'ServiceBusy',
    /someone else$/,
  ],
  [413, { message: 'Dashboard is too large, max is 5 MB' }, 'RejectedByServer', /too large/],
  [422, status(422, 'Invalid', 'Dashboard "x" is invalid: spec.editable'), 'RejectedByServer', /is invalid/],
  [429, 'slow down', 'ServiceBusy', /: slow down$/],
  [500, 'Internal Server Error', 'ChangesFailed', /Internal Server Error$/],
  [
    500,
    { message: 'Failed to save', error: 'disk is full' },
    'ChangesFailed',
    /: Failed to save: disk is full$/,
  ],
  [500, { messageId: 'plugin.failed', message: '' }, 'ChangesFailed', /: plugin\.failed$/],
  [503, { database: 'failing' }, 'ServiceUnhealthy', /: status 503 without a word$/],
  [504, undefined, 'ServiceTimeout', /: status 504 without a word$/],
]

describe('what Grafana refuses', () => {
  for (const [code, body, reason, words] of cases) {
    it(`${code} ${typeof body === 'undefined' ? 'without a body' : JSON.stringify(body).slice(0, 60)} is ${reason}`, () => {
      const error = failureOf({ status: code, body }, 'saving')
      assert.equal(error.reason, reason)
      assert.match(error.message, words)
      assert.match(error.message, /^saving: /)
    })
  }

  it('throws it with what was tried, and hands on the body of what was done', () => {
    assert.throws(
      () => accepted({ status: 403, body: denied }, 'listing'),
      /^ReconcileError: listing: You'll need/,
    )
    assert.deepEqual(accepted({ status: 201, body: { id: 1 } }, 'x'), { id: 1 })
  })

  it('knows what it is by the id, in both places where that stands', () => {
    assert.equal(messageIdOf(unauthorized), 'api-key.invalid')
    assert.equal(messageIdOf(notEmpty), 'folder.not-empty')
    assert.equal(messageIdOf(null), '')
  })

  it('takes both statuses for a conflict: which one comes depends on the release', () => {
    assert.ok(isConflict({ status: 409, body: stale }) && isConflict({ status: 412, body: {} }))
    assert.ok(!isConflict({ status: 400, body: stale }) && !isConflict({ status: 200, body: stale }))
  })

  it('tells what is not there from an API that is not there', () => {
    const gone = { status: 404, body: null }
    const unknown = { status: 404, body: notServed }
    assert.deepEqual([isMissing(gone), isMissing(unknown)], [true, false])
    assert.deepEqual([isUnsupported(gone), isUnsupported(unknown)], [false, true])
    assert.ok(!isMissing({ status: 200, body: undefined }))
  })

  it('keeps a long story short, and in one line', () => {
    const words = wordsOf({ message: `a\n\tb ${'x'.repeat(5_000)}` })
    assert.ok(words.length <= 600)
    assert.match(words, /^a b x+…$/)
  })
})
