import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reason } from '../../../src/errors.ts'
import { accepted, isError, isUnsupported, plainText, refusalOf } from './failures.ts'
import { notChangeable } from './set-settings.ts'

function exception(type: string, reason: string, cause?: unknown) {
  return { error: { root_cause: [{ type, reason }], type, reason, ...(cause ? { caused_by: cause } : {}) } }
}

/** What 8.19.21 answered, or 7.17.29 and 9.5.3 where that is said; a few as their issues report them. */
const cases: readonly (readonly [string, number, unknown, Reason, RegExp | string])[] = [
  [
    'a flood-stage block',
    429,
    exception(
      'cluster_block_exception',
      'index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];',
    ),
    'StorageFull',
    /flood-stage/,
  ],
  [
    'any other block',
    403,
    exception('cluster_block_exception', 'index [a] blocked by: [FORBIDDEN/5/index read-only (api)];'),
    'ServiceUnhealthy',
    /FORBIDDEN\/5/,
  ],
  [
    'a breaker',
    429,
    exception('circuit_breaking_exception', '[parent] Data too large'),
    'ServiceBusy',
    /too large/,
  ],
  [
    'a full queue',
    429,
    exception('es_rejected_execution_exception', 'rejected execution'),
    'ServiceBusy',
    /rejected/,
  ],
  [
    'no master',
    503,
    { error: { root_cause: [], type: 'master_not_discovered_exception', reason: null } },
    'ServiceUnhealthy',
    /status 503 without a word/,
  ],
  [
    'a full master queue',
    503,
    exception(
      'process_cluster_event_timeout_exception',
      'failed to process cluster event (create-index) within 15s',
    ),
    'ServiceTimeout',
    /within 15s/,
  ],
  [
    'a missing privilege',
    403,
    exception(
      'security_exception',
      'action [indices:admin/create] is unauthorized for user [x], this action is granted by the index privileges [create_index,manage,all]',
    ),
    'AuthorizationFailed',
    /create_index/,
  ],
  [
    'a licence',
    403,
    exception('security_exception', 'current license is non-compliant for [ccr]'),
    'NotSupportedByServer',
    /license/,
  ],
  [
    'an unknown path',
    400,
    { error: 'no handler found for uri [/_x] and method [GET]' },
    'NotSupportedByServer',
    /no handler/,
  ],
  [
    'a path taken for another',
    405,
    { error: 'Incorrect HTTP method for uri [/_ilm/policy]', status: 405 },
    'NotSupportedByServer',
    /Incorrect/,
  ],
  [
    'an API taken for an index',
    400,
    exception('invalid_index_name_exception', "Invalid index name [_data_stream], must not start with '_'."),
    'NotSupportedByServer',
    /_data_stream/,
  ],
  [
    'what serverless does not have',
    410,
    exception(
      'api_not_available_exception',
      'Request for uri [/a] with method [GET] exists but is not available when running in serverless mode',
    ),
    'NotSupportedByServer',
    /serverless/,
  ],
  [
    'an upper-case name',
    400,
    exception('invalid_index_name_exception', 'Invalid index name [Bad], must be lowercase'),
    'RejectedByServer',
    'Invalid index name [Bad], must be lowercase',
  ],
  [
    'the shard limit',
    400,
    exception(
      'validation_exception',
      'Validation Failed: 1: this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open;',
    ),
    'RejectedByServer',
    'this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum normal shards open',
  ],
  [
    'a snapshot under way',
    400,
    exception('snapshot_in_progress_exception', 'Cannot delete indices'),
    'ServiceBusy',
    /Cannot delete/,
  ],
  ['a gateway', 502, '<html><title>502 Bad Gateway</title></html>', 'ServiceUnhealthy', /502 Bad Gateway/],
  ['a server error', 500, undefined, 'ChangesFailed', 'status 500 without a word'],
  [
    'a simulated template with a bad field',
    400,
    exception(
      'illegal_argument_exception',
      'composable template [simulate_template_vv] template after composition is invalid',
      {
        type: 'illegal_argument_exception',
        reason: 'invalid composite mappings for [simulate_template_vv]',
        caused_by: {
          type: 'mapper_parsing_exception',
          reason: 'Failed to parse mapping: unknown parameter [nope] on mapper [a] of type [text]',
          caused_by: {
            type: 'mapper_parsing_exception',
            reason: 'unknown parameter [nope] on mapper [a] of type [text]',
          },
        },
      },
    ),
    'RejectedByServer',
    'unknown parameter [nope] on mapper [a] of type [text]',
  ],
  [
    'a simulated template with a bad setting',
    400,
    exception(
      'invalid_index_template_exception',
      'index_template [simulate_template_4a] invalid, cause [Validation Failed: 1: unknown setting [index.nope] did you mean any of [index.mode]?;]',
    ),
    'RejectedByServer',
    'unknown setting [index.nope] did you mean any of [index.mode]?',
  ],
  [
    'causes that say more',
    400,
    exception('a', 'failed to parse filter for alias [p]', { type: 'b', reason: 'unknown query [nope]' }),
    'RejectedByServer',
    'failed to parse filter for alias [p]: unknown query [nope]',
  ],
]

