import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { LeaseServer } from '../../test/support/lease-server.ts'
import { refuse } from '../../test/support/fake-api-server.ts'
import { KubeLease, leaseName } from './lease.ts'
import { KubeClient } from './rest.ts'

const { signal } = new AbortController()
const noon = Date.parse('2026-11-21T12:00:00.125Z')

async function stage(t: TestContext, identity = 'pod-a_1') {
  const server = await LeaseServer.start()
  t.after(() => server.stop())
  const time = { now: noon }
  const candidate = (name: string): KubeLease => {
    const lease = new KubeLease({
      client: new KubeClient(server.connection()),
      component: 'kafka',
      instance: '',
      identity: name,
      durationMs: 15_000,
      now: () => time.now,
    })
    t.after(() => lease.close())
    return lease
  }
  return { server, time, candidate, lease: candidate(identity) }
}

const path = '/apis/coordination.k8s.io/v1/namespaces/team/leases'

test('a lease is made, renewed, given back and taken over as client-go does it, with get, create and update alone', async (t) => {
  const { server, time, lease, candidate } = await stage(t)
  assert.equal(await lease.read(signal), undefined)
  const made = await lease.take(undefined, signal)
  assert.deepEqual(server.sent, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'infometis-kafka', namespace: 'team', labels: { 'infometis.component': 'kafka' } },
    spec: {
      holderIdentity: 'pod-a_1',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-21T12:00:00.125000Z',
      renewTime: '2026-11-21T12:00:00.125000Z',
      leaseTransitions: 0,
    },
  })
  assert.ok(made)
  time.now += 2_000
  const renewed = await lease.renew(made, signal)
  assert.ok(renewed)
  assert.notEqual(renewed.version, made.version)
  const { acquireTime, renewTime } = server.object?.spec ?? {}
  assert.deepEqual([acquireTime, renewTime], ['2026-11-21T12:00:00.125000Z', '2026-11-21T12:00:02.125000Z'])
  const released = await lease.release(renewed, signal)
  assert.deepEqual([released?.holder, released?.durationMs, released?.transitions], ['', 1_000, 0])
  const taken = await candidate('pod-b_2').take(released, signal)
  assert.deepEqual([taken?.holder, taken?.durationMs, taken?.transitions], ['pod-b_2', 15_000, 1])
  const [get, post, put] = [`GET ${path}/infometis-kafka`, `POST ${path}`, `PUT ${path}/infometis-kafka`]
  assert.deepEqual(server.requests, [get, post, put, put, put])
})

test('who was faster keeps it: nothing is written over a lease that is not as it was read', async (t) => {
  const { server, lease, candidate } = await stage(t)
  const other = candidate('pod-b_2')
  const made = await lease.take(undefined, signal)
  assert.equal(await other.take(undefined, signal), undefined)
  assert.ok(made)
  const renewed = await lease.renew(made, signal)
  for (const late of [other.take(made, signal), other.renew(made, signal), other.release(made, signal)])
    assert.equal(await late, undefined)
  assert.deepEqual(await lease.read(signal), renewed)
  server.object = undefined
  assert.equal(await lease.renew(made, signal), undefined)
})

test('what others put on the lease stays on it', async (t) => {
  const { server, lease } = await stage(t)
  const labels = { team: 'platform' }
  server.put({ metadata: { name: 'infometis-kafka', labels }, spec: { strategy: 'OldestEmulationVersion' } })
  const record = await lease.read(signal)
  assert.ok(record)
  await lease.take(record, signal)
  assert.deepEqual(server.object?.metadata['labels'], labels)
  assert.equal(server.object.spec['strategy'], 'OldestEmulationVersion')
})

test('a lease with nothing in it belongs to nobody; times in it are not even read', async (t) => {
  const { server, lease } = await stage(t)
  server.put({ spec: { renewTime: '2099-01-01T00:00:00.000000Z' } })
  const record = await lease.read(signal)
  assert.deepEqual(
    [record?.holder, record?.durationMs, record?.transitions, record?.version],
    ['', 15_000, 0, '1'],
  )
})

for (const [status, reason] of [
  [403, 'ApiServerForbidden'],
  [500, 'ApiServerUnreachable'],
] as const) {
  test(`the status ${status} is told as ${reason}, with verb and name, for each of the verbs`, async (t) => {
    const { server, lease } = await stage(t)
    const record = await lease.take(undefined, signal)
    assert.ok(record)
    server.fault = (response) => refuse(response, status, 'in its own words')
    const asked = [
      ['get', () => lease.read(signal)],
      ['create', () => lease.take(undefined, signal)],
      ['update', () => lease.take(record, signal)],
      ['update', () => lease.renew(record, signal)],
      ['update', () => lease.release(record, signal)],
    ] as const
    for (const [verb, ask] of asked) {
      const name = verb === 'create' ? '' : ' infometis-kafka'
      const message = new RegExp(`${verb} leases${name} in namespace team: in its own words`)
      await assert.rejects(ask(), { reason, message })
    }
  })
}

test('a namespace or an API that is not there is no lost race', async (t) => {
  const { server, lease } = await stage(t)
  server.fault = (response) => refuse(response, 404, 'the server could not find the requested resource')
  await assert.rejects(lease.take(undefined, signal), {
    reason: 'ApiServerRejected',
    message: /create leases/,
  })
})

test('an answer that is no Lease is none', async (t) => {
  const { server, lease } = await stage(t)
  server.fault = (response) => response.end('{"kind":"Status"}')
  await assert.rejects(lease.read(signal), { reason: 'ApiServerUnreachable', message: /is no Lease/ })
})

test('a server that does not answer is not waited for longer than five seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { server, lease } = await stage(t)
  const asked = Promise.withResolvers<undefined>()
  server.fault = () => asked.resolve(undefined)
  const read = assert.rejects(lease.read(signal), {
    reason: 'ApiServerUnreachable',
    message: 'no answer to get leases infometis-kafka in namespace team within 5000 ms',
  })
  await asked.promise
  t.mock.timers.tick(5_000)
  await read
})

test('an abort ends it with the signal’s reason', async (t) => {
  const { server, lease } = await stage(t)
  const stop = new AbortController()
  server.fault = () => stop.abort(new Error('lost'))
  await assert.rejects(lease.read(stop.signal), /lost/)
})

for (const [instance, name] of [
  ['', /^infometis-kafka$/],
  ['blue', /^infometis-kafka-blue$/],
  ['2', /^infometis-kafka-2$/],
  ['Blue', /^infometis-kafka-blue-[0-9a-f]{8}$/],
  ['a.b_c', /^infometis-kafka-a-b-c-[0-9a-f]{8}$/],
] as const) {
  test(`the instance "${instance}" elects its leader by a name of its own that Kubernetes takes`, () => {
    assert.match(leaseName('kafka', instance), name)
  })
}

test('instances that differ only in what a name may not hold elect apart', () => {
  const names = ['a-b', 'a.b', 'a_b', 'A-b'].map((instance) => leaseName('kafka', instance))
  assert.equal(new Set(names).size, names.length)
})
