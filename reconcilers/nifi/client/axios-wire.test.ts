import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, beforeEach, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import { ReconcileError, type Reason } from '../../../src/errors.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import { type AnsweringServer, type Reply, json, page, told } from '../../../test/support/answering-server.ts'
import { failure } from '../../../test/support/failure.ts'
import { describeWireByHttpWay } from '../../../test/support/http-way-suite.ts'
import { type TlsStage, openTlsStage } from '../../../test/support/tls-stage.ts'
import { type Strange, describeWireOverHttp } from '../../../test/support/wire-suite.ts'
import { nifiSettings } from '../settings.ts'
import { AxiosWire } from './axios-wire.ts'
import type { WireRequest } from './wire.ts'

const get: WireRequest = { method: 'GET', path: '/flow/about' }
const soon = () => AbortSignal.timeout(20_000)

function wireTo(url: string, env: Record<string, string> = {}, fence?: Fence): AxiosWire {
  return new AxiosWire(readSettings(nifiSettings, { NIFI_URL: url, ...env }), fence)
}

const strange: readonly Strange[] = [
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
    'a login page',
    page(302, '', { location: 'https://sso.example/login?state=secret' }),
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
]

describeWireOverHttp({
  open: wireTo,
  prefix: 'NIFI',
  service: 'NiFi',
  mark: {},
  strange,
  sentOnce: [
    { method: 'GET', path: '/flow/about', once: true },
    { method: 'POST', path: '/flow/about' },
  ],
})

describeWireByHttpWay({ open: wireTo, base: '/nifi-api' })

describe('the wire over TLS with credentials in files', () => {
  let stage: TlsStage
  let double: AnsweringServer
  let env: Record<string, string>
  const path = (name: string) => stage.path(name)

  before(async () => {
    stage = await openTlsStage()
    double = stage.double
    env = {
      NIFI_CA_FILE: stage.authority.certificate,
      NIFI_USERNAME_FILE: path('user'),
      NIFI_PASSWORD_FILE: path('password'),
    }
  })
  after(async () => stage.close())
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
    const wire = wireTo(double.url, env, { signal: new AbortController().signal, check })
    await assert.rejects(wire.send(get, soon()), lost)
    assert.equal(double.requests.length, 0)
    await wire.close()
  })

  it('shows a client certificate where it has one', async () => {
    const client = await stage.authority.issue('client', '/CN=infometis')
    const wire = wireTo(double.url, {
      NIFI_CA_FILE: stage.authority.certificate,
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
})
