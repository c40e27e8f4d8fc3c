import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { equal } from '../../../src/core/canonical.ts'
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
import { entryOf, shownFlow, updateOf, writtenFlow } from '../../../test/support/nifi-flow.ts'
import type { FieldChange, Json } from '../../../src/core/resource.ts'
import type { Snapshot } from '../resource.ts'
import { compareDefinitions } from './compare.ts'
import { type Component, componentsOf } from './components.ts'
import { definitionFields } from './fields.ts'
import { patched } from './patch.ts'
import { sendable } from './sendable.ts'

const at = { x: 7, y: 8 }
const idsOf = (components: readonly Component[]) => components.map(({ identifier }) => identifier)

/** Every way from one definition to another, as a plan lists it. */
function fieldsBetween(live: Snapshot, desired: Snapshot): readonly FieldChange[] {
  const [have, want] = [definitionFields(live), definitionFields(desired)]
  return [...new Set([...have.keys(), ...want.keys()])].flatMap((path): readonly FieldChange[] => {
    const [before, after] = [have.get(path), want.get(path)]
    if (equal(before, after)) return []
    return [
      {
        path,
        cause: 'written',
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      },
    ]
  })
}

/** The JSON of a component. */
function jsonOf(snapshot: Snapshot, identifier: string): Readonly<Record<string, Json>> {
  const component =
    componentsOf(snapshot).get(identifier) ?? assert.fail(`${identifier} is not in the definition`)
  return JSON.parse(JSON.stringify(component.json)) as Readonly<Record<string, Json>>
}

