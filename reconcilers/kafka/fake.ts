import type { Change } from '../../src/core/resource.ts'
import { ReconcileError } from '../../src/errors.ts'
import type { Outcome, ServerInfo, ServiceClient, Verdict } from '../../src/reconcile/service-client.ts'
import { BrokerRefusal } from './broker-refusal.ts'
import { judgeDelete } from './delete-guard.ts'
import { FakeBroker } from './fake-broker.ts'
import { observeTopic } from './normalize.ts'
import type { Topic } from './normalize.ts'
import { configChanges, createOptions, partitionsOf } from './requests.ts'

type Method = 'ping' | 'list' | 'observe' | 'validate' | 'apply'

/** Something to go wrong, once. */
export interface Fault {
  readonly method: Method
  /** 1 is the next call of that method from now on. Default: 1. */
  readonly call?: number
  /** `fail` throws, `hang` waits for the abort. */
  readonly kind: 'fail' | 'hang'
  /** In apply: how many changes are carried out before it strikes. `Infinity`: all, and only the answer is lost. Default: 0. */
  readonly after?: number
  /** Default: ServiceUnreachable, or ServiceTimeout when something was carried out. */
  readonly error?: Error
}

/** One call that reached the fake service. */
export interface RecordedRequest {
  readonly method: Method
  readonly names?: readonly string[]
  readonly changes?: readonly Change<Topic>[]
}

/** A fake Kafka: its state, what was asked of it, and what goes wrong. Several clients can share one (a restart). */
export class FakeServer extends FakeBroker {
  readonly requests: RecordedRequest[] = []
  /** True: every call fails as unreachable, until it is false again. */
  down = false
  #faults: { fault: Fault; left: number }[] = []

  inject(fault: Fault): void {
    this.#faults.push({ fault, left: fault.call ?? 1 })
  }

  /** Requests other than reads. */
  writes(): readonly RecordedRequest[] {
    return this.requests.filter(({ method }) => method === 'apply')
  }

  /** Counts the call and says what is to go wrong in it. */
  receive(request: RecordedRequest): Fault | undefined {
    this.requests.push(request)
    if (this.down) return { method: request.method, kind: 'fail' }
    const counted = this.#faults.filter(({ fault }) => fault.method === request.method)
    for (const each of counted) each.left -= 1
    const due = counted.find(({ left }) => left === 0)
    this.#faults = this.#faults.filter(({ left }) => left > 0)
    return due?.fault
  }
}

/** A client in memory and its server. Give a `server` to connect a second client to the same one. */
export function createFake(options: FakeOptions = {}): { client: ServiceClient<Topic>; server: FakeServer } {
  const server = options.server ?? new FakeServer(options)
  return { client: new FakeClient(server), server }
}

export interface FakeOptions {
  readonly server?: FakeServer
  readonly clusterId?: string
  readonly brokers?: number
}

class FakeClient implements ServiceClient<Topic> {
  readonly #server: FakeServer

