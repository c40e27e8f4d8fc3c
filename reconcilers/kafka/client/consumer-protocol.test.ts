import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assignedTopics, subscribedTopics } from './consumer-protocol.ts'

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
}

const version = int16(3)

describe('what a classic consumer sends', () => {
  it('names the topics it subscribes to, whatever follows them', () => {
    const bytes = Buffer.concat([
      version,
      int32(2),
      text('orders'),
      text('users'),
      int32(-1),
      Buffer.from('more'),
    ])
    assert.deepEqual(subscribedTopics(bytes), ['orders', 'users'])
  })

  it('names the topics of its assignment', () => {
    const bytes = Buffer.concat([
      ...[version, int32(2)],
      ...[text('orders'), int32(2), int32(0), int32(1)],
      ...[text('users'), int32(0), int32(-1)],
    ])
    assert.deepEqual(assignedTopics(bytes), ['orders', 'users'])
  })

  const strange: readonly [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['a few bytes', Buffer.from([0, 1, 2])],
    ['a negative count', Buffer.concat([version, int32(-1)])],
    ['a count beyond the message', Buffer.concat([version, int32(2_000_000_000)])],
    ['a string beyond the message', Buffer.concat([version, int32(1), int16(300), Buffer.from('abc')])],
    ['a negative string', Buffer.concat([version, int32(1), int16(-1)])],
  ]
  for (const [what, bytes] of strange) {
    it(`gives no topics when it is ${what}`, () => {
      assert.deepEqual(subscribedTopics(bytes), [])
      assert.deepEqual(assignedTopics(bytes), [])
    })
  }
})
