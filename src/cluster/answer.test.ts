import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answersIn, awaitAnswers } from './answer.ts'

const labels = { 'infometis.component': 'kafka' }
const list = (reconciledAt: string, more: object = {}) => ({
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'topics', labels } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', labels } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'topics-status', labels: { 'infometis.io/kind': 'status' } },
      data: { ready: 'True', reason: 'Succeeded', summary: '1 topic', reconciledAt, ...more },
    },
  ],
})
const desired = [{ namespace: 'a', name: 'topics' }]

describe('the answer of a reconciler', () => {
  it('counts when it echoes the stamp, for what is ours', () => {
    const [status, ...others] = answersIn(list('now'), 'a', { desired, stamp: 'now' })
    assert.deepEqual([status?.name, status?.ready, others], ['topics', 'True', []])
  })

  it('of before counts as none', () => {
    const [status] = answersIn(list('before'), 'a', { desired, stamp: 'now' })
    assert.equal(status?.ready, undefined)
  })

  it('is waited for through a moment without a cluster, and told once', async () => {
    const said: string[] = []
    const turns = [
      { code: 1, stdout: '', stderr: 'refused' },
      { code: 0, stdout: JSON.stringify(list('before')), stderr: '' },
      { code: 0, stdout: JSON.stringify(list('now')), stderr: '' },
    ]
    const all = await awaitAnswers({
      desired,
      stamp: 'now',
      deadlineMs: 20_000,
      signal: AbortSignal.timeout(30_000),
      ask: async () => turns.shift() ?? { code: 1, stdout: '', stderr: '' },
      say: (line) => said.push(line),
      everyMs: 1,
    })
    assert.deepEqual(
      all.map(({ ready }) => ready),
      ['True'],
    )
    assert.deepEqual(said, ['topics: ready True, Succeeded: 1 topic'])
  })

  it('is not waited for longer than the deadline', async () => {
    const all = await awaitAnswers({
      desired,
      stamp: 'now',
      deadlineMs: 50,
      signal: AbortSignal.timeout(30_000),
      ask: async () => ({ code: 0, stdout: JSON.stringify(list('before')), stderr: '' }),
      say: () => undefined,
      everyMs: 1,
    })
    assert.deepEqual(
      all.map(({ ready }) => ready),
      [undefined],
    )
  })
})
