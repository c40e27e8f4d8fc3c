import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change } from '../../src/core/resource.ts'
import { type Rule, judge } from '../../src/core/rules.ts'
import { creationOf, removalOf } from '../../test/support/changes.ts'
import {
  connection,
  definitionOf,
  funnel,
  groupNamed,
  pipeline,
  port,
  processor,
} from '../../test/support/nifi-definition.ts'
import { type Shown, shownFlow, updateOf, writtenFlow } from '../../test/support/nifi-flow.ts'
import { type RuleCase, showRule } from '../../test/support/rule-cases.ts'
import { classifyFlow } from './classify.ts'
import { normalizeContext, observedContext } from './normalize.ts'
import type { Flow, NifiResource, ParameterContext, Snapshot } from './resource.ts'
import { contextRules, flowRules } from './rules.ts'

type Case = RuleCase<NifiResource>
type Written = Readonly<Record<string, unknown>>

/** The part of an update that is of this class. */
function part(
  way: string,
  live: Snapshot,
  wanted: Snapshot,
  more: { shown?: Shown; written?: Written } = {},
): Change<Flow> {
  const desired = writtenFlow(wanted, { 'run-state': 'as-is', ...more.written })
  const parts = classifyFlow(updateOf(shownFlow(live, more.shown, desired), desired))
  return (
    parts.find((each) => each.class === way) ??
    assert.fail(`no part of class ${way}: ${parts.map((each) => each.class).join()}`)
  )
}

function deletion(onRemoval: string | undefined, shown: Shown): Change<Flow> {
  const remembered = onRemoval === undefined ? {} : { remembered: new Map([['on-removal', onRemoval]]) }
  return { ...removalOf(shownFlow(pipeline(), shown)), ...remembered }
}

const renamed = pipeline({ processors: [processor('a', { name: 'Z' }), processor('b')] })
const cut = pipeline({ connections: [] })
const queues = (flowFiles: number) => new Map([['c', { flowFiles, bytes: flowFiles }]])
const controlled = { versionControl: 'registry/bucket/flow@3' }
const rivals = { rivals: ['id-2', 'id-3'] }
const entry = (name: string, written: Written = {}, of: Snapshot = definitionOf()) =>
  writtenFlow(of, written, name)
const withPort = definitionOf({ inputPorts: [port('i', 'INPUT_PORT')] })
const remote = (targetUris: string, more: Written = {}) =>
  definitionOf({
    remoteProcessGroups: [{ identifier: 'r', targetUris, ...more }],
    processors: [processor('a', more)],
  })
const many = (prefix: string) =>
  definitionOf({ processors: ['1', '2', '3'].map((each) => processor(prefix + each)) })

