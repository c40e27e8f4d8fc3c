import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import {
  type AnsweringServer,
  type Reply,
  json,
  page,
  startAnsweringServer,
  told,
} from '../../../test/support/answering-server.ts'
import { failure } from '../../../test/support/failure.ts'
import { describeWireByHttpWay } from '../../../test/support/http-way-suite.ts'
import { closeAtOnce } from '../../../test/support/loopback.ts'
import { type Strange, describeWireOverHttp } from '../../../test/support/wire-suite.ts'
import { grafanaSettings } from '../settings.ts'
import { AxiosWire } from './axios-wire.ts'
import type { WireRequest } from './wire.ts'

const get: WireRequest = { method: 'GET', path: '/api/org' }
const soon = () => AbortSignal.timeout(20_000)

function wireTo(url: string, env: Record<string, string> = {}, fence?: Fence): AxiosWire {
  return new AxiosWire(readSettings(grafanaSettings, { GRAFANA_URL: url, ...env }), fence)
}

const strange: readonly Strange[] = [
  [
    'the page of something else',
    page(200, '<title>Welcome</title>'),
    'NotSupportedByServer',
    /"Welcome"\), not as Grafana: GRAFANA_URL must be where \/api is, with the sub-path/,
  ],
  [
    'an ingress without a route',
    page(404, '<html>default backend - 404'),
    'NotSupportedByServer',
    /with the sub-path/,
  ],
  [
    'Grafana’s own login page with status 200',
    page(200, '<!DOCTYPE html><html><head><title>Grafana</title></head><body></body></html>'),
    'AuthenticationFailed',
    /answers with a login page \(status 200\): GRAFANA_URL must be where \/api is/,
  ],
  [
    'the form of a proxy with status 200',
    page(200, '<form><input name="p" type="password"></form>'),
    'AuthenticationFailed',
    /no login for people may stand in front of it/,
  ],
  [
    'a redirect to Grafana’s login page',
    page(302, '<a href="/login">Found</a>', { location: '/login' }),
    'AuthenticationFailed',
    /redirects to the login page \/login \(status 302\)/,
  ],
  [
    'a redirect to an identity provider',
    told(302, '', { location: 'https://sso.example/oauth2/authorize?state=secret' }),
    'AuthenticationFailed',
    /redirects to the login page https:\/\/sso\.example\/oauth2\/authorize \(status 302\)/,
  ],
  [
    'a redirect to another scheme',
    told(308, '', { location: 'https://grafana.example/api/org' }),
    'NotSupportedByServer',
    /redirects to https:\/\/grafana\.example\/api\/org \(status 308\)/,
  ],
  [
    'a proxy that forbids',
    page(403, '<title>Forbidden</title>'),
    'AuthorizationFailed',
    /in front of Grafana.*Forbidden/,
  ],
  [
    'a request without a name',
    json(401, { message: 'Unauthorized', messageId: 'auth.unauthorized', statusCode: 401 }),
    'AuthenticationFailed',
    /lets nobody in without a name: Unauthorized; set GRAFANA_TOKEN_FILE$/,
  ],
]

describeWireOverHttp({
  open: wireTo,
  prefix: 'GRAFANA',
  service: 'Grafana',
  mark: {},
  strange,
  sentOnce: [
    { method: 'GET', path: '/api/org', once: true },
    { method: 'POST', path: '/api/folders' },
  ],
})

describeWireByHttpWay({ open: wireTo, base: '' })

