import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeNifi } from '../../reconcilers/nifi/fake.ts'
import { conversations } from './nifi-answers.ts'
import { contextConversations } from './nifi-context-answers.ts'
import { fakeSide } from './nifi-sides.ts'
import { Talk } from './nifi-talk.ts'

describe('the fake gives the answers that a conversation with 2.3.0 expects', () => {
  for (const [name, conversation] of Object.entries({ ...conversations, ...contextConversations })) {
    void it(name, async () => {
      const talk = new Talk(fakeSide(new FakeNifi()))
      await conversation(talk)
      const unexpected = talk.heard.filter(({ asked, status }) => asked[0] !== status)
      assert.deepEqual(unexpected, [])
      assert.ok(talk.heard.length > 0)
    })
  }
})
