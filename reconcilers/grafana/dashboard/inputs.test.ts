import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  classicSpec,
  dashboardIssues,
  panel,
  v2Spec,
  variable,
  writtenDashboard,
} from '../../../test/support/grafana-dashboard.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { referencedDatasources } from './references.ts'

const prometheus = { name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' }
const threshold = { name: 'VAR_LIMIT', label: 'Limit', type: 'constant', value: 90 }
const uid = '${DS_PROMETHEUS}'

function exported(more: object = {}): object {
  return {
    title: 'Lag over ${VAR_LIMIT}',
    panels: [
      panel(1, 'Lag', { datasource: { uid }, targets: [{ expr: 'lag > ${VAR_LIMIT}', datasource: uid }] }),
    ],
    __inputs: [prometheus, threshold],
    ...more,
  }
}

describe('what an export leaves open', () => {
  it('is filled in anywhere, a constant with its own value', () => {
    const { content } = writtenDashboard(exported(), { inputs: { DS_PROMETHEUS: 'prom-1' } })
    const text = JSON.stringify(content?.spec)
    assert.doesNotMatch(text, /\$\{|__inputs/)
    assert.match(text, /"title":"Lag over 90".*"lag > 90"/)
    assert.deepEqual([...referencedDatasources(content ?? assert.fail())], ['prom-1'])
  })

  it('may give a constant another value', () => {
    const inputs = { DS_PROMETHEUS: 'p', VAR_LIMIT: '50' }
    assert.equal(writtenDashboard(exported(), { inputs }).fields.get('title'), 'Lag over 50')
  })

  it('is an expression by itself', () => {
    const __inputs = [{ name: 'DS_EXPRESSION', type: 'datasource', pluginId: '__expr__' }]
    const { content } = writtenDashboard({
      title: 'x',
      __inputs,
      panels: [panel(1, 'x', { datasource: { uid: '${DS_EXPRESSION}' } })],
    })
    assert.match(JSON.stringify(content?.spec), /"uid":"__expr__"/)
  })

  it('is left alone where it is a variable, or one of the dashboard’s own', () => {
    const templating = { list: [variable('DS_PROMETHEUS', { type: 'datasource' })] }
    const spec = { title: '${topic} ${__interval}', templating, panels: [panel(1, 'x', { datasource: uid })] }
    assert.match(JSON.stringify(writtenDashboard(spec).content?.spec), /"\$\{DS_PROMETHEUS\}"/)
  })

  it('is not asked for where nothing but a library panel used it', () => {
    const __inputs = [{ ...prometheus, name: 'DS_PROMETHEUS-FOR-LIBRARY-PANEL' }]
    assert.deepEqual(
      dashboardIssues({
        definition: { title: 'x', __inputs, __elements: { a: '${DS_PROMETHEUS-FOR-LIBRARY-PANEL}' } },
      }),
      [],
    )
  })

  it('is a label in version 2', () => {
    const labelled = JSON.parse(
      JSON.stringify(v2Spec()).replace(
        '"datasource":{"name":"prometheus"}',
        '"labels":{"grafana.app/export-label":"prometheus-1"}',
      ),
    ) as object
    assert.match(dashboardIssues({ definition: labelled }).join(), /^inputs: InputNotMapped: .*prometheus-1/)
    const { content, fields } = writtenDashboard(labelled, { inputs: { 'prometheus-1': 'prometheus' } })
    assert.doesNotMatch(JSON.stringify(content?.spec), /export-label|labels/)
    assert.equal(canonicalJson(fields), canonicalJson(writtenDashboard(v2Spec()).fields))
  })

  it('is nothing where version 2 means Grafana itself', () => {
    const query = { kind: 'DataQuery', group: 'grafana', labels: { 'grafana.app/export-label': 'grafana-1' } }
    const annotations = [{ kind: 'AnnotationQuery', spec: { name: 'x', query } }]
    assert.deepEqual(dashboardIssues({ definition: v2Spec({ annotations }) }), [])
  })
})

describe('what is left open is refused', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    [
      'with the datasource that is meant, and the way out',
      { definition: exported() },
      /^inputs: InputNotMapped: .*DS_PROMETHEUS \(a datasource of type prometheus\); write "inputs": \{"DS_PROMETHEUS": "<uid>"\}$/,
    ],
    [
      'where the declaration has gone and the name has stayed',
      { definition: { title: 'x', panels: [panel(1, 'x', { datasource: { uid } })] } },
      /^inputs: InputNotMapped: .*DS_PROMETHEUS \(a datasource\)/,
    ],
    [
      'with the input that was meant',
      { definition: exported(), inputs: { DS_PROMETEUS: 'p', DS_PROMETHEUS: 'p' } },
      /^inputs\.DS_PROMETEUS: is no input of the dashboard, which has the inputs DS_PROMETHEUS, VAR_LIMIT; did you mean "DS_PROMETHEUS"\?$/,
    ],
    [
      'where there is no input at all',
      { definition: classicSpec(), inputs: { DS_PROMETHEUS: 'p' } },
      /^inputs\.DS_PROMETHEUS: is no input of the dashboard, which leaves nothing open$/,
    ],
  ]
  for (const [what, entry, message] of cases)
    it(what, () => {
      const issues = dashboardIssues(entry)
      assert.equal(issues.length, 1, issues.join('\n'))
      assert.match(issues[0] ?? '', message)
    })

  it('with every name that has no value', () => {
    const [issue = ''] = dashboardIssues({
      definition: exported({ __inputs: [prometheus, { ...threshold, value: undefined }] }),
    })
    assert.match(issue, /DS_PROMETHEUS/)
    assert.match(issue, /VAR_LIMIT \("Limit"\)/)
  })
})
