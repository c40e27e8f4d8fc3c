import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReconcileError } from '../errors.ts'
import { createLogger } from './logger.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { ServiceProbe } from './service-probe.ts'

type Answer = 'up' | 'down' | 'silent'

function start() {
  const clock = new ManualClock()
  const lines: string[] = []
  const told: string[] = []
  const stage = { answer: 'up' as Answer, pings: 0 }
  const probe = new ServiceProbe({
    clock,
    log: createLogger({ level: 'info', pretty: false }, (line) => lines.push(line)),
    told: (up, recovered) =>
      told.push(`${up ? 'up' : 'down'}${recovered ? ', recovered' : ''} @ ${clock.now()}`),
    ping: async (signal) => {
      stage.pings++
      if (stage.answer === 'down') throw new ReconcileError('ServiceUnreachable', 'connection refused')
      if (stage.answer === 'up') return { version: '4.3', clusterId: 'abc' }
      const { promise, reject } = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      return promise
    },
  })
  probe.start()
  return { clock, probe, stage, told, lines }
}

test('it says who answered, every 15 s while it does, and only once in the log', async () => {
  const { clock, probe, told, lines } = start()
  assert.equal(probe.outcome, undefined)
  await clock.advance(30_000)
  assert.deepEqual(probe.outcome, { ok: true, says: 'version 4.3, cluster abc' })
  assert.deepEqual(told, ['up @ 0', 'up @ 15000', 'up @ 30000'])
  assert.equal(lines.length, 1)
  await probe.stop()
  assert.equal(clock.timers, 0)
})

test('while the service is away it asks every 5 s, and tells that it is back', async () => {
  const { clock, probe, stage, told } = start()
  stage.answer = 'down'
  await clock.advance(20_000)
  assert.deepEqual(probe.outcome, { ok: false, says: 'ServiceUnreachable: connection refused' })
  stage.answer = 'up'
  await clock.advance(5_000)
  assert.deepEqual(told, ['up @ 0', 'down @ 15000', 'down @ 20000', 'up, recovered @ 25000'])
  await probe.stop()
})

test('a ping without an answer ends after 10 s, and stopping ends it at once', async () => {
  const { clock, probe, stage } = start()
  stage.answer = 'silent'
  await clock.advance(25_000)
  assert.deepEqual(probe.outcome, { ok: false, says: 'DeadlineExceeded: no answer within 10 s' })
  await clock.advance(5_000)
  assert.equal(stage.pings, 3)
  await probe.stop()
  assert.equal(clock.timers, 0)
})
