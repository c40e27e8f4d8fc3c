import { after } from 'node:test'
import { ElasticsearchReconciler } from '../../reconcilers/elasticsearch/reconciler.ts'
import { readSettings } from '../../src/config.ts'
import { clear, startElasticsearch } from '../support/elasticsearch.ts'
import { componentBystander, indexBystander } from '../support/search-bystander.ts'
import { componentExamples, indexExamples } from './elasticsearch-examples.ts'
import { describeReconciler } from './reconciler.contract.ts'
import type { Subject } from './subject.ts'

const reconciler = new ElasticsearchReconciler()
const elasticsearch = await startElasticsearch({ version: '8.19.21' })
after(() => elasticsearch.stop())

/** The bystander is plain HTTP and the process itself. */
function describeReal(type: string, examples: Subject['examples'], bystanderOf: typeof indexBystander): void {
  describeReconciler({
    name: `elasticsearch ${elasticsearch.version} ${type}`,
    reconciler,
    type,
    examples,
    secrets: [],
    skip: [],
    open: async () => ({
      newClient: () =>
        reconciler.connect(readSettings(reconciler.settings, { ELASTICSEARCH_URL: elasticsearch.url })),
      bystander: {
        ...bystanderOf(async (method, path, body) => elasticsearch.ask(method, path, body)),
        down: async () => elasticsearch.kill(),
        up: async () => elasticsearch.start(),
        freeze: async () => elasticsearch.pause(),
        thaw: async () => elasticsearch.resume(),
      },
      close: async () => clear(elasticsearch),
    }),
  })
}

describeReal('indices', indexExamples, indexBystander)
describeReal('component-templates', componentExamples, componentBystander)
