import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import { ReconcileError, type Reason } from '../../../src/errors.ts'
import { createAuthority } from '../../../src/stack/certificates.ts'
import type { CertificateAuthority, CertificateFiles } from '../../../src/stack/certificates.ts'
import { testPlaces } from '../../../test/support/places.ts'
import { elasticsearchSettings } from '../settings.ts'
import { ElasticWire } from './elastic-wire.ts'
import type { WireRequest } from './wire.ts'
import { failure } from '../../../test/support/failure.ts'

const get: WireRequest = { method: 'GET', path: '/' }
const soon = () => AbortSignal.timeout(20_000)

function wireTo(url: string, env: Record<string, string> = {}): ElasticWire {
  return new ElasticWire(readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: url, ...env }))
}

/** A server that answers as told, and counts what it was asked. */
interface Double {
  readonly url: string
  readonly requests: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
  reply: (request: IncomingMessage, response: ServerResponse) => void
  readonly server: Server
  stop(): Promise<void>
}

async function startDouble(create: (listener: RequestListener) => Server = createServer): Promise<Double> {
  const requests: Double['requests'] = []
  const server = create((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      requests.push({ method, url, headers, body })
      double.reply(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    if (server.listening) await once(server, 'close')
  }
  const scheme = create === createServer ? 'http' : 'https'
  const double: Double = {
    url: `${scheme}://127.0.0.1:${port}`,
    requests,
    reply: json(200, {}),
    server,
    stop,
  }
  return double
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Double['reply'] {
  return (_, response) => {
    const mark = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' }
    response.writeHead(status, { ...mark, ...headers }).end(JSON.stringify(body))
  }
}

function page(status: number, text: string, headers: Record<string, string> = {}): Double['reply'] {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(text)
}

describe('the wire to Elasticsearch', () => {
  let double: Double
  before(async () => void (double = await startDouble()))
  after(async () => double.stop())

  it('opens nothing and reads no file before the first request', async () => {
    const wire = wireTo('https://nowhere.invalid', { ELASTICSEARCH_CA_FILE: '/nowhere' })
    await wire.close()
  })

  it('sends what it is told, and returns any answer of the server, errors included', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    double.reply = json(404, {
      error: { type: 'index_not_found_exception', reason: 'no such index' },
      status: 404,
    })
    const body = {
      mappings: JSON.parse('{"properties":{"__proto__":{"type":"long","null_value":9}}}') as unknown,
    }
    const answer = await wire.send(
      { method: 'PUT', path: '/a%2Cb', query: { flat: true, n: 1, t: 'x y' }, body, opaqueId: 'reindex-1' },
      soon(),
    )
    assert.equal(answer.status, 404)
    const [seen] = double.requests
    assert.equal(seen?.url, '/a%2Cb?flat=true&n=1&t=x%20y')
    assert.equal(seen.body, JSON.stringify(body))
    assert.equal(seen.headers['x-opaque-id'], 'reindex-1')
    assert.equal(seen.headers.authorization, undefined)
    await wire.close()
  })

  it('sends text as the lines that it is', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    double.reply = json(200, {})
    await wire.send({ method: 'POST', path: '/_bulk', body: '{"delete":{}}\n' }, soon())
    const [seen] = double.requests
    assert.equal(seen?.body, '{"delete":{}}\n')
    assert.match(seen.headers['content-type'] ?? '', /x-ndjson/)
    await wire.close()
  })

  it('reads a member __proto__, and integers that a number would round', async () => {
    const wire = wireTo(double.url)
    double.reply = (_, response) =>
      response
        .writeHead(200, {
          'x-elastic-product': 'Elasticsearch',
          'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
        })
        .end('{"__proto__":{"constructor":{"prototype":1}},"n":9007199254740993}')
    const { body } = await wire.send(get, soon())
    assert.equal(JSON.stringify(body), '{"__proto__":{"constructor":{"prototype":1}},"n":"9007199254740993"}')
    await wire.close()
  })

  it('says undefined for an empty body, and text for what is no JSON by its own word', async () => {
    const wire = wireTo(double.url)
    const mark = { 'x-elastic-product': 'Elasticsearch' }
    double.reply = page(200, '', mark)
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: undefined })
    double.reply = page(200, 'green', { ...mark, 'content-type': 'text/plain' })
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: 'green' })
    await wire.close()
  })

  const strange: readonly (readonly [string, Double['reply'], Reason, RegExp])[] = [
    [
      'a server that is not Elasticsearch',
      json(200, {}, { 'x-elastic-product': 'Other' }),
      'NotSupportedByServer',
      /X-Elastic-Product/,
    ],
    [
      'OpenSearch, or a proxy that drops the header',
      page(200, '{}', { 'content-type': 'application/json' }),
      'NotSupportedByServer',
      /let the proxy/,
    ],
    [
      'an ingress without a route',
      page(404, 'default backend - 404'),
      'ServiceUnreachable',
      /default backend - 404/,
    ],
    [
      'a bad gateway',
      page(502, '<html><title>502 Bad Gateway</title></html>'),
      'ServiceUnreachable',
      /502 \("502 Bad Gateway"\)/,
    ],
    [
      'a login page',
      page(302, '', { location: 'https://sso.example/login?state=secret' }),
      'ServiceUnreachable',
      /redirects to https:\/\/sso\.example\/login \(/,
    ],
    ['a proxy that forbids', page(403, '<title>Forbidden</title>'), 'AuthorizationFailed', /Forbidden/],
    [
      'a refused password',
      json(401, {
        error: { root_cause: [], type: 'security_exception', reason: 'unable to authenticate user [x]' },
      }),
      'AuthenticationFailed',
      /unable to authenticate user \[x\]/,
    ],
    [
      'a page that claims to be JSON',
      page(200, '<html>', { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }),
      'ServiceUnreachable',
      /no JSON/,
    ],
  ]
  for (const [what, reply, reason, words] of strange) {
    it(`tells ${what} as ${reason}`, async () => {
      const wire = wireTo(double.url)
      double.reply = reply
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, reason, error.message)
      assert.match(error.message, words)
      assert.doesNotMatch(error.message, /secret/)
      assert.equal(error.cause, undefined, 'a vendor error holds the request with its credentials')
      await wire.close()
    })
  }

  it('gives what a proxy finds too large to whoever sent it', async () => {
    const wire = wireTo(double.url)
    double.reply = page(413, '<html><title>413 Request Entity Too Large</title></html>')
    assert.equal((await wire.send(get, soon())).status, 413)
    await wire.close()
  })

  for (const status of [429, 502, 503, 504]) {
    it(`tries again after ${status}, and not where a repetition would start a second task`, async () => {
      const wire = wireTo(double.url)
      for (const [once, tries, last] of [
        [false, 3, 200],
        [true, 1, status],
      ] as const) {
        double.requests.length = 0
        double.reply = (request, response) =>
          json(double.requests.length < 3 ? status : 200, { error: 'busy' })(request, response)
        const answer = await wire.send({ ...get, once }, soon())
        assert.deepEqual([answer.status, double.requests.length], [last, tries])
      }
      await wire.close()
    })
  }

  it('gives up after four tries with the last answer', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    double.reply = json(429, { error: 'busy' })
    assert.equal((await wire.send(get, soon())).status, 429)
    assert.equal(double.requests.length, 4)
    await wire.close()
  })

  it('does not wait for a server that asks for more patience than a pass has', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    double.reply = json(503, { error: 'later' }, { 'retry-after': '120' })
    assert.equal((await wire.send(get, soon())).status, 503)
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  it('tries again after a connection that broke before the answer was whole', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    double.reply = (request, response) => {
      if (double.requests.length > 1) {
        json(200, { ok: true })(request, response)
        return
      }
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-length': '99' })
      response.write('{')
      response.destroy()
    }
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: { ok: true } })
    await wire.close()
  })

  it('asks another node when one is gone', async () => {
    const gone = await startDouble()
    await gone.stop()
    const wire = wireTo(`${gone.url},${double.url}`)
    double.reply = json(200, { ok: true })
    for (let times = 0; times < 4; times += 1) assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })

  it('names the host where nothing listens, and the one whose name is unknown', async () => {
    const gone = await startDouble()
    await gone.stop()
    for (const [url, words] of [
      [gone.url, /nothing listens there/],
      ['http://nowhere.invalid', /nowhere\.invalid: the name cannot/],
    ] as const) {
      const wire = wireTo(url)
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.match(error.message, words)
      await wire.close()
    }
  })

  for (const [what, reply] of [
    ['says nothing', () => undefined],
    [
      'begins an answer and stops',
      (_: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(200, { 'x-elastic-product': 'Elasticsearch' }).write('{'),
    ],
  ] as const) {
    it(`ends with the time given when a server ${what}, without trying again`, async () => {
      const wire = wireTo(double.url)
      double.requests.length = 0
      double.reply = reply
      const error = await failure(wire.send({ ...get, timeoutMs: 200 }, soon()))
      assert.equal(error.reason, 'ServiceTimeout')
      assert.match(error.message, /did not answer within 0\.2 s/)
      assert.equal(double.requests.length, 1)
      await wire.close()
    })

    it(`ends with the signal's reason, and its own close, when a server ${what}`, async () => {
      const wire = wireTo(double.url)
      double.reply = reply
      const controller = new AbortController()
      const arrived = once(double.server, 'request')
      const sent = wire.send(get, controller.signal)
      await arrived
      const begun = performance.now()
      controller.abort(new Error('stop now'))
      await assert.rejects(sent, { message: 'stop now' })
      const other = failure(wire.send(get, soon()))
      await wire.close()
      assert.equal((await other).reason, 'Aborted')
      assert.ok(performance.now() - begun < 1_000, 'it took a second')
    })
  }

  it('ends the wait before the next try with the signal', async () => {
    const wire = wireTo(double.url)
    double.reply = json(503, { error: 'later' }, { 'retry-after': '5' })
    const controller = new AbortController()
    const sent = wire.send(get, controller.signal)
    double.server.once('request', () => setImmediate(() => controller.abort(new Error('stop now'))))
    await assert.rejects(sent, { message: 'stop now' })
    await wire.close()
  })

  it('sends nothing when the signal has aborted before', async () => {
    const wire = wireTo(double.url)
    double.requests.length = 0
    await assert.rejects(wire.send(get, AbortSignal.abort(new Error('too late'))), { message: 'too late' })
    assert.equal(double.requests.length, 0)
    await wire.close()
  })

  it('sends nothing once its fence has closed, not the second try of what it began, and under no other signal', async () => {
    const lost = new ReconcileError('LeadershipLost', 'another replica may lead')
    let closed = false
    const check = () => {
      if (closed) throw lost
    }
    const settings = readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: double.url })
    const wire = new ElasticWire(settings, { signal: new AbortController().signal, check })
    double.requests.length = 0
    double.reply = (request, response) => {
      closed = true
      json(503, { error: 'later' })(request, response)
    }
    await assert.rejects(wire.send(get, soon()), lost)
    await assert.rejects(wire.send(get, soon()), lost)
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  it('keeps nothing open after close', async () => {
    const wire = wireTo(double.url)
    double.reply = json(200, {})
    const connected = once(double.server, 'connection') as Promise<[Socket]>
    await wire.send(get, soon())
    const [socket] = await connected
    const closed = once(socket, 'close')
    await wire.close()
    await closed
  })
})

