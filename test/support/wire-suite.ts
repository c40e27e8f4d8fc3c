import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import type { WireAnswer } from '../../src/client/wire-answer.ts'
import { ReconcileError, type Reason } from '../../src/errors.ts'
import type { Fence } from '../../src/reconcile/fence.ts'
import {
  type AnsweringServer,
  type Reply,
  json as plainJson,
  page,
  startAnsweringServer,
} from './answering-server.ts'
import { failure } from './failure.ts'
import { closeAtOnce } from './loopback.ts'
import { type TlsStage, openTlsStage } from './tls-stage.ts'

/** What every wire can be asked to send. */
interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly once?: boolean
  readonly timeoutMs?: number
}

interface Wire {
  send(request: Asked, signal: AbortSignal): Promise<WireAnswer>
  close(): Promise<void>
}

/** What a wire makes of an answer that is not the service’s, or that refuses the user: reason and words. */
export type Strange = readonly [what: string, reply: Reply, reason: Reason, words: RegExp]

/** A wire of a service over HTTP. */
export interface WireOverHttp {
  /** Without credentials, unless these settings name them. */
  readonly open: (url: string, env?: Record<string, string>, fence?: Fence) => Wire
  /** How names of its settings begin: `NIFI`. */
  readonly prefix: string
  /** How messages call the service. */
  readonly service: string
  /** Headers of every answer that is the service’s own. */
  readonly mark: Record<string, string>
  readonly strange: readonly Strange[]
  /** Requests that are sent once, whatever comes of it. */
  readonly sentOnce: readonly Asked[]
}

const get: Asked = { method: 'GET', path: '/' }
const soon = () => AbortSignal.timeout(20_000)

/** What holds for the wire of any service over HTTP. */
export function describeWireOverHttp(wires: WireOverHttp): void {
  describe('like any wire over HTTP', () => describePlain(wires))
  describe('like any wire over TLS', () => describeTls(wires))
}

function describePlain({ open, prefix, mark, strange, sentOnce }: WireOverHttp): void {
  let double: AnsweringServer
  let wire: Wire
  before(async () => void (double = await startAnsweringServer()))
  after(async () => closeAtOnce(double.server))
  beforeEach(() => {
    double.requests.length = 0
    wire = open(double.url)
  })
  afterEach(async () => wire.close())
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    plainJson(status, body, { ...mark, ...headers })

  it('opens nothing and reads no file before the first request', async () => {
    const unused = open('https://nowhere.invalid', { [`${prefix}_CA_FILE`]: '/nowhere' })
    await unused.close()
    assert.equal((await failure(unused.send(get, soon()))).reason, 'Aborted')
  })

  const foreign: readonly Strange[] = [
    [
      'a bad gateway',
      page(502, '<html><title>502 Bad Gateway</title></html>'),
      'ServiceUnreachable',
      /502 \("502 Bad Gateway"\)/,
    ],
    [
      'a page that claims to be JSON',
      page(200, '<html>', { ...mark, 'content-type': 'application/json' }),
      'ServiceUnreachable',
      /no JSON/,
    ],
  ]
  for (const [what, reply, reason, words] of [...foreign, ...strange]) {
    it(`tells ${what} as ${reason}`, async () => {
      double.reply = reply
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, reason, error.message)
      assert.match(error.message, words)
      assert.doesNotMatch(error.message, /secret/)
      assert.equal(error.cause, undefined, 'a vendor error holds the request with its credentials')
    })
  }

  for (const status of [429, 502, 503, 504]) {
    it(`tries again after ${status}, and not where a repetition would begin a second something`, async () => {
      const cases = [[get, 3, 200] as const, ...sentOnce.map((request) => [request, 1, status] as const)]
      for (const [request, tries, last] of cases) {
        double.requests.length = 0
        double.reply = (asked, response) =>
          json(double.requests.length < 3 ? status : 200, { error: 'busy' })(asked, response)
        const answer = await wire.send(request, soon())
        assert.deepEqual([answer.status, double.requests.length], [last, tries])
      }
    })
  }

  for (const [what, patience, tries] of [
    ['after four tries', {}, 4],
    ['at once where more patience is asked for than a pass has', { 'retry-after': '120' }, 1],
  ] as const) {
    it(`gives up with the last answer ${what}`, async () => {
      double.reply = json(503, { error: 'later' }, patience)
      assert.equal((await wire.send(get, soon())).status, 503)
      assert.equal(double.requests.length, tries)
    })
  }

  it('tries again after a connection that broke before the answer was whole', async () => {
    double.reply = (request, response) => {
      if (double.requests.length > 1) {
        json(200, { ok: true })(request, response)
        return
      }
      response.writeHead(200, { ...mark, 'content-type': 'application/json', 'content-length': '99' })
      response.write('{')
      response.destroy()
    }
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: { ok: true } })
    assert.equal(double.requests.length, 2)
  })

  it('names the host where nothing listens, and the one whose name is unknown', async () => {
    const gone = await startAnsweringServer()
    await closeAtOnce(gone.server)
    for (const [url, words] of [
      [gone.url, /^127\.0\.0\.1:\d+: nothing listens there/],
      ['http://nowhere.invalid', /^nowhere\.invalid: the name cannot be resolved/],
    ] as const) {
      const lost = open(url)
      const error = await failure(lost.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.match(error.message, words)
      await lost.close()
    }
  })

  const begun: Reply = (_, response) =>
    void response.writeHead(200, { ...mark, 'content-type': 'application/json' }).write('{')
  for (const [what, reply] of [
    ['says nothing', () => undefined],
    ['begins an answer and stops', begun],
  ] as const) {
    it(`ends with the time given when a server ${what}, without trying again`, async () => {
      double.reply = reply
      const error = await failure(wire.send({ ...get, timeoutMs: 200 }, soon()))
      assert.equal(error.reason, 'ServiceTimeout')
      assert.match(error.message, /did not answer within 0\.2 s/)
      assert.equal(double.requests.length, 1)
    })

    it(`ends with the signal's reason, and its own close, when a server ${what}`, async () => {
      double.reply = reply
      const controller = new AbortController()
      const arrived = once(double.server, 'request')
      const sent = wire.send(get, controller.signal)
      await arrived
      const since = performance.now()
      controller.abort(new Error('stop now'))
      await assert.rejects(sent, { message: 'stop now' })
      const other = failure(wire.send(get, soon()))
      await wire.close()
      assert.equal((await other).reason, 'Aborted')
      assert.ok(performance.now() - since < 1_000, 'it took a second')
    })
  }

  it('ends the wait before the next try with the signal', async () => {
    double.reply = json(503, { error: 'later' }, { 'retry-after': '5' })
    const controller = new AbortController()
    const sent = wire.send(get, controller.signal)
    double.server.once('request', () => setImmediate(() => controller.abort(new Error('stop now'))))
    await assert.rejects(sent, { message: 'stop now' })
  })

  it('sends nothing when the signal has aborted before', async () => {
    await assert.rejects(wire.send(get, AbortSignal.abort(new Error('too late'))), { message: 'too late' })
    assert.equal(double.requests.length, 0)
  })

  it('sends nothing once its fence has closed, not the second try of what it began, and under no other signal', async () => {
    const lost = new ReconcileError('LeadershipLost', 'another replica may lead')
    let closed = false
    const check = () => {
      if (closed) throw lost
    }
    const fenced = open(double.url, {}, { signal: new AbortController().signal, check })
    double.reply = (request, response) => {
      closed = true
      json(503, { error: 'later' })(request, response)
    }
    await assert.rejects(fenced.send(get, soon()), lost)
    await assert.rejects(fenced.send(get, soon()), lost)
    assert.equal(double.requests.length, 1)
    await fenced.close()
  })

  it('keeps nothing open after close', async () => {
    double.reply = json(200, {})
    const connected = once(double.server, 'connection') as Promise<[Socket]>
    await wire.send(get, soon())
    const [socket] = await connected
    const closed = once(socket, 'close')
    await wire.close()
    await closed
  })
}

