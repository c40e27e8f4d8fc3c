import { open } from 'node:fs/promises'

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
  readonly #file: string
  #offset = 0
  #rest = ''

  constructor(file: string) {
    this.#file = file
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
    const text = this.#rest + (await this.#more())
    const end = text.lastIndexOf('\n') + 1
    this.#rest = text.slice(end)
    return text
      .slice(0, end)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  async #more(): Promise<string> {
    const file = await open(this.#file, 'r')
    try {
      const { size } = await file.stat()
      const buffer = Buffer.alloc(size - this.#offset)
      await file.read(buffer, 0, buffer.length, this.#offset)
      this.#offset = size
      return buffer.toString('utf8')
    } finally {
      await file.close()
    }
  }
}
