import type { Fence } from '../../src/reconcile/fence.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { KafkaClient } from './client/kafka-client.ts'
import { normalizeTopic, toWrittenTopic } from './normalize.ts'
import type { Topic } from './normalize.ts'
import { topicRules } from './rules.ts'
import { topicName, topicSchema } from './schema.ts'
import type { WrittenTopic } from './schema.ts'
import { kafkaSettings } from './settings.ts'
import type { KafkaSettings } from './settings.ts'

/** `topics.yaml`: topic name → partitions, replication factor, configs. */
export const topics: ResourceType<Topic, WrittenTopic> = {
  name: 'topics',
  entryName: topicName,
  schema: topicSchema,
  normalize: normalizeTopic,
  toWritten: toWrittenTopic,
  rules: topicRules,
}

/** Keeps Kafka topics as Git says. */
export class KafkaReconciler extends ServiceReconciler<Topic, KafkaSettings> {
  readonly kind = 'kafka'
  readonly types = [topics]
  readonly settings = kafkaSettings

  connect(settings: KafkaSettings, fence?: Fence): ServiceClient<Topic> {
    return new KafkaClient(settings, fence)
  }
}
