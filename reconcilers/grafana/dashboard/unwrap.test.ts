import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  classicSpec,
  dashboardIssues,
  v2Spec,
  writtenDashboard,
} from '../../../test/support/grafana-dashboard.ts'

const group = 'dashboard.grafana.app'
const resource = (version: string, spec: object, more: object = {}) => ({
  apiVersion: `${group}/${version}`,
  kind: 'Dashboard',
  metadata: { name: 'elsewhere', resourceVersion: '17', annotations: { 'grafana.app/folder': 'other' } },
  spec,
  ...more,
})

describe('a dashboard as people have it', () => {
  const plain = writtenDashboard(classicSpec())
  const classic: readonly (readonly [string, unknown, string | undefined])[] = [
    ['exported, with what belongs to another Grafana', exported(), undefined],
    ['in the wrapper of the older API', { meta: { version: 3 }, dashboard: exported() }, undefined],
    ['as a request to the older API', { dashboard: exported(), folderUid: 'x', overwrite: true }, undefined],
    ['as grafana.com gives it', { id: 1860, name: 'Node', json: exported() }, undefined],
    ...['v0alpha1', 'v1beta1', 'v1'].map(
      (version) => [`as a resource at ${version}`, resource(version, classicSpec()), version] as const,
    ),
    [
      'as the newer API shows it with rights',
      resource('v1', classicSpec(), { kind: 'DashboardWithAccessInfo', access: {} }),
      'v1',
    ],
  ]
  for (const [how, definition, version] of classic)
    it(`is read ${how}`, () => {
      const { content, fields } = writtenDashboard(definition)
      assert.deepEqual(fields, plain.fields)
      assert.equal(content?.version, version)
      for (const name of ['id', 'uid', 'version', 'iteration', 'gnetId', '__requires', '__elements'])
        assert.ok(!Object.hasOwn(content?.spec ?? {}, name), name)
    })

  it('is version 2 by its elements and layout', () => {
    const { content } = writtenDashboard(v2Spec())
    assert.deepEqual([content?.model, content?.version], ['v2', undefined])
  })

  for (const version of ['v2alpha1', 'v2beta1', 'v2'])
    it(`is version 2 as a resource at ${version}`, () => {
      const { content } = writtenDashboard(resource(version, v2Spec()))
      assert.deepEqual([content?.model, content?.version], ['v2', version])
    })

  it('may have rows, as before Grafana 5', () => {
    const rows = [{ title: 'All', panels: [{ id: 1, title: 'Up' }] }]
    const { fields } = writtenDashboard({ title: 'Old', schemaVersion: 6, rows })
    assert.ok(fields.has('rows.1') && fields.has('panels.1'))
  })

  it('may be nothing but a title', () =>
    assert.equal(writtenDashboard({ title: 'Empty' }).fields.get('title'), 'Empty'))
})

function exported(): object {
  const own = { id: 17, uid: 'other', version: 4, iteration: 1_700_000_000_000, gnetId: 1860 }
  return { ...classicSpec(), ...own, __requires: [{ type: 'grafana' }], __elements: {}, __inputs: [] }
}

describe('what is no dashboard is refused, at its place and with a way out', () => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /^definition: is missing: .*overview\.json/],
    ['a text', '{"title": "x"}', /^definition: is a text, not a map/],
    ['a list', [classicSpec()], /^definition: must be a dashboard in JSON; .*Export as JSON/],
    ['a list of resources', { kind: 'List', items: [] }, /^definition: is a list of resources/],
    [
      'alert rules',
      { apiVersion: 1, groups: [] },
      /^definition: is an export of alert rules; they are written as alert-rules/,
    ],
    ['provisioned providers', { providers: [] }, /^definition: is a file that provisions dashboards/],
    [
      'a resource of another tool',
      { apiVersion: 'grafana.integreatly.org/v1beta1', kind: 'GrafanaDashboard', spec: { json: '{}' } },
      /^definition: has the apiVersion "grafana\.integreatly.*write what stands in its spec/,
    ],
    ['a folder', resource('v1', classicSpec(), { kind: 'Folder' }), /^definition: is a "Folder"/],
    ['an unknown version', resource('v3', classicSpec()), /^definition: .*v3".*export it as v1 or v2/],
    ['a resource without version', { kind: 'Dashboard', spec: classicSpec() }, /no apiVersion/],
    ['a resource without spec', resource('v1', classicSpec(), { spec: null }), /^definition\.spec: must be/],
    [
      'version 2 that says it is v1',
      resource('v1', v2Spec()),
      /^definition\.spec: has "elements", so it is a version 2 dashboard.*says v1; write "dashboard\.grafana\.app\/v2"/,
    ],
    [
      'a classic one that says it is v2',
      resource('v2', classicSpec()),
      /^definition\.spec: has "panels", so it is a classic dashboard.*write "dashboard\.grafana\.app\/v1"/,
    ],
    ['version 2 among classic', classicSpec({ elements: {} }), /^definition\.elements: belongs to version 2/],
    [
      'classic among version 2, in a resource',
      resource('v2', v2Spec({ panels: [] })),
      /^definition\.spec\.panels: belongs to classic dashboards, and this one is version 2/,
    ],
  ]
  for (const [what, definition, message] of cases)
    it(what, () => {
      const issues = dashboardIssues(definition === undefined ? {} : { definition })
      assert.equal(issues.length, 1)
      assert.match(issues[0] ?? '', message)
    })
})
