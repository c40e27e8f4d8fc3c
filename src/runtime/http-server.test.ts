import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { HttpServer } from './http-server.ts'
import type { Report } from './health.ts'

const good: Report = { ok: true, checks: [{ name: 'watch', ok: true, says: 'it speaks' }] }
const bad: Report = { ok: false, checks: [{ name: 'service', ok: false, says: 'no answer' }] }

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

async function started(
  t: TestContext,
  metrics = async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
) {
  const server = new HttpServer({ health: () => good, ready: () => bad, metrics })
  const port = await server.listen('127.0.0.1', 0)
  t.after(() => server.close())
  return { server, port }
}

async function ask(port: number, path: string, method = 'GET', agent?: Agent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { host: '127.0.0.1', port, path, method, ...(agent === undefined ? {} : { agent }) }
  const sent = request(options, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (text += chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

const cases: readonly {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: RegExp
}[] = [
  { method: 'GET', path: '/health', status: 200, body: /^\{"ok":true,.*"it speaks"/ },
  { method: 'GET', path: '/ready?verbose', status: 503, body: /^\{"ok":false,.*"no answer"/ },
  { method: 'GET', path: '/metrics', status: 200, body: /^up 1\n$/ },
  { method: 'HEAD', path: '/health', status: 200, body: /^$/ },
  { method: 'POST', path: '/health', status: 405, body: /only GET and HEAD/ },
  { method: 'GET', path: '/', status: 404, body: /not found.*\/metrics/ },
  { method: 'GET', path: '//health', status: 404, body: /not found/ },
]

for (const { method, path, status, body } of cases) {
  test(`${method} ${path} answers ${status}`, async (t) => {
    const { port } = await started(t)
    const answer = await ask(port, path, method)
    assert.equal(answer.status, status)
    assert.match(answer.text, body)
    assert.equal(answer.headers.allow, status === 405 ? 'GET, HEAD' : undefined)
  })
}

test('metrics that cannot be collected are a 500 with the reason, and the next page is served', async (t) => {
  const { port } = await started(t, async () => {
    throw new Error('a collector failed')
  })
  const answer = await ask(port, '/metrics')
  assert.equal(answer.status, 500)
  assert.match(answer.text, /a collector failed/)
  assert.equal((await ask(port, '/health')).status, 200)
})

test('closing does not wait for kept connections nor for clients that never finish their request', async (t) => {
  const { server, port } = await started(t)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(port, '/health', 'GET', agent)
  const slow = connect(port, '127.0.0.1')
  const ended = Promise.withResolvers<undefined>()
  slow.on('error', () => undefined)
  slow.on('close', () => ended.resolve(undefined))
  slow.write('GET /health HTTP/1.1\r\nhost: x\r\n')
  await ask(port, '/health')
  await server.close()
  await ended.promise
  await assert.rejects(ask(port, '/health'), { code: 'ECONNREFUSED' })
})

test('a port that is taken is wrong configuration, told with the setting', async (t) => {
  const { port } = await started(t)
  const second = new HttpServer({
    health: () => good,
    ready: () => good,
    metrics: async () => ({ contentType: '', text: '' }),
  })
  await assert.rejects(second.listen('127.0.0.1', port), {
    reason: 'InvalidConfiguration',
    message: new RegExp(`HTTP_PORT ${port} on 127\\.0\\.0\\.1 cannot be used: .*EADDRINUSE`),
  })
})
