import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashedStatusName, statusName } from './status-name.ts'

test('state of the own namespace is <name>-status, of another <namespace>.<name>-status', () => {
  assert.equal(statusName('team/topics', 'team'), 'topics-status')
  assert.equal(statusName('other/topics', 'team'), 'other.topics-status')
})

test('a name that would be too long is cut and keeps apart by a hash', () => {
  const long = 'a'.repeat(253)
  const one = statusName(`team/${long}`, 'team')
  const two = statusName(`other/${long}`, 'team')
  assert.ok(one.length <= 253 && two.length <= 253)
  assert.notEqual(one, two)
  assert.match(one, /^a+-[0-9a-f]{10}-status$/)
  assert.equal(one, hashedStatusName(`team/${long}`, 'team'))
})
