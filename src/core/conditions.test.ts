import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Condition, setConditions } from './conditions.ts'

const ready: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Succeeded',
  message: 'as written',
  lastTransitionTime: '2026-01-01T00:00:00.000Z',
}
const later = '2026-01-02T00:00:00.000Z'

describe('conditions', () => {
  it('begin at the time they are first set', () => {
    const { type, status, reason, message } = ready
    assert.deepEqual(setConditions([], [{ type, status, reason, message }], later), [
      { ...ready, lastTransitionTime: later },
    ])
  })
  it('keep their time while their status stays, though reason and message move', () => {
    const next = { type: 'Ready', status: 'True', reason: 'Other', message: 'else' } as const
    assert.deepEqual(setConditions([ready], [next], later), [
      { ...next, lastTransitionTime: ready.lastTransitionTime },
    ])
  })
  it('take the new time when their status moves', () => {
    const next = { type: 'Ready', status: 'False', reason: 'Succeeded', message: 'as written' } as const
    assert.deepEqual(setConditions([ready], [next], later), [{ ...next, lastTransitionTime: later }])
  })
  it('are told apart by type, and one that is not set again is gone', () => {
    const next = { type: 'Stalled', status: 'True', reason: 'Other', message: '' } as const
    assert.deepEqual(setConditions([ready], [next], later), [{ ...next, lastTransitionTime: later }])
  })
})
