import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  blockedAlias,
  buildingAlias,
  cloneAlias,
  copiedAlias,
  isMarker,
  maxNameBytes,
  parseBuildingAlias,
  parseRollbackAlias,
  permitAlias,
  reopeningAlias,
  rollbackAlias,
} from './markers.ts'

const until = Date.UTC(2026, 10, 20, 10, 15, 0)
const hash = '0123456789ab'
/** Marks that say a name and nothing else. */
const steps = [blockedAlias, copiedAlias, permitAlias, cloneAlias, reopeningAlias]

describe('a mark', () => {
  it('reads well on the server', () => {
    assert.equal(buildingAlias(hash, 'orders'), 'infometis-building-0123456789ab-orders')
    assert.equal(blockedAlias('orders'), 'infometis-blocked-orders')
    assert.equal(rollbackAlias('orders', until), 'infometis-rollback-orders-until-20261120T101500Z')
  })

  it('is read as it was made, for any name, hash and second', () => {
    const hashes = fc.string({ unit: fc.constantFrom('0', '7', '9', 'a', 'f'), minLength: 12, maxLength: 12 })
    const seconds = fc.integer({ min: 0, max: Date.UTC(9999, 0) / 1_000 })
    const names = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('a-until-20261120T101500Z', '__proto__', 'é-ü'),
    )
    fc.assert(
      fc.property(names, hashes, seconds, (name, hex, second) => {
        assert.deepEqual(parseBuildingAlias(buildingAlias(hex, name)), { hash: hex, name })
        const mark = rollbackAlias(name, second * 1_000)
        assert.deepEqual(parseRollbackAlias(mark), { name, untilMs: second * 1_000 })
        for (const each of [buildingAlias(hex, name), mark, ...steps.map((step) => step(name))])
          assert.ok(isMarker(each))
      }),
    )
  })

  it('leaves milliseconds out', () => {
    assert.equal(parseRollbackAlias(rollbackAlias('a', until + 999))?.untilMs, until)
  })

  const others = [
    'orders',
    'infometis-',
    'infometis-blocked-',
    'infometis-building-0123456789ab-',
    'infometis-building-0123-orders',
    'infometis-building-0123456789AB-orders',
    'infometis-rollback-orders',
    'infometis-rollback-orders-until-tomorrow',
    'infometis-rollback-orders-until-20261340T101500Z',
    'my-infometis-blocked-orders',
  ]
  for (const alias of others) {
    it(`is not ${alias}`, () => {
      assert.equal(isMarker(alias), false)
      assert.equal(parseBuildingAlias(alias) ?? parseRollbackAlias(alias), undefined)
    })
  }

  it('of the longest name fits into an alias name of 255 bytes', () => {
    const name = 'a'.repeat(maxNameBytes)
    const marks = [buildingAlias(hash, name), rollbackAlias(name, until), ...steps.map((step) => step(name))]
    assert.equal(Math.max(...marks.map((mark) => Buffer.byteLength(mark))), 255)
  })
})
