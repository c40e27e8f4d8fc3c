import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applying, changeOf, glance, holding, planWith, refusing } from '../../test/support/resources.ts'
import { type Policy, permit } from './policy.ts'

const changes = [
  applying(changeOf('create', 'a')),
  holding(changeOf('delete', 'b')),
  refusing(changeOf('update', 'c')),
]

describe('a policy', () => {
  const permitted = (policy: Policy) => glance(planWith(...permit(changes, policy)))

  for (const policy of ['upsert-only', 'sync'] as const) {
    it(`${policy} leaves judgements as they are`, () => {
      assert.deepEqual(permitted(policy), glance(planWith(...changes)))
    })
  }
  it('observe-only withholds what would be applied, and only that', () => {
    assert.deepEqual(permitted('observe-only'), [
      'create a [] withheld (ChangesWithheld)',
      'delete b [] held (DeletesData)',
      'update c [] refused (PartitionsDecrease)',
    ])
  })
})
