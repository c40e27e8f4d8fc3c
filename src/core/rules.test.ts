import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  changeOf,
  field,
  found,
  glance,
  inventoryOf,
  made,
  planOf,
  planWith,
  wanted,
} from '../../test/support/resources.ts'
import { brake } from './brake.ts'
import type { Change } from './resource.ts'
import { type Finding, type Rule, commonRules, judge } from './rules.ts'

const context = { desired: [], names: [], emptyDocument: false }

function rule(
  code: string,
  severity: Rule['severity'],
  finding: Finding | undefined,
  more: Partial<Rule> = {},
): Rule {
  return { code, severity, says: code, wayOut: '', judge: () => finding, ...more }
}

function judged(
  change: Change,
  rules: readonly Rule[],
  bench: { allow?: readonly string[]; adopt?: boolean } = {},
) {
  const { allow = [], adopt = false } = bench
  return glance(planWith(...judge(change, { rules, allow: new Set(allow), adopt }, context)))
}

const update = changeOf('update', 'a', [field('x', 1, 2), field('y', 1, 2)])
const whole = { message: 'all of it' }
const x = { fields: ['x'], message: 'x' }

describe('judging a change', () => {
  const cases: readonly {
    readonly says: string
    readonly change?: Change
    readonly rules: readonly Rule[]
    readonly bench?: { allow?: readonly string[]; adopt?: boolean }
    readonly parts: readonly string[]
  }[] = [
    {
      says: 'lets pass what no rule minds',
      rules: [rule('A', 'held', undefined)],
      parts: ['update a [x/written y/written] apply'],
    },
    {
      says: 'withholds the whole change',
      rules: [rule('A', 'held', whole)],
      parts: ['update a [x/written y/written] held (A)'],
    },
    {
      says: 'lets the other fields go on',
      rules: [rule('A', 'held', x)],
      parts: ['update a [y/written] apply', 'update a [x/written] held (A)'],
    },
    {
      says: 'refused beats held, wherever it stands in the table',
      rules: [rule('Held', 'held', whole), rule('Refused', 'refused', whole)],
      parts: ['update a [x/written y/written] refused (Refused)'],
    },
    {
      says: 'the first of two equally grave rules speaks',
      rules: [rule('First', 'held', whole), rule('Second', 'held', whole)],
      parts: ['update a [x/written y/written] held (First)'],
    },
    {
      says: 'a refused field does not save the rest from being held',
      rules: [rule('Held', 'held', whole), rule('Refused', 'refused', x)],
      parts: ['update a [x/written] refused (Refused)', 'update a [y/written] held (Held)'],
    },
    {
      says: 'two rules can take a field each, and nothing is left to apply',
      rules: [rule('A', 'held', x), rule('B', 'refused', { fields: ['y'], message: 'y' })],
      parts: ['update a [y/written] refused (B)', 'update a [x/written] held (A)'],
    },
    {
      says: 'a finding over fields that do not change is none',
      rules: [rule('A', 'held', { fields: ['z'], message: 'z' })],
      parts: ['update a [x/written y/written] apply'],
    },
    {
      says: 'allow lifts a held rule',
      rules: [rule('A', 'held', whole)],
      bench: { allow: ['A'] },
      parts: ['update a [x/written y/written] apply'],
    },
    {
      says: 'allow does not lift a refused rule',
      rules: [rule('A', 'refused', whole)],
      bench: { allow: ['A'] },
      parts: ['update a [x/written y/written] refused (A)'],
    },
    {
      says: 'a lifted rule leaves the word to the next',
      rules: [rule('A', 'held', whole), rule('B', 'held', whole)],
      bench: { allow: ['A'] },
      parts: ['update a [x/written y/written] held (B)'],
    },
    {
      says: 'a rule for drift does not see what Git says',
      rules: [rule('A', 'held', whole, { onlyCause: 'drift' })],
      parts: ['update a [x/written y/written] apply'],
    },
    {
      says: 'a rule for drift withholds the drifted fields only',
      change: changeOf('update', 'a', [field('x', 1, 2, 'drift'), field('y', 1, 2)]),
      rules: [rule('A', 'held', whole, { onlyCause: 'drift' })],
      parts: ['update a [y/written] apply', 'update a [x/drift] held (A)'],
    },
    {
      says: 'a delete is withheld as a whole, though it has no fields',
      change: changeOf('delete', 'a'),
      rules: [rule('A', 'held', whole)],
      parts: ['delete a [] held (A)'],
    },
    {
      says: 'a replace is withheld as a whole by a rule over one of its fields',
      change: changeOf('replace', 'a', [field('x', 1, 2), field('y', 1, 2)]),
      rules: [rule('A', 'held', x)],
      parts: ['replace a [x/written y/written] held (A)'],
    },
    {
      says: 'a replace is withheld as a whole by a rule for one of its causes',
      change: changeOf('replace', 'a', [field('x', 1, 2, 'drift'), field('y', 1, 2)]),
      rules: [rule('A', 'held', whole, { onlyCause: 'drift' })],
      parts: ['replace a [x/drift y/written] held (A)'],
    },
    {
      says: 'a replace goes on that a rule over other fields does not concern',
      change: changeOf('replace', 'a', [field('y', 1, 2)]),
      rules: [rule('A', 'held', x)],
      parts: ['replace a [y/written] apply'],
    },
    {
      says: 'a create without fields is let through',
      change: changeOf('create', 'a'),
      rules: [rule('A', 'held', x)],
      parts: ['create a [] apply'],
    },
    {
      says: 'a rule that only the service can judge lets pass here',
      rules: [{ code: 'A', severity: 'refused', says: '', wayOut: '' }],
      parts: ['update a [x/written y/written] apply'],
    },
  ]
  for (const { says, change = update, rules, bench, parts } of cases) {
    it(says, () => assert.deepEqual(judged(change, rules, bench), parts))
  }

  it('shows a rule for one cause only the fields of that cause', () => {
    const seen: (readonly string[])[] = []
    const drifted = changeOf('update', 'a', [field('x', 1, 2, 'drift'), field('y', 1, 2)])
    const look = rule('A', 'held', undefined, {
      onlyCause: 'drift',
      judge: ({ fields }) => void seen.push(fields.map(({ path }) => path)),
    })
    judged(drifted, [look])
    assert.deepEqual(seen, [['x']])
  })
})