describe('a patched definition', () => {
  it('is desired where every field that differs is named, and live where none is', () => {
    fc.assert(
      fc.property(someDefinition, someDefinition, (live, desired) => {
        const all = patched(live, desired, fieldsBetween(live, desired))
        assert.deepEqual(
          Object.fromEntries(definitionFields(all)),
          Object.fromEntries(definitionFields(desired)),
        )
        const none = patched(live, desired, [])
        assert.equal(compareDefinitions(live, none).same, true)
      }),
    )
  })

  it('keeps of live what NiFi filled in and the definition does not say', () => {
    const live = pipeline()
    const bare = definitionOf({
      processors: [{ identifier: 'a', name: 'A', type: 'x.Y', bundle: {} }, processor('b')],
    })
    const fields: readonly FieldChange[] = [
      { path: 'processors.a.name', before: 'A', after: 'Z', cause: 'written' },
    ]
    const renamed = definitionOf({
      processors: [{ identifier: 'a', name: 'Z', type: 'x.Y', bundle: {} }, processor('b')],
    })
    assert.equal(jsonOf(patched(live, bare, fields), 'a')['name'], 'A')
    const json = jsonOf(patched(live, renamed, fields), 'a')
    assert.deepEqual([json['name'], json['retryCount'], json['maxBackoffPeriod']], ['Z', 10, '10 mins'])
  })

  it('puts back what the server had filled in, where somebody changed that', () => {
    const live = definitionOf({
      processors: [processor('a', { retryCount: 3, properties: { p: 'theirs' } })],
    })
    const desired = definitionOf({ processors: [{ identifier: 'a', name: 'A', type: 'x.Y', bundle: {} }] })
    const fields: readonly FieldChange[] = [
      { path: 'processors.a.retryCount', before: 3, after: 10, cause: 'drift' },
      { path: 'processors.a.properties.p', before: 'theirs', cause: 'drift' },
    ]
    const json = jsonOf(patched(live, desired, fields), 'a')
    assert.deepEqual([json['retryCount'], json['properties']], [10, {}])
  })

  it('takes a list that desired empties as it stands there', () => {
    const live = definitionOf({ processors: [processor('a', { autoTerminatedRelationships: ['failure'] })] })
    const desired = definitionOf({ processors: [processor('a')] })
    const json = jsonOf(patched(live, desired, fieldsBetween(live, desired)), 'a')
    assert.deepEqual(json['autoTerminatedRelationships'], [])
  })

  it('draws what changes as desired does, and leaves everything else where it is', () => {
    const live = definitionOf({
      processors: [
        processor('a', { position: { x: 9, y: 9 } }),
        processor('b', { position: { x: 9, y: 9 } }),
      ],
    })
    const desired = definitionOf({ processors: [processor('a', { name: 'Z' }), processor('b')] })
    const after = patched(live, desired, fieldsBetween(live, desired))
    assert.deepEqual(
      [jsonOf(after, 'a')['position'], jsonOf(after, 'b')['position']],
      [
        { x: 0, y: 0 },
        { x: 9, y: 9 },
      ],
    )
    const layout = patched(live, desired, [{ path: 'layout', before: '1', after: '2', cause: 'drift' }])
    assert.deepEqual(jsonOf(layout, 'b')['position'], { x: 0, y: 0 })
  })

  it('takes a connection that comes from elsewhere as desired has it, whatever it was given to run empty', () => {
    const parts = { processors: [processor('a'), processor('b'), processor('d')] }
    const emptied = { ...parts, connections: [connection('c', 'a', 'b', { selectedRelationships: [] })] }
    const desired = pipeline({ ...parts, connections: [connection('c', 'd', 'b')] })
    const fields: readonly FieldChange[] = [
      { path: 'connections.c.source', before: 'a', after: 'd', cause: 'written' },
    ]
    const json = jsonOf(patched(pipeline(emptied), desired, fields), 'c')
    assert.deepEqual(json['selectedRelationships'], ['success'])
  })

  it('moves a component to another group', () => {
    const live = definitionOf({ processors: [processor('a')], processGroups: [groupNamed('g', 'x')] })
    const desired = definitionOf({ processGroups: [groupNamed('g', 'x', { processors: [processor('a')] })] })
    const after = patched(live, desired, fieldsBetween(live, desired))
    assert.equal(componentsOf(after).get('a')?.groupId, 'g')
  })

  it('refers to a service outside of the flow by its identifier, whichever side knows it', () => {
    const outside = { externalControllerServices: { '77': { identifier: '77', name: 'Pool' } } }
    const live = definitionOf({ processors: [processor('a', { properties: { pool: '77' } })] }, outside)
    const changed = definitionOf({ processors: [processor('a')] })
    const back: readonly FieldChange[] = [
      { path: 'processors.a.properties.pool', before: 'x', after: 'external service "Pool"', cause: 'drift' },
    ]
    assert.deepEqual(jsonOf(patched(live, changed, back), 'a')['properties'], { pool: '77' })
  })

  it('has no component twice when its kind changes under one identifier', () => {
    const live = definitionOf({ processors: [processor('a')] })
    const desired = definitionOf({ funnels: [funnel('a')] })
    const after = patched(live, desired, fieldsBetween(live, desired))
    assert.deepEqual(
      [...componentsOf(after).values()].map(({ kind }) => kind),
      ['funnel'],
    )
  })
})

