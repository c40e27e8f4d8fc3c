import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, beforeEach, describe, it } from 'node:test'
import { readSettings } from '../../../src/config.ts'
import type { Fence } from '../../../src/reconcile/fence.ts'
import {
  type AnsweringServer,
  json as plainJson,
  page,
  startAnsweringServer,
} from '../../../test/support/answering-server.ts'
import { failure } from '../../../test/support/failure.ts'
import { closeAtOnce } from '../../../test/support/loopback.ts'
import { type TlsStage, openTlsStage } from '../../../test/support/tls-stage.ts'
import { type Strange, describeWireOverHttp } from '../../../test/support/wire-suite.ts'
import { elasticsearchSettings } from '../settings.ts'
import { ElasticWire } from './elastic-wire.ts'
import type { WireRequest } from './wire.ts'

const get: WireRequest = { method: 'GET', path: '/' }
const soon = () => AbortSignal.timeout(20_000)
const mark = { 'x-elastic-product': 'Elasticsearch' }

function wireTo(url: string, env: Record<string, string> = {}, fence?: Fence): ElasticWire {
  return new ElasticWire(readSettings(elasticsearchSettings, { ELASTICSEARCH_URL: url, ...env }), fence)
}

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return plainJson(status, body, { ...mark, ...headers })
}

const strange: readonly Strange[] = [
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
]

describeWireOverHttp({
  open: wireTo,
  prefix: 'ELASTICSEARCH',
  service: 'the server',
  mark,
  strange,
  sentOnce: [{ method: 'GET', path: '/', once: true }],
})

describe('the wire to Elasticsearch', () => {
  let double: AnsweringServer
  before(async () => void (double = await startAnsweringServer()))
  after(async () => closeAtOnce(double.server))
  beforeEach(() => {
    double.requests.length = 0
  })

  it('sends what it is told, and returns any answer of the server, errors included', async () => {
    const wire = wireTo(double.url)
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
          ...mark,
          'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
        })
        .end('{"__proto__":{"constructor":{"prototype":1}},"n":9007199254740993}')
    const { body } = await wire.send(get, soon())
    assert.equal(JSON.stringify(body), '{"__proto__":{"constructor":{"prototype":1}},"n":"9007199254740993"}')
    await wire.close()
  })

  it('says undefined for an empty body, and text for what is no JSON by its own word', async () => {
    const wire = wireTo(double.url)
    double.reply = page(200, '', mark)
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: undefined })
    double.reply = page(200, 'green', { ...mark, 'content-type': 'text/plain' })
    assert.deepEqual(await wire.send(get, soon()), { status: 200, body: 'green' })
    await wire.close()
  })

  it('gives what a proxy finds too large to whoever sent it', async () => {
    const wire = wireTo(double.url)
    double.reply = page(413, '<html><title>413 Request Entity Too Large</title></html>')
    assert.equal((await wire.send(get, soon())).status, 413)
    await wire.close()
  })

  it('asks another node when one is gone', async () => {
    const gone = await startAnsweringServer()
    await closeAtOnce(gone.server)
    const wire = wireTo(`${gone.url},${double.url}`)
    double.reply = json(200, { ok: true })
    for (let times = 0; times < 4; times += 1) assert.equal((await wire.send(get, soon())).status, 200)
    await wire.close()
  })
})

describe('the wire over TLS with credentials in files', () => {
  let stage: TlsStage
  let double: AnsweringServer
  const path = (name: string) => stage.path(name)
  const withFiles = (files: Record<string, string>) =>
    wireTo(double.url, { ELASTICSEARCH_CA_FILE: stage.authority.certificate, ...files })

  before(async () => {
    stage = await openTlsStage()
    double = stage.double
    double.reply = json(200, {})
  })
  after(async () => stage.close())
  beforeEach(() => {
    double.requests.length = 0
  })

  it('sends user and password, and a rotated one with the next request', async () => {
    await writeFile(path('user'), 'elastic\n')
    await writeFile(path('password'), 'pass:wörd\n')
    const wire = withFiles({
      ELASTICSEARCH_USERNAME_FILE: path('user'),
      ELASTICSEARCH_PASSWORD_FILE: path('password'),
    })
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
    const wire = withFiles({
      ELASTICSEARCH_API_KEY_FILE: path('key'),
    })
    await wire.send(get, soon())
    assert.equal(double.requests[0]?.headers.authorization, 'ApiKey aWQ6a2V5')
    await wire.close()
  })

  it('refuses an API key file that holds more than a key, without telling what', async () => {
    await writeFile(path('key'), 'id:\naWQ6a2V5\n')
    const wire = withFiles({
      ELASTICSEARCH_API_KEY_FILE: path('key'),
    })
    const error = await failure(wire.send(get, soon()))
    assert.equal(error.reason, 'InvalidConfiguration')
    assert.match(error.message, /^ELASTICSEARCH_API_KEY_FILE /)
    assert.ok(!error.message.includes('aWQ6a2V5'))
    await wire.close()
  })
})
