import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeApiServer, refuse } from '../../test/support/fake-api-server.ts'
import { Events } from './events.ts'
import { KubeClient } from './rest.ts'

test('that the Role forbids events is told once, and later ones are dropped in silence', async (t) => {
  const server = await FakeApiServer.start()
  const client = new KubeClient(server.connection())
  t.after(async () => {
    client.close()
    await server.stop()
  })
  const told: [string, string][] = []
  const tell = (level: string) => (_: object, message: string) => void told.push([level, message])
  const log = { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') }
  server.fail('other', (response) => refuse(response, 403, 'cannot create resource "events"'), 2)
  const signal = new AbortController().signal
  const events = new Events({ client, manager: 'infometis-kafka', log, now: () => 0, signal })
  const about = { key: 'team/a', namespace: 'team', name: 'a', uid: 'u' }
  events.announce(about, [
    { type: 'Normal', reason: 'Applied', message: 'created 1' },
    { type: 'Warning', reason: 'HeldForApproval', message: 'delete' },
  ])
  await events.drained()
  assert.deepEqual(told, [
    ['warn', 'events cannot be written'],
    ['debug', 'event dropped'],
  ])
  assert.equal(events.dropped, 2)
})
