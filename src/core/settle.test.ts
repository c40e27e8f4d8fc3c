import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applying,
  changeOf,
  field,
  found,
  holding,
  inventoryOf,
  made,
  meant,
  planOf,
  planWith,
  refusing,
  wanted,
} from '../../test/support/resources.ts'
import { type InventoryEntry, sameInventory } from './inventory.ts'
import { type PlannedChange, type Resource, keyOf } from './resource.ts'
import { type Settlement, intend, settle, wasIntended } from './settle.ts'

const nobody = inventoryOf()

describe('an intent', () => {
  it('names what is about to be created, with the values meant and nothing applied', () => {
    const create = changeOf('create', 'a', [field('x', undefined, 1)])
    assert.deepEqual(intend(nobody, [create], false), inventoryOf(meant('a', { x: 1 })))
  })
  it('keeps the values applied apart from the values meant', () => {
    const update = changeOf('update', 'a', [field('x', 1, 2), field('y', 1)], {
      observed: found('a', { x: 1, y: 1 }),
    })
    assert.deepEqual(
      intend(inventoryOf(made('a', { x: 1, y: 1 })), [update], false),
      inventoryOf(made('a', { x: 1, y: 1 }, { intended: { x: 2 } })),
    )
  })
  it('says nothing of a deletion: the entry stands until it is gone', () => {
    const before = inventoryOf(made('a'))
    assert.deepEqual(intend(before, [changeOf('delete', 'a')], false), before)
  })
  const adoption = changeOf('update', 'a', [field('x', 2, 1, 'adoption')], {
    cause: 'adoption',
    observed: found('a', { x: 2 }),
  })
  it('to adopt does not give the right to delete', () => {
    assert.deepEqual(
      intend(nobody, [adoption], false),
      inventoryOf(made('a', {}, { id: '', intended: { x: 1 }, deletable: false })),
    )
  })
  it('to adopt by infometis.io/adopt does', () => {
    assert.equal(intend(nobody, [adoption], true).get('topics/a')?.deletable, true)
  })
  it('to adopt starts afresh where a create of that name never happened', () => {
    assert.deepEqual(
      intend(inventoryOf(meant('a', { x: 7 })), [adoption], false),
      inventoryOf(made('a', {}, { id: '', intended: { x: 1 }, deletable: false })),
    )
  })
  it('after a lost answer takes what the service shows as applied', () => {
    const update = changeOf('update', 'a', [field('x', 1, 2)], { observed: found('a', { x: 1, y: 1 }) })
    assert.deepEqual(
      intend(inventoryOf(meant('a', { x: 1, y: 1 })), [update], false),
      inventoryOf(made('a', { x: 1, y: 1 }, { intended: { x: 2 } })),
    )
  })
  it('gives up the right to delete what somebody made again', () => {
    const update = changeOf('update', 'a', [field('x', 2, 1, 'drift')], {
      observed: found('a', { x: 2 }, 'another'),
    })
    assert.deepEqual(
      intend(inventoryOf(made('a', { x: 1 })), [update], false),
      inventoryOf(made('a', { x: 1 }, { id: 'another', intended: { x: 1 }, deletable: false })),
    )
  })
})

describe('the intent of a replace', () => {
  const leaves = { name: 'a-1', id: 'id-of-a' }
  const of = 'id-of-a'
  const replace = changeOf('replace', 'a', [field('x', 1, 2)], { observed: found('a', { x: 1 }), leaves })

  it('names what will be left, and the id of what is replaced', () => {
    assert.deepEqual(
      intend(inventoryOf(made('a', { x: 1 })), [replace], false),
      inventoryOf(made('a', { x: 1 }, { intended: { x: 2 }, replaces: { ...leaves, of } })),
    )
  })
  it('is the same in the next pass, as long as it is under way', () => {
    const begun = intend(inventoryOf(made('a', { x: 1 })), [replace], false)
    assert.ok(sameInventory(intend(begun, [replace], false), begun))
    assert.ok(wasIntended(begun, replace))
    assert.ok(!wasIntended(begun, { ...replace, fields: [field('x', 1, 3)] }))
  })
  it('ends with another intent, once it is seen to be done: what it left is there', () => {
    const begun = inventoryOf(made('a', { x: 1 }, { intended: { x: 2 }, replaces: { ...leaves, of } }))
    const next = changeOf('update', 'a', [field('y', undefined, 1)], {
      id: 'new',
      observed: found('a', { x: 2 }, 'new'),
    })
    assert.deepEqual(
      intend(begun, [next], false),
      inventoryOf(made('a', { x: 2 }, { id: 'new', intended: { y: 1 } }), made('a-1', {}, { id: 'id-of-a' })),
    )
  })
  it('does not put what is left in the place of an entry of that name', () => {
    const written = made('a-1', { x: 1 })
    const begun = inventoryOf(
      made('a', { x: 1 }, { intended: { x: 2 }, replaces: { ...leaves, of } }),
      written,
    )
    const next = changeOf('update', 'a', [], { observed: found('a', { x: 2 }, 'new') })
    assert.equal(intend(begun, [next], false).get('topics/a-1'), written)
  })
})

