import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { shuffled, someDefinition } from '../../../test/support/nifi-arbitrary.ts'
import {
  connection,
  definitionOf,
  funnel,
  groupNamed,
  pipeline,
  port,
  processor,
  service,
} from '../../../test/support/nifi-definition.ts'
import type { Snapshot } from '../resource.ts'
import { codeTypesOf, isCodeRunner } from './code.ts'
import { cleaned } from './clean.ts'
import { componentsOf, connectionEnds, groupsOf, titleOf } from './components.ts'
import { definitionFields, identifierIn, pathOf, titlesOf } from './fields.ts'
import { ownIdentifiers } from './own-identifiers.ts'
import { layoutHash } from './placement.ts'
import { isParameterReference, parameterUses, parametersIn } from './properties.ts'

const fieldsOf = (snapshot: Snapshot) => Object.fromEntries(definitionFields(snapshot))

describe('the components of a definition', () => {
  const nested = definitionOf({
    processors: [processor('a')],
    processGroups: [
      groupNamed('g', 'in/out', {
        labels: [{ identifier: 'l', label: 'Read me\nfirst' }],
        processGroups: [groupNamed('h', 'a~b')],
      }),
    ],
  })

  it('know the group they stand in, whose path writes a slash as ~1 and a tilde as ~0', () => {
    const found = [...componentsOf(nested).values()].map(({ identifier, kind, groupId, groupPath, name }) => [
      identifier,
      kind,
      groupId,
      groupPath,
      name,
    ])
    assert.deepEqual(found, [
      ['a', 'processor', '/', '/', 'A'],
      ['g', 'group', '/', '/', 'in/out'],
      ['l', 'label', 'g', '/in~1out', 'Read me'],
      ['h', 'group', 'g', '/in~1out', 'a~b'],
    ])
    assert.deepEqual(
      groupsOf(nested).map(({ path, parentId }) => [path, parentId]),
      [
        ['/', undefined],
        ['/in~1out', '/'],
        ['/in~1out/a~0b', 'g'],
      ],
    )
  })

  it('are told to people by kind, name and group; a connection without a name by its ends', () => {
    const all = componentsOf(pipeline({ funnels: [funnel('0123456789')] }))
    const titles = [...all.values()].map(titleOf)
    assert.deepEqual(titles, [
      'processor "A"',
      'processor "B"',
      'connection "A → B (success)"',
      'funnel 01234567',
    ])
    assert.equal(titleOf(componentsOf(nested).get('l') ?? assert.fail()), 'label "Read me" in /in~1out')
  })

  it('of one name in one group are told apart by their identifiers', () => {
    const two = definitionOf({
      processors: [processor('aaaaaaaaaa', { name: 'X' }), processor('bbbbbbbbbb', { name: 'X' })],
    })
    assert.deepEqual([...titlesOf(two).values()], ['processor "X" (aaaaaaaa)', 'processor "X" (bbbbbbbb)'])
  })
})

