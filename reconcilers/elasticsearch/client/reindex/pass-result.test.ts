import assert from 'node:assert/strict'
import { it } from 'node:test'
import { passResult } from './pass-result.ts'

const parsing = (value: string, id = 'u1') => ({
  index: 'orders-000002',
  id,
  cause: {
    type: 'mapper_parsing_exception',
    reason: `failed to parse field [code] of type [long] in document with id '${id}'. Preview of field's value: '${value}'`,
    caused_by: { type: 'illegal_argument_exception', reason: `For input string: "${value}"` },
  },
  status: 400,
})

it('a document that does not fit is told with the server’s words, without its id and its value', () => {
  for (const value of ['secret', "it's, 'quoted'. really", '']) {
    const { failure } = passResult({ failures: [parsing(value, "o'hara@example.org")] })
    assert.deepEqual(failure, {
      reason: 'RejectedByServer',
      message: 'a document cannot be taken: failed to parse field [code] of type [long]',
    })
  }
  const { failure } = passResult({ failures: [parsing('a'), parsing('b')] })
  assert.match(failure?.message ?? '', /^2 documents or more cannot be taken/)
})

it('what another moment can answer otherwise is no fault of the documents', () => {
  const block = {
    type: 'cluster_block_exception',
    reason:
      'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];',
  }
  assert.equal(passResult({ failures: [{ cause: block, status: 429 }] }).failure?.reason, 'StorageFull')
  const busy = { type: 'es_rejected_execution_exception', reason: 'rejected execution' }
  assert.equal(passResult({ failures: [{ cause: busy, status: 429 }] }).failure?.reason, 'ServiceUnhealthy')
  const shard = { shard: 1, reason: { type: 'node_disconnected', reason: 'disconnected' }, status: 500 }
  assert.match(passResult({ failures: [shard] }).failure?.message ?? '', /disconnected/)
  assert.equal(passResult({ canceled: 'by user request' }).failure?.reason, 'Aborted')
  assert.equal(passResult({ timed_out: true }).failure?.reason, 'ServiceTimeout')
})

it('a conflict is counted and no failure', () => {
  const conflict = { cause: { type: 'version_conflict_engine_exception', reason: 'x' }, status: 409 }
  const result = passResult({ took: 7, created: 3, updated: 2, version_conflicts: 1, failures: [conflict] })
  assert.deepEqual(result, { written: 5, tookMs: 7, conflicts: 1, failure: undefined })
})