function describeTls({ open, prefix, service, mark }: WireOverHttp): void {
  let stage: TlsStage
  before(async () => {
    stage = await openTlsStage()
    stage.double.reply = plainJson(200, {}, mark)
  })
  after(async () => stage.close())
  const named = (name: string) => `${prefix}_${name}_FILE`

  it('refuses a server that another authority signed, and takes it once the file is right', async () => {
    const file = stage.path('ca.pem')
    await writeFile(file, await readFile((await stage.newAuthority('other')).certificate))
    const wire = open(stage.double.url, { [named('CA')]: file })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.ok(error.message.includes(`signed by no authority of ${named('CA')}`), error.message)
    await writeFile(file, await readFile(stage.authority.certificate))
    assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })

  it('refuses a certificate for another host', async () => {
    const { certificate, key } = stage.authority
    const pair = { cert: await readFile(certificate), key: await readFile(key) }
    const elsewhere = await startAnsweringServer((listener) => createTlsServer(pair, listener))
    const wire = open(elsewhere.url, { [named('CA')]: certificate })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /its certificate is for another host/)
    await closeAtOnce(elsewhere.server)
    await wire.close()
  })

  it('says which file cannot be read, and which holds no certificate, never what is in it', async () => {
    const { double, authority, path } = stage
    const missing = open(double.url, { [named('CA')]: path('none.pem') })
    const error = await failure(missing.send(get, soon()))
    assert.equal(error.reason, 'InvalidConfiguration')
    assert.equal(error.message, `${named('CA')}: ${path('none.pem')} cannot be read (ENOENT)`)
    await missing.close()
    await writeFile(path('bad.pem'), 'topsecret')
    const files = { [named('CERT')]: path('bad.pem'), [named('KEY')]: path('bad.pem') }
    const bad = open(double.url, { [named('CA')]: authority.certificate, ...files })
    const unusable = await failure(bad.send(get, soon()))
    assert.equal(unusable.reason, 'TlsFailed')
    assert.ok(unusable.message.includes(named('CERT')), unusable.message)
    assert.doesNotMatch(unusable.message, /topsecret/)
    await bad.close()
  })

  it('tells plain HTTP from TLS, both ways round', async () => {
    const plain = await startAnsweringServer()
    const toPlain = open(plain.url.replace('http:', 'https:'))
    const first = await failure(toPlain.send(get, soon()))
    assert.equal(first.reason, 'TlsFailed')
    assert.match(first.message, /does not speak TLS/)
    await toPlain.close()
    await closeAtOnce(plain.server)
    const toTls = open(stage.double.url.replace('https:', 'http:'))
    const second = await failure(toTls.send({ ...get, once: true }, soon()))
    assert.equal(second.reason, 'ServiceUnreachable')
    assert.ok(second.message.includes(`may say http:// where ${service} speaks TLS`), second.message)
    await toTls.close()
  })
}
