import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Flow, FlowOptions, Snapshot } from '../resource.ts'
import { canonical } from './canonical.ts'
import { Catalogue } from './catalogue.ts'
import type { Wire } from './wire.ts'

const soon = () => AbortSignal.timeout(5_000)

const nar = (artifact: string, version: string) => ({ group: 'org.apache.nifi', artifact, version })

const restricted = (id: string) => ({
  restricted: true,
  explicitRestrictions: [{ requiredPermission: { id, label: id } }],
})

const types = [
  { type: 'org.x.Generate', bundle: nar('a-nar', '2.3.0') },
  { type: 'org.x.Twice', bundle: nar('b-nar', '1.0') },
  { type: 'org.x.Twice', bundle: nar('b-nar', '2.0') },
  { type: 'org.x.RunIt', bundle: nar('a-nar', '2.3.0'), ...restricted('execute-code') },
  { type: 'org.x.PutFile', bundle: nar('a-nar', '2.3.0'), ...restricted('write-filesystem') },
  { type: 'org.x.Old', bundle: nar('a-nar', '2.3.0'), restricted: true },
]

function context(id: string, parameters: readonly string[], inherits: readonly string[] = []) {
  return {
    id,
    component: {
      id,
      name: id,
      parameters: parameters.map((name) => ({ parameter: { name, sensitive: false, value: 'x' } })),
      inheritedParameterContexts: inherits.map((each) => ({ id: each, component: { id: each, name: each } })),
    },
  }
}

const contexts = [
  context('orders', ['rate'], ['base']),
  context('base', ['url'], ['orders']),
  context('blind', ['rate'], ['hidden']),
  { id: 'hidden', permissions: { canRead: false } },
]

class Server implements Wire {
  readonly asked: string[] = []
  types: readonly unknown[] = types

  async send({ path }: { readonly path: string }) {
    this.asked.push(path)
    const bodies: Readonly<Record<string, unknown>> = {
      '/flow/processor-types': { processorTypes: this.types },
      '/flow/controller-service-types': {
        controllerServiceTypes: [{ type: 'org.x.Reader', bundle: nar('a-nar', '2.3.0') }],
      },
      '/flow/parameter-contexts': { parameterContexts: contexts },
    }
    return Promise.resolve({ status: 200, body: bodies[path] })
  }

  async close() {
    return Promise.resolve()
  }
}

interface Part {
  readonly type: string
  readonly version?: string
  readonly artifact?: string
  readonly properties?: Readonly<Record<string, string | null>>
}

function flow(parts: readonly Part[], bound: Readonly<Record<string, string>> = {}): Flow {
  const processors = parts.map(({ type, version = '2.3.0', artifact = 'a-nar', properties = {} }, index) => ({
    identifier: `p${index}`,
    name: type,
    type: `org.x.${type}`,
    bundle: nar(artifact, version),
    properties,
  }))
  const snapshot: Snapshot = {
    flowContents: {
      identifier: 'top',
      name: 'orders',
      processors,
      processGroups: [{ identifier: 'inner', name: 'ingest', processors: [] }],
    },
  }
  const options = { parent: [], contexts: new Map(Object.entries(bound)) } as unknown as FlowOptions
  return { type: 'flows', name: 'orders', fields: new Map(), snapshot, options }
}

async function judge(desired: Flow, allowedCode: readonly string[] = [], wire = new Server()) {
  const preflight = { wire, catalogue: new Catalogue(wire, () => 0), allowedCode: new Set(allowedCode) }
  const [verdict] = await canonical(preflight, [desired], '2.3.0', soon())
  assert.ok(verdict !== undefined)
  return verdict.ok ? 'ok' : `${verdict.code}: ${verdict.message}`
}

const of = (...names: readonly string[]) => flow(names.map((type) => ({ type })))
const using = (value: string, bound: Readonly<Record<string, string>> = {}) =>
  flow([{ type: 'Generate', properties: { text: value } }], bound)

