import { ReconcileError } from '../../../src/errors.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import type { KafkaVersion } from './install.ts'

/** Kafka's own programs by the name of their script, each with its main class in 4.x. */
const mainClasses: Readonly<Record<string, string>> = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-storage': 'kafka.tools.StorageTool',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
}

/** Where 3.9 still keeps some of them. */
const mainClasses39: Readonly<Record<string, string>> = {
  'kafka-acls': 'kafka.admin.AclCommand',
  'kafka-broker-api-versions': 'kafka.admin.BrokerApiVersionsCommand',
  'kafka-console-producer': 'kafka.tools.ConsoleProducer',
}

/** The main class of a Kafka program. Throws InvalidConfiguration for a name it does not know. */
export function mainClass(tool: string, version: KafkaVersion): string {
  const found = (version === '3.9.2' ? mainClasses39[tool] : undefined) ?? mainClasses[tool]
  if (found === undefined) {
    throw new ReconcileError(
      'InvalidConfiguration',
      `no Kafka tool ${tool}: known are ${Object.keys(mainClasses).join(', ')}`,
    )
  }
  return found
}

export interface ToolRun {
  readonly java: string
  readonly jars: string
  readonly version: KafkaVersion
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs one of Kafka's own programs and returns its stdout. Throws StackFailed with its words when it fails. */
export async function runKafkaTool(tool: string, args: readonly string[], run: ToolRun): Promise<string> {
  const jvm = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${run.jars}/*`]
  const options = {
    env: run.env,
    deadlineMs: 60_000,
    signal: run.signal,
    ...(run.stdin === undefined ? {} : { stdin: run.stdin }),
  }
  return runOrThrow(run.java, [...jvm, mainClass(tool, run.version), ...args], options)
}
