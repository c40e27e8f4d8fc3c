import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Resource } from '../core/resource.ts'
import { ReconcileError } from '../errors.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import { meteredClient } from './metered-client.ts'

const signal = new AbortController().signal

function bare(): ServiceClient<Resource> {
  return {
    ping: () => Promise.reject(new ReconcileError('ServiceUnreachable', 'refused')),
    list: () => Promise.resolve(['a']),
    observe: () => Promise.resolve([]),
    apply: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  }
}

function heard(client: ServiceClient<Resource>) {
  const calls: string[] = []
  const called = (call: string, seconds: number, reason: string | undefined): void => {
    assert.ok(seconds >= 0 && seconds < 60)
    calls.push(`${call} ${reason ?? 'well'}`)
  }
  return { calls, client: meteredClient(client, { called }) }
}

test('each call is told once, with the reason where the whole of it failed, and its answer and error are passed on', async () => {
  const { client, calls } = heard(bare())
  assert.deepEqual(await client.list('things', signal), ['a'])
  await client.observe('things', [], signal)
  await client.apply([], signal)
  await assert.rejects(client.ping(signal), /refused/)
  await client.close()
  assert.deepEqual(calls, ['list well', 'observe well', 'apply well', 'ping ServiceUnreachable'])
})

test('what a client does not offer is not offered by the measured one, and what it offers is', async () => {
  const { client } = heard(bare())
  assert.equal('canonical' in client, false)
  assert.equal('validate' in client, false)
  const more = heard({
    ...bare(),
    canonical: () => Promise.resolve([]),
    validate: () => Promise.resolve([{ ok: true }]),
  })
  assert.deepEqual(await more.client.canonical?.([], signal), [])
  assert.deepEqual(await more.client.validate?.([], signal), [{ ok: true }])
  assert.deepEqual(more.calls, ['canonical well', 'validate well'])
})
