import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { findJava } from '../../../src/stack/java.ts'
import { formatBroker, type BrokerSpec, type KafkaBroker } from './broker.ts'
import { makeSecrets, type KafkaSecrets } from './credentials.ts'
import { installKafka, type KafkaVersion, versionFile } from './install.ts'
import { advertisedHost, brokerProperties, type BrokerPorts, type KafkaSecurity } from './properties.ts'
import { runKafkaTool, type ToolRun } from './tools.ts'
import { freePorts } from '../../../src/stack/port.ts'

export interface KafkaOptions extends InstallOptions {
  /** Everything of this Kafka is below it: data, logs, certificates. */
  readonly directory: string
  readonly version?: KafkaVersion
  readonly brokers?: 1 | 3
  readonly security?: KafkaSecurity
  /** True: ACLs are enforced (StandardAuthorizer); what has no ACL is allowed unless `properties` say otherwise. */
  readonly authorizer?: boolean
  /** The first broker's port for clients; default: a free one. */
  readonly port?: number
  /** Added to every broker's server.properties. */
  readonly properties?: Readonly<Record<string, string>>
}

/** A Kafka that serves clients. */
export interface RunningKafka extends KafkaSecrets {
  readonly version: KafkaVersion
  readonly security: KafkaSecurity
  readonly clusterId: string
  /** For clients: `host:port,…`, over the security asked for. */
  readonly bootstrapServers: string
  readonly brokers: readonly KafkaBroker[]
  /**
   * Runs Kafka's own program (`kafka-topics`, `kafka-configs`, …) over a listener of its own that asks for no credentials, and
   * returns its stdout: the oracle that shares no code with a client under test.
   */
  tool(name: string, args: readonly string[], stdin?: string): Promise<string>
  /** Ends every broker; what is on disk stays. */
  stop(): Promise<void>
}

const defaultVersion: KafkaVersion = '4.3.1'
/** KIP-1013. */
const oldestJava = 17

/** Installs Kafka where needed, formats it and starts it. Resolves when every broker serves clients; on failure nothing is left running. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const { places, signal, directory } = options
  const version = options.version ?? defaultVersion
  const security = options.security ?? 'plaintext'
  const java = await findJava({ what: 'Kafka', oldest: oldestJava }, places, signal)
  const jars = await installKafka(version, options)
  const run: ToolRun = { java, jars, version, env: options.launch.env }
  await mkdir(directory, { recursive: true })
  const secrets = await makeSecrets(join(directory, 'secrets'), security, places.path, signal)
  const clusterId = newClusterId()
  const specs = await brokerSpecs(options, { run, secrets, clusterId, security })

  const brokers = await Promise.all(specs.map(async (spec) => formatBroker(spec, signal)))
  const stop = async (): Promise<void> => {
    // Without a quorum the last brokers would wait for it until the grace is over; their data is not kept.
    await Promise.all(brokers.map(async (broker) => broker.stop(brokers.length === 1 ? 5_000 : 1_500)))
  }
  const started = await Promise.allSettled(brokers.map(async (broker) => broker.start(signal)))
  const failure = started.find((each) => each.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  const host = advertisedHost(security)
  const internal = specs.map((spec) => `127.0.0.1:${spec.ports.internal}`).join(',')
  return {
    ...secrets,
    version,
    security,
    clusterId,
    bootstrapServers: specs.map((spec) => `${host}:${spec.ports.client}`).join(','),
    brokers,
    tool: async (name, args, stdin) =>
      runKafkaTool(name, ['--bootstrap-server', internal, ...args], { ...run, stdin }),
    stop,
  }
}

interface Shared {
  readonly run: ToolRun
  readonly secrets: KafkaSecrets
  readonly clusterId: string
  readonly security: KafkaSecurity
}

async function brokerSpecs(options: KafkaOptions, shared: Shared): Promise<readonly BrokerSpec[]> {
  const ports = await brokerPorts(options.brokers ?? 1, options.port)
  const voters = ports.map((each, index) => `${index + 1}@127.0.0.1:${each.controller}`)
  const scram = shared.security === 'sasl-scram' ? scramUsers(shared.secrets.users) : []
  return ports.map((each, index) => {
    const nodeId = index + 1
    const directory = join(options.directory, `broker-${nodeId}`)
    const properties = brokerProperties({
      nodeId,
      ports: each,
      voters,
      logDirectory: join(directory, 'data'),
      security: shared.security,
      authorizer: options.authorizer ?? false,
      users: shared.secrets.users,
      keyStore: shared.secrets.keyStore,
      trustStore: shared.secrets.trustStore,
      properties: options.properties ?? {},
    })
    const { run, clusterId } = shared
    return {
      nodeId,
      ports: each,
      directory,
      properties,
      clusterId,
      scram,
      logging: logging(run.version),
      run,
      launch: options.launch,
    }
  })
}

async function brokerPorts(count: number, first: number | undefined): Promise<readonly BrokerPorts[]> {
  const ports = await freePorts(count * 3)
  return Array.from({ length: count }, (_, index) => {
    const [client, internal, controller] = ports.slice(index * 3)
    if (client === undefined || internal === undefined || controller === undefined) {
      throw new ReconcileError('StackFailed', 'too few free ports')
    }
    return { client: index === 0 ? (first ?? client) : client, internal, controller }
  })
}

function scramUsers(users: ReadonlyMap<string, string>): readonly string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    [...users].map(([name, password]) => `${mechanism}=[name=${name},password=${password}]`),
  )
}

/** Kafka 4 logs with log4j 2, Kafka 3.9 with reload4j. */
function logging(version: KafkaVersion): string {
  return version === '3.9.2'
    ? `-Dlog4j.configuration=file:${versionFile(version, 'log4j.properties')}`
    : `-Dlog4j2.configurationFile=${versionFile(version, 'log4j2.properties')}`
}

/** A Kafka uuid: 16 random bytes in base64url, not beginning with a hyphen, which a command line would take for an option. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newClusterId() : id
}