const flowCases: Readonly<Record<string, readonly Case[]>> = {
  AmbiguousGroup: [
    {
      when: 'an update of a group that has rivals',
      change: part('safe', pipeline(), renamed, { shown: rivals }),
      withholds: 'all',
      message: /group-id, id-2, id-3/,
    },
    { when: 'a deletion of a group that has rivals', change: deletion('delete', rivals), withholds: 'all' },
    { when: 'an update of the only group', change: part('safe', pipeline(), renamed), withholds: undefined },
    { when: 'a creation', change: creationOf(entry('orders')), withholds: undefined },
  ],
  ForeignVersionControl: [
    {
      when: 'a replace of what a registry is in charge of',
      change: part('safe', pipeline(), renamed, { shown: controlled }),
      withholds: 'all',
      message: /registry\/bucket\/flow@3/,
    },
    { when: 'its deletion', change: deletion('delete', controlled), withholds: 'all' },
    { when: 'stopping it on removal', change: deletion('stop', controlled), withholds: undefined },
    {
      when: 'its settings',
      change: part('settings', pipeline(), pipeline(), { shown: controlled, written: { name: 'x' } }),
      withholds: undefined,
    },
  ],
  SameGroup: [
    {
      when: 'an entry with the name of another',
      change: creationOf(entry('a', { name: 'Orders' })),
      context: { desired: [entry('a', { name: 'Orders' }), entry('Orders')] },
      withholds: 'all',
      message: /"Orders" is written as the same process group/,
    },
    {
      when: 'one name in two parents',
      change: creationOf(entry('a', { name: 'Orders' })),
      context: { desired: [entry('Orders', { parent: 'root/Team' })] },
      withholds: undefined,
    },
  ],
  InsideAnotherFlow: [
    {
      when: 'a parent that is another flow',
      change: creationOf(entry('a', { parent: 'root/orders' })),
      context: { desired: [entry('orders')] },
      withholds: 'all',
      message: /the process group of the flow "orders"/,
    },
    {
      when: 'a parent inside another flow',
      change: creationOf(entry('a', { parent: 'root/Team/orders/ingest' })),
      context: { desired: [entry('orders', { parent: 'root/Team' })] },
      withholds: 'all',
    },
    {
      when: 'a parent beside',
      change: creationOf(entry('a', { parent: 'root/Team' })),
      context: { desired: [entry('orders')] },
      withholds: undefined,
    },
  ],
  SharedIdentifiers: [
    {
      when: 'a copy of another flow',
      change: creationOf(entry('copy', {}, pipeline())),
      context: { desired: [entry('orders', {}, pipeline())] },
      withholds: 'all',
      message: /3 of its components have the identifiers of components of "orders"/,
    },
    {
      when: 'a component that another flow has',
      change: part('safe', definitionOf(), definitionOf({ funnels: [funnel('f')] })),
      context: { desired: [entry('other', {}, definitionOf({ funnels: [funnel('f')] }))] },
      withholds: 'all',
    },
    {
      when: 'a copy under identifiers of its own',
      change: creationOf(entry('copy', { identifiers: 'own' }, pipeline())),
      context: { desired: [entry('orders', {}, pipeline())] },
      withholds: undefined,
    },
    {
      when: 'a change of what shared them all along',
      change: part('safe', pipeline(), renamed),
      context: { desired: [entry('other', {}, pipeline())] },
      withholds: undefined,
    },
  ],
  PortInUse: [
    {
      when: 'a port that is used outside',
      change: part('blocked', withPort, definitionOf(), { shown: { usedPorts: new Set(['i']) } }),
      withholds: 'all',
      message: /input port "I" would go/,
    },
    { when: 'a port that nobody uses', change: part('safe', withPort, definitionOf()), withholds: undefined },
  ],
  ComponentFixed: [
    {
      when: 'another type under one identifier, and nothing else of the change',
      change: part(
        'safe',
        pipeline(),
        pipeline({
          processors: [processor('a', { type: 'x.Other', name: 'Z' }), processor('b', { name: 'Y' })],
        }),
      ),
      withholds: ['processors.a', 'processors.a.name'],
      message: /processor "A" would change its type/,
    },
    {
      when: 'another address of a remote process group',
      change: part('safe', remote('http://a'), remote('http://b', { name: 'Z' })),
      withholds: ['remote-process-groups.r.targetUris'],
      message: /its address/,
    },
    {
      when: 'another processor',
      change: part(
        'safe',
        pipeline(),
        pipeline({ processors: [processor('a'), processor('b'), processor('d')] }),
      ),
      withholds: undefined,
    },
  ],
  MostIdentifiersGone: [
    {
      when: 'an export from another NiFi',
      change: part('safe', many('x'), many('y')),
      withholds: 'all',
      message: /3 components would go \(.*\), and only 0 % keep/,
    },
    {
      when: 'half of it anew',
      change: part(
        'safe',
        pipeline({ connections: [] }),
        definitionOf({ processors: [processor('a'), processor('n')] }),
      ),
      withholds: undefined,
    },
    {
      when: 'a flow filled for the first time',
      change: part('safe', definitionOf(), many('x')),
      withholds: undefined,
    },
  ],
  DropsFlowFiles: [
    {
      when: 'a removed connection that holds FlowFiles',
      change: part('needs-empty', pipeline(), cut, {
        shown: { queues: queues(12_345) },
        written: { queues: 'drop' },
      }),
      withholds: 'all',
      message: /what connection "A → B \(success\)" hold would be dropped: 10,000 FlowFiles or more/,
    },
    {
      when: 'one that is empty now, for it may fill',
      change: part('needs-empty', pipeline(), cut, { written: { queues: 'drop' } }),
      withholds: 'all',
      message: /no FlowFiles at the moment/,
    },
    {
      when: 'keeping them',
      change: part('needs-empty', pipeline(), cut, { shown: { queues: queues(3) } }),
      withholds: undefined,
    },
    {
      when: 'a change that removes no connection',
      change: part('safe', pipeline(), renamed, {
        shown: { queues: queues(3) },
        written: { queues: 'drop' },
      }),
      withholds: undefined,
    },
  ],
  DeletesFlowFiles: [
    {
      when: 'deleting a flow that holds some',
      change: deletion('delete', { queues: queues(3) }),
      withholds: 'all',
      message: /with a few FlowFiles in its connections/,
    },
    { when: 'deleting an empty one', change: deletion('delete', {}), withholds: undefined },
    {
      when: 'stopping a flow that holds some',
      change: deletion('stop', { queues: queues(3) }),
      withholds: undefined,
    },
    {
      when: 'letting go of a flow of which no wish is known',
      change: deletion(undefined, { queues: queues(3) }),
      withholds: undefined,
    },
  ],
}