describe('what is sent', () => {
  const bare = {
    identifier: 'own',
    processors: [{ identifier: 'a', name: 'A', type: 'x.Y', bundle: {} }],
    processGroups: [{ identifier: 'g', name: 'in', position: null }],
  }

  it('bears name, place, comments with the mark, and a context for every group', () => {
    const definition = { flowContents: { ...bare, comments: 'Mine', parameterContextName: 'theirs' } }
    const flow = writtenFlow(definition, {
      name: 'Orders',
      'parameter-contexts': { '/': 'orders', '/in': null },
    })
    const { flowContents } = sendable(flow, { position: at })
    assert.equal(flowContents['name'], 'Orders')
    assert.deepEqual(flowContents['position'], at)
    assert.equal(flowContents['comments'], 'Mine\n[infometis flows/orders]')
    assert.equal(flowContents['parameterContextName'], 'orders')
    assert.equal(jsonOf({ flowContents }, 'g')['parameterContextName'], null)
  })

  it('is complete, so that NiFi does not leave half a group behind', () => {
    const { flowContents } = sendable(writtenFlow({ flowContents: bare }), { position: at })
    const a = jsonOf({ flowContents }, 'a')
    for (const member of [
      'position',
      'properties',
      'propertyDescriptors',
      'schedulingStrategy',
      'executionNode',
      'penaltyDuration',
      'yieldDuration',
      'bulletinLevel',
      'runDurationMillis',
      'concurrentlySchedulableTaskCount',
    ])
      assert.notEqual(a[member] ?? null, null, member)
    assert.deepEqual(jsonOf({ flowContents }, 'g')['position'], { x: 0, y: 0 })
    assert.deepEqual(jsonOf({ flowContents }, 'g')['labels'], [])
    assert.deepEqual([a['groupIdentifier'], a['componentType']], ['own', 'PROCESSOR'])
  })

  it('has nothing that would start or act by itself: states, contexts with values, other NiFis’ ids', () => {
    const definition = definitionOf(
      {
        processors: [
          processor('a', { scheduledState: 'RUNNING' }),
          processor('b', { scheduledState: 'DISABLED' }),
        ],
        controllerServices: [service('s', { scheduledState: 'ENABLED' })],
      },
      { parameterContexts: { p: { parameters: [] } }, parameterProviders: { q: {} } },
    )
    const sent = sendable(writtenFlow(definition), { position: at })
    assert.deepEqual(
      ['a', 'b', 's'].map((id) => jsonOf(sent, id)['scheduledState']),
      ['ENABLED', 'DISABLED', 'DISABLED'],
    )
    assert.deepEqual([sent['parameterContexts'], sent['parameterProviders']], [{}, {}])
  })

  it('says the identifier that the group has on the server, also where connections name it', () => {
    const desired = writtenFlow(pipeline())
    const live = JSON.parse(JSON.stringify(pipeline()).replaceAll('"own"', '"derived"')) as Snapshot
    const sent = sendable(desired, { position: at, live, fields: [] })
    assert.doesNotMatch(JSON.stringify(sent), /"own"/)
    assert.equal(compareDefinitions(live, sent).same, true)
    assert.match(JSON.stringify(jsonOf(sent, 'c')['source']), /"groupId":"derived"/)
    assert.equal(jsonOf(sent, 'c')['groupIdentifier'], 'derived')
    assert.doesNotMatch(JSON.stringify(sendable(desired, { position: at, live })), /"own"/)
  })

  it('changes of live only the fields of the change: what is held or ignored stays', () => {
    const live = definitionOf({
      name: 'renamed',
      comments: 'theirs',
      parameterContextName: 'old',
      processors: [processor('a', { schedulingPeriod: '9 sec' })],
    })
    const desired = writtenFlow(definitionOf({ processors: [processor('a', { name: 'Z' })] }), {
      'parameter-contexts': { '/': 'new' },
    })
    const fields: readonly FieldChange[] = [
      { path: 'processors.a.name', before: 'A', after: 'Z', cause: 'written' },
    ]
    const { flowContents } = sendable(desired, { position: at, live, fields })
    assert.deepEqual([flowContents['name'], flowContents['parameterContextName']], ['renamed', 'old'])
    assert.equal(flowContents['comments'], 'theirs\n[infometis flows/orders]')
    assert.deepEqual(
      [jsonOf({ flowContents }, 'a')['name'], jsonOf({ flowContents }, 'a')['schedulingPeriod']],
      ['Z', '9 sec'],
    )
    const context: FieldChange = {
      path: 'parameter-context./',
      before: 'old',
      after: 'new',
      cause: 'written',
    }
    const rebound = sendable(desired, { position: at, live, fields: [context] })
    assert.equal(rebound.flowContents['parameterContextName'], 'new')
  })

  it('gives a group that is new its context without being told', () => {
    const desired = writtenFlow(definitionOf({ processGroups: [groupNamed('g', 'in')] }), {
      'parameter-contexts': { '/in': 'new' },
    })
    const live = definitionOf()
    const { fields } = updateOf(shownFlow(live), desired)
    const sent = sendable(desired, {
      position: at,
      live,
      fields: fields.filter(({ path }) => !path.startsWith('parameter-context')),
    })
    assert.equal(jsonOf(sent, 'g')['parameterContextName'], 'new')
  })

  it('shows no difference once the server has it: desired → sent → observed is desired again', () => {
    fc.assert(
      fc.property(someDefinition, (definition) => {
        const desired = writtenFlow(definition, { layout: 'git' })
        const observed = shownFlow(sendable(desired, { position: at }), {}, desired)
        const { fields } = updateOf(observed, desired, entryOf(desired, observed))
        assert.deepEqual(fields, [])
        const first = updateOf(observed, desired, {
          type: 'flows',
          name: 'orders',
          fields: new Map(),
          deletable: true,
        })
        assert.deepEqual(first.fields, [])
      }),
    )
  })

  it('changes nothing when it is sent a second time', () => {
    fc.assert(
      fc.property(someDefinition, someDefinition, (live, definition) => {
        const desired = writtenFlow(definition)
        const first = updateOf(shownFlow(live), desired)
        const sent = sendable(desired, { position: at, live, fields: first.fields })
        const second = updateOf(shownFlow(sent), desired, {
          type: 'flows',
          name: 'orders',
          fields: new Map(),
          deletable: true,
        })
        assert.deepEqual(
          second.fields.filter(({ path }) => path.includes('.')),
          [],
        )
        const again = sendable(desired, { position: at, live: sent, fields: second.fields })
        const stops = compareDefinitions(sent, again)
        assert.deepEqual([stops.same, stops.stops, stops.disables], [true, [], []])
      }),
    )
  })
})

