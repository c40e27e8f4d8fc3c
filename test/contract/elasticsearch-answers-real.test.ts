import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { inspect, isDeepStrictEqual } from 'node:util'
import { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import { startElasticsearch } from '../support/elasticsearch.ts'
import { conversations } from './elasticsearch-answers.ts'

const real = await startElasticsearch({ version: '8.19.21' })
after(() => real.stop())

/** What differs from one server to the next, and places in a text that only the real one has parsed. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value ?? null)
    .replace(/simulate_template_[\w-]+/g, 'simulate_template')
    .replace(/"(index_uuid|index\.uuid|uuid)":"[\w-]{22}"/g, '"$1":"uuid"')
    .replace(/\/[\w-]{22}\]/g, '/uuid]')
    .replace(/\[\d+:\d+\] /g, '')
    .replace(/"(index\.creation_date|creation_date|index\.version\.created|created)":"\d+"/g, '"$1":"0"')
    .replace(
      /write index \[([^\]]*)\]/g,
      (_, names: string) => `write index [${names.split(',').sort().join()}]`,
    )
    .replace(/,"line":\d+,"col":\d+/g, '')
    .replace(/"took":\d+/g, '"took":0')
    .replace(
      /did you mean any of \[[^\]]*\]\?/g,
      'please check that any required plugins are installed, or check the breaking changes documentation for removed settings',
    )
  return JSON.parse(text) as unknown
}

describe('the fake answers like a real 8.19.21', { concurrency: 1 }, () => {
  for (const [name, steps] of Object.entries(conversations)) {
    void it(name, async () => {
      const fake = new FakeCluster({ lacks: ['ilm', 'processors', 'reindex', 'info', 'security'] })
      try {
        const differing: unknown[] = []
        for (const [method, path, body] of steps) {
          const [said, faked] = [await real.ask(method, path, body), fake.ask(method, path, body)]
          const [expected, actual] = [said, faked].map((each) => [
            each.status,
            method === 'HEAD' ? '' : plain(each.body),
          ])
          if (!isDeepStrictEqual(actual, expected))
            differing.push({ asked: [method, path, body], real: expected, fake: actual })
        }
        assert.equal(differing.length, 0, inspect(differing, { depth: 20, breakLength: 160 }))
      } finally {
        const { body } = await real.ask('GET', '/*?expand_wildcards=all&filter_path=*.settings.index.uuid')
        for (const index of Object.keys(body ?? {})) await real.ask('DELETE', `/${index}`)
        await real.ask('DELETE', '/_index_template/*')
        await real.ask('DELETE', '/_component_template/*')
        await real.ask('DELETE', '/_ingest/pipeline/*')
      }
    })
  }
})