describe('the fields of a definition', () => {
  it('hold the content, each member by itself, and nothing of how it is drawn or where it was downloaded', () => {
    const definition = definitionOf({
      defaultFlowFileExpiration: '0 sec',
      processors: [
        {
          identifier: 'a',
          instanceIdentifier: 'i',
          groupIdentifier: 'own',
          name: 'A',
          type: 'x.Y',
          bundle: {},
          position: {},
          style: {},
          comments: null,
          properties: { p: '1', q: null },
          propertyDescriptors: {},
          scheduledState: 'RUNNING',
          autoTerminatedRelationships: ['z', 'b'],
          componentType: 'PROCESSOR',
        },
      ],
      labels: [{ identifier: 'l', label: 'text', width: 3, zIndex: 2 }],
      connections: [
        {
          identifier: 'c',
          source: { id: 'a', groupId: 'own' },
          destination: { id: 'a', groupId: 'own' },
          bends: [{}],
          prioritizers: ['second', 'first'],
        },
      ],
    })
    assert.deepEqual(fieldsOf(definition), {
      'flow.defaultFlowFileExpiration': '0 sec',
      'processors.a': 'x.Y',
      'processors.a.group': '/',
      'processors.a.scheduledState': 'ENABLED',
      'processors.a.name': 'A',
      'processors.a.autoTerminatedRelationships': ['b', 'z'],
      'processors.a.properties.p': '1',
      'labels.l': 'label',
      'labels.l.group': '/',
      'labels.l.label': 'text',
      'connections.c': 'connection',
      'connections.c.group': '/',
      'connections.c.source': 'a',
      'connections.c.destination': 'a',
      'connections.c.prioritizers': ['second', 'first'],
    })
  })

  it('are the same in whatever order lists and members stand', () => {
    fc.assert(
      fc.property(
        someDefinition.chain((each) => fc.tuple(fc.constant(each), shuffled(each))),
        ([one, other]) => {
          assert.equal(canonicalJson(definitionFields(other)), canonicalJson(definitionFields(one)))
          assert.equal(layoutHash(other), layoutHash(one))
        },
      ),
    )
  })

  it('do not depend on the identifier of the flow’s own group, which NiFi does not keep', () => {
    const text = JSON.stringify(pipeline({ processGroups: [groupNamed('g', 'x')] }))
    const other = JSON.parse(text.replaceAll('"own"', '"derived"')) as Snapshot
    assert.deepEqual(fieldsOf(other), fieldsOf(JSON.parse(text) as Snapshot))
  })

  it('leave out a sensitive value unless it refers to a parameter', () => {
    const descriptors = { propertyDescriptors: { p: { sensitive: true }, q: { sensitive: true } } }
    const definition = definitionOf({
      processors: [processor('a', { properties: { p: '#{x}', q: 'secret' }, ...descriptors })],
    })
    const properties = Object.entries(fieldsOf(definition)).filter(([path]) => path.includes('.properties.'))
    assert.deepEqual(properties, [['processors.a.properties.p', '#{x}']])
  })

  it('name a service outside of the flow, and hold the identifier of one in it', () => {
    const definition = definitionOf(
      {
        processors: [processor('a', { properties: { in: 's', out: '1234' } })],
        controllerServices: [service('s')],
      },
      { externalControllerServices: { '1234': { identifier: '1234', name: 'Shared pool' } } },
    )
    assert.equal(fieldsOf(definition)['processors.a.properties.in'], 's')
    assert.equal(fieldsOf(definition)['processors.a.properties.out'], 'external service "Shared pool"')
  })

  it('leave out what a remote NiFi decides, and the state of services, which no definition has', () => {
    const definition = definitionOf({
      controllerServices: [service('s', { scheduledState: 'ENABLED', controllerServiceApis: [{}] })],
      remoteProcessGroups: [
        { identifier: 'r', name: 'far', targetUris: 'http://far', inputPorts: [{ identifier: 'in' }] },
      ],
      inputPorts: [port('i', 'INPUT_PORT', { allowRemoteAccess: true })],
    })
    const paths = Object.keys(fieldsOf(definition))
    assert.deepEqual(
      paths.filter((path) => path.startsWith('remote-process-groups.')),
      ['remote-process-groups.r', 'remote-process-groups.r.group', 'remote-process-groups.r.targetUris'],
    )
    assert.ok(
      !paths.includes('controller-services.s.scheduledState') &&
        !paths.includes('controller-services.s.controllerServiceApis'),
    )
    assert.ok(!paths.includes('input-ports.i.name') && paths.includes('input-ports.i.scheduledState'))
  })

  it('lead back to their component, also where names have dots', () => {
    const all = componentsOf(pipeline())
    assert.equal(identifierIn('processors.a.properties.a.b.c', all), 'a')
    assert.equal(identifierIn('connections.c', all), 'c')
    assert.equal(identifierIn('parameter-context./a', all), undefined)
    assert.equal(identifierIn('flow.defaultFlowFileExpiration', all), undefined)
    for (const component of all.values())
      assert.equal(identifierIn(pathOf(component), all), component.identifier)
  })
})

describe('the layout of a definition', () => {
  it('is another one when anything is drawn elsewhere, and the same where nothing is said of it', () => {
    const moved = pipeline({ processors: [processor('a', { position: { x: 1, y: 0 } }), processor('b')] })
    const bent = pipeline({ connections: [connection('c', 'a', 'b', { bends: [{ x: 1, y: 1 }] })] })
    const bare = pipeline({
      connections: [connection('c', 'a', 'b', { bends: null, zIndex: null, labelIndex: null })],
    })
    assert.equal(layoutHash(bare), layoutHash(pipeline()))
    assert.equal(new Set([moved, bent, pipeline()].map(layoutHash)).size, 3)
  })
})