describe('what NiFi is asked before a flow is made or changed', () => {
  const cases: readonly (readonly [string, Flow, readonly string[], RegExp])[] = [
    ['passes what it has', of('Generate', 'PutFile'), [], /^ok$/],
    [
      'passes another version where there is only one',
      flow([{ type: 'Generate', version: '2.2.0' }]),
      [],
      /^ok$/,
    ],
    [
      'passes another bundle where there is only one with the type, as NiFi does',
      flow([{ type: 'Generate', artifact: 'z-nar' }]),
      [],
      /^ok$/,
    ],
    [
      'passes one of several versions',
      flow([{ type: 'Twice', artifact: 'b-nar', version: '1.0' }]),
      [],
      /^ok$/,
    ],
    [
      'refuses another version where there are several',
      flow([{ type: 'Twice', artifact: 'b-nar', version: '3.0' }]),
      [],
      /^MissingBundle: processor "Twice": this NiFi has org\.x\.Twice in the versions 1\.0, 2\.0, but not in org\.apache\.nifi:b-nar:3\.0$/,
    ],
    [
      'refuses a type that it does not have, and names one that is like it',
      of('Generat'),
      [],
      /^MissingBundle: processor "Generat": this NiFi has no org\.x\.Generat \(org\.apache\.nifi:a-nar:2\.3\.0\); it has org\.x\.Generate$/,
    ],
    ['tells of several what they are', of('A1', 'A2', 'A3', 'A4'), [], /"A1": .*; and 3 more: .*"A2".*"A3"/],
    [
      'refuses what runs code, as the server says',
      of('RunIt'),
      [],
      /^CodeNotAllowed: RunIt would run what stands in the flow/,
    ],
    ['refuses what is restricted without a word by what', of('Old'), [], /^CodeNotAllowed: Old /],
    ['passes code that is allowed by its simple name', of('RunIt', 'Old'), ['RunIt', 'Old'], /^ok$/],
    ['passes code that is allowed by its full name', of('RunIt'), ['org.x.RunIt'], /^ok$/],
    ['passes all code where all is allowed', of('RunIt', 'Old'), ['*'], /^ok$/],
    ['passes a parameter of the context', using('#{rate}', { '/': 'orders' }), [], /^ok$/],
    [
      'passes a parameter that the context inherits, in a circle, too',
      using('#{url}', { '/': 'orders' }),
      [],
      /^ok$/,
    ],
    ['passes what only looks like a parameter', using('##{nope}', { '/': 'orders' }), [], /^ok$/],
    [
      'refuses a parameter that is nowhere',
      using('#{nope}', { '/': 'orders' }),
      [],
      /^UnresolvedParameter: processor "Generate", "text": #\{nope\} is not in the context orders$/,
    ],
    [
      'refuses a parameter where no context is bound to the group',
      using('#{rate}', { '/ingest': 'orders' }),
      [],
      /^UnresolvedParameter: .* no parameter context is bound to its group$/,
    ],
    [
      'leaves a context that is still to come to those who wait for it',
      using('#{rate}', { '/': 'to-come' }),
      [],
      /^ok$/,
    ],
    [
      'says nothing of a context that inherits what may not be read',
      using('#{nope}', { '/': 'blind' }),
      [],
      /^ok$/,
    ],
  ]
  for (const [what, desired, allowed, words] of cases) {
    it(what, async () => assert.match(await judge(desired, allowed), words))
  }

  it('is what the flows need, and nothing for parameter contexts', async () => {
    const wire = new Server()
    await judge(of('Generate'), [], wire)
    assert.deepEqual(wire.asked.toSorted(), ['/flow/controller-service-types', '/flow/processor-types'])
    wire.asked.length = 0
    const preflight = { wire, catalogue: new Catalogue(wire, () => 0), allowedCode: new Set<string>() }
    const other = { type: 'parameter-contexts', name: 'x', fields: new Map(), parameters: new Map() } as const
    assert.deepEqual(await canonical(preflight, [other], '2.3.0', soon()), [{ ok: true, desired: other }])
    assert.deepEqual(wire.asked, [])
  })
})

describe('the catalogue', () => {
  it('is read again after five minutes, with another NiFi, or for what was missed, but not each second', async () => {
    const wire = new Server()
    let now = 0
    const catalogue = new Catalogue(wire, () => now)
    const reads = async (needed: readonly string[], version = '2.3.0') => {
      wire.asked.length = 0
      await catalogue.types(needed, version, soon())
      return wire.asked.length / 2
    }
    assert.equal(await reads(['org.x.Generate']), 1)
    now += 4 * 60_000
    assert.equal(await reads(['org.x.Generate', 'org.x.Reader']), 0)
    assert.equal(await reads(['org.x.New']), 1)
    now += 5_000
    assert.equal(await reads(['org.x.New']), 0)
    wire.types = [...types, { type: 'org.x.New', bundle: nar('n-nar', '1') }]
    now += 6_000
    assert.equal(await reads(['org.x.New']), 1)
    assert.equal((await catalogue.types(['org.x.New'], '2.3.0', soon())).has('org.x.New'), true)
    assert.equal(await reads(['org.x.Generate'], '2.4.0'), 1)
    now += 5 * 60_000
    assert.equal(await reads(['org.x.Generate'], '2.4.0'), 1)
  })
})
