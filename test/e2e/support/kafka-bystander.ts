import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { ended } from './ended.ts'

interface Line {
  readonly topics?: Readonly<Record<string, number>>
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
}

/** Somebody else’s client of the Kafka in the cluster (kafka-observer.ts), as seen from the tests. */
export class KafkaBystander {
  readonly #child: ChildProcess
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #listeners = new Set<() => void>()
  /** Topics and their numbers of partitions, and when that was said. */
  #topics: Readonly<Record<string, number>> = {}
  #words = ''

  /** `inside` runs a command in the cluster’s network; `nameServer` is the cluster’s DNS. */
  constructor(inside: readonly string[], bootstrap: string, nameServer: string) {
    const program = join(import.meta.dirname, 'kafka-observer.ts')
    const argv = [...inside, process.execPath, program, bootstrap, nameServer]
    this.#child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('the observer has no output')
    createInterface({ input: stdout }).on('line', (line) => this.#take(line))
    stderr.on('data', (chunk: Buffer) => (this.#words += chunk.toString()))
  }

  get topics(): Readonly<Record<string, number>> {
    return this.#topics
  }

  /** Resolves with the time (of performance.now()) at which the topics are as wanted. */
  async until(
    wanted: (topics: Readonly<Record<string, number>>) => boolean,
    what: string,
    deadlineMs = 60_000,
  ): Promise<number> {
    const late = AbortSignal.timeout(deadlineMs)
    while (!wanted(this.#topics)) {
      if (late.aborted) {
        const seen = `${JSON.stringify(this.#topics)} ${this.#words}`
        throw new Error(`not within ${deadlineMs} ms: ${what}; topics are ${seen}`)
      }
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const wake = (): void => resolve(undefined)
      this.#listeners.add(wake)
      late.addEventListener('abort', wake, { once: true })
      await promise
      this.#listeners.delete(wake)
    }
    return performance.now()
  }

  async produce(topic: string, records: number): Promise<void> {
    await this.#ask({ ask: 'produce', topic, records })
  }

  /** Records in all partitions. */
  async count(topic: string): Promise<number> {
    return Number(await this.#ask({ ask: 'count', topic }))
  }

  async config(topic: string, key: string): Promise<string> {
    return String(await this.#ask({ ask: 'config', topic, key }))
  }

  async stop(): Promise<void> {
    await ended(this.#child, 'SIGKILL')
  }

  async #ask(question: object): Promise<unknown> {
    const id = this.#asked.size + 1
    const asked = Promise.withResolvers<unknown>()
    this.#asked.set(id, asked)
    this.#child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`)
    const late = delay(30_000, undefined, { ref: false }).then(() => {
      throw new Error(`the observer did not answer ${JSON.stringify(question)} within 30 s: ${this.#words}`)
    })
    return Promise.race([asked.promise, late])
  }

  #take(text: string): void {
    const { topics, id, value, error } = JSON.parse(text) as Line
    if (topics !== undefined) this.#topics = topics
    const asked = id === undefined ? undefined : this.#asked.get(id)
    if (error !== undefined) asked?.reject(new Error(error))
    else asked?.resolve(value)
    for (const listener of this.#listeners) listener()
  }
}
