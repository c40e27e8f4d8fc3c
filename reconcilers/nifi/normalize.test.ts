import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { definitionOf, groupNamed, pipeline, processor } from '../../test/support/nifi-definition.ts'
import { entryOf, shownFlow, updateOf, writtenFlow } from '../../test/support/nifi-flow.ts'
import { contextSchema, flowSchema } from './schema.ts'
import {
  normalizeContext,
  observedContext,
  parentPath,
  secretsOf,
  toWrittenContext,
  toWrittenFlow,
} from './normalize.ts'
import { parentNames } from './paths.ts'
import { requirements } from './requires.ts'
import { respells } from './respells.ts'
import type { ContextFacts } from './resource.ts'
import { componentsOf } from './definition/components.ts'

const settingsOf = (fields: ReadonlyMap<string, unknown>) =>
  Object.fromEntries(
    [...fields].filter(([path]) => !/^(flow|[a-z-]+s)\./.test(path) || path.startsWith('parameter')),
  )

describe('a written flow', () => {
  it('has the defaults of everything that is left out', () => {
    const flow = writtenFlow(pipeline())
    assert.deepEqual(flow.options, {
      groupName: 'orders',
      parent: [],
      contexts: new Map(),
      runState: 'running',
      queues: 'keep',
      drainTimeout: 300_000,
      layout: 'canvas',
    })
    assert.deepEqual(settingsOf(flow.fields), {
      name: 'orders',
      parent: 'root',
      comments: '',
      'run-state': 'running',
    })
    assert.deepEqual([flow.whole, flow.baseline, flow.remembered?.get('on-removal')], [true, true, 'stop'])
  })

  it('is called by its key, whatever the definition is called, unless it says another name', () => {
    assert.equal(writtenFlow(pipeline({ name: 'Exported' })).fields.get('name'), 'orders')
    assert.equal(writtenFlow(pipeline(), { name: 'Orders → search' }).options?.groupName, 'Orders → search')
  })

  it('has its parent as names, with ~1 for a slash', () => {
    const flow = writtenFlow(pipeline(), { parent: 'root/Team A/in~1out' })
    assert.deepEqual(flow.options?.parent, ['Team A', 'in/out'])
    assert.equal(flow.fields.get('parent'), 'root/Team A/in~1out')
    assert.deepEqual(parentNames(parentPath(['a/b', '~', '~1'])), ['a/b', '~', '~1'])
  })

  it('gives each group the context of the nearest group above with an entry, else the definition’s own; null is none', () => {
    const named = (contents: object = {}) => ({ parameterContextName: 'exported', ...contents })
    const parse = groupNamed('h', 'parse', named())
    const definition = definitionOf(
      named({
        processGroups: [
          groupNamed('g', 'ingest', named({ processGroups: [parse] })),
          groupNamed('i', 'send', named()),
        ],
      }),
    )
    const contextsOf = (entries: object) =>
      Object.fromEntries(writtenFlow(definition, { 'parameter-contexts': entries }).options?.contexts ?? [])
    assert.deepEqual(contextsOf({}), {
      '/': 'exported',
      '/ingest': 'exported',
      '/ingest/parse': 'exported',
      '/send': 'exported',
    })
    assert.deepEqual(contextsOf({ '/ingest': 'x' }), {
      '/': 'exported',
      '/ingest': 'x',
      '/ingest/parse': 'x',
      '/send': 'exported',
    })
    assert.deepEqual(contextsOf({ '/': 'x', '/ingest': null }), { '/': 'x', '/send': 'x' })
    assert.deepEqual(contextsOf({ '/': null, '/ingest/parse': 'y' }), { '/ingest/parse': 'y' })
  })

  it('needs the contexts of its groups, each once', () => {
    const flow = writtenFlow(pipeline({ processGroups: [groupNamed('g', 'in')] }), {
      'parameter-contexts': { '/': 'orders' },
    })
    assert.deepEqual(requirements(flow), ['parameter-contexts/orders'])
    assert.deepEqual(requirements(writtenFlow(pipeline())), [])
  })

  it('has no run state where that is nobody’s business, and a layout only where that is Git’s', () => {
    assert.equal(writtenFlow(pipeline(), { 'run-state': 'as-is' }).fields.has('run-state'), false)
    assert.equal(writtenFlow(pipeline()).fields.has('layout'), false)
    assert.equal(writtenFlow(pipeline(), { layout: 'git' }).fields.has('layout'), true)
  })

  it('has other identifiers under each key where they are to be its own, and then for ever the same', () => {
    const idsOf = (name: string) => [
      ...componentsOf(writtenFlow(pipeline(), { identifiers: 'own' }, name).snapshot).keys(),
    ]
    assert.deepEqual(idsOf('orders'), idsOf('orders'))
    assert.ok(!idsOf('orders').some((id) => idsOf('copy').includes(id) || id === 'a'))
  })

  it('does not take a mark that was exported for somebody’s words', () => {
    const flow = writtenFlow(pipeline({ comments: 'Mine\n[infometis flows/elsewhere]' }))
    assert.equal(flow.fields.get('comments'), 'Mine')
  })

  it('tells people the names of its components', () => {
    assert.equal(writtenFlow(pipeline()).titles?.get('processors.a'), 'processor "A"')
  })
})

