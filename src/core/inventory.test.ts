import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { found, inventoryOf, made, meant } from '../../test/support/resources.ts'
import { emptyInventory, madeBy, merge, setBefore, without } from './inventory.ts'

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
      'where the service has no ids',
      made('a', { x: 1 }, { id: '', intended: { x: 2 } }),
      found('a', { x: 1 }),
      true,
    ],
  ]
  for (const [says, entry, observed, is] of cases) it(says, () => assert.equal(madeBy(entry, observed), is))
})
