import assert from 'node:assert/strict'
import { inspect, isDeepStrictEqual } from 'node:util'
import type { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import type { RunningElasticsearch } from '../support/elasticsearch.ts'
import type { Step } from './elasticsearch-answers.ts'

/**
 * JSON without what differs from one server to the next, and without places in a text that only the real one has parsed. `alike`:
 * what else is to be left out of its text.
 */
export function plain(value: unknown, alike: (text: string) => string): unknown {
  const text = JSON.stringify(value ?? null)
    .replace(/"(index_uuid|index\.uuid|uuid)":"[\w-]{22}"/g, '"$1":"uuid"')
    .replace(/\[\d+:\d+\] /g, '')
    .replace(/"took":\d+/g, '"took":0')
  return JSON.parse(alike(text)) as unknown
}

/** Takes the same steps on both, and shows all that was answered differently. The real one answers HEAD without a body. */
export async function assertSameAnswers(
  real: Pick<RunningElasticsearch, 'ask'>,
  fake: FakeCluster,
  steps: readonly Step[],
  plainly: (value: unknown) => unknown,
): Promise<void> {
  const differing: unknown[] = []
  for (const [method, path, body] of steps) {
    const answers = [await real.ask(method, path, body), fake.ask(method, path, body)]
    const [expected, actual] = answers.map((each) => [
      each.status,
      method === 'HEAD' ? '' : plainly(each.body),
    ])
    if (!isDeepStrictEqual(actual, expected))
      differing.push({ asked: [method, path, body], real: expected, fake: actual })
  }
  assert.equal(differing.length, 0, inspect(differing, { depth: 20, breakLength: 160 }))
}