describe('an observed flow', () => {
  const desired = writtenFlow(pipeline())

  it('has its run state: running, stopped, or partly', () => {
    const [some, none] = [new Set(['a']), new Set<string>()]
    const stateOf = (running: ReadonlySet<string>, stopped: ReadonlySet<string>) =>
      shownFlow(pipeline(), { running, stopped }, desired).fields.get('run-state')
    assert.deepEqual(
      [stateOf(some, none), stateOf(none, some), stateOf(some, some)],
      ['running', 'stopped', 'partly'],
    )
  })

  it('is as it is wished to be where nothing in it can run', () => {
    const empty = { running: new Set<string>(), stopped: new Set<string>() }
    for (const wished of ['running', 'stopped']) {
      const flow = shownFlow(definitionOf(), empty, writtenFlow(definitionOf(), { 'run-state': wished }))
      assert.equal(flow.fields.get('run-state'), wished)
    }
    assert.equal(shownFlow(definitionOf(), empty).fields.get('run-state'), 'stopped')
  })

  it('has no run state where that is nobody’s business, or every stop would be drift', () => {
    const flow = shownFlow(pipeline(), {}, writtenFlow(pipeline(), { 'run-state': 'as-is' }))
    assert.equal(flow.fields.has('run-state'), false)
  })

  it('says of itself only that components and contexts are there; what NiFi fills in is nobody’s wish', () => {
    const flow = shownFlow(pipeline({ parameterContextName: 'x', defaultFlowFileExpiration: '0 sec' }))
    assert.deepEqual([...(flow.explicit ?? [])].sort(), [
      'connections.c',
      'parameter-context./',
      'processors.a',
      'processors.b',
    ])
  })

  it('that somebody made by hand differs in what is written, in components that are not, and in nothing else', () => {
    const bare = {
      identifier: 'a',
      name: 'Z',
      type: 'org.apache.nifi.processors.standard.LogAttribute',
      bundle: {},
    }
    const wished = writtenFlow(definitionOf({ processors: [bare] }))
    const adopted = { type: 'flows', name: 'orders', fields: new Map(), deletable: true }
    const { fields } = updateOf(shownFlow(pipeline()), wished, adopted)
    assert.deepEqual(
      fields.map(({ path }) => path),
      ['connections.c', 'processors.a.name', 'processors.b'],
    )
  })

  it('differs by each member that left the baseline, written or filled in', () => {
    const bare = {
      identifier: 'a',
      name: 'A',
      type: 'org.apache.nifi.processors.standard.LogAttribute',
      bundle: {},
    }
    const wished = writtenFlow(definitionOf({ processors: [bare] }))
    const baseline = entryOf(wished, shownFlow(definitionOf({ processors: [processor('a')] })))
    const edited = definitionOf({
      processors: [processor('a', { retryCount: 3, properties: { mine: 'x' }, comments: 'me' })],
    })
    const { fields } = updateOf(shownFlow(edited), wished, baseline)
    assert.deepEqual(
      fields.map(({ path, before, after, cause }) => [path, before, after, cause]),
      [
        ['processors.a.comments', 'me', '', 'drift'],
        ['processors.a.properties.mine', 'x', undefined, 'drift'],
        ['processors.a.retryCount', 3, 10, 'drift'],
      ],
    )
  })

  it('is written as a person would: under its key, with the definition cleaned', () => {
    const flow = shownFlow(pipeline({ instanceIdentifier: 'i', name: 'Orders' }), {
      parent: 'root/A',
      running: new Set(),
      stopped: new Set(['a']),
    })
    const written = toWrittenFlow(flow)
    assert.deepEqual(
      [written?.name, written?.parent, written?.['run-state']],
      ['Orders', 'root/A', 'stopped'],
    )
    assert.doesNotMatch(JSON.stringify(written), /instanceIdentifier/)
    assert.equal(flowSchema.safeParse(JSON.parse(JSON.stringify(written))).error, undefined)
    assert.equal(toWrittenFlow(shownFlow(pipeline(), { versionControl: 'r/b/f@1' })), undefined)
  })
})

