import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Listens on a port of the loopback, a free one unless said otherwise, and resolves with it. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return portOf(server)
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Ends what is connected, too. */
export async function closeAtOnce(server: HttpServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  server.close(() => resolve(undefined))
  server.closeAllConnections()
  await promise
}
