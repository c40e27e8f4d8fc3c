import assert from 'node:assert/strict'
import { createServer as createTcpServer } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { HttpWire, HttpWireRequest } from '../../src/client/http-wire.ts'
import { type AnsweringServer, json, page, startAnsweringServer, told } from './answering-server.ts'
import { failure } from './failure.ts'
import { closeAtOnce, listenOnLoopback } from './loopback.ts'

/** A wire that is made of `HttpWay`. */
export interface WireByHttpWay {
  /** Without credentials. */
  readonly open: (url: string) => HttpWire
  /** What its settings add to an address before the path of a request: `/nifi-api`. */
  readonly base: string
}

const soon = () => AbortSignal.timeout(20_000)

/** What holds for the wire of a service that has no client library of its own. */
export function describeWireByHttpWay({ open, base }: WireByHttpWay): void {
  describe('like any wire by HttpWay', () => {
    const get: HttpWireRequest = { method: 'GET', path: '/a/thing' }
    let double: AnsweringServer
    before(async () => void (double = await startAnsweringServer()))
    after(async () => closeAtOnce(double.server))
    beforeEach(() => {
      double.requests.length = 0
    })

    it('sends what it is told below the path of a proxy, and returns any answer of the service, errors included', async () => {
      const wire = open(`${double.url}/team${base}/`)
      double.reply = told(409, 'It must be stopped.')
      const body = JSON.parse('{"component":{"properties":{"__proto__":"x"}}}') as unknown
      const request: HttpWireRequest = { method: 'PUT', path: '/ports/a%2Fb', body, headers: { 'x-a': '1' } }
      const answer = await wire.send({ ...request, query: { recursive: true, n: 1, t: 'x y' } }, soon())
      assert.deepEqual(answer, { status: 409, body: 'It must be stopped.' })
      const [seen] = double.requests
      assert.equal(seen?.url, `/team${base}/ports/a%2Fb?recursive=true&n=1&t=x+y`)
      assert.equal(seen.body, JSON.stringify(body))
      assert.equal(seen.headers['content-type'], 'application/json')
      assert.equal(seen.headers['x-a'], '1')
      assert.equal(seen.headers.authorization, undefined)
      await wire.close()
    })

    it('hands on that one request is too large for what stands in front: others may go on', async () => {
      const wire = open(double.url)
      double.reply = page(413, '<html><title>413 Request Entity Too Large</title></html>')
      const answer = await wire.send({ method: 'PUT', path: '/a/thing', body: {} }, soon())
      assert.deepEqual(answer, { status: 413, body: '413 Request Entity Too Large' })
      assert.equal(double.requests.length, 1)
      await wire.close()
    })

    it('says undefined for an empty body, text for what is text, and keeps a member __proto__', async () => {
      const wire = open(double.url)
      double.reply = told(200, '')
      assert.deepEqual(await wire.send(get, soon()), { status: 200, body: undefined })
      double.reply = told(202, '{"not": "json"}')
      assert.deepEqual(await wire.send(get, soon()), { status: 202, body: '{"not": "json"}' })
      double.reply = told(200, '{"__proto__":{"constructor":1}}', { 'content-type': 'application/json' })
      const { body } = await wire.send(get, soon())
      assert.equal(JSON.stringify(body), '{"__proto__":{"constructor":1}}')
      await wire.close()
    })

    it('keeps no cookie, and one connection for what comes after another', async () => {
      const wire = open(double.url)
      let connections = 0
      const count = () => (connections += 1)
      double.server.on('connection', count)
      double.reply = json(200, {}, { 'set-cookie': '__Secure-Request-Token=secret; Path=/' })
      await wire.send(get, soon())
      await wire.send(get, soon())
      double.server.off('connection', count)
      assert.deepEqual(
        double.requests.map(({ headers }) => headers.cookie),
        [undefined, undefined],
      )
      assert.equal(connections, 1)
      await wire.close()
    })

    it('asks no proxy of the environment', async () => {
      const proxy = await startAnsweringServer()
      const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']
      const { env } = process
      const before = names.map((name) => [name, env[name]] as const)
      for (const name of names) env[name] = proxy.url
      const wire = open(double.url)
      try {
        await wire.send(get, soon())
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) Reflect.deleteProperty(env, name)
          else env[name] = value
        }
      }
      assert.deepEqual([proxy.requests.length, double.requests.length], [0, 1])
      await wire.close()
      await closeAtOnce(proxy.server)
    })

    it('does not repeat what the service refused because of its state', async () => {
      const wire = open(double.url)
      double.reply = told(409, 'somebody changed it meanwhile')
      assert.equal((await wire.send({ ...get, method: 'PUT' }, soon())).status, 409)
      assert.equal(double.requests.length, 1)
      await wire.close()
    })

    it('does not repeat a change whose answer was lost: it may have been made', async () => {
      const wire = open(double.url)
      double.reply = (_, response) => void response.destroy()
      const error = await failure(wire.send({ ...get, method: 'DELETE' }, soon()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.equal(double.requests.length, 1)
      await wire.close()
    })

    it('tells a listener that speaks no HTTP as not to be reached', async () => {
      const server = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n'))
      const port = await listenOnLoopback(server)
      const wire = open(`http://127.0.0.1:${port}`)
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.match(error.message, /the connection failed/)
      await wire.close()
      server.close()
    })

    it('holds no answer that is too large', async () => {
      const wire = open(double.url)
      double.reply = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        }
        response.on('drain', more)
        more()
      }
      const error = await failure(wire.send(get, soon()))
      assert.equal(error.reason, 'NotSupportedByServer')
      assert.ok(error.message.endsWith(`larger than 64 MiB: GET ${base}/a/thing`), error.message)
      assert.equal(double.requests.length, 1)
      await wire.close()
    })
  })
}