/** Judged by the client, which knows the server and the settings. */
const known = ['MissingBundle', 'CodeNotAllowed', 'UnresolvedParameter', 'ParentMissing']

function context(name: string, inherits: readonly string[] = []): ParameterContext {
  return normalizeContext(name, { inherits: [...inherits] })
}

function shownContext(boundTo: readonly string[]): ParameterContext {
  const said = {
    name: 'orders',
    description: '',
    inherits: [],
    parameters: [],
    fingerprints: new Map(),
    spelledBy: '2.3.0',
  }
  return observedContext(said, { contextId: 'id', revision: 1, marked: true, boundTo, sensitive: new Set() })
}

const circle = [context('a', ['b']), context('b', ['c']), context('c', ['a'])]
const contextCases: Readonly<Record<string, readonly Case[]>> = {
  ContextInUse: [
    {
      when: 'deleting one that groups use',
      change: removalOf(shownContext(['g', 'h'])),
      withholds: 'all',
      message: /2 process groups use it: g, h/,
    },
    { when: 'deleting one that nobody uses', change: removalOf(shownContext([])), withholds: undefined },
    { when: 'a creation', change: creationOf(context('orders')), withholds: undefined },
  ],
  CircularInheritance: [
    {
      when: 'a circle of three',
      change: creationOf<NifiResource>(context('a', ['b'])),
      context: { desired: circle },
      withholds: 'all',
      message: /a → b → c → a/,
    },
    {
      when: 'inheriting from itself',
      change: creationOf<NifiResource>(context('a', ['a'])),
      context: { desired: [context('a', ['a'])] },
      withholds: 'all',
    },
    {
      when: 'inheriting from a circle',
      change: creationOf<NifiResource>(context('x', ['a'])),
      context: { desired: [...circle, context('x', ['a'])] },
      withholds: undefined,
    },
    {
      when: 'one that two others inherit',
      change: creationOf<NifiResource>(context('x', ['l', 'r'])),
      context: {
        desired: [context('x', ['l', 'r']), context('l', ['s']), context('r', ['s']), context('s')],
      },
      withholds: undefined,
    },
  ],
}

function show(rules: readonly Rule<NifiResource>[], cases: Readonly<Record<string, readonly Case[]>>): void {
  for (const rule of rules) describe(rule.says, () => showRule(rule, known, cases[rule.code]))
}

show(flowRules, flowCases)
show(contextRules, contextCases)

describe('a change as the rules leave it', () => {
  it('goes on without the component whose type would change', () => {
    const wanted = pipeline({
      processors: [processor('a', { type: 'x.Other' }), processor('b', { name: 'Y' })],
    })
    const change = part('safe', pipeline(), wanted)
    const bench = { rules: flowRules, allow: new Set<string>(), adopt: false }
    const parts = judge<NifiResource>(change, bench, { desired: [], names: [], emptyDocument: false })
    assert.deepEqual(
      parts.map(({ judgement, change: { fields } }) => [judgement.verdict, fields.map(({ path }) => path)]),
      [
        ['apply', ['processors.b.name']],
        ['refused', ['processors.a']],
      ],
    )
  })

  it('of which most identifiers go names the group that goes', () => {
    const live = definitionOf({
      processGroups: [
        groupNamed('g', 'in', {
          processors: [processor('x'), processor('y')],
          connections: [connection('z', { id: 'x', groupId: 'g' }, { id: 'y', groupId: 'g' })],
        }),
      ],
    })
    const rule = flowRules.find(({ code }) => code === 'MostIdentifiersGone')
    const finding = rule?.judge?.(part('needs-empty', live, definitionOf()), {
      desired: [],
      names: [],
      emptyDocument: false,
    })
    assert.match(finding?.message ?? '', /process group "in"/)
  })
})
