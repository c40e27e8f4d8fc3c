import { join } from 'node:path'
import type { StackService } from '../../../src/stack/services.ts'
import { startKafka } from './kafka.ts'

/** One Kafka broker for the local stack. */
export const kafkaService: StackService = {
  addresses: (port) => ({ KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}` }),
  start: async (options) => {
    const kafka = await startKafka({ ...options, directory: join(options.directory, 'kafka') })
    return {
      environment: { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers },
      clusterId: kafka.clusterId,
      servers: kafka.brokers,
      address: `${kafka.bootstrapServers} (version ${kafka.version}, cluster id ${kafka.clusterId})`,
      stop: async () => kafka.stop(),
    }
  },
}
