import { after } from 'node:test'
import kafkajs from 'kafkajs'
import { KafkaReconciler } from '../../reconcilers/kafka/reconciler.ts'
import { readSettings } from '../../src/config.ts'
import { type RunningKafka, startKafka } from '../support/kafka.ts'
import { kafkaExamples } from './kafka-examples.ts'
import { describeReconciler } from './reconciler.contract.ts'
import type { Bystander } from './subject.ts'

const { ConfigResourceTypes, ConfigSource, Kafka, logLevel } = kafkajs
const reconciler = new KafkaReconciler()

/** The bystander is kafkajs and the process itself; Kafka's own tools confirm what the integration tests look at besides. */
function bystanderOf(kafka: RunningKafka): Bystander & { clear(): Promise<void>; close(): Promise<void> } {
  const brokers = kafka.bootstrapServers.split(',')
  const admin = new Kafka({ brokers, clientId: 'bystander', logLevel: logLevel.NOTHING }).admin()
  const connected = admin.connect()
  return {
    look: async (name) => {
      await connected
      if (!(await admin.listTopics()).includes(name)) return undefined
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name }],
      })
      const set =
        resources[0]?.configEntries.filter((entry) => entry.configSource === ConfigSource.TOPIC_CONFIG) ?? []
      const config = Object.fromEntries(set.map((entry) => [entry.configName, entry.configValue]))
      return { partitions: topics[0]?.partitions.length, config }
    },
    make: async (topic, entry) => {
      await connected
      const { partitions = 1, config = {} } = entry as {
        partitions?: number
        config?: Record<string, unknown>
      }
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value: String(value) }))
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] })
    },
    remove: async (name) => {
      await connected
      await admin.deleteTopics({ topics: [name] })
    },
    drift: async (name) => {
      await kafka.tool('kafka-configs', ['--alter', '--topic', name, '--add-config', 'retention.ms=60000'])
    },
    down: async () => kafka.brokers[0]?.kill(),
    up: async () => kafka.brokers[0]?.start(),
    freeze: async () => kafka.brokers[0]?.pause(),
    thaw: async () => kafka.brokers[0]?.resume(),
    clear: async () => {
      await connected
      const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
      if (topics.length > 0) await admin.deleteTopics({ topics })
    },
    close: async () => admin.disconnect(),
  }
}

const kafka = await startKafka()
const bystander = bystanderOf(kafka)
after(async () => {
  await bystander.close()
  await kafka.stop()
})

describeReconciler({
  name: `kafka ${kafka.version}, one broker`,
  reconciler,
  type: 'topics',
  examples: kafkaExamples,
  secrets: [],
  skip: [],
  open: async () => ({
    newClient: () =>
      reconciler.connect(
        readSettings(reconciler.settings, { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers }),
      ),
    bystander,
    close: async () => bystander.clear(),
  }),
})