describe('the wire to Grafana with credentials in files', () => {
  let double: AnsweringServer
  let directory: string
  const path = (name: string) => join(directory, name)
  before(async () => {
    double = await startAnsweringServer()
    directory = await mkdtemp(join(tmpdir(), 'infometis-grafana-'))
  })
  after(async () => {
    await closeAtOnce(double.server)
    await rm(directory, { recursive: true, force: true })
  })
  beforeEach(() => {
    double.requests.length = 0
    double.reply = json(200, { ok: true })
  })
  const seen = (header: string) => double.requests.map(({ headers }) => headers[header])

  /** A Grafana that knows one token. */
  function knowing(token: string): Reply {
    return (request, response) => {
      const known = request.headers.authorization === `Bearer ${token}`
      const refused = { message: 'Invalid API key', messageId: 'api-key.invalid', statusCode: 401 }
      json(known ? 200 : 401, known ? { ok: true } : refused)(request, response)
    }
  }

  async function withToken(text: string): Promise<AxiosWire> {
    await writeFile(path('token'), text)
    return wireTo(double.url, { GRAFANA_TOKEN_FILE: path('token') })
  }

  it('shows the token of the file, read anew each time', async () => {
    const wire = await withToken('glsa_one\n')
    await wire.send(get, soon())
    await writeFile(path('token'), 'glsa_two')
    await wire.send(get, soon())
    assert.deepEqual(seen('authorization'), ['Bearer glsa_one', 'Bearer glsa_two'])
    assert.deepEqual(seen('x-grafana-org-id'), [undefined, undefined])
    await wire.close()
  })

  it('reads the file once more where Grafana refuses the token, and sends even what is sent once again: it was not looked at', async () => {
    const wire = await withToken('glsa_old')
    double.reply = (request, response) => {
      // The Secret is rotated while the first request is under way.
      void writeFile(path('token'), 'glsa_new').then(() => knowing('glsa_new')(request, response))
    }
    const answer = await wire.send({ method: 'POST', path: '/api/folders', body: {} }, soon())
    assert.deepEqual(answer, { status: 200, body: { ok: true } })
    assert.deepEqual(seen('authorization'), ['Bearer glsa_old', 'Bearer glsa_new'])
    await wire.close()
  })

  it('names the file where the token is refused, asks no second time with the same, and never shows it', async () => {
    const wire = await withToken('glsa_secret')
    double.reply = knowing('glsa_other')
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'AuthenticationFailed')
    assert.match(error.message, /refuses the token of GRAFANA_TOKEN_FILE: Invalid API key; let the file hold/)
    assert.equal(double.requests.length, 1)
    double.reply = told(401, 'no such token: glsa_secret')
    const echoed = await failure(wire.send(get, soon()))
    assert.doesNotMatch(`${error.message}${echoed.message}${echoed.stack ?? ''}`, /glsa_secret/)
    await wire.close()
  })

  for (const [what, text] of [
    ['empty', ' \n'],
    ['not one word', 'glsa_secret\nglsa_more'],
    ['not one word', 'glsa_secrét'],
  ] as const) {
    it(`says that a file is ${what} (${JSON.stringify(text)}), and nothing of what is in it`, async () => {
      const wire = await withToken(text)
      const error = await failure(wire.send(get, soon()))
      assert.equal(error.reason, 'InvalidConfiguration')
      assert.ok(error.message.startsWith(`GRAFANA_TOKEN_FILE: ${path('token')} is ${what}`), error.message)
      assert.doesNotMatch(error.message, /glsa/)
      assert.equal(double.requests.length, 0)
      await wire.close()
    })
  }

  it('says which file is not there', async () => {
    const wire = wireTo(double.url, { GRAFANA_TOKEN_FILE: path('none') })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.message, `GRAFANA_TOKEN_FILE: ${path('none')} cannot be read (ENOENT)`)
    await wire.close()
  })

  it('shows user and password, and the organisation that is meant', async () => {
    await writeFile(path('user'), 'infometis\n')
    await writeFile(path('password'), 'pass:wörd\n')
    const wire = wireTo(double.url, {
      GRAFANA_USERNAME_FILE: path('user'),
      GRAFANA_PASSWORD_FILE: path('password'),
      GRAFANA_ORG_ID: '2',
    })
    await wire.send(get, soon())
    const basic = `Basic ${Buffer.from('infometis:pass:wörd').toString('base64')}`
    assert.deepEqual([seen('authorization'), seen('x-grafana-org-id')], [[basic], ['2']])
    double.reply = json(401, { message: 'Invalid username or password' })
    const error = await failure(wire.send(get, soon()))
    assert.match(error.message, /refuses the user of GRAFANA_USERNAME_FILE: Invalid username or password;/)
    await wire.close()
  })

  it('finds Grafana below a sub-path', async () => {
    const wire = wireTo(`${double.url}/grafana/`)
    await wire.send({ method: 'GET', path: '/apis', query: { limit: 5 } }, soon())
    assert.equal(double.requests[0]?.url, '/grafana/apis?limit=5')
    await wire.close()
  })
})
