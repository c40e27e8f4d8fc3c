import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventBudget } from './event-budget.ts'

test('an object may send 25 events at once, and then one every 5 minutes; another object is not touched by that', () => {
  const budget = new EventBudget()
  const allowed = Array.from({ length: 40 }, () => budget.take('a', 0)).filter(Boolean)
  assert.equal(allowed.length, 25)
  assert.equal(budget.take('b', 0), true)
  assert.equal(budget.take('a', 299_999), false)
  assert.equal(budget.take('a', 300_000), true)
  assert.equal(budget.take('a', 300_000), false)
})

test('the same event within 10 minutes is the same, later it is a new one', () => {
  const budget = new EventBudget()
  const sent = { name: 'n', count: 1, lastAt: 0 }
  budget.keep('x', sent)
  assert.deepEqual(budget.same('x', 600_000), sent)
  assert.equal(budget.same('x', 600_001), undefined)
  assert.equal(budget.same('y', 0), undefined)
})