interface Case {
  readonly says: string
  readonly before: readonly InventoryEntry[]
  readonly desired?: readonly Resource[]
  readonly observed?: readonly Resource[]
  readonly changes?: readonly PlannedChange[]
  readonly more?: Partial<Settlement<Resource>>
  readonly after: readonly InventoryEntry[]
}

const key = 'topics/a'
const done = { done: new Set([key] as const) }
const notDone = { notDone: new Set([key] as const) }
const create = applying(changeOf('create', 'a', [field('x', undefined, 1)]))
const update = applying(changeOf('update', 'a', [field('x', 1, 2)]))
const remove = changeOf('delete', 'a')
const replace = applying(changeOf('replace', 'a', [field('x', 1, 2)]))
const replaced = made(
  'a',
  { x: 1 },
  { intended: { x: 2 }, replaces: { name: 'a-1', id: 'id-of-a', of: 'id-of-a' } },
)

const cases: readonly Case[] = [
  {
    says: 'what was created is ours, with its id and its values',
    before: [meant('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 1, y: 'default' })],
    changes: [create],
    more: done,
    after: [made('a', { x: 1 })],
  },
  {
    says: 'what may have been created stays intended',
    before: [meant('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    changes: [create],
    after: [meant('a', { x: 1 })],
  },
  {
    says: 'what was certainly not created is nobody’s',
    before: [meant('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    changes: [create],
    more: notDone,
    after: [],
  },
  {
    says: 'an adoption that was certainly not carried out leaves no claim behind',
    before: [made('a', {}, { id: '', intended: { x: 1 } })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 2 })],
    changes: [applying(changeOf('update', 'a', [field('x', 2, 1, 'adoption')]))],
    more: notDone,
    after: [],
  },
  {
    says: 'what was certainly not updated keeps what was applied before',
    before: [made('a', { x: 1 }, { intended: { x: 2 } })],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 1 })],
    changes: [update],
    more: notDone,
    after: [made('a', { x: 1 })],
  },
  {
    says: 'what may have been updated keeps both',
    before: [made('a', { x: 1 }, { intended: { x: 2 } })],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 1 })],
    changes: [update],
    after: [made('a', { x: 1 }, { intended: { x: 2 } })],
  },
  {
    says: 'a key that was removed is no longer ours',
    before: [made('a', { x: 1, y: 1 }, { intended: {} })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 1 })],
    changes: [applying(changeOf('update', 'a', [field('y', 1)]))],
    more: done,
    after: [made('a', { x: 1 })],
  },
  {
    says: 'a withheld field keeps the value applied before, so that Git’s wish is not mistaken for drift',
    before: [made('a', { x: 1, y: 1 }, { intended: { y: 2 } })],
    desired: [wanted('a', { x: 2, y: 2 })],
    observed: [found('a', { x: 1, y: 2 })],
    changes: [
      applying(changeOf('update', 'a', [field('y', 1, 2)])),
      holding(changeOf('update', 'a', [field('x', 1, 2)])),
    ],
    more: done,
    after: [made('a', { x: 1, y: 2 })],
  },
  {
    says: 'a withheld field that was never applied stays so',
    before: [made('a', { y: 1 })],
    desired: [wanted('a', { x: 2, y: 1 })],
    observed: [found('a', { x: 1, y: 1 })],
    changes: [refusing(changeOf('update', 'a', [field('x', 1, 2)]))],
    after: [made('a', { y: 1 })],
  },
  {
    says: 'a withheld removal is still to be made',
    before: [made('a', { x: 1 })],
    desired: [wanted('a')],
    observed: [found('a', { x: 1 })],
    changes: [holding(changeOf('update', 'a', [field('x', 1)]))],
    after: [made('a', { x: 1 })],
  },
  {
    says: 'an ignored field keeps the value applied before',
    before: [made('a', { x: 1, y: 1 })],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 7, y: 1 })],
    after: [made('a', { x: 1, y: 1 })],
  },
  {
    says: 'a held adoption is nobody’s yet',
    before: [],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 2 })],
    changes: [holding(changeOf('update', 'a', [field('x', 2, 1, 'adoption')]), 'AdoptionDiffers')],
    after: [],
  },
  {
    says: 'a refused create is nobody’s',
    before: [],
    desired: [wanted('a', { x: 1 })],
    changes: [refusing(changeOf('create', 'a', [field('x', undefined, 1)]))],
    after: [],
  },
  {
    says: 'a create that is refused now may have happened before a crash',
    before: [meant('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    changes: [refusing(changeOf('create', 'a', [field('x', undefined, 1)]))],
    after: [meant('a', { x: 1 })],
  },
  {
    says: 'what was deleted is forgotten',
    before: [made('a')],
    changes: [applying(remove)],
    more: done,
    after: [],
  },
  {
    says: 'what could not be deleted is kept',
    before: [made('a')],
    observed: [found('a')],
    changes: [applying(remove)],
    more: notDone,
    after: [made('a')],
  },
  {
    says: 'what is held is kept',
    before: [made('a')],
    observed: [found('a')],
    changes: [holding(remove)],
    after: [made('a')],
  },
  {
    says: 'what was let go is forgotten',
    before: [made('a', {}, { deletable: false })],
    observed: [found('a')],
    after: [],
  },
  {
    says: 'what is untouchable is kept as it is',
    before: [made('a', { x: 1 }, { intended: { x: 2 } })],
    more: { untouchable: new Set([key] as const) },
    after: [made('a', { x: 1 }, { intended: { x: 2 } })],
  },
  {
    says: 'an intent that came true without us looking ends',
    before: [meant('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 1 })],
    after: [made('a', { x: 1 })],
  },
  {
    says: 'what somebody made again is ours to keep right, and no longer ours to delete',
    before: [made('a', { x: 1 })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 1 }, 'another')],
    after: [made('a', { x: 1 }, { id: 'another', deletable: false })],
  },
  {
    says: 'what we made again ourselves is still ours to delete',
    before: [made('a', { x: 1 }, { id: 'old', intended: { x: 1 } })],
    desired: [wanted('a', { x: 1 })],
    observed: [found('a', { x: 1 }, 'new')],
    changes: [create],
    more: done,
    after: [made('a', { x: 1 }, { id: 'new' })],
  },
  {
    says: 'of a replace that is under way nothing is left yet',
    before: [replaced],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 1 })],
    changes: [replace],
    after: [replaced],
  },
  {
    says: 'of a replace that is done the old one is left, under its name',
    before: [replaced],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 2 }, 'new')],
    changes: [replace],
    more: done,
    after: [made('a', { x: 2 }, { id: 'new' }), made('a-1', {}, { id: 'id-of-a' })],
  },
  {
    says: 'of a replace that was done before a crash, too',
    before: [replaced],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 2 }, 'new')],
    after: [made('a', { x: 2 }, { id: 'new' }), made('a-1', {}, { id: 'id-of-a' })],
  },
  {
    says: 'of a replace that was certainly not done nothing is left, nor its intent',
    before: [replaced],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 1 })],
    changes: [replace],
    more: notDone,
    after: [made('a', { x: 1 })],
  },
  {
    says: 'of a replace of what was not ours to delete nothing is left',
    before: [{ ...replaced, deletable: false }],
    desired: [wanted('a', { x: 2 })],
    observed: [found('a', { x: 2 }, 'new')],
    changes: [replace],
    more: done,
    after: [made('a', { x: 2 }, { id: 'new', deletable: false })],
  },
  {
    says: 'what is left of what is no longer written is known, and is left once',
    before: [replaced, made('b')],
    desired: [],
    observed: [found('a', { x: 2 }, 'new')],
    more: { plan: { ...planWith(), orphans: [key] } },
    after: [made('a', { x: 2 }, { id: 'new' }), made('a-1', {}, { id: 'id-of-a' })],
  },
  {
    says: 'what is left does not take the place of what is written under its name',
    before: [replaced, made('a-1', { y: 1 })],
    desired: [wanted('a', { x: 2 }), wanted('a-1', { y: 1 })],
    observed: [found('a', { x: 2 }, 'new'), found('a-1', { y: 1 })],
    changes: [replace],
    more: done,
    after: [made('a', { x: 2 }, { id: 'new' }), made('a-1', { y: 1 })],
  },
  {
    says: 'what is untouchable and was replaced waits as it is',
    before: [replaced],
    observed: [found('a', { x: 2 }, 'new')],
    more: { untouchable: new Set([key] as const) },
    after: [replaced],
  },
  {
    says: 'what the service cannot remove stays ours, though it is not explicit',
    before: [made('a', { x: 1, y: 1 })],
    desired: [wanted('a', { x: 1 })],
    observed: [
      {
        type: 'topics',
        name: 'a',
        id: 'id-of-a',
        fields: new Map(Object.entries({ x: 1, y: 1 })),
        permanent: new Set(['y']),
      },
    ],
    after: [made('a', { x: 1, y: 1 })],
  },
]

