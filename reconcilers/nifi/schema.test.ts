import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { z } from 'zod'
import {
  connection,
  definitionOf,
  funnel,
  groupNamed,
  pipeline,
  processor,
  service,
} from '../../test/support/nifi-definition.ts'
import { issuesOf } from '../../test/support/schema-issues.ts'
import { parseDocument } from '../../src/kube/document.ts'
import { describeExamples } from '../../test/support/document-examples.ts'
import { contextName, contextSchema, flowName, flowSchema } from './schema.ts'

/** A document as it arrives: objects without a prototype, integers beyond 2^53 as bigint. */
function entryOf(text: string): unknown {
  const { entries, issues } = parseDocument(`entry: ${text}`, 'flows.yaml')
  assert.deepEqual(issues, [])
  return entries?.get('entry')
}

const definition = pipeline()

describe('a name of a flow or a parameter context', () => {
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['empty', '', /must not be empty/],
    ['blank', '  ', /must not be empty/],
    ['followed by a blank', 'orders ', /must not begin or end with white space; "orders " does/],
    ['of 4,000 characters', 'x'.repeat(4000), /at most 255 characters, this one has 4000/],
    ['of two lines', 'a\nb', /must not hold line breaks/],
    ['with a character that turns the line around', 'a\u202eb', /other characters that are not seen/],
  ]
  for (const [what, name, message] of bad) {
    it(`may not be ${what}`, () => {
      assert.match(issuesOf(flowName, name).join(), message)
      assert.match(issuesOf(contextName, name).join(), message)
    })
  }
  for (const name of ['orders', 'Orders → search', 'a/b', '日本', '__proto__', 'x'.repeat(255)]) {
    it(`may be ${name.slice(0, 20)}`, () => assert.deepEqual(issuesOf(flowName, name), []))
  }
})

const members =
  'name, parent, definition, parameter-contexts, run-state, queues, drain-timeout, on-removal, layout and identifiers'

describe('an entry of flows', () => {
  const bad: readonly (readonly [string, Readonly<Record<string, unknown>> | null, readonly string[]])[] = [
    ['null', null, [`a flow is a map of ${members}`]],
    [
      'a key with a slip',
      { definition, runState: 'stopped' },
      [`"runState" (did you mean "run-state"?) is not known here; a flow has ${members}`],
    ],
    [
      'what belongs into the definition',
      { definition, flowContents: {} },
      [`"flowContents" (did you mean "definition"?) is not known here; a flow has ${members}`],
    ],
    [
      'another run state',
      { definition, 'run-state': 'paused' },
      ['run-state: run-state is "running", "stopped" or "as-is"; "paused" is none of these'],
    ],
    [
      'another queue policy',
      { definition, queues: 'purge' },
      ['queues: queues is "keep", "drain" or "drop"; "purge" is none of these'],
    ],
    [
      'a time without a unit',
      { definition, 'drain-timeout': '300' },
      ['drain-timeout: drain-timeout is a time from 1s to 24h, such as "5m"; "300" is not'],
    ],
    [
      'a time as a number',
      { definition, 'drain-timeout': 300 },
      ['drain-timeout: drain-timeout is a time from 1s to 24h, such as "5m"; 300 is not'],
    ],
    [
      'a parent without root',
      { definition, parent: 'Team A' },
      ['parent: parent begins with "root", such as "root/Team A"; "Team A" does not'],
    ],
    [
      'a parent with nothing between slashes',
      { definition, parent: 'root//a' },
      ['parent: parent has an empty name between slashes: "root//a"; a slash in a name is written ~1'],
    ],
    [
      'a context for a group that is not in the definition',
      {
        definition: pipeline({ processGroups: [groupNamed('g', 'ingest')] }),
        'parameter-contexts': { '/ingst': 'a' },
      },
      ['parameter-contexts./ingst: the definition has no group "/ingst"; did you mean "/ingest"?'],
    ],
    [
      'a group path without a slash',
      { definition, 'parameter-contexts': { ingest: 'a' } },
      [
        'parameter-contexts.ingest: a group path is "/" for the flow’s own group, or such as "/ingest/parse"; "ingest" is not (a slash in a name is written ~1)',
      ],
    ],
    [
      'a context that is no name',
      { definition, 'parameter-contexts': { '/': 3 } },
      ['parameter-contexts./: a parameter context is a text; 3 is not; null is none'],
    ],
    [
      'contexts that are no map',
      { definition, 'parameter-contexts': 'orders' },
      [
        'parameter-contexts: parameter-contexts is a map from group path to parameter context, such as {"/": "orders"}; "orders" is not',
      ],
    ],
  ]
  for (const [what, entry, issues] of bad) {
    it(`may not be or have ${what}`, () => assert.deepEqual(issuesOf(flowSchema, entry), issues))
  }

  it('may name a context of a group whose name has a slash by writing ~1', () => {
    const groups = [
      groupNamed('g', 'in/out'),
      groupNamed('h', 'a~b', { processGroups: [groupNamed('i', 'c')] }),
    ]
    const entry = { definition: pipeline({ processGroups: groups }) }
    const paths = { '/': 'x', '/in~1out': 'y', '/a~0b/c': null }
    assert.deepEqual(issuesOf(flowSchema, { ...entry, 'parameter-contexts': paths }), [])
    assert.deepEqual(issuesOf(flowSchema, { ...entry, 'parameter-contexts': { '/in/out': 'y' } }).length, 1)
  })
})

