import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { createFake } from '../../reconcilers/kafka/fake.ts'
import { kafkaExamples } from './kafka-examples.ts'
import { describeReconciler } from './reconciler.contract.ts'

describeReconciler({
  name: 'kafka (fake)',
  reconciler: new KafkaReconciler(),
  type: 'topics',
  examples: kafkaExamples,
  secrets: [],
  skip: [],
  open: async () => {
    const { server } = createFake()
    return {
      newClient: () => createFake({ server }).client,
      close: async () => undefined,
      bystander: {
        look: async (name) => {
          const topic = server.topic(name)
          return topic && { ...topic, config: Object.fromEntries(topic.config) }
        },
        make: async (name, entry) => server.create(name, optionsOf(entry)),
        remove: async (name) => server.delete(name),
        drift: async (name) => server.setConfigs(name, new Map([['retention.ms', '60000']])),
        down: async () => {
          server.down = true
        },
        up: async () => {
          server.down = false
        },
        freeze: async () => server.inject({ method: 'observe', kind: 'hang' }),
        thaw: async () => undefined,
      },
    }
  },
})

function optionsOf(entry: unknown): { partitions?: number; config?: Record<string, string> } {
  const { partitions, config } = entry as { partitions?: number; config?: Record<string, string> }
  return { ...(partitions === undefined ? {} : { partitions }), ...(config === undefined ? {} : { config }) }
}