describe('the inventory after a pass', () => {
  for (const { says, before, desired = [], observed = [], changes = [], more, after } of cases) {
    it(says, () => {
      const settlement: Settlement<Resource> = {
        inventory: inventoryOf(...before),
        plan: planWith(...changes),
        desired,
        observed: new Map(observed.map((each) => [keyOf(each), each])),
        done: new Set(),
        notDone: new Set(),
        untouchable: new Set(),
        adopt: false,
        ...more,
      }
      assert.deepEqual(settle(settlement), inventoryOf(...after))
    })
  }

  const settled = (
    before: readonly InventoryEntry[],
    desired: readonly Resource[],
    observed: readonly Resource[],
    adopt = false,
  ) => {
    const inventory = inventoryOf(...before)
    return settle({
      inventory,
      plan: planOf({ desired, observed, inventory, adopt }),
      desired,
      observed: new Map(observed.map((each) => [keyOf(each), each])),
      done: new Set(),
      notDone: new Set(),
      untouchable: new Set(),
      adopt,
    })
  }

  it('has what was found equal, without the right to delete it', () => {
    const after = settled([], [wanted('a', { x: 1 })], [found('a', { x: 1 })])
    assert.deepEqual(after, inventoryOf(made('a', { x: 1 }, { deletable: false })))
  })
  it('has the right to delete what was adopted by infometis.io/adopt', () => {
    const after = settled([], [wanted('a', { x: 1 })], [found('a', { x: 1 })], true)
    assert.deepEqual(after, inventoryOf(made('a', { x: 1 })))
  })
  it('does not take what was found equal for what a crashed create of other values meant', () => {
    const after = settled([meant('a', { x: 7 })], [wanted('a', { x: 1 })], [found('a', { x: 1 })])
    assert.equal(after.get('topics/a')?.deletable, false)
    const adopted = settled([meant('a', { x: 7 })], [wanted('a', { x: 1 })], [found('a', { x: 1 })], true)
    assert.deepEqual(adopted, inventoryOf(made('a', { x: 1 })))
  })
  it('keeps orphans', () => {
    const inventory = inventoryOf(made('a'))
    assert.equal(
      settled([made('a')], [wanted('b')], [found('a'), found('b')]).get('topics/a')?.id,
      inventory.get('topics/a')?.id,
    )
  })
  it('is the very same object when nothing differs', () => {
    const inventory = inventoryOf(made('a', { x: 1 }), made('orphan'))
    const desired = [wanted('a', { x: 1 })]
    const observed = [found('a', { x: 1 }), found('orphan')]
    const plan = planOf({ desired, observed, inventory })
    const after = settle({
      inventory,
      plan,
      desired,
      observed: new Map(observed.map((each) => [keyOf(each), each])),
      done: new Set(),
      notDone: new Set(),
      untouchable: new Set(),
      adopt: false,
    })
    assert.equal(after, inventory)
  })
})
