import type { ServiceDescription } from '../../src/reconcile/service-description.ts'

export const kafkaDescription: ServiceDescription = {
  title: 'Kafka',
  port: 9092,
  address: { setting: 'KAFKA_BOOTSTRAP_SERVERS', example: 'kafka:9092' },
  exampleType: 'topics',
}
