import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DelayedKeys } from './delayed-keys.ts'

const step = fc.oneof(
  fc.record({ op: fc.constant('add' as const), key: fc.integer({ min: 0, max: 9 }), due: fc.nat(100) }),
  fc.record({ op: fc.constant('delete' as const), key: fc.integer({ min: 0, max: 9 }), due: fc.constant(0) }),
)

test('after any additions and deletions the keys come out once each, earliest first, with their earliest time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const delayed = new DelayedKeys()
      const model = new Map<string, number>()
      for (const { op, key: number, due } of steps) {
        const key = String(number)
        if (op === 'add') {
          delayed.add({ key, due, priority: 'resync' })
          model.set(key, Math.min(due, model.get(key) ?? due))
        } else {
          delayed.delete(key)
          model.delete(key)
        }
      }
      const out: [string, number][] = []
      for (let first = delayed.first; first !== undefined; first = delayed.first) {
        out.push([first.key, first.due])
        delayed.delete(first.key)
      }
      assert.deepEqual(new Map(out), model)
      assert.deepEqual(
        out.map(([, due]) => due),
        [...model.values()].sort((a, b) => a - b),
      )
      assert.equal(delayed.size, 0)
    }),
  )
})
