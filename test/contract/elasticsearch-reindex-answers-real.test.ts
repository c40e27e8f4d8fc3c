import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import { own, ownObject } from '../../src/core/json.ts'
import { startElasticsearch } from '../support/elasticsearch.ts'
import type { Step } from './elasticsearch-answers.ts'
import { assertSameAnswers, plain } from './same-answers.ts'

const real = await startElasticsearch({ version: '7.17.29' })
after(() => real.stop())

const source = { settings: { number_of_shards: 1, number_of_replicas: 0 } }
const lines = [
  '{"index":{"_id":"1"}}',
  '{"n":1}',
  '{"index":{"_id":"2","routing":"r"}}',
  '{"n":2}',
  '{"index":{"_id":"3"}}',
  '{"n":"x"}',
  '',
]

/** In one request each: what is copied, what is refused and in which words. */
const steps: readonly Step[] = [
  ['PUT', '/a', { ...source, mappings: { properties: { n: { type: 'keyword' } } } }],
  ['POST', '/a/_bulk?refresh=true', lines.join('\n')],
  ['PUT', '/c', { ...source, aliases: { marked: { is_hidden: true } } }],
  ['POST', '/_reindex', { source: { index: 'a' }, dest: { index: 'c' } }],
  ['POST', '/_reindex', { source: { index: 'a' }, dest: { index: 'c', version_type: 'external' } }],
  [
    'POST',
    '/_reindex',
    { conflicts: 'proceed', source: { index: 'a' }, dest: { index: 'c', version_type: 'external' } },
  ],
  [
    'POST',
    '/_reindex?require_alias=true',
    { source: { index: 'a' }, dest: { index: 'marked', version_type: 'external_gte' } },
  ],
  ['POST', '/_reindex', { max_docs: 1, source: { index: 'a' }, dest: { index: 'c', op_type: 'create' } }],
  [
    'POST',
    '/_reindex',
    { source: { index: 'a', query: { range: { _seq_no: { gt: 0 } } } }, dest: { index: 'c' } },
  ],
  [
    'POST',
    '/_reindex',
    { source: { index: 'a', query: { ids: { values: ['2'] } } }, dest: { index: 'fresh' } },
  ],
  ['GET', '/fresh/_doc/2?routing=r'],
  ['PUT', '/long', { ...source, mappings: { properties: { n: { type: 'long' } } } }],
  ['POST', '/_reindex', { source: { index: 'a' }, dest: { index: 'long' } }],
  ['PUT', '/strict', { ...source, mappings: { dynamic: 'strict' } }],
  [
    'POST',
    '/_reindex',
    { source: { index: 'a', query: { ids: { values: ['1'] } } }, dest: { index: 'strict' } },
  ],
  ['POST', '/_reindex', { source: { index: 'nope' }, dest: { index: 'c' } }],
  ['POST', '/_reindex', { source: { index: 'a' }, dest: { index: 'a' } }],
  ['POST', '/_reindex?require_alias=true', { source: { index: 'a' }, dest: { index: 'c' } }],
  ['PUT', '/c/_block/write'],
  ['POST', '/_reindex', { source: { index: 'a', query: { ids: { values: ['1'] } } }, dest: { index: 'c' } }],
]

/** What differs between 7 and 8 (types) or from server to server. */
function alike(text: string): string {
  return text
    .replace(/"_?type":"_doc",/g, '')
    .replace(/mapper_parsing_exception/g, 'document_parsing_exception')
    .replace(/(dynamic introduction of \[\w+\] within) \[\w+\]/g, '$1 [_doc]')
    .replace(/"throttled(_until)?":"0s",/g, '')
}

describe('the fake reindexes like a real 7.17.29 with its reindex module', { concurrency: 1 }, () => {
  const fake = new FakeCluster({ lacks: ['ilm', 'processors', 'security'] })

  void it('in one request', async () => {
    await assertSameAnswers(real, fake, steps, (value) => plain(value, alike))
  })

  void it('as a task that keeps its result until somebody deletes it', async () => {
    const made = { ...source, mappings: { properties: { n: { type: 'keyword' } } } }
    await real.ask('PUT', '/by-task', made)
    fake.ask('PUT', '/by-task', made)
    const path = '/_reindex?wait_for_completion=false&slices=2'
    const body = { source: { index: 'a' }, dest: { index: 'by-task' } }
    const [expected, actual] = [await real.ask('POST', path, body), fake.ask('POST', path, body)]
    const tasks = [expected, actual].map((answer) => String(own(answer.body, 'task')))
    const [ended, faked] = [
      await completed((id) => real.ask('GET', id), tasks[0]),
      await completed(async (id) => fake.ask('GET', id), tasks[1]),
    ]
    // Which slice a document is in is the server's business.
    const plainly = (task: unknown) => ({
      ...(plain(own(task, 'response'), alike) as object),
      slices: 0,
      batches: 0,
    })
    assert.deepEqual(plainly(faked), plainly(ended))
    const shape = (task: unknown) => Object.keys(ownObject(task, 'task')).sort()
    assert.deepEqual(shape(faked), shape(ended))
    const forgotten = [
      await real.ask('DELETE', `/.tasks/_doc/${tasks[0]}`),
      fake.ask('DELETE', `/.tasks/_doc/${tasks[1]}`),
    ]
    assert.deepEqual(
      forgotten.map(({ status }) => status),
      [200, 200],
    )
    const gone = [await real.ask('GET', `/_tasks/${tasks[0]}`), fake.ask('GET', `/_tasks/${tasks[1]}`)]
    assert.deepEqual(
      gone.map(({ status }) => status),
      [404, 404],
    )
    const stopped = [
      await real.ask('POST', `/_tasks/${tasks[0]}/_cancel`),
      fake.ask('POST', `/_tasks/${tasks[1]}/_cancel`),
    ]
    const failures = stopped.map((answer) =>
      JSON.stringify(answer.body).replaceAll(/[\w-]{21,22}:\d+|\[[\w-]{21,22}\]|"[\w-]{21,22}"/g, 'it'),
    )
    assert.equal(failures[1], failures[0])
  })
})

async function completed(
  ask: (path: string) => Promise<{ body: unknown }>,
  task: string | undefined,
): Promise<unknown> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const { body } = await ask(`/_tasks/${task}?wait_for_completion=true&timeout=10s`)
    if (own(body, 'completed') === true) return body
  }
  throw new Error(`task ${task} did not end`)
}
