import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { FakeApiServer, answer, refuse, type Fault } from '../../test/support/fake-api-server.ts'
import { KubeError } from './kube-error.ts'
import { KubeClient, configMapPath, type KubeClientOptions } from './rest.ts'

const forever = new AbortController().signal

async function client(
  t: TestContext,
  fault: Fault | undefined,
  options: KubeClientOptions = {},
): Promise<{ readonly client: KubeClient; readonly server: FakeApiServer }> {
  const server = await FakeApiServer.start()
  if (fault !== undefined) server.fail('list', fault)
  const made = new KubeClient(server.connection(), options)
  t.after(async () => {
    made.close()
    await server.stop()
  })
  return { client: made, server }
}

const list = (made: KubeClient, more: object = {}): Promise<{ readonly status: number }> =>
  made.request({ method: 'GET', path: configMapPath('team'), signal: forever, ...more })

for (const [status, reason] of [
  [400, 'ApiServerRejected'],
  [401, 'ApiServerForbidden'],
  [403, 'ApiServerForbidden'],
  [404, 'ApiServerRejected'],
  [409, 'ApiServerRejected'],
  [410, 'ApiServerRejected'],
  [422, 'ApiServerRejected'],
  [429, 'ApiServerUnreachable'],
  [503, 'ApiServerUnreachable'],
] as const) {
  test(`the status ${status} becomes ${reason}, with the server's words, and stays to be seen`, async (t) => {
    const { client: made, server } = await client(t, undefined)
    server.fail('list', (response) => refuse(response, status, 'in its own words'), 2)
    await assert.rejects(list(made), (error) => {
      assert.ok(error instanceof KubeError)
      assert.match(error.message, /: in its own words$/)
      return error.status === status && error.reason === reason
    })
    assert.equal(server.count('list'), status === 401 ? 2 : 1)
  })
}

test('Retry-After is read in seconds', async (t) => {
  const { client: made } = await client(t, (response) =>
    refuse(response, 429, 'slow', { 'retry-after': '7' }),
  )
  await assert.rejects(list(made), { retryAfterMs: 7_000 })
})

test('a request without an answer ends at its deadline, with a sentence', async (t) => {
  const { client: made } = await client(t, () => undefined)
  await assert.rejects(list(made, { timeoutMs: 50 }), {
    reason: 'ApiServerUnreachable',
    message: 'no answer to list configmaps in namespace team within 50 ms',
  })
})

test('a body that never ends is ended by the deadline too', async (t) => {
  const { client: made } = await client(t, (response) => void response.writeHead(200).write('{"kind":'))
  await assert.rejects(list(made, { timeoutMs: 100 }), {
    reason: 'ApiServerUnreachable',
    message: /within 100 ms/,
  })
})

test('an abort throws the signal’s reason', async (t) => {
  const { client: made } = await client(t, () => undefined)
  const stop = new AbortController()
  const why = new Error('stopping')
  const asked = list(made, { signal: stop.signal })
  stop.abort(why)
  await assert.rejects(asked, why)
  await assert.rejects(list(made, { signal: stop.signal }), why)
})

test('a fence ends what is under way, and lets nothing out that its clock says is too late', async (t) => {
  const end = new AbortController()
  const lost = new Error('lost')
  let late = false
  const check = (): void => {
    if (late) throw lost
  }
  const options = { fence: { signal: end.signal, check } }
  const { client: made, server } = await client(t, undefined, options)
  assert.equal((await list(made)).status, 200)
  late = true
  await assert.rejects(list(made), lost)
  assert.equal(server.count('list'), 1)
  late = false
  server.fail('list', () => end.abort(lost))
  await assert.rejects(list(made), lost)
  await assert.rejects(list(made), lost)
  assert.equal(server.count('list'), 2)
})

test('an answer beyond the bound, and one that is not JSON, are refused', async (t) => {
  const { client: made, server } = await client(
    t,
    (response) => answer(response, { items: 'x'.repeat(2_000) }),
    { maxBodyBytes: 1_000 },
  )
  await assert.rejects(list(made), /larger than 1000 bytes/)
  server.fail('list', (response) => response.end('<html>'))
  await assert.rejects(list(made), /is not JSON: is the address that of a Kubernetes API server/)
})

test('a kept-alive connection that the server has closed costs one retry and no error', async (t) => {
  const { client: made, server } = await client(t, undefined)
  await list(made)
  server.fail('list', (response) => response.socket?.resetAndDestroy())
  assert.equal((await list(made)).status, 200)
  assert.equal(server.count('list'), 3)
})

test('every request is reported with verb, resource, status and seconds', async (t) => {
  const seen: unknown[] = []
  const onRequest: NonNullable<KubeClientOptions['onRequest']> = (verb, resource, status, seconds) => {
    assert.ok(seconds >= 0 && seconds < 5)
    seen.push([verb, resource, status])
  }
  const { client: made } = await client(t, undefined, { onRequest })
  await list(made)
  await assert.rejects(
    made.request({ method: 'PATCH', path: configMapPath('team', 'a'), body: {}, signal: forever }),
  )
  const dead = new KubeClient(
    { server: new URL('http://127.0.0.1:1'), namespace: 'team', token: async () => undefined },
    { onRequest },
  )
  await assert.rejects(list(dead), {
    reason: 'ApiServerUnreachable',
    message: /^cannot list configmaps in namespace team: http:\/\/127\.0\.0\.1:1 did not answer/,
  })
  assert.deepEqual(seen, [
    ['list', 'configmaps', 200],
    ['patch', 'configmaps', 404],
    ['list', 'configmaps', 0],
  ])
})
