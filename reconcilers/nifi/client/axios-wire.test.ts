import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type Socket, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import { ReconcileError, type Reason } from '../../../src/errors.ts'
import { createAuthority } from '../../../src/stack/certificates.ts'
import type { CertificateAuthority, CertificateFiles } from '../../../src/stack/certificates.ts'
import { failure } from '../../../test/support/failure.ts'
import { closeAtOnce, listenOnLoopback } from '../../../test/support/loopback.ts'
import { testPlaces } from '../../../test/support/places.ts'
import { nifiSettings } from '../settings.ts'
import { AxiosWire } from './axios-wire.ts'
import type { WireRequest } from './wire.ts'

const get: WireRequest = { method: 'GET', path: '/flow/about' }
const soon = () => AbortSignal.timeout(20_000)

function wireTo(url: string, env: Record<string, string> = {}): AxiosWire {
  return new AxiosWire(readSettings(nifiSettings, { NIFI_URL: url, ...env }))
}

type Reply = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as told, and counts what it was asked. */
interface Double {
  readonly url: string
  readonly requests: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
  reply: Reply
  readonly server: Server
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
  const port = await listenOnLoopback(server)
  const scheme = create === createServer ? 'http' : 'https'
  const double: Double = {
    url: `${scheme}://127.0.0.1:${port}`,
    requests,
    reply: json(200, {}),
    server,
  }
  return double
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function told(
  status: number,
  words: string,
  type = 'text/plain',
  headers: Record<string, string> = {},
): Reply {
  return (_, response) => response.writeHead(status, { 'content-type': type, ...headers }).end(words)
}

const page = (status: number, words: string) => told(status, words, 'text/html;charset=utf-8')

describe('the wire to NiFi', () => {
  let double: Double
  before(async () => void (double = await startDouble()))
  after(async () => closeAtOnce(double.server))
  beforeEach(() => {
    double.requests.length = 0
  })

  it('opens nothing and reads no file before the first request', async () => {
    const wire = wireTo('https://nowhere.invalid', { NIFI_CA_FILE: '/nowhere' })
    await wire.close()
    assert.equal((await failure(wire.send(get, soon()))).reason, 'Aborted')
  })

  it('sends what it is told below the path of a proxy, and returns any answer of NiFi, errors included', async () => {
    const wire = wireTo(`${double.url}/team/nifi-api/`)
    double.reply = told(409, 'Port must be stopped.')
    const body = JSON.parse('{"component":{"properties":{"__proto__":"x"}}}') as unknown
    const answer = await wire.send(
      {
        method: 'PUT',
        path: '/ports/a%2Fb',
        query: { recursive: true, n: 1, t: 'x y' },
        body,
        headers: { 'x-a': '1' },
      },
      soon(),
    )
    assert.deepEqual(answer, { status: 409, body: 'Port must be stopped.' })
    const [seen] = double.requests
    assert.equal(seen?.url, '/team/nifi-api/ports/a%2Fb?recursive=true&n=1&t=x+y')
    assert.equal(seen.body, JSON.stringify(body))
    assert.equal(seen.headers['content-type'], 'application/json')
    assert.equal(seen.headers['x-a'], '1')
    assert.equal(seen.headers.authorization, undefined)
    await wire.close()
  })

  it('says undefined for an empty body, text for what is text, and keeps a member __proto__', async () => {
    const wire = wireTo(double.url)
    double.reply = told(200, '')
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: undefined })
    double.reply = told(202, '{"not": "json"}')
    assert.deepEqual(await wire.send(get, soon()), { status: 202, body: '{"not": "json"}' })
    double.reply = told(200, '{"__proto__":{"constructor":1}}', 'application/json')
    const { body } = await wire.send(get, soon())
    assert.equal(JSON.stringify(body), '{"__proto__":{"constructor":1}}')
    await wire.close()
  })

