import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  classicSpec,
  contentFrom,
  panel,
  v2Spec,
  variable,
  writtenDashboard,
} from '../../../test/support/grafana-dashboard.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { diff } from '../../../src/core/diff.ts'
import { dashboardFields, explicitIn } from './fields.ts'

type Members = Readonly<Record<string, unknown>>

const setting = { folder: '', edits: 'locked' } as const
const told = (spec: Members, model: 'classic' | 'v2' = 'classic') =>
  dashboardFields(contentFrom(spec, model), setting)
const fieldsOf = (spec: Members, model: 'classic' | 'v2' = 'classic') => told(spec, model).fields

describe('the fields of a dashboard', () => {
  it('name each panel by its id, those in collapsed rows too, and each variable and annotation by its name', () => {
    assert.deepEqual(
      [...fieldsOf(classicSpec()).keys()],
      [
        ...['folder', 'edits', 'model', 'title', 'tags', 'schemaVersion', 'time', 'annotations.Deployments'],
        ...['variables', 'variables.topic', 'variables.group'],
        ...['panels.1', 'panels.2', 'panels.3', 'panels.4'],
      ],
    )
  })

  it('name each element, variable and annotation of version 2', () => {
    assert.deepEqual(
      [...fieldsOf(v2Spec(), 'v2').keys()],
      ['folder', 'edits', 'model', 'title', 'tags', 'layout', 'elements.panel-1', 'variables.topic'],
    )
  })

  it('hold what is small as it is, and of what is larger a digest, with itself in contents', () => {
    const { fields, contents } = told(classicSpec())
    assert.equal(canonicalJson(fields.get('time')), '{"from":"now-1h","to":"now"}')
    assert.equal(contents.has('time'), false)
    assert.match(canonicalJson(fields.get('panels.1')), /^"sha256:[0-9a-f]{16}"$/)
    assert.equal((contents.get('panels.1') as Members)['title'], 'Messages in')
    for (const [path, value] of fields)
      assert.equal(contents.has(path), typeof value === 'string' && value.startsWith('sha256:'), path)
  })

  it('call everything what people call it', () => {
    const { titles } = told(
      classicSpec({
        panels: [panel(1, 'CPU'), panel(2, 'CPU'), panel(7, ''), { type: 'row', title: 'Row' }],
        rows: [{ title: 'Old' }, {}],
      }),
    )
    assert.deepEqual(Object.fromEntries(titles), {
      'annotations.Annotations & Alerts': 'annotation "Annotations & Alerts"',
      'annotations.Deployments': 'annotation "Deployments"',
      variables: 'order of variables',
      'variables.topic': 'variable "topic"',
      'variables.group': 'variable "group"',
      'panels.1': 'panel "CPU" (1)',
      'panels.2': 'panel "CPU" (2)',
      'panels.7': 'panel 7 timeseries',
      'panels.#4': 'row "Row"',
      'rows.1': 'row "Old"',
      'rows.2': 'row 2',
    })
    assert.equal(told(v2Spec(), 'v2').titles.get('elements.panel-1'), 'panel "Messages in"')
  })

  it('lose nothing where two panels have one id, or none, and two variables one name', () => {
    const panels = [panel(1, 'A'), panel(1, 'B'), panel(undefined, 'C'), panel(undefined, 'D'), panel(1, 'E')]
    const templating = { list: [variable('x'), variable('x', { query: 'up' }), { type: 'custom' }] }
    const fields = fieldsOf({ title: 'x', panels, templating })
    assert.deepEqual(
      [...fields.keys()].filter((path) => path.startsWith('panels.')),
      ['panels.1', 'panels.1#2', 'panels.#3', 'panels.#4', 'panels.1#3'],
    )
    assert.ok(fields.has('variables.x') && fields.has('variables.x#2') && fields.has('variables.#3'))
    const other = fieldsOf({ title: 'x', panels: panels.with(4, panel(1, 'F')), templating })
    assert.notEqual(fields.get('panels.1#3'), other.get('panels.1#3'))
  })

  it('do not confuse a name that looks like a second one of another name', () => {
    const list = [variable('x#2'), variable('x'), variable('x', { query: 'up' })]
    const paths = [...fieldsOf({ title: 'x', templating: { list } }).keys()].slice(5)
    assert.deepEqual(paths, ['variables.x#2', 'variables.x', 'variables.x#2#2'])
  })

  it('know the top by any of its names', () => {
    const content = contentFrom(classicSpec())
    for (const folder of ['', 'general'])
      assert.equal(dashboardFields(content, { folder, edits: undefined }).fields.get('folder'), '')
    assert.equal(dashboardFields(content, { folder: '', edits: undefined }).fields.has('edits'), false)
  })

  it('are worked out once for one content', () => {
    const content = contentFrom(classicSpec())
    const [once, again] = [
      dashboardFields(content, setting),
      dashboardFields(content, { ...setting, folder: 'f' }),
    ]
    assert.equal(once.contents, again.contents)
    assert.equal(again.fields.get('folder'), 'f')
  })
})

