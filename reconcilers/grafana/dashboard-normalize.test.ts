import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { equal } from '../../src/core/canonical.ts'
import { classicSpec, v2Spec, writtenDashboard } from '../../test/support/grafana-dashboard.ts'
import { normalizeDashboard, toWrittenDashboard } from './dashboard-normalize.ts'
import { dashboardSchema } from './dashboard-schema.ts'
import { referencedDatasources } from './dashboard/references.ts'
import { dashboardFields } from './dashboard/fields.ts'
import { contentOf } from './dashboard/model.ts'
import type { Dashboard, ObjectFacts } from './resource.ts'

const facts: ObjectFacts = { version: '1', manager: undefined, provisioned: false }

describe('a dashboard', () => {
  it('is judged as a whole and by its baseline, at the top and locked unless it is said', () => {
    const { name, type, whole, baseline, fields } = writtenDashboard(classicSpec())
    assert.deepEqual([name, type, whole, baseline], ['kafka-overview', 'dashboards', true, true])
    assert.deepEqual([fields.get('folder'), fields.get('edits')], ['', 'locked'])
    const other = writtenDashboard(classicSpec(), { folder: 'kafka', edits: 'allowed' }).fields
    assert.deepEqual([other.get('folder'), other.get('edits')], ['kafka', 'allowed'])
    assert.equal(writtenDashboard(classicSpec(), { folder: 'general' }).fields.get('folder'), '')
  })

  it('of the example is valid', () => {
    const text = readFileSync(new URL('examples/dashboards.yaml', import.meta.url), 'utf8')
    for (const [name, entry] of Object.entries(parse(text) as Record<string, unknown>)) {
      const dashboard = normalizeDashboard(name, dashboardSchema.parse(entry))
      assert.deepEqual([...referencedDatasources(dashboard.content ?? assert.fail())], ['prometheus'])
    }
  })

  const imported: readonly (readonly [string, unknown, Readonly<Record<string, string>>])[] = [
    ['classic', classicSpec(), {}],
    ['in a folder and free to edit', classicSpec(), { folder: 'kafka', edits: 'allowed' }],
    ['version 2', v2Spec(), {}],
    [
      'the first draft of version 2',
      { apiVersion: 'dashboard.grafana.app/v2alpha1', kind: 'Dashboard', spec: v2Spec() },
      {},
    ],
    ['v1', { apiVersion: 'dashboard.grafana.app/v1', kind: 'Dashboard', spec: classicSpec() }, {}],
  ]
  for (const [what, definition, more] of imported)
    it(`that is imported is the same again: ${what}`, () => {
      const live: Dashboard = { ...writtenDashboard(definition, more), facts }
      const written = toWrittenDashboard(live) ?? assert.fail('nothing is written')
      const again = normalizeDashboard(live.name, dashboardSchema.parse(JSON.parse(JSON.stringify(written))))
      assert.deepEqual(again.fields, live.fields)
      assert.equal(again.content?.model, live.content?.model)
    })

  it('is not imported where somebody else keeps it, or it was not read', () => {
    const live: Dashboard = { ...writtenDashboard(classicSpec()), facts }
    const { content, ...unread } = live
    assert.ok(content !== undefined)
    assert.equal(toWrittenDashboard(unread), undefined)
    assert.equal(toWrittenDashboard({ ...live, facts: { ...facts, provisioned: true } }), undefined)
    for (const kind of ['terraform', 'repo', 'plugin', 'classic-file-provisioning'])
      assert.equal(
        toWrittenDashboard({ ...live, facts: { ...facts, manager: { kind, id: 'x' } } }),
        undefined,
      )
  })
})

const fixtures = globSync('../shared/fixtures/grafana/strimzi/*.json')

describe('the dashboards of Strimzi', () => {
  const skip = existsSync('../shared/fixtures/grafana/strimzi')
    ? false
    : '../shared/fixtures/grafana/strimzi is not beside this checkout'

  it(
    'are all read, each piece with a name for people, and are the same when Grafana shows them',
    { skip },
    () => {
      assert.equal(fixtures.length, 5)
      for (const file of fixtures) {
        const exported: unknown = JSON.parse(readFileSync(file, 'utf8'))
        const { fields, titles = new Map<string, string>(), content } = writtenDashboard(exported)
        const pieces = [...fields.keys()].filter((path) => /^(panels|variables|annotations)\./.test(path))
        assert.ok(pieces.length >= 20, file)
        for (const path of pieces)
          assert.match(titles.get(path) ?? '', /^(panel|row|variable|annotation) "/, path)
        assert.deepEqual(referencedDatasources(content ?? assert.fail()), new Set())
        const shown = { ...(exported as { title: string }), id: 17, version: 3, uid: 'kafka' }
        const live = contentOf({
          model: 'classic',
          spec: JSON.parse(JSON.stringify(shown)) as Record<string, never>,
        })
        assert.ok(
          [...dashboardFields(live, { folder: '', edits: 'locked' }).fields].every(([path, value]) =>
            equal(value, fields.get(path)),
          ),
        )
      }
    },
  )
})