describe('own identifiers', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('are others for each key, the same for ever, one for each original, and UUIDs', () => {
    fc.assert(
      fc.property(someDefinition, fc.string(), fc.string(), (definition, key, other) => {
        const [mine, again, theirs] = [key, key, other].map((each) => [
          ...componentsOf(ownIdentifiers(definition, each)).keys(),
        ])
        assert.deepEqual(mine, again)
        assert.equal(mine?.length, componentsOf(definition).size)
        assert.ok(mine.every((identifier) => uuid.test(identifier)))
        if (key !== other) assert.ok(!mine.some((identifier) => theirs?.includes(identifier)))
      }),
    )
  })

  it('stand wherever the originals stood: connections, groups and services still hang together', () => {
    fc.assert(
      fc.property(someDefinition, (definition) => {
        const own = ownIdentifiers(definition, 'copy')
        const names = new Map(
          [...componentsOf(definition).keys()].map((identifier, at) => [
            [...componentsOf(own).keys()][at] ?? '',
            identifier,
          ]),
        )
        const back = JSON.stringify(own).replaceAll(
          /[0-9a-f]{8}-[0-9a-f-]{27}/g,
          (identifier) => names.get(identifier) ?? 'own',
        )
        assert.equal(canonicalJson(JSON.parse(back)), canonicalJson(definition))
      }),
    )
  })

  it('are not put in the place of texts that only look like one', () => {
    const definition = definitionOf({
      processors: [processor('a', { comments: 'a', properties: { p: 'a' } })],
    })
    const { processors } = ownIdentifiers(definition, 'copy').flowContents
    assert.ok(JSON.stringify(processors).includes('"comments":"a"'))
    assert.ok(JSON.stringify(processors).includes('"p":"a"'))
  })
})

describe('a cleaned definition', () => {
  it('has no state, version control, variables, instance ids, or contexts of its own, but properties of these names', () => {
    const dirty = definitionOf(
      {
        instanceIdentifier: 'i',
        variables: { a: '1' },
        versionedFlowCoordinates: {},
        processors: [
          processor('a', { componentState: {}, instanceIdentifier: 'i', properties: { variables: 'x' } }),
        ],
        connections: [connection('c', 'a', 'a', { source: { id: 'a', instanceIdentifier: 'i' } })],
      },
      {
        parameterContexts: { p: {} },
        flow: {},
        bucket: {},
        snapshotMetadata: {},
        parameterProviders: {},
        latest: true,
      },
    )
    const clean = cleaned(dirty)
    assert.deepEqual(Object.keys(clean), ['flowContents', 'externalControllerServices'])
    assert.doesNotMatch(JSON.stringify(clean), /instanceIdentifier|componentState|versionedFlowCoordinates/)
    assert.equal(clean.flowContents['variables'], undefined)
    assert.equal(fieldsOf(clean)['processors.a.properties.variables'], 'x')
  })
})

describe('parameters in a value', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['#{topic}', ['topic']],
    ["http://#{host}:#{ 'my port' }/#{host}", ['host', 'my port']],
    ['##{escaped}', []],
    ['###{kept}', ['kept']],
    ['${now()}', []],
    ['#{', []],
    ['a#b{c}', []],
  ]
  for (const [value, names] of cases) {
    it(`of ${value} are ${names.join(' and ') || 'none'}`, () => assert.deepEqual(parametersIn(value), names))
  }

  it('are told with component and property', () => {
    const uses = parameterUses(definitionOf({ processors: [processor('a', { properties: { p: '#{x}' } })] }))
    assert.deepEqual(
      uses.map(({ component, property, parameter }) => [component.identifier, property, parameter]),
      [['a', 'p', 'x']],
    )
  })

  it('are the whole of it only where nothing stands around', () => {
    const whole = ['#{x}', "#{'a b'}", '#{ x }'].map(isParameterReference)
    const part = ['a#{x}', '#{x}#{y}', '#{}', 'x'].map(isParameterReference)
    assert.deepEqual([...whole, ...part], [true, true, true, false, false, false, false])
  })
})

describe('what runs code', () => {
  it('is known by its simple name, also in a bundle of one’s own', () => {
    const types = [
      'org.apache.nifi.processors.script.ExecuteScript',
      'my.own.ExecuteRubyScript',
      'org.apache.nifi.lookup.script.SimpleScriptedLookupService',
      'x.ExecuteStreamCommand',
    ]
    assert.ok(types.every(isCodeRunner))
    assert.ok(!['x.ExecuteSQL', 'x.InvokeHTTP', 'x.ExecuteSQLRecord'].some(isCodeRunner))
  })

  it('is found in every group, each type once', () => {
    const script = { type: 'x.ExecuteScript' }
    const groups = [groupNamed('g', 'x', { processors: [processor('b', script)] })]
    assert.deepEqual(
      codeTypesOf(definitionOf({ processors: [processor('a', script)], processGroups: groups })),
      ['x.ExecuteScript'],
    )
  })
})

describe('the ends of a connection', () => {
  it('are read also where names are missing', () => {
    const { source, destination } = connectionEnds({ source: { id: 'f', type: 'FUNNEL' } })
    assert.deepEqual([source.name, destination.name, destination.id], ['funnel', '', ''])
  })
})
