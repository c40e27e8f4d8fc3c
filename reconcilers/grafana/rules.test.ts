import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import { type Rule, judge } from '../../src/core/rules.ts'
import { creationOf, removalOf, updateWith } from '../../test/support/changes.ts'
import { type RuleCase, showRule } from '../../test/support/rule-cases.ts'
import { observedFolder } from './folder.ts'
import { normalizeAlertRule, normalizeDatasource, normalizeFolder } from './normalize.ts'
import { observedDatasource } from './datasource.ts'
import type {
  AlertRule,
  Dashboard,
  Datasource,
  Folder,
  GrafanaResource,
  Manager,
  ObjectFacts,
} from './resource.ts'
import { alertRuleRules, dashboardRules, datasourceRules, folderRules } from './rules.ts'

type Case = RuleCase<GrafanaResource>
type Cases = Readonly<Record<string, readonly Case[]>>

/** An update of one field. */
function updateOf<R extends GrafanaResource>(desired: R, observed: R, path: string, before: Json): Change<R> {
  const after = desired.fields.get(path)
  const field: FieldChange = { path, before, ...(after !== undefined && { after }), cause: 'written' }
  return updateWith(observed, desired, [field])
}

function folder(name: string, parent?: string): Folder {
  return normalizeFolder(name, { title: name, ...(parent !== undefined && { parent }) })
}

function factsOf(manager?: Manager, provisioned = false): ObjectFacts {
  return { version: '1', manager, provisioned }
}

function shownFolder(facts: ObjectFacts, parent = ''): Folder {
  return observedFolder('a', { title: 'old', parent }, facts)
}

const retitled = (facts: ObjectFacts) => updateOf(folder('a'), shownFolder(facts), 'title', 'old')
const moved = (parent: string) => updateOf(folder('a', parent), shownFolder(factsOf()), 'parent', '')

function shownDashboard(facts: ObjectFacts): Dashboard {
  return { type: 'dashboards', name: 'a', fields: new Map([['title', 'old']]), facts }
}

const redrawn = (facts: ObjectFacts) => {
  const desired: Dashboard = { type: 'dashboards', name: 'a', fields: new Map([['title', 'new']]) }
  return updateOf(desired, shownDashboard(facts), 'title', 'old')
}

const ours = factsOf({ kind: 'kubectl', id: 'infometis' })
const gits = factsOf({ kind: 'repo', id: 'main' })
const colleagues = factsOf({ kind: 'kubectl', id: 'other' })
const files = factsOf({ kind: 'classic-file-provisioning', id: 'x' })

/** The same of folders and dashboards. */
function ownershipCases(
  change: (facts: ObjectFacts) => Change<GrafanaResource>,
  removal: (facts: ObjectFacts) => Change<GrafanaResource>,
): Cases {
  return {
    ForeignManager: [
      {
        when: 'a change of what Git Sync keeps',
        change: change(gits),
        withholds: 'all',
        message: /repo \(main\)/,
      },
      { when: 'its deletion', change: removal(gits), withholds: 'all' },
      {
        when: 'a change of what Terraform keeps',
        change: change(factsOf({ kind: 'terraform', id: '' })),
        withholds: 'all',
        message: /kept by terraform$/,
      },
      { when: 'a change of what is ours', change: change(ours), withholds: undefined },
      { when: 'a change of what is nobody’s', change: change(factsOf()), withholds: undefined },
      { when: 'a change of what a colleague keeps', change: change(colleagues), withholds: undefined },
    ],
    ProvisionedElsewhere: [
      { when: 'a change of what comes from a file', change: change(files), withholds: 'all' },
      { when: 'the same by the older API', change: change(factsOf(undefined, true)), withholds: 'all' },
      { when: 'its deletion', change: removal(files), withholds: 'all' },
      { when: 'a change of what is ours', change: change(ours), withholds: undefined },
    ],
    ManagedByAnother: [
      {
        when: 'a change of what another installation keeps',
        change: change(colleagues),
        withholds: 'all',
        message: /kubectl \(other\)/,
      },
      { when: 'its deletion', change: removal(colleagues), withholds: 'all' },
      { when: 'a change of what is ours', change: change(ours), withholds: undefined },
    ],
  }
}