describe('what is the same', () => {
  const same: readonly (readonly [string, Members, 'classic' | 'v2'])[] = [
    ['what is null', classicSpec({ gnetId: null, description: null, links: null }), 'classic'],
    ['what has nothing but null in it', classicSpec({ timepicker: { nowDelay: null } }), 'classic'],
    ['what is empty at the root', classicSpec({ links: [], description: '', timepicker: {} }), 'classic'],
    [
      'what somebody chose last in a variable',
      classicSpec({
        templating: {
          list: [
            variable('topic', { current: { value: 'orders' }, options: [{ value: 'orders' }] }),
            variable('group'),
          ],
        },
      }),
      'classic',
    ],
    ['no built-in annotation', classicSpec({ annotations: { list: [deployments()] } }), 'classic'],
    [
      'another order of panels',
      classicSpec({ panels: listAt(classicSpec(), 'panels').toReversed() }),
      'classic',
    ],
    [
      'a null in a panel, and the version of its plugin',
      classicSpec({
        panels: listAt(classicSpec(), 'panels').map((each) => ({
          ...(each as Members),
          pluginVersion: '11.0.0',
          repeat: null,
        })),
      }),
      'classic',
    ],
    ['id and version', classicSpec({ id: 7, version: 9, uid: 'x', iteration: 1 }), 'classic'],
    ['no built-in annotation of version 2', v2Spec({ annotations: [] }), 'v2'],
    ['another version of a plugin', JSON.parse(JSON.stringify(v2Spec()).replace('13.0.0', '13.2.0')), 'v2'],
    [
      'what somebody chose last in version 2',
      JSON.parse(JSON.stringify(v2Spec()).replace('"value":"a"', '"value":"b"')),
      'v2',
    ],
  ]
  for (const [what, spec, model] of same)
    it(what, () =>
      assert.deepEqual(fieldsOf(spec, model), fieldsOf(model === 'v2' ? v2Spec() : classicSpec(), model)),
    )

  it('another order of members anywhere', () => {
    const spec = classicSpec()
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (seeds) => {
        let turn = 0
        const reordered = shuffled(spec, () => seeds[(turn += 1) % seeds.length] ?? 0) as Members
        assert.equal(canonicalJson(fieldsOf(reordered)), canonicalJson(fieldsOf(spec)))
      }),
    )
  })

  it('of a library panel only which one it is', () => {
    const library = (more: Members) => ({ id: 1, libraryPanel: { uid: 'l', name: 'L', ...more } })
    const [bare, told] = [{}, { version: 3, meta: { updated: 'x' }, model: { type: 'stat' } }].map((more) =>
      fieldsOf({ title: 'x', panels: [library(more)] }),
    )
    assert.deepEqual(bare, told)
    assert.notDeepEqual(bare, fieldsOf({ title: 'x', panels: [library({ uid: 'm' })] }))
  })
})

