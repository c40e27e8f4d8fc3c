import { after, describe, it } from 'node:test'
import { FakeCluster } from '../../reconcilers/elasticsearch/fake-cluster.ts'
import { clear, startElasticsearch } from '../support/elasticsearch.ts'
import { conversations } from './elasticsearch-answers.ts'
import { assertSameAnswers, plain } from './same-answers.ts'

const real = await startElasticsearch({ version: '8.19.21' })
after(() => real.stop())

/** What differs from one 8.19.21 to the next. */
function alike(text: string): string {
  return text
    .replace(/simulate_template_[\w-]+/g, 'simulate_template')
    .replace(/\/[\w-]{22}\]/g, '/uuid]')
    .replace(/"(index\.creation_date|creation_date|index\.version\.created|created)":"\d+"/g, '"$1":"0"')
    .replace(
      /write index \[([^\]]*)\]/g,
      (_, names: string) => `write index [${names.split(',').sort().join()}]`,
    )
    .replace(/,"line":\d+,"col":\d+/g, '')
    .replace(
      /did you mean any of \[[^\]]*\]\?/g,
      'please check that any required plugins are installed, or check the breaking changes documentation for removed settings',
    )
}

describe('the fake answers like a real 8.19.21', { concurrency: 1 }, () => {
  for (const [name, steps] of Object.entries(conversations)) {
    void it(name, async () => {
      const fake = new FakeCluster({ lacks: ['ilm', 'processors', 'reindex', 'info', 'security'] })
      try {
        await assertSameAnswers(real, fake, steps, (value) => plain(value, alike))
      } finally {
        await clear(real)
      }
    })
  }
})
