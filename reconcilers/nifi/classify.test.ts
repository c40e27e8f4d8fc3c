import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { someDefinition } from '../../test/support/nifi-arbitrary.ts'
import {
  connection,
  definitionOf,
  pipeline,
  port,
  processor,
  service,
} from '../../test/support/nifi-definition.ts'
import { type Shown, shownFlow, updateOf, writtenFlow } from '../../test/support/nifi-flow.ts'
import { changeClasses, classifyFlow } from './classify.ts'
import type { Snapshot } from './resource.ts'

type Written = Readonly<Record<string, unknown>>

function partsOf(live: Snapshot, wanted: Snapshot, shown: Shown = {}, written: Written = {}) {
  const desired = writtenFlow(wanted, { 'run-state': 'as-is', ...written })
  const observed = shownFlow(live, shown, desired)
  return classifyFlow(updateOf(observed, desired)).map(({ class: way, reason, fields }) => ({
    way,
    reason,
    paths: fields.map(({ path }) => path),
  }))
}

const running = { running: new Set(['a', 'b']) }
const renamed = pipeline({ processors: [processor('a', { name: 'Z' }), processor('b')] })

describe('an update of a flow', () => {
  it('of settings stops nothing', () => {
    const [part, ...more] = partsOf(pipeline(), pipeline(), running, { name: 'Orders', parent: 'root/A' })
    assert.deepEqual(
      [part, more],
      [{ way: 'settings', reason: 'nothing stops', paths: ['name', 'parent'] }, []],
    )
  })

  it('of a parameter context stops what uses parameters, of the run state everything or nothing', () => {
    const [context] = partsOf(pipeline(), pipeline(), running, { 'parameter-contexts': { '/': 'x' } })
    assert.deepEqual([context?.way, context?.reason], ['settings', 'what uses parameters stops for a moment'])
    const [stop] = partsOf(pipeline(), pipeline(), running, { 'run-state': 'stopped' })
    assert.deepEqual([stop?.way, stop?.reason], ['settings', 'everything in it stops'])
    const [start] = partsOf(
      pipeline(),
      pipeline(),
      { stopped: new Set(['a']), running: new Set() },
      { 'run-state': 'running' },
    )
    assert.deepEqual([start?.way, start?.reason], ['settings', 'what stands in it starts'])
  })

  it('of a processor is safe, and names what stops', () => {
    const [part] = partsOf(pipeline(), renamed, running)
    assert.deepEqual(part, {
      way: 'safe',
      reason: 'processor "A" stops for a moment',
      paths: ['processors.a.name'],
    })
  })

  it('of what does not run stops nothing', () => {
    assert.equal(partsOf(pipeline(), renamed, { running: new Set(['b']) })[0]?.reason, 'nothing stops')
  })

  it('of a service names the service too', () => {
    const contents = (period: string) =>
      pipeline({
        processors: [processor('a', { properties: { s: 's' } }), processor('b')],
        controllerServices: [service('s', { properties: { period } })],
      })
    assert.equal(
      partsOf(contents('1'), contents('2'), running)[0]?.reason,
      'processor "A", controller service "S" stop for a moment',
    )
  })

  it('of a place on the canvas is layout-only, and only where the layout is Git’s', () => {
    const moved = pipeline({ processors: [processor('a', { position: { x: 3, y: 4 } }), processor('b')] })
    assert.deepEqual(partsOf(pipeline(), moved, running), [])
    assert.deepEqual(partsOf(pipeline(), moved, running, { layout: 'git' }), [
      { way: 'layout-only', reason: 'nothing stops', paths: ['layout'] },
    ])
    const bent = pipeline({ connections: [connection('c', 'a', 'b', { bends: [{ x: 1, y: 1 }] })] })
    const [part] = partsOf(pipeline(), bent, running, { layout: 'git' })
    assert.deepEqual(
      [part?.way, part?.reason],
      ['layout-only', 'processor "A", processor "B" stop for a moment'],
    )
  })

  it('that takes a connection away needs it to be empty, and tells what it holds and what becomes of that', () => {
    const queues = new Map([['c', { flowFiles: 432, bytes: 1 }]])
    const reasonOf = (policy: string) =>
      partsOf(pipeline(), pipeline({ connections: [] }), { ...running, queues }, { queues: policy })[0]
    assert.equal(reasonOf('keep')?.way, 'needs-empty')
    assert.equal(
      reasonOf('keep')?.reason,
      'processor "A", processor "B" stop for a moment; connection "A → B (success)" has to be empty first, holding 100 FlowFiles or more (they go on their old way first)',
    )
    assert.match(reasonOf('drain')?.reason ?? '', /\(what feeds them stops until they are gone\)/)
    assert.match(reasonOf('drop')?.reason ?? '', /\(they are dropped\)/)
  })

  it('that takes a port away which is used from outside is blocked', () => {
    const live = definitionOf({ inputPorts: [port('i', 'INPUT_PORT')] })
    const [part] = partsOf(live, definitionOf(), { usedPorts: new Set(['i']) })
    assert.deepEqual(
      [part?.way, part?.reason],
      ['blocked', 'nothing stops; input port "I" would go and is used from outside of the flow'],
    )
  })

  it('names five at most, and counts the rest', () => {
    const all = ['1', '2', '3', '4', '5', '6', '7']
    const flow = (more: Written) => definitionOf({ processors: all.map((id) => processor(id, more)) })
    const [part] = partsOf(flow({}), flow({ comments: 'x' }), { running: new Set(all) })
    assert.match(part?.reason ?? '', /^processor "1", .*processor "5" and 2 more stop for a moment$/)
  })

  it('is at most two parts, the lighter first, which have every field once', () => {
    fc.assert(
      fc.property(someDefinition, someDefinition, fc.boolean(), (live, wanted, git) => {
        const desired = writtenFlow(wanted, { name: 'other', layout: git ? 'git' : 'canvas' })
        const change = updateOf(shownFlow(live, {}, desired), desired)
        const parts = classifyFlow(change)
        assert.deepEqual(
          parts.flatMap(({ fields }) => fields.map(({ path }) => path)).sort(),
          change.fields.map(({ path }) => path).sort(),
        )
        const order = parts.map((each) => changeClasses.indexOf(each.class as (typeof changeClasses)[number]))
        assert.ok(
          parts.length <= 2 &&
            !order.includes(-1) &&
            order.every((each, at) => at === 0 || each > (order[at - 1] ?? 0)),
        )
      }),
    )
  })
})
