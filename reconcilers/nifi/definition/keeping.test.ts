import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { someDefinition } from '../../../test/support/nifi-arbitrary.ts'
import {
  connection,
  definitionOf,
  funnel,
  groupNamed,
  pipeline,
  port,
  processor,
  service,
} from '../../../test/support/nifi-definition.ts'
import type { Snapshot } from '../resource.ts'
import { checkDefinition } from './checks.ts'
import { compareDefinitions } from './compare.ts'
import { componentsOf, connectionEnds } from './components.ts'
import { emptying, feeding, keeping, runsEmpty } from './keeping.ts'

function jsonOf(snapshot: Snapshot, identifier: string) {
  return componentsOf(snapshot).get(identifier)?.json ?? assert.fail(`${identifier} is not in the proposal`)
}

const idsOf = (snapshot: Snapshot) => [...componentsOf(snapshot).keys()].sort()
const [a, b, d] = [processor('a'), processor('b'), processor('d')]
const only = (...identifiers: readonly string[]) => new Set(identifiers)

describe('the first phase of a change that removes filled connections', () => {
  it('is desired where nothing is to be kept', () => {
    const desired = pipeline({ processors: [a], connections: [] })
    assert.equal(compareDefinitions(keeping(desired, pipeline(), only()), desired).same, true)
  })

  it('keeps a connection between two that stay, with a relationship that there is not: nothing feeds it, and what takes its place gets everything', () => {
    const live = pipeline({ processors: [a, b, d] })
    const desired = pipeline({ processors: [a, b, d], connections: [connection('n', 'a', 'd')] })
    const first = keeping(desired, live, only('c'))
    assert.deepEqual(jsonOf(first, 'c')['selectedRelationships'], [runsEmpty])
    assert.deepEqual(jsonOf(first, 'n')['selectedRelationships'], ['success'])
    assert.deepEqual([...emptying(desired, live, only('c'))], ['c'])
    assert.deepEqual([...feeding(desired, live, only('c'))], [])
  })

  it('keeps a source that goes only as an end, disabled', () => {
    const desired = definitionOf({ processors: [b] })
    const first = keeping(desired, pipeline(), only('c'))
    assert.equal(jsonOf(first, 'a')['scheduledState'], 'DISABLED')
    assert.equal(jsonOf(first, 'b')['scheduledState'], 'ENABLED')
    assert.deepEqual(
      compareDefinitions(first, desired).emptyFirst.map(({ connection: { identifier } }) => identifier),
      ['c'],
    )
  })

  it('keeps a destination that goes as it was, with everything downstream of it that goes too', () => {
    const live = definitionOf({
      processors: [a, processor('x'), processor('y'), b],
      connections: [connection('ax', 'a', 'x'), connection('xy', 'x', 'y'), connection('yb', 'y', 'b')],
    })
    const desired = definitionOf({ processors: [a, b], connections: [connection('ab', 'a', 'b')] })
    const first = keeping(desired, live, only('ax'))
    assert.deepEqual(idsOf(first), ['a', 'ab', 'ax', 'b', 'x', 'xy', 'y', 'yb'])
    assert.deepEqual(
      ['ax', 'xy', 'yb'].map((id) => jsonOf(first, id)['selectedRelationships']),
      [[runsEmpty], ['success'], ['success']],
    )
    assert.deepEqual(
      ['x', 'y'].map((id) => jsonOf(first, id)['scheduledState']),
      ['ENABLED', 'ENABLED'],
    )
    assert.deepEqual([...emptying(desired, live, only('ax'))], ['ax', 'xy', 'yb'])
  })

  it('does not keep what is upstream, nor what is beside', () => {
    const live = definitionOf({
      processors: [a, processor('x'), processor('y'), b],
      connections: [connection('ax', 'a', 'x'), connection('xb', 'x', 'b'), connection('yb', 'y', 'b')],
    })
    const first = keeping(definitionOf({ processors: [a, b] }), live, only('xb'))
    assert.deepEqual(idsOf(first), ['a', 'b', 'x', 'xb'])
    assert.equal(jsonOf(first, 'x')['scheduledState'], 'DISABLED')
  })

  it('keeps the services of what it keeps, and the services of these', () => {
    const uses = (id: string) => ({ properties: { service: id } })
    const live = pipeline({
      processors: [a, processor('b', uses('s'))],
      controllerServices: [service('s', uses('t')), service('t'), service('u')],
    })
    const first = keeping(definitionOf({ processors: [a] }), live, only('c'))
    assert.deepEqual(idsOf(first), ['a', 'b', 'c', 's', 't'])
  })

  it('keeps of a group that goes what the connection needs, ports included, and nothing else of it', () => {
    const inside = {
      inputPorts: [port('in', 'INPUT_PORT')],
      processors: [processor('x'), processor('alone')],
      connections: [
        connection('ix', { id: 'in', type: 'INPUT_PORT', groupId: 'g' }, { id: 'x', groupId: 'g' }),
      ],
      parameterContextName: 'ctx',
    }
    const live = definitionOf({
      processors: [a],
      processGroups: [groupNamed('g', 'in', inside)],
      connections: [connection('ai', 'a', { id: 'in', type: 'INPUT_PORT', groupId: 'g' })],
    })
    const first = keeping(definitionOf({ processors: [a] }), live, only('ai'))
    assert.deepEqual(idsOf(first), ['a', 'ai', 'g', 'in', 'ix', 'x'])
    assert.equal(jsonOf(first, 'g')['parameterContextName'], 'ctx')
    assert.deepEqual(
      [...componentsOf(first).values()].find(({ identifier }) => identifier === 'x')?.groupId,
      'g',
    )
  })

  it('leaves a connection that is to come from another component where it was, until it is empty', () => {
    const live = pipeline({ processors: [a, b, d] })
    const desired = pipeline({ processors: [a, b, d], connections: [connection('c', 'd', 'b')] })
    const first = keeping(desired, live, only('c'))
    assert.equal(connectionEnds(jsonOf(first, 'c')).source.id, 'a')
    assert.deepEqual(jsonOf(first, 'c')['selectedRelationships'], [runsEmpty])
    assert.deepEqual(compareDefinitions(live, first).emptyFirst, [])
  })

  it('leaves what moves to another group where it was, and what leads to the new place away', () => {
    const live = pipeline({ processGroups: [groupNamed('g', 'in')] })
    const moved = {
      processors: [processor('b'), processor('x')],
      connections: [connection('n', { id: 'x', groupId: 'g' }, { id: 'b', groupId: 'g' })],
    }
    const desired = definitionOf({ processors: [a], processGroups: [groupNamed('g', 'in', moved)] })
    const first = keeping(desired, live, only('c'))
    assert.deepEqual(idsOf(first), ['a', 'b', 'c', 'g', 'x'])
    assert.equal(componentsOf(first).get('b')?.groupId, '/')
  })

  it('cannot keep a port from feeding: the port stands still meanwhile', () => {
    const ends = { id: 'in', type: 'INPUT_PORT' }
    const parts = { inputPorts: [port('in', 'INPUT_PORT')], processors: [a, b] }
    const live = definitionOf({ ...parts, connections: [connection('c', ends, 'a')] })
    const desired = definitionOf({ ...parts, connections: [connection('n', ends, 'b')] })
    assert.deepEqual([...feeding(desired, live, only('c'))], ['in'])
  })

  it('cannot keep a funnel from feeding: what is ahead of it stands still, through further funnels', () => {
    const parts = { funnels: [funnel('f'), funnel('g')], processors: [a, b, d] }
    const into = [
      connection('af', 'a', { id: 'f', type: 'FUNNEL' }),
      connection('fg', { id: 'f', type: 'FUNNEL' }, { id: 'g', type: 'FUNNEL' }),
    ]
    const live = definitionOf({
      ...parts,
      connections: [...into, connection('c', { id: 'g', type: 'FUNNEL' }, 'b')],
    })
    const desired = definitionOf({
      ...parts,
      connections: [...into, connection('n', { id: 'g', type: 'FUNNEL' }, 'd')],
    })
    assert.deepEqual([...feeding(desired, live, only('c'))], ['a'])
  })

  it('never loses a connection that it was given, and is itself a definition without loose ends', () => {
    fc.assert(
      fc.property(
        someDefinition,
        someDefinition,
        fc.infiniteStream(fc.boolean()),
        (live, desired, filled) => {
          const { emptyFirst } = compareDefinitions(live, desired)
          const all = emptyFirst.map(({ connection: { identifier } }) => identifier)
          const kept = new Set(all.filter(() => filled.next().value))
          const first = keeping(desired, live, kept)
          for (const identifier of kept) assert.equal(componentsOf(first).get(identifier)?.kind, 'connection')
          assert.deepEqual(checkDefinition(first), [])
          const lost = compareDefinitions(live, first).emptyFirst.map(
            ({ connection: { identifier } }) => identifier,
          )
          assert.deepEqual(
            lost.filter((identifier) => kept.has(identifier)),
            [],
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('leads to desired: after it only what it kept has to be empty', () => {
    fc.assert(
      fc.property(someDefinition, someDefinition, (live, desired) => {
        const { emptyFirst } = compareDefinitions(live, desired)
        const kept = new Set(emptyFirst.map(({ connection: { identifier } }) => identifier))
        const first = keeping(desired, live, kept)
        const waits = emptying(desired, live, kept)
        for (const {
          connection: { identifier },
        } of compareDefinitions(first, desired).emptyFirst)
          assert.ok(waits.has(identifier), identifier)
      }),
      { numRuns: 150 },
    )
  })
})