describe('the rules common to all services', () => {
  const adoption = { desired: [wanted('a', { x: 1 })], observed: [found('a', { x: 2, y: 3 })] }
  const pruned = { observed: [found('a')], inventory: inventoryOf(made('a')), policy: 'sync' as const }

  it('something that was there before and differs from desired is not changed unasked', () => {
    assert.deepEqual(glance(planOf(adoption)), ['update a [x/adoption] held (AdoptionDiffers)'])
    assert.deepEqual(glance(planOf({ ...adoption, adopt: true })), ['update a [x/adoption] apply'])
    assert.deepEqual(glance(planOf({ ...adoption, allow: new Set(['AdoptionDiffers']) })), [
      'update a [x/adoption] apply',
    ])
  })

  it('an empty document never means "delete everything"', () => {
    assert.deepEqual(glance(planOf({ ...pruned, emptyDocument: true })), ['delete a [] held (EmptyDocument)'])
    assert.deepEqual(glance(planOf({ ...pruned, emptyDocument: false })), ['delete a [] apply'])
    assert.deepEqual(
      glance(planOf({ ...pruned, emptyDocument: true, untouchable: new Set(['topics/b'] as const) })),
      ['delete a [] held (EmptyDocument)'],
      'an entry that went to another ConfigMap makes the document no less empty',
    )
  })

  it('more deletions than the brake lets through wait for an approval', () => {
    const planned = planOf({ ...pruned, emptyDocument: false })
    const load = { recent: new Set<string>(), inventory: 1 }
    assert.deepEqual(glance(brake(planned, { ...load, maxDeletes: 0 })), ['delete a [] held (DeletionBrake)'])
    assert.deepEqual(glance(brake(planned, { ...load, maxDeletes: 1 })), ['delete a [] apply'])
  })

  it('each has a code of its own, a sentence and a way out', () => {
    assert.equal(new Set(commonRules.map(({ code }) => code)).size, commonRules.length)
    for (const { code, says, wayOut } of commonRules) {
      assert.match(code, /^([A-Z][a-z]+)+$/)
      assert.ok(says.length > 20 && wayOut.endsWith('.'), code)
    }
  })
})
