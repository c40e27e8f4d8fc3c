import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ReconcileError } from '../errors.ts'
import { type ProcessIdentity, processIdentity } from './process-identity.ts'

const stackRecord = z.object({
  up: processIdentity,
  /** ISO 8601. */
  startedAt: z.string(),
  /** `NAME=value` in the environment of every process that this stack started. */
  mark: z.string(),
  /** In the order they were started. A process that is started again replaces the one of the same name. */
  children: z.array(processIdentity).readonly(),
  /** Shell variables for the user, once the stack is ready. */
  environment: z.record(z.string(), z.string()).readonly().optional(),
  /** The kubectl of the stack's version, once the stack is ready. */
  kubectl: z.string().optional(),
  /** Lines that say what runs where, once the stack is ready. */
  summary: z.array(z.string()).readonly().optional(),
  /** What whoever uses a service must know, once the stack is ready. */
  notices: z.array(z.string()).readonly().optional(),
})

/** What is known of a running stack, on disk for `down`, `env` and a second `up`. */
export type StackRecord = Readonly<z.output<typeof stackRecord>>

/** Lies in every run directory: nothing else is ever removed. */
const marker = '.infometis-stack'
const recordName = 'stack.json'

/** Undefined when no stack is on record. */
export async function readRecord(directory: string): Promise<StackRecord | undefined> {
  const text = await readFile(join(directory, recordName), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return stackRecord.parse(JSON.parse(text))
  } catch (error) {
    const file = join(directory, recordName)
    throw new ReconcileError(
      'StackFailed',
      `${file} cannot be read; end its processes by hand and remove it`,
      { cause: error },
    )
  }
}

/** Keeps the record on disk up to date. Writes are one after another and each is whole. */
export class StackRecorder {
  readonly #directory: string
  #record: StackRecord
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string, record: StackRecord) {
    this.#directory = directory
    this.#record = record
  }

  /** Resolves when the process is on disk. */
  async add(child: ProcessIdentity): Promise<void> {
    const others = this.#record.children.filter((each) => each.name !== child.name)
    return this.write({ children: [...others, child] })
  }

  async write(change: Partial<StackRecord> = {}): Promise<void> {
    this.#record = { ...this.#record, ...change }
    const text = `${JSON.stringify(this.#record, undefined, 2)}\n`
    this.#writing = this.#writing.then(async () => {
      const fresh = join(this.#directory, `${recordName}.new`)
      await writeFile(fresh, text, { mode: 0o600 })
      await rename(fresh, join(this.#directory, recordName))
    })
    return this.#writing
  }

  /** The stack is gone; its logs stay for reading. */
  async close(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await rm(join(this.#directory, recordName), { force: true })
  }
}

/** A run directory without anything in it. Throws InvalidConfiguration for a directory that holds something else than a stack. */
export async function freshRunDirectory(directory: string): Promise<void> {
  await removeRunDirectory(directory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(join(directory, marker), '')
}

export async function removeRunDirectory(directory: string): Promise<void> {
  if (!existsSync(directory)) return
  if (!existsSync(join(directory, marker)) && (await readdir(directory)).length > 0) {
    throw new ReconcileError(
      'InvalidConfiguration',
      `${directory} holds something else than a stack: set INFOMETIS_STACK_DIR to a directory that may be removed`,
    )
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}
