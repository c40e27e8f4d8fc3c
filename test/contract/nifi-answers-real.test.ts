import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import { FakeNifi } from '../../reconcilers/nifi/fake.ts'
import { startNifi } from '../support/nifi.ts'
import { conversations } from './nifi-answers.ts'
import { clearCanvas, fakeSide } from './nifi-sides.ts'
import { contextConversations } from './nifi-context-answers.ts'
import { type Side, Talk, at, differences } from './nifi-talk.ts'

const real = await startNifi()
after(() => real.stop())

const realSide: Side = {
  rootId: real.clusterId,
  pollMs: 50,
  ask: async (method, path, body) => real.ask(method, path, body),
  generate: async (processorId, count) => {
    const path = `/processors/${processorId}`
    const groupId = at((await real.ask('GET', path)).body, 'component', 'parentGroupId')
    const put = async (state: string): Promise<void> => {
      const revision = at((await real.ask('GET', path)).body, 'revision')
      await real.ask('PUT', `${path}/run-status`, { revision, state })
    }
    const before = await queued(String(groupId))
    await put('RUNNING')
    const deadline = Date.now() + 20_000
    while ((await queued(String(groupId))) < before + count && Date.now() < deadline) await pause(50)
    await put('STOPPED')
    assert.equal(await queued(String(groupId)), before + count)
  },
  restart: async () => {
    // It writes its flow half a second after a change.
    await pause(1_000)
    await real.kill()
    await real.start()
  },
  drain: async (groupId) => {
    const deadline = Date.now() + 20_000
    while ((await queued(groupId)) > 0 && Date.now() < deadline) await pause(50)
    assert.equal(await queued(groupId), 0)
  },
}

async function queued(groupId: string): Promise<number> {
  const { body } = await real.ask('GET', `/process-groups/${groupId}`)
  return Number(at(body, 'status', 'aggregateSnapshot', 'flowFilesQueued'))
}

describe('the fake answers like a real 2.3.0', { concurrency: 1 }, () => {
  for (const [name, conversation] of Object.entries({ ...conversations, ...contextConversations })) {
    void it(name, async () => {
      const sides = [new Talk(fakeSide(new FakeNifi())), new Talk(realSide)] as const
      try {
        for (const talk of sides) await conversation(talk)
        const differing = differences(sides[0].heard, sides[1].heard)
        assert.equal(differing.length, 0, inspect(differing, { depth: 20, breakLength: 160 }))
        assert.equal(sides[1].heard.length, sides[0].heard.length)
      } finally {
        await clearCanvas(realSide)
      }
    })
  }
})