const chain = [folder('b', 'a'), folder('c', 'b'), folder('d', 'c'), folder('e', 'd')]
const within = (...desired: readonly GrafanaResource[]) => ({ desired })

const folderCases: Cases = {
  FolderCycle: [
    {
      when: 'a folder in itself',
      change: creationOf(folder('a', 'a')),
      context: within(folder('a', 'a')),
      withholds: 'all',
      message: /a stands in itself: a in a/,
    },
    {
      when: 'a move below a folder that stands in it',
      change: moved('c'),
      context: within(folder('a', 'c'), ...chain),
      withholds: ['parent'],
      message: /a in c in b in a/,
    },
    {
      when: 'a folder that stands in a circle of others',
      change: creationOf(folder('x', 'y')),
      context: within(folder('x', 'y'), folder('y', 'z'), folder('z', 'y')),
      withholds: 'all',
      message: /x in y in z in y/,
    },
    {
      when: 'a folder at the top',
      change: creationOf(folder('a')),
      context: within(folder('a'), ...chain),
      withholds: undefined,
    },
    {
      when: 'a parent that is not written here',
      change: creationOf(folder('a', 'there')),
      context: within(folder('a', 'there')),
      withholds: undefined,
    },
    {
      when: 'a new title in a circle that somebody made by moving another one',
      change: updateOf(folder('a', 'c'), shownFolder(factsOf()), 'title', 'old'),
      context: within(folder('a', 'c'), ...chain),
      withholds: undefined,
    },
  ],
  FolderTooDeep: [
    {
      when: 'a fifth level',
      change: creationOf(folder('e', 'd')),
      context: within(folder('a'), ...chain),
      withholds: 'all',
      message: /level 5: e in d in c in b in a/,
    },
    {
      when: 'a fifth level below a folder that is not written here',
      change: creationOf(folder('d', 'c')),
      context: within(folder('a', 'there'), ...chain),
      withholds: 'all',
      message: /level 5/,
    },
    {
      when: 'a fourth level',
      change: creationOf(folder('d', 'c')),
      context: within(folder('a'), ...chain),
      withholds: undefined,
    },
    {
      when: 'a circle, which is told as one',
      change: moved('e'),
      context: within(folder('a', 'e'), ...chain),
      withholds: undefined,
    },
  ],
  ...ownershipCases(retitled, (facts) => removalOf(shownFolder(facts))),
}

function datasource(name: string, more: { isDefault?: boolean } = {}): Datasource {
  return normalizeDatasource(name, { type: 'prometheus', url: 'http://prometheus', ...more })
}

const shownSource = (readOnly: boolean) => observedDatasource('a', { type: 'loki', version: 1, readOnly })
const retyped = (readOnly: boolean) => updateOf(datasource('a'), shownSource(readOnly), 'type', 'loki')
const first = datasource('a', { isDefault: true })
const second = datasource('b', { isDefault: true })

const datasourceCases: Cases = {
  TwoDefaults: [
    {
      when: 'the wish to be the default of two',
      change: creationOf(second),
      context: within(first, second),
      withholds: ['isDefault'],
      message: /"a" is written as the default, too/,
    },
    {
      when: 'the only default',
      change: creationOf(second),
      context: within(datasource('a', { isDefault: false }), second, datasource('c')),
      withholds: undefined,
    },
    {
      when: 'one that does not wish to be it',
      change: creationOf(datasource('c')),
      context: within(first, second, datasource('c')),
      withholds: undefined,
    },
  ],
  ProvisionedElsewhere: [
    { when: 'a change of what comes from a file', change: retyped(true), withholds: 'all' },
    { when: 'its deletion', change: removalOf(shownSource(true)), withholds: 'all' },
    { when: 'a change of any other', change: retyped(false), withholds: undefined },
  ],
}

