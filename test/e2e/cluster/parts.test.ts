import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Server } from '../../../src/stack/server.ts'
import { Parts } from './parts.ts'

describe('the parts of a cluster', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-parts-'))
  })
  after(async () => rm(directory, { recursive: true }))

  /** A server without a process: `end` is its end by itself. */
  const part = async (
    name: string,
  ): Promise<{ readonly server: Server; readonly end: (how: string) => void }> => {
    let life = Promise.withResolvers<string>()
    const logFile = join(directory, `${name}.log`)
    await writeFile(logFile, 'first\nlast words\n')
    const server: Server = {
      name,
      logFile,
      running: () => true,
      exited: async () => life.promise,
      start: async () => {
        life = Promise.withResolvers()
      },
      stop: async () => life.resolve('signal SIGTERM'),
      kill: async () => life.resolve('signal SIGKILL'),
      pause: () => undefined,
      resume: () => undefined,
    }
    return { server, end: (how) => life.resolve(how) }
  }

  it('are waited for no longer when one of them has ended by itself', async () => {
    const told: string[] = []
    const parts = new Parts((message) => told.push(message))
    const { server, end } = await part('etcd')
    await parts.up(server)
    const starting = parts.unlessLost(Promise.withResolvers<undefined>().promise)
    end('exit code 2')
    const words = /^etcd ended with exit code 2; its log \S+etcd\.log ends:\nfirst\nlast words$/
    await assert.rejects(starting, { reason: 'StackFailed', message: words })
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', words)
  })

  it('may end on purpose, and are watched again after that', async () => {
    const told: string[] = []
    const parts = new Parts((message) => told.push(message))
    const { server, end } = await part('kube-apiserver')
    await parts.up(server)
    assert.ok((await parts.restart(server)) >= 0)
    assert.equal(await parts.unlessLost(Promise.resolve('going on')), 'going on')
    assert.deepEqual(told, [])
    end('signal SIGSEGV')
    await assert.rejects(parts.unlessLost(Promise.withResolvers<undefined>().promise), /SIGSEGV/)
    assert.deepEqual(Object.keys(parts.timings), ['kube-apiserver'])
  })
})
