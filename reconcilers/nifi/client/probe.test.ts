import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reason } from '../../../src/errors.ts'
import { failure } from '../../../test/support/failure.ts'
import { probe } from './probe.ts'
import type { Wire, WireAnswer } from './wire.ts'

const soon = () => AbortSignal.timeout(5_000)

/** Answers by path. */
function wireOf(answers: Readonly<Record<string, unknown>>): Wire {
  return {
    send: async ({ path }) => {
      const body = answers[path]
      const answer: WireAnswer =
        typeof body === 'number' ? { status: body, body: 'No.' } : { status: 200, body }
      return Promise.resolve(answer)
    },
    close: async () => Promise.resolve(),
  }
}

const alone = { clusterSummary: { clustered: false, connectedToCluster: false } }
const nifi = {
  '/flow/about': { about: { title: 'NiFi', version: '2.3.0' } },
  '/flow/cluster/summary': alone,
  '/process-groups/root': { id: 'root-id' },
}

function cluster(connected: number, total: number, connectedToCluster = true) {
  const counts = { connectedNodeCount: connected, totalNodeCount: total }
  return { '/flow/cluster/summary': { clusterSummary: { clustered: true, connectedToCluster, ...counts } } }
}

describe('which NiFi answers', () => {
  it('is known by its root process group', async () => {
    assert.deepEqual(await probe(wireOf(nifi), soon()), { version: '2.3.0', clusterId: 'root-id' })
  })

  it('may be a whole cluster', async () => {
    const { clusterId } = await probe(wireOf({ ...nifi, ...cluster(3, 3) }), soon())
    assert.equal(clusterId, 'root-id')
  })

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, Reason, RegExp])[] = [
    [
      'a cluster with a node missing',
      cluster(2, 3),
      'ServiceUnhealthy',
      /^2 of 3 nodes of the cluster are connected: changes wait/,
    ],
    [
      'a node that left its cluster',
      cluster(0, 3, false),
      'ServiceUnhealthy',
      /^this node is not connected to its cluster/,
    ],
    [
      'NiFi 1',
      { '/flow/about': { about: { version: '1.28.1' } } },
      'NotSupportedByServer',
      /^NiFi 1\.28\.1 answers, but 2\.0 or later is needed$/,
    ],
    [
      'something else',
      { '/flow/about': { name: 'x' } },
      'NotSupportedByServer',
      /does not say which NiFi it is/,
    ],
    ['a NiFi that is starting', { '/flow/about': 503 }, 'ServiceUnhealthy', /^asking NiFi who it is: No\.$/],
    ['one that hides its root', { '/process-groups/root': {} }, 'AuthorizationFailed', /view the component/],
  ]
  for (const [what, answers, reason, words] of refused) {
    it(`${what} is ${reason}`, async () => {
      const error = await failure(probe(wireOf({ ...nifi, ...answers }), soon()))
      assert.equal(error.reason, reason, error.message)
      assert.match(error.message, words)
    })
  }
})
