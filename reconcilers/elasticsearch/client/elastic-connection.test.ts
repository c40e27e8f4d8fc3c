import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { ElasticConnection } from './elastic-connection.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n'
const params = { method: 'GET', path: '/' }

describe('the connections to a node', () => {
  let server: Server
  let sockets: Socket[]
  let notes: Error[]
  /** What the server says to whoever sends something. */
  let answer: (socket: Socket) => void

  before(async () => {
    server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined).once('data', () => answer(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  beforeEach(() => {
    sockets = []
    notes = []
    answer = (socket) => socket.write(`${head}{"a":1`)
  })

  function connect(scheme: 'http' | 'https', limitMs?: number): ElasticConnection {
    const { port } = server.address() as AddressInfo
    const url = new URL(`${scheme}://127.0.0.1:${port}`)
    return new ElasticConnection({ url }, (error) => void notes.push(error), limitMs)
  }

  const ask = async (connection: ElasticConnection, signal?: AbortSignal) =>
    connection.request(params, { requestId: 1, name: 'test', context: null, ...(signal && { signal }) })

  it('gives a node up that takes a connection and then never speaks TLS', async () => {
    answer = () => undefined
    const connection = connect('https', 50)
    await assert.rejects(ask(connection), { name: 'ConnectionError', message: 'no connection within 50 ms' })
    assert.deepEqual(
      notes.map((error) => 'code' in error && error.code),
      ['ETIMEDOUT'],
    )
    await connection.close()
  })

  it('has no limit once there is a connection', async () => {
    const connection = connect('http', 300)
    answer = (socket) => setTimeout(() => socket.write(`${head}{"a":1`), 400)
    assert.equal((await ask(connection)).body, '{"a":1')
    await connection.close()
  })

  it('ends at once where the answer is no HTTP', async () => {
    answer = (socket) => socket.end('220 mail.example ESMTP\r\n')
    const connection = connect('http')
    await assert.rejects(ask(connection), { name: 'ConnectionError', message: /Expected HTTP/ })
    assert.equal(notes.length, 1)
    await connection.close()
  })

  it('hangs up when the signal aborts between the first line of an answer and its last', async () => {
    const controller = new AbortController()
    const connection = connect('http')
    const gone = Promise.withResolvers<undefined>()
    answer = (socket) => {
      socket.once('close', () => gone.resolve(undefined))
      socket.write(`${head}{"a"`)
    }
    // The first line and the headers are there.
    connection.diagnostic.once('deserialization', () => setImmediate(() => controller.abort()))
    // Not a ConnectionError: the transport would leave the node out for a minute.
    await assert.rejects(ask(connection, controller.signal), { name: 'RequestAbortedError' })
    await gone.promise
    assert.deepEqual(notes, [])
    await connection.close()
  })

  it('closes behind those who still read', async () => {
    const connection = connect('http')
    const begun = Promise.withResolvers<undefined>()
    connection.diagnostic.once('deserialization', () => begun.resolve(undefined))
    answer = (socket) => socket.write(`${head}{"a`)
    const asked = ask(connection)
    await begun.promise
    const [socket] = sockets
    assert.ok(socket)
    const closed = connection.close()
    const gone = once(socket, 'close')
    setImmediate(() => socket.write('":1'))
    assert.equal((await asked).body, '{"a":1')
    await closed
    await gone
  })

  it('uses a connection again', async () => {
    answer = (socket) => {
      socket.write(`${head}{"a":1`)
      socket.once('data', () => socket.write(`${head}{"b":2`))
    }
    const connection = connect('http')
    assert.equal((await ask(connection)).body, '{"a":1')
    assert.equal((await ask(connection)).body, '{"b":2')
    assert.equal(sockets.length, 1)
    await connection.close()
  })
})
