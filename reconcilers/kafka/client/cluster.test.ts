import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import { kafkaSettings } from '../settings.ts'
import { KafkaClient } from './kafka-client.ts'

function connect(servers: string, timeout = '30s'): KafkaClient {
  const env = { KAFKA_BOOTSTRAP_SERVERS: servers, KAFKA_REQUEST_TIMEOUT: timeout }
  return new KafkaClient(readSettings(kafkaSettings, env))
}

/** Something that listens on loopback and is no Kafka. */
interface Stranger {
  readonly address: string
  readonly sockets: readonly Socket[]
  readonly server: Server
}

async function listen(onConnection: (socket: Socket) => void): Promise<Stranger> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { address: `127.0.0.1:${address.port}`, sockets, server }
}

describe('a Kafka that is not there', () => {
  let mute: Stranger
  let rude: Stranger
  before(async () => {
    mute = await listen((socket) => socket.resume())
    rude = await listen((socket) => socket.destroy())
  })
  after(() => {
    for (const { server, sockets } of [mute, rude]) {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  })

  it('is unreachable, and every address is named with what is wrong with it', async () => {
    const client = connect('127.0.0.1:1,kafka.invalid:9092')
    await assert.rejects(client.ping(AbortSignal.timeout(10_000)), {
      reason: 'ServiceUnreachable',
      message:
        /^127\.0\.0\.1:1 cannot be reached: nothing listens there \(ECONNREFUSED\); the name in kafka\.invalid:9092 cannot be resolved/,
    })
    await client.close()
  })

  it('is unreachable when the connection is closed at once, with a hint, and is tried once per call', async () => {
    const client = connect(rude.address)
    const seen = rude.sockets.length
    await assert.rejects(client.ping(AbortSignal.timeout(10_000)), {
      reason: 'ServiceUnreachable',
      message: /KAFKA_TLS and KAFKA_SASL_MECHANISM may not be what the listener speaks/,
    })
    assert.equal(rude.sockets.length - seen, 1)
    await client.close()
  })

  it('does not answer in time: the request timeout holds', async () => {
    const client = connect(mute.address, '200ms')
    await assert.rejects(client.list('topics', AbortSignal.timeout(10_000)), {
      reason: /^Service(Timeout|Unreachable)$/,
      message: /answer/,
    })
    await client.close()
  })

  it('lets go of a caller within a second of its abort, with the caller’s own reason', async () => {
    const client = connect(mute.address)
    const started = performance.now()
    await assert.rejects(client.observe('topics', ['a'], AbortSignal.timeout(100)), { name: 'TimeoutError' })
    assert.ok(performance.now() - started < 1_100)
    await client.close()
  })

  it('is not asked at all by a signal that is aborted already', async () => {
    const client = connect(mute.address)
    const seen = mute.sockets.length
    await assert.rejects(client.ping(AbortSignal.abort()), { name: 'AbortError' })
    assert.equal(mute.sockets.length, seen)
    await client.close()
  })

  it('loses its connection when the client is closed, even one that is being made', async () => {
    const client = connect(mute.address)
    const waiting = client.ping(AbortSignal.timeout(10_000))
    const rejected = assert.rejects(waiting, { reason: 'Aborted' })
    const [socket] = (await once(mute.server, 'connection')) as [Socket]
    const ended = once(socket, 'close')
    await client.close()
    await Promise.all([rejected, ended])
  })
})