const wayOut = 'use "Download flow definition" of the process group'
const sensitive = { propertyDescriptors: { Password: { name: 'Password', sensitive: true } } }

function withProcessor(more: Readonly<Record<string, unknown>>): unknown {
  return definitionOf({ processors: [processor('a', more)] })
}

const badDefinitions: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['null', null, [`definition: must be a flow definition in JSON; null is not; ${wayOut}`]],
  ['a list', [], [`definition: must be a flow definition in JSON; [] is not; ${wayOut}`]],
  ['a text', 'orders', [`definition: must be a flow definition in JSON; "orders" is not; ${wayOut}`]],
  [
    'the XML of a NiFi 1.x template',
    '<?xml version="1.0"?><template encoding-version="1.3"/>',
    [`definition: is XML, as a NiFi 1.x template is, not a flow definition in JSON; ${wayOut}`],
  ],
  ['an empty map', {}, [`definition: has no flowContents, so it is not a flow definition; ${wayOut}`]],
  [
    'the whole flow.json of a NiFi',
    { encodingVersion: {}, rootGroup: definition.flowContents },
    [
      `definition: is the whole flow.json of a NiFi (it has rootGroup), not the definition of one group; ${wayOut}`,
    ],
  ],
  [
    'an entity of the REST API',
    { revision: {}, component: {} },
    [`definition: is an entity of NiFi's REST API, not a definition; ${wayOut}`],
  ],
  [
    'a list of components that is a map',
    definitionOf({ processors: {} }),
    ['definition.flowContents.processors: must be a list; {} is not'],
  ],
  [
    'a component that is a text, deep inside',
    definitionOf({ processGroups: [groupNamed('g', 'x', { funnels: ['f'] })] }),
    ['definition.flowContents.processGroups.0.funnels.0: must be a component; "f" is not'],
  ],
  [
    'a component without an identifier',
    definitionOf({ funnels: [{ position: { x: 0, y: 0 } }] }),
    [
      'definition.flowContents.funnels.0.identifier: is missing: without it the funnel "" cannot be found again',
    ],
  ],
  [
    'a processor without type and bundle',
    withProcessor({ type: undefined, bundle: undefined }),
    [
      'definition.flowContents.processors.0.type: is missing: NiFi needs it of the processor "A"',
      'definition.flowContents.processors.0.bundle: is missing: NiFi needs it of the processor "A"',
    ],
  ],
  [
    'one identifier twice',
    definitionOf({ processors: [processor('a')], funnels: [funnel('a')] }),
    ['definition.flowContents.funnels.0.identifier: a stands twice: it is also that of the processor "A"'],
  ],
  [
    'the identifier of its own group twice',
    definitionOf({ funnels: [funnel('own')] }),
    [
      'definition.flowContents.funnels.0.identifier: own stands twice: it is also that of the definition’s own group',
    ],
  ],
  [
    'a connection that leads to nothing in it',
    definitionOf({ processors: [processor('a')], connections: [connection('c', 'a', 'gone')] }),
    [
      'definition.flowContents.connections.0.destination: the connection leads to "GONE" (gone), which is not in the definition',
    ],
  ],
  [
    'a connection that takes nothing from its processor',
    definitionOf({
      processors: [processor('a')],
      connections: [connection('c', 'a', 'a', { selectedRelationships: [] })],
    }),
    [
      'definition.flowContents.connections.0.selectedRelationships: is empty: a connection that comes from a processor has at least one of its relationships',
    ],
  ],
  [
    'a connection without a source',
    definitionOf({
      processors: [processor('a')],
      connections: [connection('c', 'a', 'a', { source: null })],
    }),
    ['definition.flowContents.connections.0.source: the connection comes from nothing'],
  ],
  [
    'a group that only refers to a registry',
    definitionOf({ processGroups: [groupNamed('g', 'x', { versionedFlowCoordinates: { flowId: 'f' } })] }),
    [
      'definition.flowContents.processGroups.0.versionedFlowCoordinates: is kept in a registry, and the definition has only a reference to it; download the flow definition with the contents of "x"',
    ],
  ],
  [
    'the state of a component',
    withProcessor({ componentState: { localNodeStates: [{ state: { a: '1' } }] } }),
    [
      'definition.flowContents.processors.0.componentState: is the state of a running component, which NiFi takes for no update; download the definition without component state',
    ],
  ],
]

