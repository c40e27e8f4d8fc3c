import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { found, inventoryOf, made, meant } from '../../test/support/resources.ts'
import { emptyInventory, leftBehind, madeBy, merge, sameInventory, setBefore, without } from './inventory.ts'

describe('an inventory', () => {
  const before = inventoryOf(made('a', { x: 1 }), made('b'))

  it('takes entries in, newer ones in the place of older', () => {
    const after = merge(before, [made('a', { x: 2 }), made('c')])
    assert.deepEqual(after, inventoryOf(made('a', { x: 2 }), made('b'), made('c')))
    assert.deepEqual(before, inventoryOf(made('a', { x: 1 }), made('b')))
  })
  it('gives entries up', () => {
    assert.deepEqual(without(before, ['topics/a', 'topics/never']), inventoryOf(made('b')))
    assert.equal(before.size, 2)
  })
  it('starts empty', () => assert.equal(emptyInventory.size, 0))
  it('knows every field that was set or was about to be', () => {
    assert.deepEqual(setBefore(made('a', { x: 1 }, { intended: { x: 2, y: 1 } })), new Set(['x', 'y']))
  })
})

describe('what a service shows is what an entry made', () => {
  const cases: readonly (readonly [string, ReturnType<typeof made>, ReturnType<typeof found>, boolean])[] = [
    ['when the id is the same, whatever drifted', made('a', { x: 1 }), found('a', { x: 2 }), true],
    ['not when another id bears the name', made('a', { x: 1 }), found('a', { x: 1 }, 'other'), false],
    [
      'when nothing was seen yet and it has every value meant',
      meant('a', { x: 1 }),
      found('a', { x: 1, y: 2 }),
      true,
    ],
    [
      'not when nothing was seen yet and a value differs',
      meant('a', { x: 1, y: 1 }),
      found('a', { x: 1 }),
      false,
    ],
    [
      'when it was made again and the crash came before its id was seen',
      made('a', { x: 1 }, { intended: { x: 1 } }),
      found('a', { x: 1 }, 'new'),
      true,
    ],
    [
      'not when made again with other values',
      made('a', { x: 1 }, { intended: { x: 1 } }),
      found('a', { x: 2 }, 'new'),
      false,
    ],
    [
      'when nothing was seen yet and it bears the mark of what was meant, finished or not',
      meant('a', { x: 1, y: 1 }),
      { ...found('a', { x: 1 }), marked: true },
      true,
    ],
    [
      'when it was made again, bears the mark, and the crash came before it was finished',
      made('a', { x: 1 }, { intended: { x: 1 } }),
      { ...found('a', { x: 2 }, 'new'), marked: true },
      true,
    ],
    [
      'not by its mark when nothing was meant',
      made('a', { x: 1 }),
      { ...found('a', { x: 1 }, 'other'), marked: true },
      false,
    ],
    [
      'where the service has no ids',
      made('a', { x: 1 }, { id: '', intended: { x: 2 } }),
      found('a', { x: 1 }),
      true,
    ],
  ]
  for (const [says, entry, observed, is] of cases) it(says, () => assert.equal(madeBy(entry, observed), is))
})

describe('what a replace leaves behind', () => {
  const replaces = { name: 'a-1', id: 'left', of: 'id-of-a' }
  const entry = made('a', { x: 1 }, { intended: { x: 2 }, replaces })

  it('is an entry of its own once another id bears the name', () => {
    assert.deepEqual(leftBehind(entry, found('a', {}, 'new')), made('a-1', {}, { id: 'left' }))
  })
  it('may have an id that is not known yet', () => {
    const unknown = made('a', {}, { replaces: { name: 'a-1', of: 'id-of-a' } })
    assert.deepEqual(leftBehind(unknown, found('a', {}, 'new')), made('a-1', {}, { id: '' }))
  })
  it('is nothing as long as the old id does', () => assert.equal(leftBehind(entry, found('a')), undefined))
  it('is nothing as long as the id does that was there before us', () => {
    const adopted = made('a', {}, { id: '', intended: { x: 2 }, replaces })
    assert.equal(leftBehind(adopted, found('a')), undefined)
  })
  it('is not known where nothing is seen', () => assert.equal(leftBehind(entry, undefined), undefined))
  it('is nothing where nothing was replaced', () => {
    assert.equal(leftBehind(made('a'), found('a', {}, 'new')), undefined)
  })
  it('is let go where the right to delete it is not ours', () => {
    assert.equal(leftBehind({ ...entry, deletable: false }, found('a', {}, 'new')), undefined)
  })
})

describe('two inventories are the same', () => {
  const entry = made('a', { x: 1 }, { intended: { x: 2 }, replaces: { name: 'a-1', id: 'left', of: 'old' } })
  const one = inventoryOf(entry, made('b'))

  it('when their entries are, in whatever order', () => {
    assert.ok(sameInventory(one, inventoryOf(made('b'), structuredClone(entry))))
  })
  const others: readonly (readonly [string, typeof one])[] = [
    ['an entry less', inventoryOf(entry)],
    ['another name', inventoryOf(entry, made('c'))],
    ['nothing left', inventoryOf(made('a', { x: 1 }, { intended: { x: 2 } }), made('b'))],
    ...(['name', 'id', 'of'] as const).map(
      (part) =>
        [
          `another ${part} of what is replaced`,
          inventoryOf({ ...entry, replaces: { name: 'a-1', id: 'left', of: 'old', [part]: 'x' } }, made('b')),
        ] as const,
    ),
  ]
  for (const [what, other] of others) it(`not with ${what}`, () => assert.ok(!sameInventory(one, other)))
})
