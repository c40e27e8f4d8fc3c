import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Server } from './server.ts'
import { supervise } from './supervisor.ts'

describe('the supervisor', () => {
  it('starts again what ends by itself, says so, and stops at the signal', async () => {
    const abort = new AbortController()
    let starts = 0
    let end = Promise.withResolvers<string>()
    const server: Server = {
      name: 'etcd',
      logFile: '/run/etcd.log',
      running: () => true,
      exited: async () => end.promise,
      start: async () => {
        starts += 1
        end = Promise.withResolvers<string>()
        abort.abort()
      },
      stop: async () => undefined,
      kill: async () => undefined,
      pause: () => undefined,
      resume: () => undefined,
    }
    const said: string[] = []
    end.resolve('signal SIGKILL')
    await supervise(server, abort.signal, (line) => said.push(line))
    assert.equal(starts, 1)
    assert.deepEqual(said, [
      'etcd ended with signal SIGKILL; it starts again in 0.5 s (log: /run/etcd.log)',
      'etcd runs again',
    ])
  })
})