describe('what is a difference', () => {
  it('every value anywhere, but what is named above', () => {
    for (const [spec, model, but] of [
      [classicSpec(), 'classic', /^annotations\.list\.0\.(?!builtIn)|\.current\./],
      [v2Spec(), 'v2', /^annotations\.0\.(?!spec\.builtIn)|\.current\.|\.vizConfig\.version$/],
    ] as const)
      for (const path of leaves(spec)) {
        const changed = withLeaf(spec, path) as Members
        const isSame = canonicalJson(fieldsOf(changed, model)) === canonicalJson(fieldsOf(spec, model))
        assert.equal(isSame, but.test(path.join('.')), path.join('.'))
      }
  })

  it('a panel that goes into a row, said of the row, and nothing of the panel', () => {
    const panels = [
      panel(1, 'Messages in'),
      { id: 3, type: 'row', title: 'Details', panels: [panel(4, 'Bytes in'), panel(2, 'Lag')] },
    ]
    const paths = differing(
      classicSpec(),
      classicSpec({ panels: panels.with(1, { ...panels[1], collapsed: true }) }),
    )
    assert.deepEqual(paths, ['panels.3'])
  })

  it('another order of variables, said once', () => {
    const list = listAt(classicSpec()['templating'] as Members, 'list').toReversed()
    assert.deepEqual(differing(classicSpec(), classicSpec({ templating: { list } })), ['variables'])
  })

  it('the model', () => {
    const [classic, v2] = [fieldsOf({ title: 'x' }), fieldsOf({ title: 'x' }, 'v2')]
    assert.deepEqual([classic.get('model'), v2.get('model')], ['classic', 'v2'])
  })

  it('is told with its title and its place', () => {
    const live = { ...writtenDashboard(classicSpec()), explicit: new Set<string>() }
    const wanted = writtenDashboard(
      classicSpec({
        panels: listAt(classicSpec(), 'panels').with(
          1,
          panel(2, 'Lag', { targets: [{ refId: 'A', expr: 'up' }] }),
        ),
      }),
    )
    const [change = assert.fail('no change')] = diff(wanted, live, undefined, () => false)
    assert.equal(change.title, 'panel "Lag"')
    assert.deepEqual(change.within, [
      { path: 'targets.0.expr', before: 'sum(rate(lag_total[5m]))', after: 'up' },
    ])
  })
})

describe('what is somebody’s wish', () => {
  it('is every panel, and nothing that Grafana’s pages write of their own accord', () => {
    const added = {
      editable: true,
      graphTooltip: 0,
      fiscalYearStartMonth: 0,
      preload: false,
      timezone: 'browser',
    }
    const explicit = explicitIn(fieldsOf(classicSpec({ ...added, description: 'Ours' })))
    assert.ok(explicit.has('panels.4') && explicit.has('description') && explicit.has('variables.topic'))
    for (const name of Object.keys(added)) assert.equal(explicit.has(name), false, name)
  })
})

function deployments(): unknown {
  return listAt(classicSpec()['annotations'] as Members, 'list')[1]
}

function listAt(holder: Members, name: string): readonly unknown[] {
  return holder[name] as readonly unknown[]
}

function differing(a: Members, b: Members): readonly string[] {
  const [before, after] = [fieldsOf(a), fieldsOf(b)]
  const paths = [...new Set([...before.keys(), ...after.keys()])]
  return paths.filter((path) => JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path)))
}

function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => shuffled(each, random))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([name, member]) => [random(), name, shuffled(member, random)] as const,
  )
  return Object.fromEntries(entries.sort(([a], [b]) => a - b).map(([, name, member]) => [name, member]))
}

/** The paths of all that is neither a list nor a map. */
function leaves(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]]
  return Object.entries(value).flatMap(([name, member]) => leaves(member).map((path) => [name, ...path]))
}

function withLeaf(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return 'another'
  if (Array.isArray(value)) return value.with(Number(name), withLeaf(value[Number(name)], rest))
  const members = value as Members
  return { ...members, [name]: withLeaf(members[name], rest) }
}
