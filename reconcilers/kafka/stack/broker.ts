import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child, Launch } from '../../../src/stack/child.ts'
import { readFrom } from '../../../src/stack/log-tail.ts'
import { accepts } from '../../../src/stack/port.ts'
import { propertiesText, type BrokerPorts } from './properties.ts'
import { runKafkaTool, type ToolRun } from './tools.ts'
import { server, type Server } from '../../../src/stack/server.ts'

/** One broker of a running Kafka. */
export interface KafkaBroker extends Server {
  readonly nodeId: number
  readonly ports: BrokerPorts
}

export interface BrokerSpec {
  readonly nodeId: number
  readonly ports: BrokerPorts
  readonly directory: string
  readonly properties: Readonly<Record<string, string>>
  readonly clusterId: string
  /** `SCRAM-SHA-512=[name=…,password=…]`, written into the metadata log by the format. */
  readonly scram: readonly string[]
  /** A JVM option that names the logging configuration. */
  readonly logging: string
  readonly run: ToolRun
  readonly launch: Launch
}

/** Formats a broker's storage; `start` starts it. */
export async function formatBroker(spec: BrokerSpec, signal?: AbortSignal): Promise<KafkaBroker> {
  await mkdir(spec.directory, { recursive: true })
  const configuration = join(spec.directory, 'server.properties')
  await writeFile(configuration, propertiesText(spec.properties), { mode: 0o600 })
  const scram = spec.scram.flatMap((each) => ['--add-scram', each])
  const format = ['format', '-t', spec.clusterId, '-c', configuration, '--ignore-formatted', ...scram]
  await runKafkaTool('kafka-storage', format, { ...spec.run, signal })
  return broker(spec, configuration)
}

function broker(spec: BrokerSpec, configuration: string): KafkaBroker {
  const { ports, nodeId, directory, run } = spec
  const jvm = [
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    spec.logging,
    '-cp',
    `${run.jars}/*`,
  ]
  const process = {
    name: `kafka-${nodeId}`,
    command: run.java,
    args: [...jvm, 'kafka.Kafka', configuration],
    cwd: directory,
    logFile: join(directory, 'broker.log'),
  }
  const ready = (child: Child): (() => Promise<boolean>) => startedProbe(child, ports.client)
  const times = { startDeadlineMs: 60_000, graceMs: 30_000 }
  return {
    nodeId,
    ports,
    ...server({ process, ports: Object.values(ports), launch: spec.launch, ...times, ready }),
  }
}

/** The broker says so once it is registered and unfenced, which an open port does not show. */
function startedProbe(child: Child, port: number): () => Promise<boolean> {
  let offset = child.logStart
  let seen = ''
  return async () => {
    const text = await readFrom(child.logFile, offset, 'start')
    offset += Buffer.byteLength(text)
    seen = (seen + text).slice(-70_000)
    return seen.includes('Kafka Server started') && accepts(port)
  }
}
