import { join } from 'node:path'
import type { InstallOptions } from './cache.ts'
import { startKafka } from './kafka.ts'
import type { Server } from './server.ts'

export interface ServiceStart extends InstallOptions {
  /** The run directory. */
  readonly directory: string
  /** Undefined: the service's usual port; 0: a free one. */
  readonly port: number | undefined
}

/** A service that serves, and how to reach it. */
export interface RunningService {
  /** The settings of its reconciler, which a user's own clients can use too. */
  readonly environment: Readonly<Record<string, string>>
  readonly servers: readonly Server[]
  /** For people: where it is. */
  readonly address: string
  stop(): Promise<void>
}

/** A service that the stack can run. */
export interface StackService {
  readonly title: string
  readonly defaultPort: number
  /** The option of `infometis up` that chooses the port. */
  readonly portOption: string
  start(options: ServiceStart): Promise<RunningService>
}

/** Every service there is, by the name of its reconciler. */
export const stackServices: Readonly<Record<string, StackService>> = {
  kafka: {
    title: 'Kafka',
    defaultPort: 9092,
    portOption: '--kafka-port',
    start: async ({ directory, port, ...options }) => {
      const chosen = port === 0 ? {} : { port: port ?? 9092 }
      const kafka = await startKafka({ ...options, ...chosen, directory: join(directory, 'kafka') })
      return {
        environment: {
          KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
          EXPECTED_CLUSTER_ID: kafka.clusterId,
        },
        servers: kafka.brokers,
        address: `${kafka.bootstrapServers} (version ${kafka.version}, cluster id ${kafka.clusterId})`,
        stop: async () => kafka.stop(),
      }
    },
  },
}