const secret = 'hunter2-in-plain-text'
const reference = 'refer to a parameter, such as #{password}, and write its value in a Secret'
const plain = `is sensitive and stands in plain text; ${reference}`
const password = 'definition.flowContents.processors.0.properties.Password'

const secrets: readonly (readonly [string, unknown, readonly string[]])[] = [
  [
    'a sensitive property',
    withProcessor({ properties: { Password: secret }, ...sensitive }),
    [`${password}: ${plain}`],
  ],
  [
    'a sensitive property of a service in a nested group',
    definitionOf({
      processGroups: [
        groupNamed('g', 'x', {
          controllerServices: [service('s', { properties: { Password: secret }, ...sensitive })],
        }),
      ],
    }),
    [`definition.flowContents.processGroups.0.controllerServices.0.properties.Password: ${plain}`],
  ],
  [
    'a dynamic property that is named as sensitive',
    withProcessor({ properties: { token: secret }, sensitiveDynamicPropertyNames: ['token'] }),
    [`definition.flowContents.processors.0.properties.token: ${plain}`],
  ],
  [
    'a sensitive property that has more than a reference',
    withProcessor({ properties: { Password: `${secret}#{password}` }, ...sensitive }),
    [`${password}: ${plain}`],
  ],
  [
    'a sensitive property encrypted with another key',
    withProcessor({ properties: { Password: `enc{${secret}}` }, ...sensitive }),
    [`${password}: is encrypted with the key of some NiFi; ${reference}`],
  ],
  [
    'the mask of a sensitive property',
    withProcessor({ properties: { Password: '********' }, ...sensitive }),
    [`${password}: is "********", which NiFi shows in the place of a sensitive value; ${reference}`],
  ],
  [
    'the mask where nothing says whether the property is sensitive',
    withProcessor({ properties: { Password: '********' } }),
    [`${password}: is "********", which NiFi shows in the place of a sensitive value; ${reference}`],
  ],
  [
    'the proxy password of a remote process group',
    definitionOf({
      remoteProcessGroups: [{ identifier: 'r', targetUris: 'http://nifi', proxyPassword: secret }],
    }),
    [`definition.flowContents.remoteProcessGroups.0.proxyPassword: ${plain}`],
  ],
  [
    'a sensitive parameter of the definition’s own contexts',
    pipeline(
      {},
      { parameterContexts: { shared: { parameters: [{ name: 'p', sensitive: true, value: secret }] } } },
    ),
    [
      'definition.flowContents: parameter "p" of the parameter context "shared" is sensitive and has its value in plain text; take the value out, change the secret, and write the parameter in a document parameter-contexts with "secret"',
    ],
  ],
]

