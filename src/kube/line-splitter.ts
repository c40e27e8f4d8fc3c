/** A line longer than the bound: the stream cannot be trusted any more. */
export class LineTooLong extends Error {
  constructor(maxBytes: number) {
    super(`a line of the stream is longer than ${maxBytes} bytes`)
    this.name = 'LineTooLong'
  }
}

const newline = 0x0a

/** Chunks → lines. Bytes are decoded only as whole lines, so a character split over two chunks stays whole. */
export class LineSplitter {
  readonly #maxBytes: number
  #pending: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines completed by this chunk, without their ends; empty lines are left out. */
  *push(chunk: Buffer): Generator<string> {
    let rest = chunk
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      this.#keep(rest.subarray(0, end))
      rest = rest.subarray(end + 1)
      const line = this.#take()
      if (line.trim() !== '') yield line
    }
    this.#keep(rest)
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    if (this.#size > this.#maxBytes) throw new LineTooLong(this.#maxBytes)
    if (part.length > 0) this.#pending.push(part)
  }

  #take(): string {
    const line = Buffer.concat(this.#pending).toString('utf8')
    this.#pending = []
    this.#size = 0
    return line
  }
}
