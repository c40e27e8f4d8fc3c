import type { Json } from '../../src/core/resource.ts'
import { type Call, type Handler, named, ok } from './fake-call.ts'
import { submit } from './fake-jobs.ts'
import { Unexpected, missing } from './fake-refusal.ts'
import { type Connection, type FakeState, type Job, timestamp } from './fake-state.ts'
import { connectionOf } from './fake-wiring.ts'

export const postDropRequest: Handler = (call) => {
  const connection = connectionOf(call.state, named(call))
  return begin(call, [connection], connection.id, 'flowfile-queues', 'drop-requests')
}

export const postEmptyAll: Handler = (call) => {
  const group = call.state.group(named(call))
  const connections = call.state.connectionsBelow(group.id)
  return begin(call, connections, group.id, 'process-groups', 'empty-all-connections-requests')
}

function begin(
  call: Call,
  connections: readonly Connection[],
  id: string,
  ...[first, last]: readonly [string, string]
): ReturnType<Handler> {
  const job = new Drop(call, connections, id, `http://nifi/nifi-api/${first}/${id}/${last}`)
  submit(call.state, job)
  return ok(job.show(), 202)
}

export const getDropRequest: Handler = (call) => ok(dropOf(call, single(call)).show())
export const getEmptyAll: Handler = (call) => ok(dropOf(call, new Unexpected()).show())

export const deleteDropRequest: Handler = (call) => remove(call, dropOf(call, single(call)))
export const deleteEmptyAll: Handler = (call) => remove(call, dropOf(call, new Unexpected()))

function single(call: Call): Error {
  connectionOf(call.state, named(call))
  return missing(`Unable to find drop request with id '${named(call, 1)}'.`)
}

function remove({ state }: Call, job: Job): ReturnType<Handler> {
  if (!job.complete) job.cancel()
  state.jobs.delete(job.id)
  return ok(job.show())
}

/** NiFi does not ask whose request it is here. */
function dropOf({ state, names }: Call, absent: Error): Job {
  const job = state.jobs.get(names[1] ?? '')
  if (job?.kind !== 'drop') throw absent
  return job
}

/** Empties queues: all of them in one step. What it dropped it counts. */
class Drop implements Job {
  readonly kind = 'drop'
  readonly id: string
  readonly user: string
  readonly targetId: string
  complete = false
  readonly #state: FakeState
  readonly #connections: readonly Connection[]
  readonly #uri: string
  readonly #original: readonly [number, number]
  #dropped: readonly [number, number] = [0, 0]
  #cancelled = false

  constructor({ state, user }: Call, connections: readonly Connection[], targetId: string, uri: string) {
    this.id = state.newId()
    this.user = user
    this.targetId = targetId
    this.#state = state
    this.#connections = connections
    this.#uri = `${uri}/${this.id}`
    this.#original = totals(connections)
  }

  step(): boolean {
    if (this.complete) return false
    const present = this.#connections.filter(({ id }) => this.#state.connections.has(id))
    this.#dropped = totals(present)
    for (const connection of present) {
      connection.flowFiles = 0
      connection.bytes = 0
    }
    this.complete = true
    return true
  }

  cancel(): void {
    this.complete = true
    this.#cancelled = true
  }

  show(): Json {
    const [count, size] = this.complete ? totals(this.#connections) : this.#original
    const state = this.#cancelled
      ? 'Canceled by user'
      : this.complete
        ? 'Completed successfully'
        : 'Waiting for destination component to complete its action'
    return {
      dropRequest: {
        ...{ id: this.id, uri: this.#uri, submissionTime: timestamp(), lastUpdated: timestamp() },
        ...{ percentCompleted: this.complete ? 100 : 0, finished: this.complete },
        ...figures('current', count, size),
        ...figures('original', ...this.#original),
        ...figures('dropped', ...this.#dropped),
        state,
      },
    }
  }
}

function totals(connections: readonly Connection[]): readonly [number, number] {
  const sum = (of: (connection: Connection) => number): number =>
    connections.reduce((total, each) => total + of(each), 0)
  return [sum(({ flowFiles }) => flowFiles), sum(({ bytes }) => bytes)]
}

function figures(which: string, count: number, size: number): Readonly<Record<string, Json>> {
  return { [`${which}Count`]: count, [`${which}Size`]: size, [which]: `${count} / ${size} bytes` }
}