describe('a definition', () => {
  for (const [what, written, issues] of badDefinitions) {
    it(`may not be or hold ${what}`, () => {
      assert.deepEqual(issuesOf(flowSchema, { definition: written }), issues)
    })
  }

  for (const [what, written, issues] of secrets) {
    it(`may not hold ${what} in plain text, and the sentence does not repeat it`, () => {
      const found = issuesOf(flowSchema, { definition: written })
      assert.deepEqual(found, issues)
      assert.ok(!found.join().includes(secret))
    })
  }

  const good: readonly (readonly [string, unknown])[] = [
    ['a pipeline', definition],
    ['a group alone, without flowContents around it', definition.flowContents],
    ['what a registry wraps in "snapshot"', { snapshot: definition }],
    ['what a Git registry wraps in "content"', { header: { dataModelVersion: 3 }, content: definition }],
    ['an empty group', definitionOf()],
    ['NiFi 1.x variables', pipeline({ variables: { topic: 'orders' } })],
    ['members that nobody knows yet', pipeline({ inventedLater: { a: 1 } }, { alsoLater: [] })],
    ['an empty component state', withProcessor({ componentState: {} })],
    [
      'a nested group under version control, with its contents',
      definitionOf({
        processGroups: [
          groupNamed('g', 'x', { versionedFlowCoordinates: { flowId: 'f' }, funnels: [funnel('f')] }),
        ],
      }),
    ],
    [
      'a sensitive property that refers to a parameter',
      withProcessor({ properties: { Password: "#{'my password'}" }, ...sensitive }),
    ],
    ['a sensitive property without a value', withProcessor({ properties: { Password: null }, ...sensitive })],
    [
      'asterisks in a property that is not sensitive',
      withProcessor({
        properties: { Replacement: '********' },
        propertyDescriptors: { Replacement: { sensitive: false } },
      }),
    ],
    [
      'a sensitive parameter without its value',
      pipeline(
        {},
        {
          parameterContexts: { shared: { parameters: [{ name: 'p', sensitive: true, value: null }] } },
        },
      ),
    ],
    [
      'a connection to a remote port',
      definitionOf({
        processors: [processor('a')],
        remoteProcessGroups: [
          { identifier: 'r', targetUris: 'http://nifi', inputPorts: [{ identifier: 'in' }] },
        ],
        connections: [connection('c', 'a', { id: 'in', type: 'REMOTE_INPUT_PORT', groupId: 'r' })],
      }),
    ],
  ]
  for (const [what, written] of good) {
    it(`may be or hold ${what}`, () => assert.deepEqual(issuesOf(flowSchema, { definition: written }), []))
  }

  it('may be missing from nothing but the entry, which says so', () => {
    assert.deepEqual(issuesOf(flowSchema, {}), [
      `definition: must be a flow definition in JSON; undefined is not; ${wayOut}`,
    ])
  })

  const fixture = '../shared/fixtures/nifi/DownloadAndWriteToDB.json'
  it(
    'may be what a NiFi 2.6 exported',
    { skip: existsSync(fixture) ? false : `${fixture} is not beside this checkout` },
    () => {
      const exported: unknown = JSON.parse(readFileSync(fixture, 'utf8'))
      assert.deepEqual(issuesOf(flowSchema, { definition: exported }), [])
    },
  )
})

const contextMembers = 'description, parameters and inherits'

