import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { classicSpec, contentFrom, panel, v2Spec, variable } from '../../../test/support/grafana-dashboard.ts'
import { equal } from '../../../src/core/canonical.ts'
import type { DashboardContent } from '../resource.ts'
import { dashboardFields } from './fields.ts'
import { patched } from './patch.ts'

const fieldsOf = (content: DashboardContent) =>
  dashboardFields(content, { folder: '', edits: undefined }).fields
const changeOf = (path: string) => ({ path, cause: 'written' }) as const

function differing(a: DashboardContent, b: DashboardContent): readonly string[] {
  const [before, after] = [fieldsOf(a), fieldsOf(b)]
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !equal(before.get(path), after.get(path)),
  )
}

/** Two contents that differ in every way that there is. */
const pairs: readonly (readonly [string, DashboardContent, DashboardContent])[] = [
  [
    'classic',
    contentFrom(
      classicSpec({
        description: 'live',
        panels: [
          panel(1, 'Messages in', { description: 'by hand' }),
          panel(5, 'New'),
          {
            id: 3,
            type: 'row',
            title: 'Renamed',
            panels: [panel(4, 'Bytes in', { w: 1 }), panel(6, 'New, too')],
          },
        ],
        templating: { list: [variable('group', { query: 'x' }), variable('new')] },
        annotations: { list: [{ name: 'Alerts' }] },
      }),
    ),
    contentFrom(classicSpec({ refresh: '30s', rows: [{ title: 'Old', panels: [panel(9, 'Old')] }] })),
  ],
  [
    'v2',
    contentFrom(v2Spec({ elements: { a: { kind: 'Panel' } }, annotations: [], description: 'live' }), 'v2'),
    contentFrom(v2Spec({ variables: [] }), 'v2'),
  ],
]

describe('what is sent of a dashboard', () => {
  for (const [model, live, desired] of pairs) {
    const paths = differing(live, desired)

    it(`is desired as it was written where all of it is to change: ${model}`, () => {
      assert.ok(paths.length >= 4)
      assert.equal(patched(live, desired, paths.map(changeOf)), desired)
    })

    it(`is live in whatever is not to change, and desired in the rest: ${model}`, () => {
      fc.assert(
        fc.property(fc.subarray([...paths]), (concerned) => {
          const sent = patched(live, desired, concerned.map(changeOf))
          const [have, want, got] = [live, desired, sent].map(fieldsOf)
          for (const path of paths) {
            // A row is told with the ids in it, which follow where its panels go.
            if (path === 'variables' || path === 'panels.3' || path === 'rows.1') continue
            const expected = (concerned.includes(path) ? want : have)?.get(path)
            assert.deepEqual(got?.get(path), expected, `${path} of ${concerned.join()}`)
          }
        }),
      )
    })
  }

  it('keeps a panel of a collapsed row there', () => {
    const live = contentFrom(
      classicSpec({ panels: [{ id: 3, type: 'row', title: 'Details', panels: [panel(4, 'By hand')] }] }),
    )
    const desired = contentFrom(
      classicSpec({ panels: [{ id: 3, type: 'row', title: 'More', panels: [panel(4, 'Bytes in')] }] }),
    )
    const sent = patched(live, desired, [changeOf('panels.3')])
    const text = JSON.stringify(sent.spec['panels'])
    assert.match(text, /"title":"More".*"panels":\[\{.*"title":"By hand"/)
  })

  it('has a panel of a row that is unfolded after the row, where it is shown', () => {
    const row = { id: 3, type: 'row', title: 'Details', collapsed: true }
    const live = contentFrom(classicSpec({ panels: [{ ...row, panels: [panel(4, 'By hand')] }] }))
    const unfolded = { ...row, collapsed: false, panels: [] }
    const desired = contentFrom(classicSpec({ panels: [unfolded, panel(5, 'New')] }))
    const changes = [changeOf('panels.3'), changeOf('panels.5')]
    const { panels: was, ...whole } = unfolded
    assert.deepEqual(was, [])
    assert.deepEqual(
      patched(live, desired, changes),
      contentFrom(classicSpec({ panels: [whole, panel(5, 'New'), panel(4, 'By hand')] })),
    )
  })

  it('has the built-in annotation, and what somebody chose last, as they are written', () => {
    const live = contentFrom(classicSpec({ description: 'live', title: 'Live' }))
    const sent = patched(live, contentFrom(classicSpec()), [changeOf('title')])
    assert.match(JSON.stringify(sent.spec['annotations']), /"builtIn":1/)
    assert.match(JSON.stringify(sent.spec['templating']), /"\$__all"/)
    assert.equal(sent.spec['description'], 'live')
  })

  it('is desired as a whole where the model or the schema version is another', () => {
    const desired = contentFrom(classicSpec())
    for (const live of [
      contentFrom(v2Spec(), 'v2'),
      contentFrom(classicSpec({ schemaVersion: 42, refresh: '5s' })),
    ])
      assert.equal(patched(live, desired, [changeOf('title')]), desired)
  })

  it('has what somebody added of their own also where Git has another schema version', () => {
    const added = { schemaVersion: 39, panels: [panel(1, 'By hand'), panel(9, 'Own')], refresh: '5s' }
    const own = panel(1, 'Messages in')
    const desired = contentFrom(classicSpec({ schemaVersion: 42, panels: [own] }))
    const live = contentFrom(classicSpec(added))
    const sent = patched(live, desired, [changeOf('schemaVersion')])
    const both = contentFrom(classicSpec({ schemaVersion: 42, panels: [own, panel(9, 'Own')] }))
    assert.deepEqual(sent, both)
    // To be removed, it goes.
    assert.equal(patched(live, desired, [changeOf('schemaVersion'), changeOf('panels.9')]), desired)
    // What Grafana brought to its newest schema by itself may have panels of its making.
    assert.equal(patched({ ...live, version: 'v1' }, desired, [changeOf('schemaVersion')]), desired)
  })
})