const query = { refId: 'A', datasourceUid: 'x', relativeTimeRange: { from: 60, to: 0 }, model: {} }

function rule(name: string, interval?: string, more: { group?: string; folder?: string } = {}): AlertRule {
  return normalizeAlertRule(name, {
    folder: 'kafka',
    group: 'health',
    ...more,
    ...(interval !== undefined && { interval }),
    rule: { title: name, condition: 'A', data: [query] },
  })
}

const shownRule = (provenance: string): AlertRule => ({ ...rule('a'), facts: { provenance } })
const renamed = (provenance: string) => updateOf(rule('a'), shownRule(provenance), 'title', 'old')

const alertRuleCases: Cases = {
  IntervalsDiffer: [
    {
      when: 'the interval of a rule beside one with another',
      change: creationOf(rule('a', '5m')),
      context: within(rule('a', '5m'), rule('b', '90s')),
      withholds: ['interval'],
      message: /it is written with 5m, and "b" of the same group with 90s/,
    },
    {
      when: 'the interval of a rule beside one without',
      change: updateOf(rule('a', '5m'), shownRule(''), 'interval', 60),
      context: within(rule('a', '5m'), rule('b')),
      withholds: ['interval'],
      message: /with 1m/,
    },
    {
      when: 'a rule beside one with the same in other units',
      change: creationOf(rule('a', '60s')),
      context: within(rule('a', '60s'), rule('b', '1m'), rule('c')),
      withholds: undefined,
    },
    {
      when: 'rules of other groups and folders',
      change: creationOf(rule('a', '5m')),
      context: within(rule('a', '5m'), rule('b', '1m', { group: 'x' }), rule('c', '1m', { folder: 'x' })),
      withholds: undefined,
    },
  ],
  ProvisionedElsewhere: [
    {
      when: 'a change of what comes from a file',
      change: renamed('file'),
      withholds: 'all',
      message: /"file"/,
    },
    { when: 'a change of what was imported', change: renamed('converted_prometheus'), withholds: 'all' },
    { when: 'its deletion', change: removalOf(shownRule('file')), withholds: 'all' },
    { when: 'a change of what the API locked', change: renamed('api'), withholds: undefined },
    { when: 'a change of what nobody locked', change: renamed(''), withholds: undefined },
  ],
  ProvenanceLocked: [
    {
      when: 'the wish to unlock a rule',
      change: updateOf(rule('a'), shownRule('api'), 'edits', 'locked'),
      withholds: ['edits'],
    },
    { when: 'any other change of it', change: renamed('api'), withholds: undefined },
    { when: 'a rule that is made', change: creationOf(rule('a')), withholds: undefined },
  ],
}

/** Only the client knows: what is in a folder, what a Grafana serves. */
const byClient = ['FolderNotEmpty', 'NotSupportedByServer']

function show(rules: readonly Rule<GrafanaResource>[], cases: Cases): void {
  for (const rule of rules) describe(rule.says, () => showRule(rule, byClient, cases[rule.code]))
}

show(folderRules, folderCases)
show(datasourceRules, datasourceCases)
show(alertRuleRules, alertRuleCases)
show(
  dashboardRules,
  ownershipCases(redrawn, (facts) => removalOf(shownDashboard(facts))),
)

describe('a change as the rules leave it', () => {
  it('goes on without the wish to be the default, or without the interval', () => {
    const context = { desired: [first, second], names: [], emptyDocument: false }
    const bench = { allow: new Set<string>(), adopt: false }
    const parts = judge<GrafanaResource>(creationOf(second), { ...bench, rules: datasourceRules }, context)
    assert.deepEqual(
      parts.map(({ judgement, change: { fields } }) => [judgement.verdict, fields.map(({ path }) => path)]),
      [
        ['apply', ['name', 'type', 'url', 'access', 'basicAuth', 'withCredentials']],
        ['refused', ['isDefault']],
      ],
    )
  })
})
