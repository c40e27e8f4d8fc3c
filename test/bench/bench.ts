import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulated, type SimulatedGrafana } from '../../reconcilers/grafana/stack/simulated.ts'
import { projectFile } from '../../src/stack/project.ts'
import { Cleanup } from '../support/cleanup.ts'
import {
  startElasticsearch,
  type RunningElasticsearch,
  type TestElasticsearchOptions,
} from '../support/elasticsearch.ts'
import { startKafka, type RunningKafka, type TestKafkaOptions } from '../support/kafka.ts'
import { startKubeApi, type TestKubeApi } from '../support/kube-api.ts'
import { startNifi, type RunningNifi, type TestNifiOptions } from '../support/nifi.ts'
import { testLaunch } from '../support/places.ts'
import { BareBroker } from './bare-broker.ts'
import { BareHttp } from './bare-http.ts'
import type { Component } from './component.ts'
import { KubeDesk } from './kube-desk.ts'
import { memoryDisk } from './memory-disk.ts'
import { NamespaceView } from './namespace-view.ts'
import type { Options, Size } from './options.ts'
import { startReconciler, type Reconciler } from './reconciler.ts'

export interface ReconcilerOptions {
  readonly namespace: string
  readonly component: Component
  /** Besides the component's own. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Thousands of partitions do not fit the 256 MB that a broker of the local stack is given. */
const brokerHeap = '-Xmx1g'
/** Nor do thousands of shards fit the 512 MB of a node. */
const nodeHeap = 1_024

/** What every group of rows measures with. All that it starts ends with `close`. */
export class Bench {
  readonly api: TestKubeApi
  readonly desk: KubeDesk
  readonly signal: AbortSignal
  readonly directory: string
  readonly #options: Options
  readonly #lasting: Cleanup
  #group = new Cleanup()
  #count = 0

  private constructor(
    options: Options,
    signal: AbortSignal,
    parts: {
      readonly api: TestKubeApi
      readonly desk: KubeDesk
      readonly directory: string
      readonly lasting: Cleanup
    },
  ) {
    this.#options = options
    this.signal = signal
    this.api = parts.api
    this.desk = parts.desk
    this.directory = parts.directory
    this.#lasting = parts.lasting
  }

  static async open(options: Options, signal: AbortSignal): Promise<Bench> {
    const lasting = new Cleanup()
    try {
      const directory = await mkdtemp(join(tmpdir(), 'infometis-bench-'))
      lasting.add(async () => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
      const api = await startKubeApi({ signal })
      lasting.add(async () => api.stop())
      const desk = await KubeDesk.open(api, signal)
      lasting.add(async () => desk.close())
      return new Bench(options, signal, { api, desk, directory, lasting })
    } catch (error) {
      await lasting.run()
      throw error
    }
  }

  /** The number that fits how long the benchmark may take. */
  pick<T>(sizes: Readonly<Record<Size, T>>): T {
    return sizes[this.#options.size]
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  async kafka(options: TestKafkaOptions = {}): Promise<RunningKafka & Component> {
    const { env, diesWithParent = true } = testLaunch()
    // _JAVA_OPTIONS overrides the command line, which the stack fixes.
    const launch = { env: { ...env, _JAVA_OPTIONS: brokerHeap }, diesWithParent }
    const kafka = await startKafka({ launch, signal: this.signal, ...options })
    this.#group.add(async () => kafka.stop())
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      EXPECTED_CLUSTER_ID: kafka.clusterId,
    }
    return { ...kafka, kind: 'kafka', environment }
  }

  async broker(kafka: RunningKafka): Promise<BareBroker> {
    const broker = await BareBroker.connect(kafka.bootstrapServers, this.signal)
    this.#group.add(async () => broker.close())
    return broker
  }

  async elasticsearch(options: TestElasticsearchOptions = {}): Promise<RunningElasticsearch & Component> {
    // A node takes 1,000 shards unless it is told otherwise.
    const settings = { 'cluster.max_shards_per_node': '5000', ...options.settings }
    const [below, signal] = [await memoryDisk(), this.signal]
    const node = await startElasticsearch({ heap: nodeHeap, below, signal, ...options, settings })
    this.#group.add(async () => node.stop())
    const environment = { ELASTICSEARCH_URL: node.url, EXPECTED_CLUSTER_ID: node.clusterUuid }
    return { ...node, kind: 'elasticsearch', environment }
  }

  async nifi(options: TestNifiOptions = {}): Promise<RunningNifi & Component> {
    const nifi = await startNifi({ below: await memoryDisk(), signal: this.signal, ...options })
    this.#group.add(async () => nifi.stop())
    const environment = { NIFI_URL: nifi.url, EXPECTED_CLUSTER_ID: nifi.clusterId }
    return { ...nifi, kind: 'nifi', environment }
  }

  /** The simulated API, as a process of its own. */
  async grafana(): Promise<SimulatedGrafana & Component> {
    const directory = join(this.directory, `grafana-${(this.#count += 1)}`)
    const grafana = await startSimulated({ directory, launch: testLaunch(), signal: this.signal })
    this.#group.add(async () => grafana.stop())
    const environment = { GRAFANA_URL: grafana.url, GRAFANA_TOKEN_FILE: grafana.tokenFile }
    return { ...grafana, kind: 'grafana', environment }
  }

  /** `connections`: so many requests at a time. */
  http(url: string, connections = 1, headers: Readonly<Record<string, string>> = {}): BareHttp {
    const http = new BareHttp(url, this.signal, connections, headers)
    this.#group.add(async () => http.close())
    return http
  }

  /** A namespace with what `deploy/` puts there for a component. */
  async namespace({ kind }: Pick<Component, 'kind'>): Promise<string> {
    const name = await this.api.namespace(`bench-${(this.#count += 1)}`)
    await this.api.kubectl(['apply', '--namespace', name, '-k', projectFile('deploy', kind)])
    return name
  }

  async view(namespace: string): Promise<NamespaceView> {
    const view = await NamespaceView.open(this.desk, namespace, this.signal)
    this.#group.add(async () => view.close())
    return view
  }

  /** Ready when this resolves. It ends with the group, or earlier by its `stop`. */
  async reconciler({ namespace, component, environment = {} }: ReconcilerOptions): Promise<Reconciler> {
    const { kind } = component
    const reconciler = await startReconciler({
      kind,
      directory: join(this.directory, `reconciler-${(this.#count += 1)}`),
      profile: this.#options.profile,
      signal: this.signal,
      environment: {
        ...component.environment,
        KUBERNETES_SERVICE_HOST: this.api.host,
        KUBERNETES_SERVICE_PORT: String(this.api.port),
        SERVICE_ACCOUNT_DIR: await this.api.serviceAccountDir(namespace, `infometis-${kind}`),
        INFOMETIS_NAMESPACE: namespace,
        ...environment,
      },
    })
    this.#group.add(async () => reconciler.stop())
    return reconciler
  }

  /** For what a group starts by itself. */
  atEnd(end: () => Promise<unknown>): void {
    this.#group.add(end)
  }

  /** Ends what the group that ran has started. */
  async endGroup(): Promise<void> {
    const group = this.#group
    this.#group = new Cleanup()
    await group.run()
  }

  async close(): Promise<void> {
    await this.endGroup().finally(async () => this.#lasting.run())
  }
}
