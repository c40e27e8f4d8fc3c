/**
 * Topics in what a classic consumer sends to its group and gets from it (KIP-62's ConsumerProtocolSubscription and
 * ConsumerProtocolAssignment). Both begin with a version and the topics, in every version; other members follow.
 */
export function subscribedTopics(metadata: Buffer): readonly string[] {
  return readTopics(metadata, (reader) => [reader.string()])
}

export function assignedTopics(assignment: Buffer): readonly string[] {
  return readTopics(assignment, (reader) => {
    const topic = reader.string()
    reader.skip(reader.int32() * 4)
    return [topic]
  })
}

/** Bytes that are no such message give no topics: the group is another program's, e.g. Connect's. */
function readTopics(bytes: Buffer, read: (reader: Bytes) => readonly string[]): readonly string[] {
  if (bytes.length < 6) return []
  try {
    const reader = new Bytes(bytes)
    reader.skip(2)
    const count = reader.int32()
    if (count < 0 || count > bytes.length) return []
    return Array.from({ length: count }, () => read(reader)).flat()
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

class Bytes {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(count: number): void {
    this.#at += count
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  string(): string {
    const length = this.#bytes.readInt16BE(this.#at)
    this.#at += 2
    if (length < 0 || this.#at + length > this.#bytes.length)
      throw new RangeError('a string ends beyond its message')
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length)
    this.#at += length
    return text
  }
}