describe('what a server refuses', () => {
  for (const [what, status, body, reason, words] of cases) {
    it(`${what} is ${reason}`, () => {
      const refusal = refusalOf({ status, body })
      assert.equal(refusal?.reason, reason)
      if (typeof words === 'string') assert.equal(refusal.message, words)
      else assert.match(refusal.message, words)
    })
  }
  it('is nothing below 400', () => assert.equal(refusalOf({ status: 299, body: { error: 'x' } }), undefined))
  it('is told in one line of bounded length', () => {
    const message = refusalOf({ status: 400, body: exception('a', 'x\ny '.repeat(1_000)) })?.message ?? ''
    assert.ok(message.length <= 600 && !message.includes('\n'), message)
  })
  it('survives an error that is its own cause, and one whose type is a member of every object', () => {
    const error: Record<string, unknown> = { type: 'constructor', reason: 'r' }
    error['caused_by'] = error
    assert.deepEqual(refusalOf({ status: 400, body: { error } }), {
      reason: 'RejectedByServer',
      message: 'r',
    })
  })
  it('is found by its type, as a cause too', () => {
    const body = exception('outer', 'o', { type: 'inner', reason: 'i' })
    assert.equal(isError({ status: 400, body }, 'inner'), true)
    assert.equal(isError({ status: 400, body }, 'other'), false)
    assert.equal(isError({ status: 200, body }, 'inner'), false)
  })
  it('fails a whole call with what was asked for', () => {
    const refused = () => accepted({ status: 400, body: exception('a', 'b') }, 'listing')
    assert.throws(refused, { reason: 'RejectedByServer', message: 'listing: b' })
    assert.deepEqual(accepted({ status: 200, body: [] }, 'listing'), [])
  })
  it('is no missing API when a name is', () => {
    assert.equal(
      isUnsupported({ status: 404, body: exception('index_not_found_exception', 'no such index') }),
      false,
    )
  })
})

describe('a page of a proxy', () => {
  it('is told by its title', () => assert.equal(plainText('<html><TITLE>a\n b</TITLE>x</html>'), 'a b'))
  it('is told by its text where it has none', () => {
    assert.equal(plainText('<style>p{}</style><p>default backend - <b>404</b></p>'), 'default backend - 404')
  })
})

describe('the settings that a server does not change on an open index', () => {
  it('are named in the words of every version', () => {
    const words =
      "Can't update non dynamic settings [[index.codec, index.sort.field]] for open indices [[a/x]]"
    assert.deepEqual(notChangeable(words), ['index.codec', 'index.sort.field'])
    assert.deepEqual(notChangeable('final orders setting [index.mode], not updateable'), ['index.mode'])
    assert.deepEqual(notChangeable('unknown setting [index.nope]'), [])
  })
})
