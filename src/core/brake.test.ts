import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applying, changeOf, glance, holding, planWith } from '../../test/support/resources.ts'
import { digestOf } from './approval.ts'
import { brake } from './brake.ts'
import type { Change, ResourceKey } from './resource.ts'

function deletions(count: number, from = 0): readonly Change[] {
  return Array.from({ length: count }, (_, index) => changeOf('delete', `t${from + index}`))
}

function digests(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.map(digestOf))
}

function among(...keys: readonly ResourceKey[]): (key: ResourceKey) => boolean {
  const set = new Set(keys)
  return (key) => set.has(key)
}

describe('the brake', () => {
  const cases: readonly {
    readonly says: string
    readonly deletes: number
    readonly inventory: number
    readonly recent?: number
    readonly maxDeletes?: number
    readonly held: boolean
  }[] = [
    { says: 'lets 10 of 100 through', deletes: 10, inventory: 100, held: false },
    { says: 'holds 11 of 100', deletes: 11, inventory: 100, held: true },
    { says: 'lets 3 of 10 through, which is 30 %', deletes: 3, inventory: 10, held: false },
    { says: 'holds 4 of 10', deletes: 4, inventory: 10, held: true },
    { says: 'lets 1 of 4 through', deletes: 1, inventory: 4, held: false },
    { says: 'holds 2 of 4: the share counts from 4 entries', deletes: 2, inventory: 4, held: true },
    { says: 'lets 3 of 3 through: of so few a share says nothing', deletes: 3, inventory: 3, held: false },
    { says: 'sums up the last 10 minutes', deletes: 5, inventory: 100, recent: 6, held: true },
    { says: 'lets through what fits into the sum', deletes: 4, inventory: 100, recent: 6, held: false },
    {
      says: 'lets max-deletes take the place of both limits',
      deletes: 40,
      inventory: 50,
      recent: 60,
      maxDeletes: 40,
      held: false,
    },
    { says: 'holds above max-deletes', deletes: 2, inventory: 100, maxDeletes: 1, held: true },
    {
      says: 'holds the only deletion where max-deletes is 0',
      deletes: 1,
      inventory: 100,
      maxDeletes: 0,
      held: true,
    },
  ]
  for (const { says, deletes, inventory, recent = 0, maxDeletes, held } of cases) {
    it(says, () => {
      const planned = planWith(...deletions(deletes).map(applying))
      const braked = brake(planned, { recent: digests(deletions(recent, 1_000)), inventory, maxDeletes })
      const expected = held ? 'held (DeletionBrake)' : 'apply'
      assert.deepEqual(new Set(glance(braked).map((line) => line.split('[] ')[1])), new Set([expected]))
    })
  }

  it('holds the whole of a plan that goes over, replacements too, and nothing else', () => {
    const planned = planWith(
      applying(changeOf('create', 'c')),
      applying(changeOf('delete', 'd')),
      applying(changeOf('replace', 'r')),
      applying(changeOf('update', 'u')),
      holding(changeOf('delete', 'h')),
    )
    assert.deepEqual(glance(brake(planned, { recent: new Set(), inventory: 100, maxDeletes: 1 })), [
      'create c [] apply',
      'delete d [] held (DeletionBrake)',
      'replace r [] held (DeletionBrake)',
      'update u [] apply',
      'delete h [] held (DeletesData)',
    ])
  })

  it('does not count what is held for another reason', () => {
    const planned = planWith(
      applying(changeOf('delete', 'd')),
      ...deletions(20).map((change) => holding(change)),
    )
    assert.equal(brake(planned, { recent: new Set(), inventory: 100, maxDeletes: undefined }), planned)
  })

  it('counts a deletion once that was let through, failed, and is tried again', () => {
    const again = deletions(8)
    const planned = planWith(...again.map(applying))
    assert.equal(brake(planned, { recent: digests(again), inventory: 100, maxDeletes: undefined }), planned)
  })

  it('does not stop half-way what it let through before, but counts it', () => {
    const begun = changeOf('replace', 'begun')
    const planned = planWith(applying(begun), applying(changeOf('replace', 'more')))
    const load = { recent: digests([begun]), inventory: 100, underWay: among('topics/begun') }
    assert.deepEqual(glance(brake(planned, { ...load, maxDeletes: 1 })), [
      'replace begun [] apply',
      'replace more [] held (DeletionBrake)',
    ])
    assert.equal(brake(planned, { ...load, maxDeletes: 2 }), planned)
  })

  it('stops the deletion of what was being replaced', () => {
    const planned = planWith(applying(changeOf('delete', 'begun')))
    const load = { recent: new Set<string>(), inventory: 100, underWay: among('topics/begun') }
    assert.deepEqual(glance(brake(planned, { ...load, maxDeletes: 0 })), [
      'delete begun [] held (DeletionBrake)',
    ])
  })

  it('leaves a plan without deletions alone, however much was deleted lately', () => {
    const planned = planWith(applying(changeOf('create', 'c')))
    assert.equal(brake(planned, { recent: digests(deletions(50)), inventory: 4, maxDeletes: 0 }), planned)
  })

  it('says how many there are, how many were lately, and how many it lets through', () => {
    const planned = planWith(...deletions(4).map(applying))
    const [first] = brake(planned, {
      recent: digests(deletions(2, 50)),
      inventory: 10,
      maxDeletes: undefined,
    }).changes
    assert.deepEqual(first?.judgement, {
      verdict: 'held',
      code: 'DeletionBrake',
      message:
        '4 deletions or replacements at once (2 more in the last 10 minutes); the brake lets 3 through',
    })
  })
})
