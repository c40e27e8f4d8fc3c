import { ElasticsearchReconciler } from '../../reconcilers/elasticsearch/reconciler.ts'
import { createFake } from '../../reconcilers/elasticsearch/fake.ts'
import { componentBystander, indexBystander } from '../support/search-bystander.ts'
import { componentExamples, indexExamples } from './elasticsearch-examples.ts'
import { powerOf } from '../support/fake-power.ts'
import { describeReconciler } from './reconciler.contract.ts'
import type { Subject } from './subject.ts'

const reconciler = new ElasticsearchReconciler()

function describeFake(type: string, examples: Subject['examples'], bystanderOf: typeof indexBystander): void {
  describeReconciler({
    name: `elasticsearch ${type} (fake)`,
    reconciler,
    type,
    examples,
    secrets: [],
    skip: [],
    open: async () => {
      const { server } = createFake()
      return {
        newClient: () => createFake({ server }).client,
        close: async () => undefined,
        bystander: {
          ...bystanderOf(async (method, path, body) => server.ask(method, path, body)),
          ...powerOf(server),
        },
      }
    },
  })
}

describeFake('indices', indexExamples, indexBystander)
describeFake('component-templates', componentExamples, componentBystander)
