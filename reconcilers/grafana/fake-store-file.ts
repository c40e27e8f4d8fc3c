import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { own } from '../../src/core/json.ts'
import { figureAt } from '../../src/core/members.ts'
import { ReconcileError } from '../../src/errors.ts'
import { type Data, type FakeState, emptyData } from './fake-state.ts'

/** What the simulated Grafana remembers, in a file: what was there before a start is there after it. */
export class StoreFile {
  readonly #path: string
  readonly #state: FakeState
  #written: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  constructor(directory: string, state: FakeState) {
    this.#path = join(directory, 'simulated-grafana.json')
    this.#state = state
  }

  /** Nothing, where there is no file yet. */
  async load(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (text === undefined) return
    const stored = this.#parsed(text)
    this.#state.data = dataOf(own(stored, 'data'))
    this.#state.goOnFrom({
      ...{
        count: figureAt(stored, 'counters', 'count') ?? 0,
        last: figureAt(stored, 'counters', 'last') ?? 0,
      },
    })
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw new ReconcileError(
        'InvalidConfiguration',
        `${this.#path} is no JSON; remove it, and it is begun anew`,
      )
    }
  }

  /** Resolves when what is there now is in the file. Changes that come while it is written are written together. */
  async keep(): Promise<void> {
    this.#queued ??= this.#next()
    await this.#queued
  }

  async #next(): Promise<void> {
    // That the one before could not be written is told where it was asked for; this one is tried all the same.
    await this.#written.catch(() => undefined)
    this.#queued = undefined
    this.#written = this.#write()
    await this.#written
  }

  async #write(): Promise<void> {
    const { counters, data } = this.#state
    const maps = Object.entries(data).map(([name, map]) => [name, [...(map as Data['folders'])]])
    const text = JSON.stringify({ counters, data: Object.fromEntries(maps) as unknown })
    await mkdir(join(this.#path, '..'), { recursive: true, mode: 0o700 })
    // Secrets of datasources stand in it.
    await writeFile(`${this.#path}.new`, text, { mode: 0o600 })
    await rename(`${this.#path}.new`, this.#path)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function dataOf(stored: unknown): Data {
  const data = emptyData()
  for (const [name, map] of Object.entries(data)) {
    const entries = own(stored, name)
    if (!Array.isArray(entries)) continue
    const filled = map as Map<unknown, unknown>
    filled.clear()
    for (const [key, value] of entries as readonly (readonly [unknown, unknown])[]) filled.set(key, value)
  }
  return data
}
