import { connect, createServer, type Server, type Socket } from 'node:net'
import { listenOnLoopback, portOf } from './loopback.ts'

/** The keys of Kafka's protocol for requests that change topics. */
export const writes = {
  createTopics: 19,
  deleteTopics: 20,
  createPartitions: 37,
  incrementalAlterConfigs: 44,
} as const

interface Hold {
  readonly key: number
  readonly reached: PromiseWithResolvers<undefined>
  armed: boolean
  readonly chunks: (() => void)[]
}

/** The way of one client to one broker: it notes which requests pass, and can keep an answer back. */
export class KafkaRelay {
  /** The key of every request, in their order. */
  readonly requests: number[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #hold: Hold | undefined

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(broker: string): Promise<KafkaRelay> {
    const { hostname, port } = new URL(`tcp://${broker}`)
    const server = createServer({ noDelay: true })
    const relay = new KafkaRelay(server)
    server.on('connection', (near) =>
      relay.#join(near, connect({ host: hostname, port: Number(port), noDelay: true })),
    )
    await listenOnLoopback(server)
    return relay
  }

  get address(): string {
    return `127.0.0.1:${portOf(this.#server)}`
  }

  /** Requests that change something. */
  get written(): readonly number[] {
    const changing: readonly number[] = Object.values(writes)
    return this.requests.filter((key) => changing.includes(key))
  }

  /** Keeps back whatever the broker says from the next such request on. Resolves when there is something to keep back. */
  hold(key: number): Promise<undefined> {
    const reached = Promise.withResolvers<undefined>()
    this.#hold = { key, reached, armed: false, chunks: [] }
    return reached.promise
  }

  letGo(): void {
    const chunks = this.#hold?.chunks ?? []
    this.#hold = undefined
    for (const pass of chunks) pass()
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#server.close(() => resolve(undefined))
    for (const socket of this.#sockets) socket.destroy()
    await promise
  }

  #join(near: Socket, far: Socket): void {
    let rest = Buffer.alloc(0)
    near.on('data', (chunk) => {
      rest = this.#note(Buffer.concat([rest, chunk]))
      far.write(chunk)
    })
    far.on('data', (chunk) => {
      const hold = this.#hold
      if (hold?.armed !== true) near.write(chunk)
      else {
        hold.chunks.push(() => near.write(chunk))
        hold.reached.resolve(undefined)
      }
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => undefined)
      one.once('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
  }

  /** Each request begins with its length (4 bytes) and its key (2). What is left is the beginning of the next. */
  #note(bytes: Buffer): Buffer<ArrayBuffer> {
    let from = 0
    while (bytes.length >= from + 6 && bytes.length >= from + 4 + bytes.readInt32BE(from)) {
      const key = bytes.readInt16BE(from + 4)
      this.requests.push(key)
      if (this.#hold?.key === key) this.#hold.armed = true
      from += 4 + bytes.readInt32BE(from)
    }
    return Buffer.from(bytes.subarray(from))
  }
}
