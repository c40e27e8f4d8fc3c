import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import { describe, it } from 'node:test'
import { closeAtOnce, listenOnLoopback } from '../../test/support/loopback.ts'
import { HttpConnection } from './http-connection.ts'

const soon = () => AbortSignal.timeout(10_000)

describe('an HTTP connection that is closed', () => {
  it('lets what is under way come to its end, and ends what is idle', async () => {
    const arrived = Promise.withResolvers<ServerResponse>()
    const server = createServer((request, response) => {
      if (request.url === '/slow') arrived.resolve(response)
      else response.end('at once')
    })
    const url = `http://127.0.0.1:${await listenOnLoopback(server)}`
    try {
      const connection = new HttpConnection(url, {})
      const ask = async (path: string) =>
        connection.exchange({ method: 'GET', url: `${url}${path}`, headers: {}, content: undefined }, soon())
      const slow = ask('/slow')
      const response = await arrived.promise
      const idle = once(server, 'connection', { signal: soon() })
      assert.equal((await ask('/quick')).raw?.text, 'at once')
      const [socket] = (await idle) as [NodeJS.EventEmitter]
      const ended = once(socket, 'close', { signal: soon() })
      connection.close()
      await ended
      response.end('in the end')
      assert.equal((await slow).raw?.text, 'in the end')
    } finally {
      await closeAtOnce(server)
    }
  })
})
