import { open } from 'node:fs/promises'

/** Reads on in a file that another process writes. */
export class GrowingFile {
  readonly #path: string
  #offset = 0
  #rest = ''

  constructor(path: string) {
    this.#path = path
  }

  /** Whole lines that have come since it was last asked. */
  async lines(): Promise<readonly string[]> {
    const text = this.#rest + (await this.#more())
    const end = text.lastIndexOf('\n') + 1
    this.#rest = text.slice(end)
    return text.slice(0, end).split('\n').slice(0, -1)
  }

  async #more(): Promise<string> {
    const file = await open(this.#path, 'r')
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
