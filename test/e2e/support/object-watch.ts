import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ended } from './ended.ts'

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

/**
 * A watch of kubectl's own, that keeps what it saw with the time of its arrival: it sees as soon as anybody can. When the API server
 * ends it, it begins anew, and sees first how everything is now.
 */
export class ObjectWatch {
  readonly #command: readonly string[]
  readonly #seen: Sighting[] = []
  readonly #listeners = new Set<() => void>()
  #child: ChildProcess | undefined
  #stopped = false
  #words = ''

  /** `command` runs kubectl; `path` is `/api/v1/namespaces/a/configmaps`; `query` chooses among them. */
  constructor(command: readonly string[], path: string, query = '') {
    this.#command = [...command, 'get', '--raw', `${path}?watch=true&timeoutSeconds=3600${query}`]
    this.#begin()
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
    this.#stopped = true
    await ended(this.#child, 'SIGTERM')
  }

  #begin(): void {
    if (this.#stopped) return
    const [program = '', ...args] = this.#command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line))
    child.stderr.on('data', (chunk: Buffer) => (this.#words = chunk.toString()))
    child.once('exit', () => setTimeout(() => this.#begin(), 300).unref())
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