const facts: ContextFacts = {
  contextId: 'id',
  revision: 3,
  marked: true,
  boundTo: [],
  sensitive: new Set(['password']),
}

describe('a parameter context', () => {
  const desired = normalizeContext(
    'orders',
    contextSchema.parse({
      description: 'Mine',
      inherits: ['shared'],
      parameters: {
        topic: { value: 'orders', description: 'Where from' },
        none: { value: null },
        password: { secret: { name: 's', key: 'k' } },
      },
    }),
  )

  it('has a field for each parameter, and of a sensitive one the place of its Secret', () => {
    assert.deepEqual(Object.fromEntries(desired.fields), {
      description: 'Mine',
      inherits: ['shared'],
      'parameters.topic': 'orders',
      'descriptions.topic': 'Where from',
      'parameters.none': null,
      'parameters.password': { secret: 's/k' },
    })
    assert.deepEqual(secretsOf(desired), [{ path: 'parameters.password', secret: { name: 's', key: 'k' } }])
    assert.deepEqual([desired.baseline, 'whole' in desired], [true, false])
  })

  it('needs nothing: what it inherits is made before it in the same turn', () => {
    assert.deepEqual(requirements(desired), [])
  })

  it('is observed with the mark taken off, and what stands for a value nobody can read', () => {
    const observed = observedContext(
      {
        name: 'orders',
        description: 'Mine\n[infometis parameter-contexts/orders]',
        inherits: ['shared'],
        parameters: [
          { name: 'topic', description: 'Where from', value: 'orders' },
          { name: 'password', description: undefined, value: undefined },
          { name: 'other', description: undefined, value: undefined },
        ],
        fingerprints: new Map([['password', { secret: 'f' }]]),
        spelledBy: '2.3.0',
      },
      facts,
    )
    assert.deepEqual(Object.fromEntries(observed.fields), {
      description: 'Mine',
      inherits: ['shared'],
      'parameters.topic': 'orders',
      'descriptions.topic': 'Where from',
      'parameters.password': { secret: 'f' },
      'parameters.other': { secret: 'unknown' },
    })
    assert.deepEqual([observed.id, observed.spelledBy], ['id', '2.3.0'])
  })

  it('is written with a Secret to be made for each sensitive parameter', () => {
    const parameters = [
      { name: 'topic', description: undefined, value: 'orders' },
      { name: 'my password', description: 'x', value: undefined },
    ]
    const context = {
      name: 'Orders & more',
      description: '',
      inherits: [],
      parameters,
      fingerprints: new Map(),
      spelledBy: '2.3.0',
    }
    const written = toWrittenContext(observedContext(context, facts))
    assert.deepEqual(JSON.parse(JSON.stringify(written)), {
      parameters: {
        topic: { value: 'orders' },
        'my password': { secret: { name: 'orders-more', key: 'my-password' }, description: 'x' },
      },
    })
    assert.equal(contextSchema.safeParse(JSON.parse(JSON.stringify(written))).error, undefined)
  })
})

describe('another release of NiFi', () => {
  it('may spell properties, members that it adds, and services that it makes of them', () => {
    for (const path of [
      'processors.a.properties.Old Name',
      'processors.a.retryCount',
      'processors.a.addedLater',
      'controller-services.s',
      'flow.addedLater',
      'processors.a.autoTerminatedRelationships',
    ])
      assert.equal(respells(path), true, path)
  })

  it('changes nothing that people wrote: what there is, how it is called, wired and scheduled', () => {
    for (const path of [
      'processors.a',
      'groups.g',
      'processors.a.name',
      'connections.c.source',
      'processors.a.schedulingPeriod',
      'labels.l.label',
      'name',
      'run-state',
      'layout',
      'parameter-context./',
      'flow.flowFileConcurrency',
    ])
      assert.equal(respells(path), false, path)
  })
})
