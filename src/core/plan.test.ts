import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applying,
  changeOf,
  field,
  found,
  glance,
  holding,
  inventoryOf,
  made,
  meant,
  planOf,
  planWith,
  wanted,
} from '../../test/support/resources.ts'
import { ignoring } from './diff.ts'
import { type PlanInput, applicable, held, passing } from './plan.ts'
import type { Change, Resource } from './resource.ts'
import type { Rule } from './rules.ts'

interface Case {
  readonly says: string
  readonly input: Partial<PlanInput<Resource>>
  readonly plan: readonly string[]
}

const cases: readonly Case[] = [
  { says: 'nothing is planned for nothing', input: {}, plan: [] },
  {
    says: 'what is missing is created with every written field',
    input: { desired: [wanted('a', { y: 1, x: 2 })] },
    plan: ['create a [x/written y/written] apply'],
  },
  {
    says: 'what we made and somebody deleted is created as drift',
    input: { desired: [wanted('a', { x: 1 })], inventory: inventoryOf(made('a', { x: 1 })) },
    plan: ['create a [x/drift] apply'],
  },
  {
    says: 'in what is created again, a field that Git changed meanwhile is written and not drift',
    input: { desired: [wanted('a', { x: 1, y: 3 })], inventory: inventoryOf(made('a', { x: 1, y: 2 })) },
    plan: ['create a [x/drift y/written] apply'],
  },
  {
    says: 'a create that never happened is written',
    input: { desired: [wanted('a', { x: 1 })], inventory: inventoryOf(meant('a', { x: 1 })) },
    plan: ['create a [x/written] apply'],
  },
  {
    says: 'what differs is updated, with only the fields that differ',
    input: {
      desired: [wanted('a', { x: 1, y: 2 })],
      observed: [found('a', { x: 5, y: 2 })],
      inventory: inventoryOf(made('a', { x: 1, y: 2 })),
    },
    plan: ['update a [x/drift] apply'],
  },
  {
    says: 'what was there before and is equal is adopted',
    input: { desired: [wanted('a', { x: 1 })], observed: [found('a', { x: 1 })] },
    plan: ['adopt a'],
  },
  {
    says: 'what was there before and differs is held',
    input: { desired: [wanted('a', { x: 1 })], observed: [found('a', { x: 2 })] },
    plan: ['update a [x/adoption] held (AdoptionDiffers)'],
  },
  {
    says: 'with adopt, what was there before is changed',
    input: { desired: [wanted('a', { x: 1 })], observed: [found('a', { x: 2 })], adopt: true },
    plan: ['update a [x/adoption] apply'],
  },
  {
    says: 'what is no longer written is an orphan under upsert-only',
    input: { observed: [found('a')], inventory: inventoryOf(made('a')), emptyDocument: false },
    plan: ['orphan topics/a'],
  },
  {
    says: 'what is no longer written is an orphan under observe-only',
    input: {
      observed: [found('a')],
      inventory: inventoryOf(made('a')),
      policy: 'observe-only',
      emptyDocument: false,
    },
    plan: ['orphan topics/a'],
  },
  {
    says: 'what is no longer written is deleted under sync',
    input: {
      observed: [found('a')],
      inventory: inventoryOf(made('a')),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: ['delete a [] apply'],
  },
  {
    says: 'what is in no inventory is nobody’s business, under sync too',
    input: { observed: [found('a')], policy: 'sync', emptyDocument: false },
    plan: [],
  },
  {
    says: 'what was there before us is let go',
    input: {
      observed: [found('a')],
      inventory: inventoryOf(made('a', {}, { deletable: false })),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: [],
  },
  {
    says: 'what somebody deleted and made again under the same name is let go',
    input: {
      observed: [found('a', {}, 'another')],
      inventory: inventoryOf(made('a')),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: [],
  },
  {
    says: 'what is gone already needs no delete',
    input: { inventory: inventoryOf(made('a')), policy: 'sync', emptyDocument: false },
    plan: [],
  },
  {
    says: 'what is untouchable is neither orphan nor deleted',
    input: {
      observed: [found('a')],
      inventory: inventoryOf(made('a')),
      untouchable: new Set(['topics/a'] as const),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: [],
  },
  {
    says: 'after a crash, what is as it was meant is ours to delete',
    input: {
      observed: [found('a', { x: 1, y: 2 })],
      inventory: inventoryOf(meant('a', { x: 1 })),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: ['delete a [] apply'],
  },
  {
    says: 'after a crash, what is not as it was meant is somebody else’s',
    input: {
      observed: [found('a', { x: 7 })],
      inventory: inventoryOf(meant('a', { x: 1 })),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: [],
  },
  {
    says: 'after a crash, what is not as it was meant is held like any adoption',
    input: {
      desired: [wanted('a', { x: 1 })],
      observed: [found('a', { x: 7 })],
      inventory: inventoryOf(meant('a', { x: 1 })),
    },
    plan: ['update a [x/adoption] held (AdoptionDiffers)'],
  },
  {
    says: 'after a crash, what we made again under a new id is still ours to delete',
    input: {
      observed: [found('a', { x: 1 }, 'new')],
      inventory: inventoryOf(made('a', { x: 1 }, { id: 'old', intended: { x: 1 } })),
      policy: 'sync',
      emptyDocument: false,
    },
    plan: ['delete a [] apply'],
  },
  {
    says: 'after a crash between intent and apply, Git’s change is not mistaken for drift',
    input: {
      desired: [wanted('a', { x: 2 })],
      observed: [found('a', { x: 1 })],
      inventory: inventoryOf(made('a', { x: 1 }, { intended: { x: 2 } })),
    },
    plan: ['update a [x/written] apply'],
  },
  {
    says: 'what is owned and was made again by somebody is corrected all the same',
    input: {
      desired: [wanted('a', { x: 1 })],
      observed: [found('a', { x: 2 }, 'another')],
      inventory: inventoryOf(made('a', { x: 1 })),
    },
    plan: ['update a [x/drift] apply'],
  },
  {
    says: 'an ignored field still counts when the resource is created',
    input: { desired: [wanted('a', { x: 1 })], ignore: ignoring(['x']) },
    plan: ['create a [x/written] apply'],
  },
  {
    says: 'under observe-only nothing is let through',
    input: { desired: [wanted('a', { x: 1 })], policy: 'observe-only' },
    plan: ['create a [x/written] withheld (ChangesWithheld)'],
  },
  {
    says: 'names of Object.prototype are names like any other',
    input: {
      desired: [wanted('constructor'), wanted('__proto__')],
      observed: [found('toString')],
      inventory: inventoryOf(made('toString')),
      policy: 'sync',
    },
    plan: ['create __proto__ [] apply', 'create constructor [] apply', 'delete toString [] apply'],
  },
]

describe('a plan', () => {
  for (const { says, input, plan } of cases) it(says, () => assert.deepEqual(glance(planOf(input)), plan))

  it('is in the order of names, however the document is ordered', () => {
    const desired = ['b', 'c', 'a'].map((name) => wanted(name, { x: 1 }))
    const observed = [found('c', { x: 1 }), found('a', { x: 1 })]
    const planned = planOf({ desired, observed })
    assert.deepEqual(planned, planOf({ desired: desired.toReversed(), observed: observed.toReversed() }))
    assert.deepEqual(glance(planned), ['create b [x/written] apply', 'adopt a', 'adopt c'])
  })

  it('counts what needs nothing', () => {
    const desired = [wanted('a'), wanted('b'), wanted('c', { x: 1 })]
    const inventory = inventoryOf(made('a'), made('b'), made('c', { x: 1 }), made('gone'))
    const observed = [found('a'), found('b'), found('c', { x: 2 }), found('gone')]
    assert.equal(planOf({ desired, observed, inventory, policy: 'sync' }).unchanged, 2)
  })

  it('shows its rules the desired resources in one order and the names given', () => {
    const seen: unknown[] = []
    const rule: Rule = {
      code: 'Sees',
      severity: 'held',
      says: '',
      wayOut: '',
      judge: (_change, { desired, names }) => void seen.push([desired.map(({ name }) => name), names]),
    }
    planOf({ desired: [wanted('b'), wanted('a')], observed: [found('b')], names: ['n'], rules: [rule] })
    assert.deepEqual(seen, [[['a', 'b'], ['n']]])
  })
})

describe('the parts of an update', () => {
  /** `x` is set in place, `y` takes another resource. */
  const classify = (change: Change): readonly Change[] =>
    [
      { ...change, fields: change.fields.filter(({ path }) => path === 'x'), class: 'in place' },
      {
        ...change,
        fields: change.fields.filter(({ path }) => path === 'y'),
        class: 'anew',
        reason: 'y is fixed',
        action: 'replace' as const,
        leaves: { name: 'a-1' },
      },
    ].filter(({ fields }) => fields.length > 0)
  const holdsAnew: Rule = {
    code: 'Anew',
    severity: 'held',
    says: '',
    wayOut: '',
    judge: ({ action }) => (action === 'replace' ? { message: 'it is made anew' } : undefined),
  }
  const both = {
    desired: [wanted('a', { x: 2, y: 2 }), wanted('b', { x: 1 })],
    observed: [found('a', { x: 1, y: 1 })],
    inventory: inventoryOf(made('a', { x: 1, y: 1 })),
    classify,
  }

  it('are judged one by one', () => {
    assert.deepEqual(glance(planOf({ ...both, rules: [holdsAnew] })), [
      'update a [x/written] apply',
      'replace a [y/written] held (Anew)',
      'create b [x/written] apply',
    ])
  })
  it('count as one resource that is not as written', () => assert.equal(planOf(both).unchanged, 0))
  it('go out as one change, of the class of the last; a replace among them makes it one', () => {
    const [whole] = applicable(planOf(both))
    assert.deepEqual(
      [whole?.action, whole?.class, whole?.reason, whole?.leaves, whole?.fields.map(({ path }) => path)],
      ['replace', 'anew', 'y is fixed', { name: 'a-1' }, ['x', 'y']],
    )
    const [rest] = applicable(planOf({ ...both, rules: [holdsAnew] }))
    assert.deepEqual([rest?.action, rest?.class, rest?.leaves], ['update', 'in place', undefined])
  })
  it('are of the heaviest class where none of them is a replace', () => {
    const of = (path: string, way: string) =>
      applying(changeOf('update', 'a', [field(path, 1, 2)], { class: way }))
    const [whole] = applicable(planWith(of('x', 'in place'), of('y', 'reopen')))
    assert.equal(whole?.class, 'reopen')
  })
  it('are of updates only: what is made or deleted is whole', () => {
    const seen: string[] = []
    planOf({
      ...both,
      policy: 'sync',
      inventory: inventoryOf(made('a', { x: 1, y: 1 }), made('gone')),
      observed: [...both.observed, found('gone')],
      classify: (change) => {
        seen.push(change.action)
        return [change]
      },
    })
    assert.deepEqual(seen, ['update'])
  })
  it('are withheld one by one under observe-only', () => {
    assert.deepEqual(glance(planOf({ ...both, policy: 'observe-only' })).slice(0, 2), [
      'update a [x/written] withheld (ChangesWithheld)',
      'replace a [y/written] withheld (ChangesWithheld)',
    ])
  })
})

describe('what a plan lets through', () => {
  const kept = applying(changeOf('update', 'a', [field('y', 1, 2)]))
  const let1 = applying(changeOf('update', 'a', [field('x', 1, 2, 'drift')], { cause: 'drift' }))
  const other = applying(changeOf('create', 'b'))
  const waiting = holding(changeOf('delete', 'c'))
  const planned = planWith(kept, let1, other, waiting)

  it('is one change per resource, its fields in order and its cause mixed', () => {
    assert.deepEqual(applicable(planned), [
      changeOf('update', 'a', [field('x', 1, 2, 'drift'), field('y', 1, 2)]),
      other.change,
    ])
  })
  it('is known part by part, too', () => {
    assert.deepEqual(passing(planned), [kept.change, let1.change, other.change])
  })
  it('is apart from what is held', () => assert.deepEqual(held(planned), [waiting]))
})
