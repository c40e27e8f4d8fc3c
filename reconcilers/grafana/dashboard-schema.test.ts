import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  classicSpec,
  dashboardIssues,
  v2Spec,
  writtenDashboard,
} from '../../test/support/grafana-dashboard.ts'

describe('an entry of dashboards.yaml', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['no title', { definition: classicSpec({ title: undefined }) }, /^definition\.title: is missing/],
    ['a title of null', { definition: classicSpec({ title: null }) }, /^definition\.title: is missing/],
    [
      'an empty title',
      { definition: classicSpec({ title: ' \t' }) },
      /^definition\.title: must not be empty/,
    ],
    ['a number as title', { definition: v2Spec({ title: 7 }) }, /^definition\.title: must be a text; 7/],
    [
      'a title that is too long',
      { definition: { dashboard: classicSpec({ title: 'x'.repeat(5_001) }) } },
      /^definition\.dashboard\.title: has at most 5000 characters, this one has 5001/,
    ],
    [
      'panels that are a map',
      { definition: { title: 'x', panels: {} } },
      /^definition\.panels: must be a list/,
    ],
    [
      'a panel in a row that is a text',
      { definition: { title: 'x', panels: [{ type: 'row', panels: ['y'] }] } },
      /^definition\.panels\.0\.panels\.0: must be a map; "y" is not/,
    ],
    [
      'a list of variables in the place of its holder',
      { definition: { title: 'x', templating: [] } },
      /^definition\.templating: must be a map/,
    ],
    [
      'a variable that is a number',
      { definition: { title: 'x', templating: { list: [1] } } },
      /^definition\.templating\.list\.0: must be a map; 1 is not/,
    ],
    [
      'elements that are a list',
      { definition: v2Spec({ elements: [] }) },
      /^definition\.elements: must be a map/,
    ],
    ['tags that are a text', { definition: classicSpec({ tags: 'kafka' }) }, /^definition\.tags: .*"kafka"/],
    ['a title as folder', { folder: 'My folder', definition: classicSpec() }, /^folder: .*not the title/],
    [
      'another word for the definition',
      { json: '{}', definition: classicSpec() },
      /did you mean "definition"/,
    ],
    [
      'an unknown word for edits',
      { edits: 'yes', definition: classicSpec() },
      /^edits: edits is "locked" or/,
    ],
    ['inputs that are a list', { inputs: [], definition: classicSpec() }, /^inputs: inputs is a map such as/],
    [
      'an input without value',
      { inputs: { A: '' }, definition: classicSpec() },
      /^inputs\.A: must be a text/,
    ],
  ]
  for (const [what, entry, message] of cases)
    it(`is refused with ${what}`, () => {
      const issues = dashboardIssues(entry)
      assert.match(issues.join('\n'), message)
      assert.equal(issues.length, 1, issues.join('\n'))
    })

  it('tells every fault at once', () => {
    const issues = dashboardIssues({ definition: { panels: 1, tags: 1 } })
    assert.deepEqual(
      issues.map((issue) => issue.split(':')[0]),
      ['definition.title', 'definition.tags', 'definition.panels'],
    )
  })

  it('takes a title of 5000 characters that are two halves each, and any script', () => {
    assert.deepEqual(dashboardIssues({ definition: { title: '📊'.repeat(5_000) } }), [])
    assert.equal(writtenDashboard({ title: 'Übersicht ☃ 概要' }).fields.get('title'), 'Übersicht ☃ 概要')
  })

  it('keeps an integer beyond 2^53 a number, as Grafana’s pages read it', () => {
    const { content } = writtenDashboard({ title: 'x', max: 18_446_744_073_709_551_615n })
    assert.equal(content?.spec['max'], 18_446_744_073_709_552_000)
  })

  it('takes members of any name', () => {
    const definition: unknown = JSON.parse(
      '{"title": "x", "__proto__": {"a": 1}, "constructor": 1, "folder": 2}',
    )
    const { fields } = writtenDashboard(definition)
    assert.deepEqual(fields.get('__proto__'), { a: 1 })
    assert.equal(fields.get('constructor'), 1)
    assert.deepEqual([fields.get('folder'), fields.get('folder#2')], ['', 2])
  })
})