describe('an entry of parameter-contexts', () => {
  const bad: readonly (readonly [string, string, readonly string[]])[] = [
    ['null', 'null', [`a parameter context is a map of ${contextMembers}`]],
    [
      'values at the top',
      '{values: {}}',
      [`"values" (did you mean "parameters"?) is not known here; a parameter context has ${contextMembers}`],
    ],
    [
      'parameters that are a list',
      '{parameters: []}',
      ['parameters: parameters is a map by name; [] is not'],
    ],
    [
      'a parameter that is its value',
      '{parameters: {topic: orders}}',
      ['parameters.topic: a parameter is a map of value, secret and description'],
    ],
    [
      'a number, of which NiFi would see another spelling',
      '{parameters: {rate: {value: 1.0}}}',
      ['parameters.rate.value: a parameter’s value is a text, written in quotes, or null for none; 1 is not'],
    ],
    [
      'neither value nor secret',
      '{parameters: {topic: {description: x}}}',
      ['parameters.topic: a parameter has either "value" (a text, or null for none) or "secret"'],
    ],
    [
      'both value and secret',
      '{parameters: {topic: {value: x, secret: {name: s, key: k}}}}',
      ['parameters.topic: a parameter has either "value" (a text, or null for none) or "secret"'],
    ],
    [
      'a sensitive value in plain text',
      '{parameters: {password: {value: x, sensitive: true}}}',
      [
        'parameters.password: "sensitive" (did you mean "secret"?) is not known here; a parameter has value, secret and description',
      ],
    ],
    [
      'the mask of a sensitive value',
      '{parameters: {password: {value: "********"}}}',
      [
        'parameters.password.value: "********" is what NiFi shows in the place of a sensitive value; write {"secret": {"name": …, "key": …}}',
      ],
    ],
    [
      'a name that NiFi refuses',
      '{parameters: {"a/b": {value: x}}}',
      [
        'parameters.a/b: a parameter’s name consists of a-z, A-Z, 0-9, space, ".", "_" and "-"; "a/b" does not',
      ],
    ],
    [
      'an empty name',
      '{parameters: {"": {value: x}}}',
      ['parameters.: a parameter’s name must not be empty'],
    ],
    [
      'a Secret without a key',
      '{parameters: {p: {secret: {name: orders}}}}',
      [
        'parameters.p.secret.key: a key of a Secret consists of a-z, A-Z, 0-9, "-", "_" and "."; undefined does not',
      ],
    ],
    [
      'a Secret in upper case',
      '{parameters: {p: {secret: {name: Orders, key: k}}}}',
      ['parameters.p.secret.name: a Secret’s name is in lower case; "Orders" is none'],
    ],
    [
      'one name to inherit',
      '{inherits: shared}',
      ['inherits: inherits is a list of names of parameter contexts'],
    ],
    ['a name to inherit twice', '{inherits: [a, a]}', ['inherits: inherits names a parameter context twice']],
  ]
  for (const [what, text, issues] of bad) {
    it(`may not be or have ${what}`, () => assert.deepEqual(issuesOf(contextSchema, entryOf(text)), issues))
  }

  it('may have parameters of any legal name, empty texts, null and Secrets', () => {
    const text =
      '{parameters: {__proto__: {value: ""}, "a b.c-d_e": {value: null}, p: {secret: {name: s.x, key: K_1}, description: d}}, inherits: [x, y]}'
    assert.deepEqual(issuesOf(contextSchema, entryOf(text)), [])
    const read = contextSchema.parse(entryOf(text))
    assert.deepEqual(Object.keys(read.parameters ?? {}), ['__proto__', 'a b.c-d_e', 'p'])
  })
})

const schemas = {
  'flows.yaml': flowSchema,
  'parameter-contexts.yaml': contextSchema,
}

describeExamples(new URL('examples/', import.meta.url), schemas)

describe('the JSON Schema for editors', () => {
  it('describes the documents member by member', () => {
    for (const schema of Object.values(schemas)) {
      const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
      for (const [name, member] of Object.entries(properties ?? {}))
        assert.equal(typeof (member as { description?: string }).description, 'string', name)
    }
  })
})