  constructor(server: FakeServer) {
    this.#server = server
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    await this.#enter({ method: 'ping' }, signal)
    return { version: '4.3', clusterId: this.#server.clusterId }
  }

  async list(_type: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.#enter({ method: 'list' }, signal)
    return this.#server.names()
  }

  async observe(_type: string, names: readonly string[], signal: AbortSignal): Promise<readonly Topic[]> {
    await this.#enter({ method: 'observe', names }, signal)
    return names.flatMap((name) => {
      const reading = this.#server.read(name)
      return reading === undefined ? [] : [observeTopic(reading)]
    })
  }

  async validate(changes: readonly Change<Topic>[], signal: AbortSignal): Promise<readonly Verdict[]> {
    await this.#enter({ method: 'validate', changes }, signal)
    return changes.map((change) => this.#judge(change))
  }

  async apply(changes: readonly Change<Topic>[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const fault = await this.#enter({ method: 'apply', changes }, signal)
    const outcomes: Outcome[] = []
    for (const change of changes.slice(0, fault?.after)) outcomes.push(this.#perform(change))
    if (fault !== undefined) await strike(fault, signal)
    return outcomes
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  /** A fault that strikes in the middle of apply is handed back; every other strikes here. */
  async #enter(request: RecordedRequest, signal: AbortSignal): Promise<Fault | undefined> {
    signal.throwIfAborted()
    const fault = this.#server.receive(request)
    await Promise.resolve()
    if (fault?.after !== undefined) return fault
    if (fault !== undefined) await strike(fault, signal)
    return undefined
  }

  #judge(change: Change<Topic>): Verdict {
    const { action, name } = change
    const topic = this.#server.topic(name)
    if (action === 'delete') {
      if (topic === undefined || topic.id !== change.id) return { ok: true }
      return judgeDelete(name, { records: BigInt(topic.records), groups: this.#server.groupsOf(name) })
    }
    try {
      if (action === 'create') this.#server.checkCreate(name, createOptions(change))
      else this.#checkUpdate(change)
      return { ok: true }
    } catch (error) {
      const refusal = refusalOf(error)
      return refusal.code === 'TOPIC_ALREADY_EXISTS' || isDone(change, refusal, topic?.partitions)
        ? { ok: true }
        : { ok: false, code: 'RejectedByServer', message: refusal.message }
    }
  }

  #checkUpdate(change: Change<Topic>): void {
    const count = partitionsOf(change)
    if (count !== undefined) this.#server.checkPartitions(change.name, count)
    this.#server.checkConfigs(change.name, configChanges(change))
  }

  #perform(change: Change<Topic>): Outcome {
    const { action, name } = change
    if (action === 'delete' && change.id === undefined) {
      return { state: 'failed', reason: 'NotVerified', message: 'the topic’s id is not known' }
    }
    try {
      if (action === 'create') this.#server.create(name, createOptions(change))
      else if (action === 'delete') this.#delete(change)
      else this.#update(change)
    } catch (error) {
      const refusal = refusalOf(error)
      if (!isDone(change, refusal, this.#server.topic(name)?.partitions)) {
        return { state: 'failed', reason: 'RejectedByServer', message: refusal.message }
      }
    }
    const id = this.#server.topic(name)?.id
    return id === undefined || action === 'delete' ? { state: 'done' } : { state: 'done', id }
  }

  /** By id, as the real client does: a topic that somebody made anew is not the one that was planned. */
  #delete({ name, id }: Change<Topic>): void {
    if (this.#server.topic(name)?.id === id) this.#server.delete(name)
  }

  #update(change: Change<Topic>): void {
    const count = partitionsOf(change)
    this.#server.setConfigs(change.name, configChanges(change))
    if (count !== undefined) this.#server.setPartitions(change.name, count)
  }
}

/** "Already exists", "already gone" and "already that many" are what was asked for. */
function isDone(change: Change<Topic>, { code }: BrokerRefusal, partitions: number | undefined): boolean {
  if (code === 'TOPIC_ALREADY_EXISTS') return change.action === 'create'
  if (code === 'UNKNOWN_TOPIC_OR_PARTITION') return change.action === 'delete'
  return code === 'INVALID_PARTITIONS' && change.action === 'update' && partitions === partitionsOf(change)
}

function refusalOf(error: unknown): BrokerRefusal {
  if (error instanceof BrokerRefusal) return error
  throw error
}

async function strike(fault: Fault, signal: AbortSignal): Promise<never> {
  if (fault.kind === 'hang') {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    signal.throwIfAborted()
  }
  if (fault.error !== undefined) throw fault.error
  if (fault.after === undefined)
    throw new ReconcileError('ServiceUnreachable', 'no broker of fake:9092 can be reached')
  throw new ReconcileError('ServiceTimeout', 'the broker did not answer in time')
}
