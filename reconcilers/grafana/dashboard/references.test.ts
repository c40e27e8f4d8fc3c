import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classicSpec, contentFrom, panel, v2Spec, variable } from '../../../test/support/grafana-dashboard.ts'
import { referencedDatasources, referencedLibraryPanels } from './references.ts'

describe('what a dashboard refers to', () => {
  it('is every datasource of panels, queries, variables and annotations, in rows too', () => {
    const content = contentFrom({
      title: 'x',
      annotations: { list: [{ name: 'a', datasource: { uid: 'annotations' } }] },
      templating: { list: [variable('v', { datasource: 'By name' })] },
      panels: [
        panel(1, 'x', { datasource: { uid: '-- Mixed --' }, targets: [{ datasource: { uid: 'loki' } }] }),
        { type: 'row', panels: [panel(2, 'y', { datasource: { uid: 'inner' } })] },
      ],
      rows: [{ panels: [panel(3, 'z', { datasource: 'old' })] }],
    })
    assert.deepEqual([...referencedDatasources(content)].sort(), [
      ...['By name', 'annotations', 'inner', 'loki', 'old'],
    ])
  })

  it('is no variable, and nothing of Grafana’s own', () => {
    const own = [
      '${DS}',
      '$DS',
      '[[DS]]',
      '-- Grafana --',
      '-- Mixed --',
      '-- Dashboard --',
      'grafana',
      '__expr__',
    ]
    const panels = [...own, '-100', 'default', ''].map((uid, id) => panel(id, 'x', { datasource: { uid } }))
    const nothing = panel(99, 'x', { datasource: null, options: { datasource: 'x' } })
    assert.deepEqual(
      referencedDatasources(contentFrom({ title: 'x', panels: [...panels, nothing] })),
      new Set(),
    )
  })

  it('is in version 2 what queries name', () => {
    assert.deepEqual([...referencedDatasources(contentFrom(v2Spec(), 'v2'))], ['prometheus', 'thanos'])
  })

  it('is in the first draft of version 2 the uid', () => {
    const queries = [{ kind: 'PanelQuery', spec: { datasource: { type: 'loki', uid: 'logs' } } }]
    const spec = { data: { kind: 'QueryGroup', spec: { queries } } }
    const elements = { p: { kind: 'Panel', spec } }
    assert.deepEqual(
      [...referencedDatasources(contentFrom(v2Spec({ elements, variables: [] }), 'v2'))],
      ['logs'],
    )
  })

  it('is every library panel, wherever it stands', () => {
    const library = (uid: string) => ({ libraryPanel: { uid, name: uid } })
    const classic = {
      panels: [library('a'), { type: 'row', panels: [library('b')] }],
      rows: [{ panels: [library('c')] }],
    }
    const elements = { p: { kind: 'LibraryPanel', spec: library('d') } }
    assert.deepEqual([...referencedLibraryPanels(contentFrom(classicSpec(classic)))], ['a', 'b', 'c'])
    assert.deepEqual([...referencedLibraryPanels(contentFrom(v2Spec({ elements }), 'v2'))], ['d'])
  })
})
