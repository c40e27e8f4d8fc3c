import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { leafChanges } from './leaves.ts'

describe('leafChanges', () => {
  it('tells nothing of two values that are one', () => {
    assert.deepEqual(leafChanges({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }), [])
  })

  it('goes as deep as both have the same shape', () => {
    const before = { title: 'x', targets: [{ expr: 'up' }, { expr: 'a' }], gone: true, as: { was: 1 } }
    const after = { title: 'x', targets: [{ expr: 'down' }], as: [1], more: null }
    assert.deepEqual(leafChanges(before, after), [
      { path: 'targets.0.expr', before: 'up', after: 'down' },
      { path: 'targets.1', before: { expr: 'a' } },
      { path: 'as', before: { was: 1 }, after: [1] },
      { path: 'more', after: null },
      { path: 'gone', before: true },
    ])
  })

  it('tells of a value that comes or goes as a whole', () => {
    assert.deepEqual(leafChanges(undefined, 'x'), [{ path: '', after: 'x' }])
    assert.deepEqual(leafChanges({ a: 1 }, undefined), [{ path: '', before: { a: 1 } }])
  })

  it('tells twenty places and no more, each of a bounded size', () => {
    const many = (value: string) => Object.fromEntries([...Array(50).keys()].map((n) => [`k${n}`, value]))
    assert.equal(leafChanges(many('a'), many('b')).length, 20)
    const [text] = leafChanges('a', 'b'.repeat(1_000))
    assert.equal(text?.after, `${'b'.repeat(299)}…`)
    const [list] = leafChanges('a', Array<string>(200).fill('abc'))
    assert.equal(list?.after, '(200 elements, 1201 characters)')
  })

  it('takes __proto__ for a name like any other', () => {
    const before = JSON.parse('{"__proto__": 1}') as { readonly [key: string]: number }
    const after = JSON.parse('{"__proto__": 2}') as { readonly [key: string]: number }
    assert.deepEqual(leafChanges(before, after), [{ path: '__proto__', before: 1, after: 2 }])
    assert.deepEqual(leafChanges({}, after), [{ path: '__proto__', after: 2 }])
  })
})
