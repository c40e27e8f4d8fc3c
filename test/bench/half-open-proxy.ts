import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** Passes TCP on, and can make what is open half-open: no side hears the other again, and neither is told. */
export class HalfOpenProxy {
  readonly port: number
  readonly #close: () => Promise<void>
  readonly #pairs: Set<readonly [Socket, Socket]>

  private constructor(port: number, pairs: Set<readonly [Socket, Socket]>, close: () => Promise<void>) {
    this.port = port
    this.#pairs = pairs
    this.#close = close
  }

  static async open(host: string, port: number): Promise<HalfOpenProxy> {
    const pairs = new Set<readonly [Socket, Socket]>()
    const server = createServer((near) => {
      const far = connect({ host, port, noDelay: true })
      near.setNoDelay(true)
      pairs.add([near, far])
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = async (): Promise<void> => {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
    return new HalfOpenProxy((server.address() as AddressInfo).port, pairs, close)
  }

  /** Every connection that is open now; later ones are passed on as before. */
  freeze(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far)
      far.unpipe(near)
      near.pause()
      far.pause()
    }
  }

  async close(): Promise<void> {
    await this.#close()
  }
}