  it('keeps no cookie, and one connection for what comes after another', async () => {
    const wire = wireTo(double.url)
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
    const proxy = await startDouble()
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']
    const { env } = process
    const before = names.map((name) => [name, env[name]] as const)
    for (const name of names) env[name] = proxy.url
    const wire = wireTo(double.url)
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

  const strange: readonly (readonly [string, Reply, Reason, RegExp])[] = [
    [
      'the page of something else',
      page(200, '<title>Welcome</title>'),
      'NotSupportedByServer',
      /"Welcome"\), not as NiFi/,
    ],
    [
      'an ingress without a route',
      page(404, '<html>default backend - 404'),
      'NotSupportedByServer',
      /with the path of a proxy/,
    ],
    [
      'a bad gateway',
      page(502, '<html><title>502 Bad Gateway</title></html>'),
      'ServiceUnreachable',
      /502 \("502 Bad Gateway"\)/,
    ],
    [
      'a login page',
      told(302, '', 'text/html', { location: 'https://sso.example/login?state=secret' }),
      'NotSupportedByServer',
      /redirects to https:\/\/sso\.example\/login \(/,
    ],
    [
      'a proxy that forbids',
      page(403, '<title>Forbidden</title>'),
      'AuthorizationFailed',
      /in front of NiFi.*Forbidden/,
    ],
    [
      'a name that the certificate lacks',
      page(400, '<title>Error 400 Invalid SNI</title>'),
      'TlsFailed',
      /let NIFI_URL say a name that is in it/,
    ],
    [
      'a host that NiFi does not know',
      page(421, '<h2>The request contained an invalid host header</h2>'),
      'ServiceUnreachable',
      /nifi\.web\.proxy\.host/,
    ],
    [
      'a user who is nobody',
      told(401, 'Unauthorized'),
      'AuthenticationFailed',
      /Unauthorized; set NIFI_USERNAME_FILE/,
    ],
    [
      'a page that claims to be JSON',
      told(200, '<html>', 'application/json'),
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

  for (const status of [429, 502, 503, 504]) {
    it(`tries again after ${status}, and not where a repetition would begin a second something`, async () => {
      const wire = wireTo(double.url)
      for (const [request, tries, last] of [
        [get, 3, 200],
        [{ ...get, once: true }, 1, status],
        [{ ...get, method: 'POST' }, 1, status],
      ] as const) {
        double.requests.length = 0
        double.reply = (asked, response) =>
          told(double.requests.length < 3 ? status : 200, 'later')(asked, response)
        const answer = await wire.send(request, soon())
        assert.deepEqual([answer.status, double.requests.length], [last, tries])
      }
      await wire.close()
    })
  }

  it('gives up after four tries with the last answer, and at once where more patience is asked for than a pass has', async () => {
    const wire = wireTo(double.url)
    double.reply = told(429, 'busy')
    assert.equal((await wire.send(get, soon())).status, 429)
    assert.equal(double.requests.length, 4)
    double.requests.length = 0
    double.reply = told(503, 'later', 'text/plain', { 'retry-after': '120' })
    assert.equal((await wire.send(get, soon())).status, 503)
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  it('does not repeat what NiFi refused because of its state', async () => {
    const wire = wireTo(double.url)
    double.reply = told(409, '[2, x, id] is not the most up-to-date revision.')
    assert.equal((await wire.send({ ...get, method: 'PUT' }, soon())).status, 409)
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  it('tries again after a connection that broke before the answer was whole', async () => {
    const wire = wireTo(double.url)
    double.reply = (request, response) => {
      if (double.requests.length > 1) {
        json(200, { ok: true })(request, response)
        return
      }
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
      response.write('{')
      response.destroy()
    }
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: { ok: true } })
    assert.equal(double.requests.length, 2)
    await wire.close()
  })

  it('does not repeat a change whose answer was lost: it may have been made', async () => {
    const wire = wireTo(double.url)
    double.reply = (_, response) => void response.destroy()
    const error = await failure(wire.send({ ...get, method: 'DELETE' }, soon()))
    assert.equal(error.reason, 'ServiceUnreachable')
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  it('names the host where nothing listens, and the one whose name is unknown', async () => {
    const gone = await startDouble()
    await closeAtOnce(gone.server)
    for (const [url, words] of [
      [gone.url, /^127\.0\.0\.1:\d+: nothing listens there/],
      ['http://nowhere.invalid', /^nowhere\.invalid: the name cannot be resolved/],
    ] as const) {
      const wire = wireTo(url)
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, 'ServiceUnreachable')
      assert.match(error.message, words)
      await wire.close()
    }
  })

  it('tells a listener that speaks no HTTP as not to be reached', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n'))
    const port = await listenOnLoopback(server)
    const wire = wireTo(`http://127.0.0.1:${port}`)
    const error = await failure(wire.send({ ...get, once: true }, soon()))
    assert.equal(error.reason, 'ServiceUnreachable')
    assert.match(error.message, /the connection failed/)
    await wire.close()
    server.close()
  })

  it('holds no answer that is too large', async () => {
    const wire = wireTo(double.url)
    double.reply = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(1024 * 1024, ' ')
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    }
    const error = await failure(wire.send({ ...get, path: '/process-groups/x/download' }, soon()))
    assert.equal(error.reason, 'NotSupportedByServer')
    assert.match(error.message, /larger than 64 MiB: GET \/nifi-api\/process-groups\/x\/download$/)
    assert.equal(double.requests.length, 1)
    await wire.close()
  })

  for (const [what, reply] of [
    ['says nothing', () => undefined],
    [
      'begins an answer and stops',
      (_: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
  ] as const) {
    it(`ends with the time given when a server ${what}, without trying again`, async () => {
      const wire = wireTo(double.url)
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
    double.reply = told(503, 'later', 'text/plain', { 'retry-after': '5' })
    const controller = new AbortController()
    const sent = wire.send(get, controller.signal)
    double.server.once('request', () => setImmediate(() => controller.abort(new Error('stop now'))))
    await assert.rejects(sent, { message: 'stop now' })
    await wire.close()
  })

  it('sends nothing when the signal has aborted before', async () => {
    const wire = wireTo(double.url)
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
    const settings = readSettings(nifiSettings, { NIFI_URL: double.url })
    const wire = new AxiosWire(settings, { signal: new AbortController().signal, check })
    double.reply = (request, response) => {
      closed = true
      told(503, 'later')(request, response)
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
  let env: Record<string, string>
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
    env = {
      NIFI_CA_FILE: authority.certificate,
      NIFI_USERNAME_FILE: path('user'),
      NIFI_PASSWORD_FILE: path('password'),
    }
  })
  after(async () => {
    await closeAtOnce(double.server)
    await rm(directory, { recursive: true, force: true })
  })
  beforeEach(async () => {
    double.requests.length = 0
    await writeFile(path('user'), 'infometis\n')
    await writeFile(path('password'), 'pass&wörd=\n')
  })

  const isLogin = ({ url }: { readonly url?: string | undefined }) => url === '/nifi-api/access/token'
  const logins = () => double.requests.filter(isLogin)
  const others = () => double.requests.filter((request) => !isLogin(request))
  let made = 0

  /** A token as NiFi makes them, of a life in seconds; a new one each time. */
  function token(life: number): string {
    const now = Math.floor(Date.now() / 1_000)
    const claims = { sub: 'infometis', iat: now, exp: now + life, jti: String((made += 1)) }
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ alg: 'EdDSA' })}.${part(claims)}.signature`
  }

  /** Gives tokens of a life, and takes the one given last. */
  function nifi(life: number, answer: Reply = json(200, { ok: true })): Reply {
    let valid = ''
    return (request, response) => {
      if (isLogin(request)) told(201, (valid = token(life)))(request, response)
      else if (request.headers.authorization !== `Bearer ${valid}`)
        told(401, 'Unauthorized')(request, response)
      else answer(request, response)
    }
  }

  it('gets a token with user and password, uses it, and one login serves all who wait for it', async () => {
    double.reply = nifi(3_600)
    const wire = wireTo(double.url, env)
    await Promise.all([1, 2, 3].map(async () => wire.send(get, soon())))
    await wire.send(get, soon())
    assert.equal(logins().length, 1)
    assert.equal(logins()[0]?.body, 'username=infometis&password=pass%26w%C3%B6rd%3D')
    assert.equal(logins()[0]?.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(logins()[0]?.headers.authorization, undefined)
    assert.equal(others().length, 4)
    await wire.close()
  })

  it('gets the next token before the old one ends, and at once with another password', async () => {
    double.reply = nifi(0)
    const wire = wireTo(double.url, env)
    await wire.send(get, soon())
    await wire.send(get, soon())
    assert.equal(logins().length, 2)
    double.reply = nifi(3_600)
    await wire.send(get, soon())
    await writeFile(path('password'), 'rotated')
    await wire.send(get, soon())
    assert.deepEqual(
      logins().map(({ body }) => new URLSearchParams(body).get('password')),
      ['pass&wörd=', 'pass&wörd=', 'pass&wörd=', 'rotated'],
    )
    await wire.close()
  })

  it('gets one more token when NiFi has forgotten the old one, and sends even what is sent once again: it was not looked at', async () => {
    double.reply = nifi(3_600)
    const wire = wireTo(double.url, env)
    await wire.send(get, soon())
    double.reply = nifi(3_600)
    double.requests.length = 0
    const answer = await wire.send(
      { method: 'POST', path: '/process-groups/x/replace-requests', body: {}, once: true },
      soon(),
    )
    assert.deepEqual(answer, { status: 200, body: { ok: true } })
    assert.deepEqual([logins().length, others().length], [1, 2])
    await wire.close()
  })

  it('gives up where NiFi refuses the token that it just gave', async () => {
    double.reply = nifi(3_600, told(401, 'Unauthorized'))
    const wire = wireTo(double.url, env)
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'AuthenticationFailed')
    assert.match(error.message, /refuses the token that it just gave$/)
    assert.equal(logins().length, 2)
    await wire.close()
  })

  const refusals: readonly (readonly [string, Reply, Reason, RegExp])[] = [
    [
      'a wrong password',
      told(400, 'The supplied username and password are not valid.'),
      'AuthenticationFailed',
      /refuses the credentials: The supplied username and password are not valid\.$/,
    ],
    [
      'an echo of what was sent',
      told(400, 'unknown: pass&wörd='),
      'AuthenticationFailed',
      /refuses the credentials$/,
    ],
    [
      'a NiFi without logins',
      told(409, 'Username/Password login not supported by this NiFi.'),
      'AuthenticationFailed',
      /login not supported/,
    ],
    [
      'a NiFi that is starting',
      told(503, 'Service Unavailable'),
      'ServiceUnhealthy',
      /gave no token \(status 503\)/,
    ],
    ['a page in its place', page(200, '<title>Welcome</title>'), 'NotSupportedByServer', /not as NiFi/],
  ]
  for (const [what, reply, reason, words] of refusals) {
    it(`tells ${what} at the login as ${reason}, without the password`, async () => {
      double.reply = reply
      const wire = wireTo(double.url, env)
      const error = await failure(wire.send({ ...get, once: true }, soon()))
      assert.equal(error.reason, reason, error.message)
      assert.match(error.message, words)
      assert.doesNotMatch(`${error.message}${error.stack ?? ''}`, /wörd/)
      assert.deepEqual([logins().length, others().length], [1, 0])
      await wire.close()
    })
  }

  it('asks for a token once, not once for each who waits, where the password is wrong: accounts are locked for less', async () => {
    double.reply = told(400, 'The supplied username and password are not valid.')
    const wire = wireTo(double.url, env)
    const failed = await Promise.all([1, 2, 3].map(async () => failure(wire.send(get, soon()))))
    assert.deepEqual(
      failed.map(({ reason }) => reason),
      ['AuthenticationFailed', 'AuthenticationFailed', 'AuthenticationFailed'],
    )
    assert.equal(logins().length, 1)
    await wire.close()
  })

  it('ends a login that gets no answer with the time given, and begins another with the next request', async () => {
    double.reply = () => undefined
    const wire = wireTo(double.url, { ...env, NIFI_REQUEST_TIMEOUT: '1s' })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'ServiceTimeout')
    double.reply = nifi(3_600)
    assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })

  it('checks its fence before a login, too', async () => {
    const lost = new ReconcileError('LeadershipLost', 'another replica may lead')
    const check = () => {
      throw lost
    }
    const settings = readSettings(nifiSettings, { NIFI_URL: double.url, ...env })
    const wire = new AxiosWire(settings, { signal: new AbortController().signal, check })
    await assert.rejects(wire.send(get, soon()), lost)
    assert.equal(double.requests.length, 0)
    await wire.close()
  })

  it('shows a client certificate where it has one', async () => {
    const client = await authority.issue('client', '/CN=infometis')
    const wire = wireTo(double.url, {
      NIFI_CA_FILE: authority.certificate,
      NIFI_CERT_FILE: client.certificate,
      NIFI_KEY_FILE: client.key,
    })
    double.reply = (request, response) => {
      const { socket } = request
      const subject: unknown =
        'getPeerCertificate' in socket
          ? Reflect.apply(socket.getPeerCertificate as () => unknown, socket, [])
          : undefined
      json(200, { subject: (subject as { subject?: { CN?: string } }).subject?.CN })(request, response)
    }
    assert.deepEqual((await wire.send(get, soon())).body, { subject: 'infometis' })
    await wire.close()
  })

  it('refuses a server that another authority signed, and takes it once the file is right', async () => {
    const other = await createAuthority(path('other'), testPlaces().path, soon())
    await writeFile(path('ca.pem'), await readFile(other.certificate))
    double.reply = json(200, {})
    const wire = wireTo(double.url, { NIFI_CA_FILE: path('ca.pem') })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /signed by no authority of NIFI_CA_FILE/)
    await writeFile(path('ca.pem'), await readFile(authority.certificate))
    assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })

  it('refuses a certificate for another host', async () => {
    const pair = { cert: await readFile(authority.certificate), key: await readFile(authority.key) }
    const elsewhere = await startDouble((listener) => createTlsServer(pair, listener))
    const wire = wireTo(elsewhere.url, { NIFI_CA_FILE: authority.certificate })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'TlsFailed')
    assert.match(error.message, /its certificate is for another host/)
    await closeAtOnce(elsewhere.server)
    await wire.close()
  })

  it('says which file cannot be read, and which holds no certificate, never what is in it', async () => {
    const missing = wireTo(double.url, { NIFI_CA_FILE: path('none.pem') })
    const error = await failure(missing.send(get, soon()))
    assert.equal(error.reason, 'InvalidConfiguration')
    assert.match(error.message, /^NIFI_CA_FILE: .*none\.pem cannot be read \(ENOENT\)$/)
    await missing.close()
    await writeFile(path('bad.pem'), 'topsecret')
    const bad = wireTo(double.url, {
      NIFI_CA_FILE: authority.certificate,
      NIFI_CERT_FILE: path('bad.pem'),
      NIFI_KEY_FILE: path('bad.pem'),
    })
    const unusable = await failure(bad.send(get, soon()))
    assert.equal(unusable.reason, 'TlsFailed')
    assert.match(unusable.message, /NIFI_CERT_FILE/)
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
    await closeAtOnce(plain.server)
    const toTls = wireTo(double.url.replace('https:', 'http:'))
    const second = await failure(toTls.send({ ...get, once: true }, soon()))
    assert.equal(second.reason, 'ServiceUnreachable')
    assert.match(second.message, /may say http:\/\/ where NiFi speaks TLS/)
    await toTls.close()
  })
})
