import { GrowingFile } from './growing-file.ts'

/** A reconcile that has ended, as the debug log tells it. */
export interface Reconciled {
  readonly key: string
  /** Milliseconds since the epoch, by the same clock as `Date.now`; ±1 ms. */
  readonly start: number
  readonly end: number
  readonly ms: number
}

/** Reads on in a log of JSON lines. */
export class LogLines {
  readonly #file: GrowingFile

  constructor(file: string) {
    this.#file = new GrowingFile(file)
  }

  /** Reconciles that have ended since it was last asked. */
  async reconciled(): Promise<readonly Reconciled[]> {
    return (await this.#lines()).flatMap((line) => {
      const { key, ms, time } = line
      if (typeof key !== 'string' || typeof ms !== 'number' || typeof time !== 'string') return []
      const end = Date.parse(time)
      return [{ key, start: end - ms, end, ms }]
    })
  }

  async #lines(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#file.lines())
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}
