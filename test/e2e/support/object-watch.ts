import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** An object of the Kubernetes API as far as scenarios look at it. */
export interface Seen {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly managedFields?: readonly { readonly manager: string; readonly time: string }[]
  }
  readonly data?: Readonly<Record<string, string>>
  readonly status?: {
    readonly lastAppliedRevision?: string
    readonly lastAttemptedRevision?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

export interface Sighting {
  readonly type: string
  readonly object: Seen
  /** Of performance.now(), when the line came. */
  readonly at: number
}

/** A watch of kubectl's own, that keeps what it saw with the time of its arrival: it sees as soon as anybody can. */
export class ObjectWatch {
  readonly #child: ChildProcess
  readonly #seen: Sighting[] = []
  readonly #listeners = new Set<() => void>()
  #words = ''

  /** `command` runs kubectl; `path` is `/api/v1/namespaces/a/configmaps`; `query` chooses among them. */
  constructor(command: readonly string[], path: string, query = '') {
    const [program = '', ...args] = command
    const raw = `${path}?watch=true&timeoutSeconds=3600${query}`
    this.#child = spawn(program, [...args, 'get', '--raw', raw], { stdio: ['ignore', 'pipe', 'pipe'] })
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('kubectl has no output')
    createInterface({ input: stdout }).on('line', (line) => this.#take(line))
    stderr.on('data', (chunk: Buffer) => (this.#words += chunk.toString()))
  }

  /** The first sighting from `since` (of performance.now()) on that is wanted, or a failure that shows the last one. */
  async until(
    wanted: (sighting: Sighting) => boolean,
    { since = 0, deadlineMs = 60_000, what = 'the object' } = {},
  ): Promise<Sighting> {
    const late = AbortSignal.timeout(deadlineMs)
    for (let from = 0; ;) {
      const found = this.#seen.slice(from).find((each) => each.at >= since && wanted(each))
      if (found !== undefined) return found
      from = this.#seen.length
      if (late.aborted) throw new Error(`${what} was not seen within ${deadlineMs} ms: ${this.#last()}`)
      await this.#next(late)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill()
    await Promise.race([ended, delay(5_000, undefined, { ref: false })])
  }

  #take(line: string): void {
    const at = performance.now()
    const { type, object } = JSON.parse(line) as Omit<Sighting, 'at'>
    this.#seen.push({ type, object, at })
    for (const listener of this.#listeners) listener()
  }

  async #next(late: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const wake = (): void => resolve(undefined)
    this.#listeners.add(wake)
    late.addEventListener('abort', wake, { once: true })
    await promise
    this.#listeners.delete(wake)
  }

  #last(): string {
    const last = this.#seen.at(-1)
    if (last === undefined) return this.#words || 'nothing was seen at all'
    return JSON.stringify({ ...last.object, metadata: { ...last.object.metadata, managedFields: undefined } })
  }
}
