import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { TestKubeApi } from './kube-api.ts'
import type { RunningKafka } from './kafka.ts'
import { testPlaces } from './places.ts'

/** What `NAME-status` says, as kubectl shows it. */
export interface SeenStatus {
  readonly ready: string
  readonly reason: string
  readonly message: string
  readonly observedHash: string
}

/** Between two looks of kubectl at a status. */
const pollMs = 200

/** A namespace with the shipped Role, and reconcilers as processes of their own under its service account. */
export class Team {
  readonly namespace: string
  readonly #api: TestKubeApi
  readonly #environment: Readonly<Record<string, string>>
  readonly #processes = new Set<ChildProcess>()

  private constructor(api: TestKubeApi, namespace: string, environment: Readonly<Record<string, string>>) {
    this.#api = api
    this.namespace = namespace
    this.#environment = environment
  }

  static async open(api: TestKubeApi, kafka: RunningKafka, name: string): Promise<Team> {
    const namespace = await api.namespace(name)
    await api.kubectl(['apply', '-n', namespace, '-k', 'deploy/kafka'])
    const directory = await api.serviceAccountDir(namespace, 'infometis-kafka')

    return new Team(api, namespace, {
      PATH: testPlaces().path,
      KUBERNETES_SERVICE_HOST: api.host,
      KUBERNETES_SERVICE_PORT: String(api.port),
      SERVICE_ACCOUNT_DIR: directory,
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
    })
  }

  /** Starts a program with the settings of a reconciler. What it logs is kept for the message of a failure. */
  start(
    program: string,
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): Reconciling {
    const env = { ...this.#environment, ...settings }
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#processes.add(child)
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        lines.push(text)
        if (lines.length > 400) lines.shift()
      })
    }
    const ended = once(child, 'exit').then(([code, signal]) => {
      this.#processes.delete(child)
      return String(code ?? signal)
    })
    return { ended, kill: (signal) => void child.kill(signal), log: () => lines.join('') }
  }

  /** Applies a desired ConfigMap as Git would. */
  async write(
    name: string,
    topics: unknown,
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const labels = { 'infometis.component': 'kafka', 'infometis.config-type': 'topics' }
    const metadata = { name, namespace: this.namespace, labels, annotations }
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'topics.json': JSON.stringify(topics) },
    }
    const apply = ['apply', '--server-side', '--field-manager=git', '-f', '-']
    await this.#api.kubectl(apply, JSON.stringify(manifest))
  }

  async status(name: string): Promise<SeenStatus | undefined> {
    const get = ['get', 'cm', `${name}-status`, '-n', this.namespace, '--ignore-not-found', '-o', 'json']
    const text = await this.#api.kubectl(get)
    if (text.trim() === '') return undefined
    return (JSON.parse(text) as { readonly data: SeenStatus }).data
  }

  /** Waits until kubectl shows such a status; the deadline's message carries the last one and the log. */
  async until(
    name: string,
    what: string,
    test: (status: SeenStatus) => boolean,
    from: Reconciling,
    deadlineMs = 30_000,
  ): Promise<SeenStatus> {
    const deadline = Date.now() + deadlineMs
    for (;;) {
      const status = await this.status(name)
      if (status !== undefined && test(status)) return status
      if (Date.now() > deadline) {
        throw new Error(
          `${name} is not ${what} after ${deadlineMs} ms: ${JSON.stringify(status)}\n${from.log()}`,
        )
      }
      await setTimeout(pollMs)
    }
  }

  /** Waits until it is Ready with another document than before. */
  converges(name: string, before: SeenStatus, from: Reconciling): Promise<SeenStatus> {
    const test = ({ ready, observedHash }: SeenStatus) =>
      ready === 'True' && observedHash !== before.observedHash
    return this.until(name, 'Ready', test, from)
  }

  /** Ends whatever still runs. */
  async close(): Promise<void> {
    const ends = [...this.#processes].map(async (child) => {
      const end = once(child, 'exit')
      child.kill('SIGKILL')
      await end
    })
    await Promise.all(ends)
  }
}

export interface Reconciling {
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<string>
  kill(signal: NodeJS.Signals): void
  log(): string
}
