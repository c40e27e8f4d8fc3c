import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePorts } from '../../src/stack/port.ts'
import { listenOnLoopback } from './loopback.ts'

/** A way to a server that is not ours to stop: it can be shut, so that nobody answers, or frozen, so that somebody does and says nothing. */
export class TcpGate {
  readonly url: string
  readonly #to: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  readonly #port: number
  #server: Server | undefined
  #frozen = false

  private constructor(to: URL, port: number) {
    this.#to = { host: to.hostname, port: Number(to.port === '' ? '80' : to.port) }
    this.#port = port
    this.url = `http://127.0.0.1:${port}${to.pathname.replace(/\/$/, '')}`
  }

  /** Only plain HTTP: a certificate would be for another host. */
  static async open(to: URL): Promise<TcpGate> {
    if (to.protocol !== 'http:')
      throw new Error(`${to.origin} cannot be shut and frozen over TLS: name an address of it in plain HTTP`)
    // Below those of outgoing connections: while it is shut, nobody else is given it.
    const [port = 0] = await freePorts(1)
    const gate = new TcpGate(to, port)
    await gate.up()
    return gate
  }

  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise((resolve) =>
      server === undefined ? resolve(undefined) : server.close(resolve),
    )
    this.#cut()
    await closed
  }

  async up(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer((near) => this.#pass(near))
    await listenOnLoopback(server, this.#port)
    // A test that fails before it closes its gate ends all the same.
    server.unref()
    this.#server = server
  }

  freeze(): void {
    this.#frozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** What was asked while frozen is lost, as after a failure of the network. */
  thaw(): void {
    this.#frozen = false
    this.#cut()
  }

  async close(): Promise<void> {
    await this.down()
  }

  #pass(near: Socket): void {
    this.#keep(near)
    if (this.#frozen) {
      near.pause()
      return
    }
    const far = connect({ ...this.#to, noDelay: true })
    this.#keep(far)
    near.pipe(far).pipe(near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
