import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action, Change, Resource } from '../../../src/core/resource.ts'
import { inStages } from './stages.ts'

type Fields = Readonly<Record<string, string>>

function change(action: Action, type: string, name: string, fields: Fields = {}, before?: Fields): Change {
  const resource = (of: Fields): Resource => ({ type, name, fields: new Map(Object.entries(of)) })
  const observed = before ?? (action === 'delete' ? fields : undefined)
  return {
    ...{ action, type, name, cause: 'written' },
    fields: Object.entries(fields).map(([path, after]) => ({ path, after, cause: 'written' })),
    ...(action !== 'delete' && { desired: resource(fields) }),
    ...(observed !== undefined && { observed: resource(observed) }),
  }
}

/** Names by stage and lane: `a b|c`. */
function shown(changes: readonly Change[]): readonly string[] {
  return inStages(changes).map((stage) =>
    stage.map((lane) => lane.map(({ name }) => name).join(' ')).join('|'),
  )
}

describe('the order of changes', () => {
  it('has folders before what stands in them, parents first, and what is beside each other at once', () => {
    const changes = [
      change('create', 'alert-rules', 'rule', { folder: 'deep', group: 'g' }),
      change('create', 'dashboards', 'board', { folder: 'deep' }),
      change('create', 'datasources', 'source'),
      change('create', 'folders', 'deep', { parent: 'middle' }),
      change('update', 'folders', 'middle', { parent: 'top' }),
      change('create', 'folders', 'top', { parent: '' }),
      change('create', 'folders', 'beside', { parent: 'top' }),
    ]
    assert.deepEqual(shown(changes), ['top', 'middle|beside', 'deep', 'source', 'rule|board'])
  })

  it('has what goes after what comes, content before folders, the deepest first', () => {
    const changes = [
      change('delete', 'folders', 'top', { parent: '' }),
      change('delete', 'folders', 'deep', { parent: 'top' }),
      change('delete', 'dashboards', 'board', { folder: 'deep' }),
      change('update', 'dashboards', 'moved', { folder: 'other' }, { folder: 'deep' }),
    ]
    assert.deepEqual(shown(changes), ['moved', 'board', 'deep', 'top'])
  })

  it('ends at folders that stand in each other', () => {
    const changes = [
      change('create', 'folders', 'a', { parent: 'b' }),
      change('create', 'folders', 'b', { parent: 'a' }),
    ]
    assert.deepEqual(inStages(changes).flat(2).length, 2)
  })

  it('makes rules of one group one after the other, those of the group that one leaves too', () => {
    const of = (group: string) => ({ folder: 'f', group })
    const changes = [
      change('update', 'alert-rules', 'a', of('one')),
      change('update', 'alert-rules', 'b', of('two')),
      change('update', 'alert-rules', 'c', of('three')),
      change('update', 'alert-rules', 'mover', of('two'), of('one')),
    ]
    assert.deepEqual(shown(changes), ['b a mover|c'])
  })
})
