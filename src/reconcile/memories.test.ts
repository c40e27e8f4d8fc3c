import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeletionLedger } from './deletion-ledger.ts'
import { RejectionMemory } from './rejection-memory.ts'

const tenMinutes = 600_000
const rejection = { code: 'RejectedByServer', message: 'no such key' }

describe('the memory of rejections', () => {
  it('keeps the service’s words for 10 minutes', () => {
    const memory = new RejectionMemory()
    memory.remember('digest', rejection, 1_000)
    assert.equal(memory.recall('digest', 1_000 + tenMinutes - 1)?.message, 'no such key')
    assert.equal(memory.recall('digest', 1_000 + tenMinutes), undefined)
    assert.equal(memory.recall('digest', 1_001), undefined, 'once forgotten it stays so')
  })
  it('knows no other change', () => {
    const memory = new RejectionMemory()
    memory.remember('digest', rejection, 0)
    assert.equal(memory.recall('other', 0), undefined)
  })
  it('counts the 10 minutes from the last rejection', () => {
    const memory = new RejectionMemory()
    memory.remember('digest', rejection, 0)
    memory.remember('digest', { ...rejection, message: 'again' }, tenMinutes - 1)
    assert.equal(memory.recall('digest', tenMinutes)?.message, 'again')
  })
  it('is bounded: it forgets everything rather than growing without end', () => {
    const memory = new RejectionMemory()
    for (let index = 0; index <= 10_000; index += 1) memory.remember(`d${index}`, rejection, 0)
    assert.equal(memory.recall('d0', 0), undefined)
    assert.equal(memory.recall('d10000', 0)?.code, 'RejectedByServer')
  })
})

describe('the ledger of deletions', () => {
  it('knows the deletions of the last 10 minutes', () => {
    const ledger = new DeletionLedger()
    ledger.add(['a', 'b'], 0)
    ledger.add(['c'], 1_000)
    assert.deepEqual(ledger.recent(tenMinutes - 1), new Set(['a', 'b', 'c']))
    assert.deepEqual(ledger.recent(tenMinutes), new Set(['c']))
    assert.deepEqual(ledger.recent(tenMinutes + 1_000), new Set())
  })
  it('has a deletion that is tried again once', () => {
    const ledger = new DeletionLedger()
    ledger.add(['a'], 0)
    ledger.add(['a'], 1_000)
    assert.deepEqual(ledger.recent(tenMinutes), new Set(['a']))
  })
})
