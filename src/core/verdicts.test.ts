import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applying, changeOf, glance, holding, planWith, refusing } from '../../test/support/resources.ts'
import { digestOf } from './approval.ts'
import type { PlannedChange } from './resource.ts'
import type { Rule } from './rules.ts'
import { object } from './verdicts.ts'

const rules: readonly Rule[] = [
  { code: 'DeletesData', severity: 'held', says: '', wayOut: '' },
  { code: 'Impossible', severity: 'refused', says: '', wayOut: '' },
]
const gone = changeOf('delete', 'gone')
const withheld: PlannedChange = {
  change: gone,
  judgement: { verdict: 'withheld', code: 'ChangesWithheld', message: '' },
}

describe('the service’s own word in a plan', () => {
  const cases: readonly {
    readonly says: string
    readonly planned: PlannedChange
    readonly code?: string
    readonly allow?: string
    readonly becomes: string
  }[] = [
    { says: 'changes nothing where it has no objection', planned: applying(gone), becomes: 'apply' },
    {
      says: 'holds by a held rule',
      planned: applying(gone),
      code: 'DeletesData',
      becomes: 'held (DeletesData)',
    },
    {
      says: 'lets pass a held rule that is allowed',
      planned: applying(gone),
      code: 'DeletesData',
      allow: 'DeletesData',
      becomes: 'apply',
    },
    {
      says: 'refuses by a refused rule',
      planned: applying(gone),
      code: 'Impossible',
      becomes: 'refused (Impossible)',
    },
    {
      says: 'refuses by a refused rule, allowed or not',
      planned: applying(gone),
      code: 'Impossible',
      allow: 'Impossible',
      becomes: 'refused (Impossible)',
    },
    {
      says: 'refuses what no rule knows',
      planned: applying(gone),
      code: 'RejectedByServer',
      becomes: 'refused (RejectedByServer)',
    },
    {
      says: 'refuses what was only held: nobody is to approve what cannot be done',
      planned: holding(gone, 'Other'),
      code: 'RejectedByServer',
      becomes: 'refused (RejectedByServer)',
    },
    {
      says: 'leaves what is held already to its first reason',
      planned: holding(gone, 'Other'),
      code: 'DeletesData',
      becomes: 'held (Other)',
    },
    {
      says: 'leaves what is refused already as it is',
      planned: refusing(gone),
      code: 'Impossible',
      becomes: 'refused (PartitionsDecrease)',
    },
    {
      says: 'leaves what only observes as it is',
      planned: withheld,
      code: 'DeletesData',
      becomes: 'withheld (ChangesWithheld)',
    },
  ]
  for (const { says, planned, code, allow, becomes } of cases) {
    it(says, () => {
      const objections = new Map(code === undefined ? [] : [[digestOf(gone), { code, message: 'words' }]])
      const allowed = new Set(allow === undefined ? [] : [allow])
      assert.deepEqual(glance(object(planWith(planned), objections, rules, allowed)), [
        `delete gone [] ${becomes}`,
      ])
    })
  }

  it('reaches only the very change it speaks of, and keeps the service’s words', () => {
    const other = changeOf('delete', 'other')
    const objections = new Map([[digestOf(gone), { code: 'RejectedByServer', message: 'no such thing' }]])
    const { changes } = object(planWith(applying(gone), applying(other)), objections, rules, new Set())
    assert.deepEqual(changes, [
      { change: gone, judgement: { verdict: 'refused', code: 'RejectedByServer', message: 'no such thing' } },
      applying(other),
    ])
  })

  it('lets the service say more of what its own rule holds already', () => {
    const known = holding(gone, 'DeletesData')
    const objections = new Map([[digestOf(gone), { code: 'DeletesData', message: '12 documents' }]])
    const { changes } = object(planWith(known), objections, rules, new Set())
    assert.deepEqual(changes, [
      { change: gone, judgement: { verdict: 'held', code: 'DeletesData', message: '12 documents' } },
    ])
  })
})