describe('the difference of two definitions', () => {
  const [a, b, c] = [processor('a'), processor('b'), connection('c', 'a', 'b')]

  it('of one definition is none', () => {
    fc.assert(
      fc.property(someDefinition, (definition) => {
        const { same, kept, ...lists } = compareDefinitions(definition, definition)
        assert.deepEqual([same, kept], [true, 1])
        for (const list of Object.values(lists)) assert.deepEqual(list, [])
      }),
    )
  })

  it('of a property is one member, and stops one processor', () => {
    const diff = compareDefinitions(
      pipeline(),
      pipeline({ processors: [processor('a', { properties: { p: '1' } }), b] }),
    )
    assert.deepEqual(
      diff.changed.map(({ live, members }) => [live.identifier, members]),
      [['a', ['properties.p']]],
    )
    assert.deepEqual([idsOf(diff.stops), diff.emptyFirst, diff.same], [['a'], [], false])
  })

  it('of a place on the canvas stops nothing; of a style or of bends it does', () => {
    const moved = compareDefinitions(
      pipeline(),
      pipeline({ processors: [processor('a', { position: { x: 5, y: 5 } }), b] }),
    )
    assert.deepEqual([idsOf(moved.moved), moved.stops, moved.same, moved.changed], [['a'], [], false, []])
    const styled = compareDefinitions(
      pipeline(),
      pipeline({ processors: [processor('a', { style: { 'background-color': '#fff' } }), b] }),
    )
    assert.deepEqual(idsOf(styled.stops), ['a'])
    const bent = compareDefinitions(
      pipeline(),
      pipeline({ connections: [connection('c', 'a', 'b', { bends: [{ x: 1, y: 1 }] })] }),
    )
    assert.deepEqual([idsOf(bent.moved), idsOf(bent.stops)], [['c'], ['a', 'b']])
  })

  it('of a new connection stops both ends, of a new processor nothing', () => {
    const more = compareDefinitions(pipeline(), pipeline({ processors: [a, b, processor('d')] }))
    assert.deepEqual([idsOf(more.added), more.stops], [['d'], []])
    const wired = compareDefinitions(pipeline(), pipeline({ connections: [c, connection('d', 'b', 'a')] }))
    assert.deepEqual(idsOf(wired.stops), ['a', 'b'])
  })

  it('of a removed connection has to wait until that is empty', () => {
    const diff = compareDefinitions(pipeline(), pipeline({ connections: [] }))
    assert.deepEqual(
      diff.emptyFirst.map(({ connection: { identifier }, because }) => [identifier, because]),
      [['c', 'removed']],
    )
    assert.deepEqual(idsOf(diff.stops), ['a', 'b'])
  })

  it('of another source has to wait too, of another destination not', () => {
    const three = { processors: [a, b, processor('d')] }
    const source = compareDefinitions(
      pipeline(three),
      pipeline({ ...three, connections: [connection('c', 'd', 'b')] }),
    )
    assert.deepEqual(
      source.emptyFirst.map(({ because }) => because),
      ['source'],
    )
    const destination = compareDefinitions(
      pipeline(three),
      pipeline({ ...three, connections: [connection('c', 'a', 'd')] }),
    )
    assert.deepEqual([destination.emptyFirst, idsOf(destination.stops)], [[], ['a', 'b']])
  })

  it('of a removed group has to wait for every connection in it, and stops all of it', () => {
    const inside = { processors: [processor('x'), processor('y')], connections: [connection('z', 'x', 'y')] }
    const live = pipeline({ processGroups: [groupNamed('g', 'in', inside)] })
    const diff = compareDefinitions(live, pipeline())
    assert.deepEqual(
      diff.emptyFirst.map(({ connection: { identifier }, because }) => [identifier, because]),
      [['z', 'group']],
    )
    assert.deepEqual(
      [idsOf(diff.removedGroups), idsOf(diff.stops), idsOf(diff.removed)],
      [['g'], ['x', 'y'], ['g', 'x', 'y', 'z']],
    )
  })

  it('of a component in another group is a removal and an addition', () => {
    const groups = (contents: object) => ({ processGroups: [groupNamed('g', 'in', { ...contents })] })
    const diff = compareDefinitions(
      definitionOf({ processors: [a], ...groups({}) }),
      definitionOf(groups({ processors: [a] })),
    )
    assert.deepEqual([idsOf(diff.removed), idsOf(diff.added), diff.kept], [['a'], ['a'], 1])
  })

  it('of a service disables it and what it is used by, and stops the processors that use any of them', () => {
    const using = (id: string) => ({ properties: { service: id } })
    const contents = (period: string) => ({
      processors: [processor('a', using('t')), b],
      controllerServices: [service('s', { properties: { period } }), service('t', using('s')), service('u')],
    })
    const diff = compareDefinitions(definitionOf(contents('1')), definitionOf(contents('2')))
    assert.deepEqual([idsOf(diff.disables), idsOf(diff.stops)], [['s', 't'], ['a']])
  })

  it('of ports of the flow’s own group is told by itself', () => {
    const diff = compareDefinitions(definitionOf({ inputPorts: [port('i', 'INPUT_PORT')] }), definitionOf())
    assert.deepEqual([idsOf(diff.removedPorts), idsOf(diff.stops)], [['i'], ['i']])
  })

  it('in a stateless group stops the whole of it', () => {
    const groups = (name: string) => ({
      processGroups: [
        groupNamed('g', 'in', {
          executionEngine: 'STATELESS',
          processors: [processor('x', { name }), processor('y')],
        }),
      ],
    })
    const diff = compareDefinitions(pipeline(groups('1')), pipeline(groups('2')))
    assert.deepEqual(idsOf(diff.stops), ['x', 'y'])
  })

  it('of an execution engine is made only while nothing in the group runs', () => {
    const groups = (executionEngine: string) => ({
      processGroups: [groupNamed('g', 'in', { executionEngine, processors: [processor('x')] })],
    })
    const diff = compareDefinitions(pipeline(groups('INHERITED')), pipeline(groups('STATELESS')))
    assert.deepEqual(idsOf(diff.mustStand), ['x'])
    const own = compareDefinitions(pipeline(), pipeline({ executionEngine: 'STATELESS' }))
    assert.deepEqual(idsOf(own.mustStand), ['a', 'b'])
  })

  it('tells which part of the identifiers stays, labels apart', () => {
    const labels = { labels: [{ identifier: 'l', label: 'x' }] }
    const { kept } = compareDefinitions(pipeline(labels), definitionOf({ processors: [a, processor('n')] }))
    assert.equal(kept, 1 / 3)
    assert.equal(compareDefinitions(definitionOf(labels), definitionOf()).kept, 1)
  })
})