describe('the wire over TLS with credentials in files', () => {
  let directory: string
  let authority: CertificateAuthority
  let server: CertificateFiles
  let double: Double
  const path = (name: string) => join(directory, name)

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-wire-'))
    authority = await createAuthority(path('ca'), testPlaces().path, soon())
    server = await authority.issue('node', '/CN=node')
    const options = {
      cert: await readFile(server.certificate),
      key: await readFile(server.key),
      ca: await readFile(authority.certificate),
      requestCert: true,
      rejectUnauthorized: false,
    }
    double = await startDouble((listener) => createTlsServer(options, listener))
  })
  after(async () => {
    await double.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('sends user and password, and a rotated one with the next request', async () => {
    await writeFile(path('user'), 'elastic\n')
    await writeFile(path('password'), 'pass:wörd\n')
    const wire = wireTo(double.url, {
      ELASTICSEARCH_CA_FILE: authority.certificate,
      ELASTICSEARCH_USERNAME_FILE: path('user'),
      ELASTICSEARCH_PASSWORD_FILE: path('password'),
    })
    double.requests.length = 0
    await wire.send(get, soon())
    await writeFile(path('password'), 'rotated')
    await wire.send(get, soon())
    const sent = double.requests.map(({ headers }) =>
      Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString(),
    )
    assert.deepEqual(sent, ['elastic:pass:wörd', 'elastic:rotated'])
    await wire.close()
  })

  it('sends an API key as the server encoded it', async () => {
    await writeFile(path('key'), 'aWQ6a2V5\n')
    const wire = wireTo(double.url, {
      ELASTICSEARCH_CA_FILE: authority.certificate,
      ELASTICSEARCH_API_KEY_FILE: path('key'),
    })
    double.requests.length = 0
    await wire.send(get, soon())
    assert.equal(double.requests[0]?.headers.authorization, 'ApiKey aWQ6a2V5')
    await wire.close()
  })

  it('refuses an API key file that holds more than a key, without telling what', async () => {
    await writeFile(path('key'), 'id:\naWQ6a2V5\n')
    const wire = wireTo(double.url, {
      ELASTICSEARCH_CA_FILE: authority.certificate,
      ELASTICSEARCH_API_KEY_FILE: path('key'),
    })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'InvalidConfiguration')
    assert.match(error.message, /^ELASTICSEARCH_API_KEY_FILE /)
    assert.ok(!error.message.includes('aWQ6a2V5'))
    await wire.close()
  })

  it('refuses a server that another authority signed, and takes it once the file is right', async () => {
    const other = await createAuthority(path('other'), testPlaces().path, soon())
    await writeFile(path('ca.pem'), await readFile(other.certificate))
    const wire = wireTo(double.url, { ELASTICSEARCH_CA_FILE: path('ca.pem') })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /signed by no authority of ELASTICSEARCH_CA_FILE/)
    await writeFile(path('ca.pem'), await readFile(authority.certificate))
    assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })

  it('refuses a certificate for another host', async () => {
    const pair = { cert: await readFile(authority.certificate), key: await readFile(authority.key) }
    const elsewhere = await startDouble((listener) => createTlsServer(pair, listener))
    const wire = wireTo(elsewhere.url, { ELASTICSEARCH_CA_FILE: authority.certificate })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /its certificate is for another host/)
    await elsewhere.stop()
    await wire.close()
  })

  it('says which file cannot be read, and which holds no certificate, never what is in it', async () => {
    const missing = wireTo(double.url, { ELASTICSEARCH_CA_FILE: path('none.pem') })
    const error = await failure(missing.send(get, soon()))
    assert.equal(error.reason, 'InvalidConfiguration')
    assert.match(error.message, /^ELASTICSEARCH_CA_FILE: .*none\.pem cannot be read \(ENOENT\)$/)
    await missing.close()
    await writeFile(path('bad.pem'), 'topsecret')
    const bad = wireTo(double.url, {
      ELASTICSEARCH_CA_FILE: authority.certificate,
      ELASTICSEARCH_CERT_FILE: path('bad.pem'),
      ELASTICSEARCH_KEY_FILE: path('bad.pem'),
    })
    const unusable = await failure(bad.send(get, soon()))
    assert.equal(unusable.reason, 'TlsFailed')
    assert.match(unusable.message, /ELASTICSEARCH_CERT_FILE/)
    assert.doesNotMatch(unusable.message, /topsecret/)
    await bad.close()
  })

  it('tells plain HTTP from TLS, both ways round', async () => {
    const plain = await startDouble()
    const toPlain = wireTo(plain.url.replace('http:', 'https:'))
    const first = await failure(toPlain.send(get, soon()))
    assert.equal(first.reason, 'TlsFailed')
    assert.match(first.message, /does not speak TLS/)
    await toPlain.close()
    await plain.stop()
    const toTls = wireTo(double.url.replace('https:', 'http:'))
    const second = await failure(toTls.send({ ...get, once: true }, soon()))
    assert.equal(second.reason, 'ServiceUnreachable')
    assert.match(second.message, /may say http:\/\/ where the server speaks TLS/)
    await toTls.close()
  })
})
