import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change, FieldChange, Json } from '../../../../src/core/resource.ts'
import { SecretValues } from '../../../../src/core/secret-values.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Parameter, ParameterContext } from '../../resource.ts'
import type { LiveContext, LiveParameter } from './live-context.ts'
import { nextUpdate } from './next-update.ts'
import { redacted } from './parameter-wishes.ts'

const marker = '[infometis parameter-contexts/orders]'
const mask = { secret: '0123456789abcdef' }

/** Written: text, null, or `{ reveal }` of a sensitive one; undefined: it goes. `#name` is a description. */
type Written = Readonly<Record<string, string | null | undefined | { readonly reveal: string }>>

function changeOf(written: Written, more: readonly FieldChange[] = []): Change<ParameterContext> {
  const entries = Object.entries(written)
  const secrets = entries.flatMap(([key, value]): readonly (readonly [string, string])[] =>
    isSecret(value) ? [[pathOf(key), value.reveal]] : [],
  )
  const fields = entries.map(([key, value]): FieldChange => {
    const after: Json | undefined = isSecret(value) ? mask : value
    return { path: pathOf(key), cause: 'written', ...(after === undefined ? {} : { after }) }
  })
  const parameters = entries
    .filter(([key, value]) => !key.startsWith('#') && value !== undefined)
    .map(([name, value]): Parameter => {
      const description = written[`#${name}`]
      const told = typeof description === 'string' ? description : undefined
      return { name, description: told, value: isSecret(value) ? undefined : value }
    })
  const desired: ParameterContext = {
    type: 'parameter-contexts',
    name: 'orders',
    fields: new Map(),
    parameters: new Map(parameters.map((each) => [each.name, each])),
    secrets: new SecretValues(new Map(secrets)),
  }
  const all = [...more, ...fields]
  return {
    action: 'update',
    type: 'parameter-contexts',
    name: 'orders',
    cause: 'written',
    fields: all,
    desired,
  }
}

function pathOf(key: string): string {
  return key.startsWith('#') ? `descriptions.${key.slice(1)}` : `parameters.${key}`
}

function isSecret(value: Written[string]): value is { readonly reveal: string } {
  return typeof value === 'object' && value !== null
}

function parameter(name: string, more: Partial<LiveParameter> = {}): LiveParameter {
  return { name, description: '', sensitive: false, text: null, hasValue: false, users: [], ...more }
}

const plain = (name: string, text: string, more: Partial<LiveParameter> = {}) =>
  parameter(name, { text, hasValue: true, ...more })
const sensitive = (name: string, more: Partial<LiveParameter> = {}) =>
  parameter(name, { sensitive: true, hasValue: true, ...more })

function live(parameters: readonly LiveParameter[], more: Partial<LiveContext> = {}): LiveContext {
  return {
    id: 'c1',
    name: 'orders',
    description: marker,
    version: 3,
    parameters: new Map(parameters.map((each) => [each.name, each])),
    inherits: [],
    boundTo: [],
    ...more,
  }
}

function next(change: Change<ParameterContext>, there: LiveContext, sent: readonly string[] = []) {
  const others = ['shared', 'base'].map((name) => live([], { id: `id-${name}`, name }))
  return nextUpdate(change, there, { contexts: [there, ...others], hidden: new Set() }, new Set(sent))
}

/** What the request says of each parameter. */
function sentFor(
  change: Change<ParameterContext>,
  there: LiveContext,
  sent: readonly string[] = [],
): unknown {
  const { component } = next(change, there, sent)
  const parameters = (component?.['parameters'] ?? []) as readonly { readonly parameter: Json }[]
  return parameters.map((each) => ({ ...(each.parameter as object) }))
}

describe('the next update-request of a parameter context', () => {
  const keep = { description: null }
  const cases: readonly {
    readonly says: string
    readonly written: Written
    readonly there: readonly LiveParameter[]
    readonly sent?: readonly string[]
    readonly asks: unknown
  }[] = [
    {
      says: 'a value that is there already is not sent',
      written: { a: '1' },
      there: [plain('a', '1')],
      asks: [],
    },
    {
      says: 'a value that differs is sent without the description',
      written: { a: '2' },
      there: [plain('a', '1', { description: 'told' })],
      asks: [{ name: 'a', sensitive: false, ...keep, value: '2' }],
    },
    {
      says: 'no value is said as a removed one, for null alone leaves the value',
      written: { a: null },
      there: [plain('a', '1')],
      asks: [{ name: 'a', sensitive: false, ...keep, value: null, valueRemoved: true }],
    },
    {
      says: 'no value where there is none is not sent',
      written: { a: null },
      there: [parameter('a')],
      asks: [],
    },
    {
      says: 'an empty text is a value',
      written: { a: '' },
      there: [parameter('a')],
      asks: [{ name: 'a', sensitive: false, ...keep, value: '' }],
    },
    {
      says: 'a new one brings its description',
      written: { a: '1', '#a': 'told' },
      there: [],
      asks: [{ name: 'a', sensitive: false, description: 'told', value: '1' }],
    },
    {
      says: 'a description alone leaves a plain value',
      written: { '#a': 'told' },
      there: [plain('a', '1')],
      asks: [{ name: 'a', sensitive: false, description: 'told', value: '1' }],
    },
    {
      says: 'a description alone leaves a sensitive value, which is not known',
      written: { '#a': 'told' },
      there: [sensitive('a')],
      asks: [{ name: 'a', sensitive: true, description: 'told', value: null }],
    },
    {
      says: 'a description that is no longer written is emptied, for null would leave it',
      written: { '#a': undefined },
      there: [plain('a', '1', { description: 'told' })],
      asks: [{ name: 'a', sensitive: false, description: '', value: '1' }],
    },
    {
      says: 'a description of a parameter that is gone is nobody’s',
      written: { '#a': 'told' },
      there: [],
      asks: [],
    },
    {
      says: 'a sensitive value is always sent, for what is there is not shown',
      written: { pw: { reveal: 'hunter2' } },
      there: [sensitive('pw')],
      asks: [{ name: 'pw', sensitive: true, ...keep, value: 'hunter2' }],
    },
    {
      says: 'a sensitive value is sent once',
      written: { pw: { reveal: 'hunter2' } },
      there: [sensitive('pw')],
      sent: ['pw'],
      asks: [],
    },
    {
      says: 'a sensitive value that was sent and is not there is sent again',
      written: { pw: { reveal: 'hunter2' } },
      there: [],
      sent: ['pw'],
      asks: [{ name: 'pw', sensitive: true, description: null, value: 'hunter2' }],
    },
    {
      says: 'several are one request',
      written: { a: '2', b: '1', pw: { reveal: 'x' }, old: undefined },
      there: [plain('a', '1'), sensitive('pw'), plain('old', '1'), plain('foreign', '1')],
      asks: [
        { name: 'a', sensitive: false, ...keep, value: '2' },
        { name: 'b', sensitive: false, description: null, value: '1' },
        { name: 'pw', sensitive: true, ...keep, value: 'x' },
        { name: 'old' },
      ],
    },
    {
      says: 'a plain one that goes is named, and nothing else is said of it',
      written: { a: undefined },
      there: [plain('a', '1', { description: 'told' })],
      asks: [{ name: 'a' }],
    },
    { says: 'one that is gone already is not named', written: { a: undefined }, there: [], asks: [] },
    {
      says: 'a sensitive one that goes loses its value first, or NiFi would write that into its history',
      written: { pw: undefined },
      there: [sensitive('pw')],
      asks: [{ name: 'pw', sensitive: true, ...keep, value: null, valueRemoved: true }],
    },
    {
      says: 'a sensitive one without a value goes at once',
      written: { pw: undefined },
      there: [sensitive('pw', { hasValue: false })],
      asks: [{ name: 'pw' }],
    },
    {
      says: 'one that is to be sensitive goes before it comes',
      written: { pw: { reveal: 'hunter2' } },
      there: [plain('pw', 'open')],
      asks: [{ name: 'pw' }],
    },
    {
      says: 'one that is to be plain loses its value, goes, and comes',
      written: { pw: 'open' },
      there: [sensitive('pw')],
      asks: [{ name: 'pw', sensitive: true, ...keep, value: null, valueRemoved: true }],
    },
  ]
  for (const { says, written, there, sent = [], asks } of cases) {
    it(says, () => assert.deepEqual(sentFor(changeOf(written), live(there), sent), asks))
  }

  it('is none where all is as wished', () => {
    const { component, kept } = next(changeOf({ a: '1' }), live([plain('a', '1')]))
    assert.deepEqual([component, kept], [undefined, []])
  })

  it('leaves what is used, names who uses it, and does the rest', () => {
    const used = plain('a', '1', { users: ['processor Fetch (p1)'] })
    const { component, kept, secrets } = next(changeOf({ a: undefined, b: '1' }), live([used]))
    assert.deepEqual(kept, ['"a" is used by processor Fetch (p1)'])
    assert.deepEqual(JSON.parse(JSON.stringify(component?.['parameters'])), [
      { parameter: { name: 'b', sensitive: false, description: null, value: '1' } },
    ])
    assert.deepEqual(secrets, [])
  })

  it('says which sensitive parameters it sets, and by name only', () => {
    const { secrets } = next(changeOf({ a: '1', pw: { reveal: 'hunter2' } }), live([]))
    assert.deepEqual(secrets, ['pw'])
  })

  it('adds the marker to a description that is not ours, and leaves the text', () => {
    const { component } = next(changeOf({}), live([], { description: 'by hand' }))
    assert.equal(component?.['description'], `by hand\n${marker}`)
  })

  it('takes a description back that is no longer written', () => {
    const change = changeOf({}, [{ path: 'description', before: 'old', cause: 'written' }])
    const { component } = next(change, live([], { description: `old\n${marker}` }))
    assert.equal(component?.['description'], marker)
  })

  it('says inherited contexts by id, in their order', () => {
    const change = changeOf({}, [{ path: 'inherits', after: ['base', 'shared'], cause: 'written' }])
    const { component } = next(change, live([]))
    assert.deepEqual(JSON.parse(JSON.stringify(component?.['inheritedParameterContexts'])), [
      { id: 'id-base', component: { id: 'id-base' } },
      { id: 'id-shared', component: { id: 'id-shared' } },
    ])
    const there = ['base', 'shared'].map((name) => ({ id: `id-${name}`, name }))
    assert.equal(next(change, live([], { inherits: there })).component, undefined)
    assert.ok(
      next(change, live([], { inherits: there.toReversed() })).component,
      'another order is another wish',
    )
  })

  it('gives an inherited context back that is no longer written', () => {
    const change = changeOf({}, [{ path: 'inherits', before: ['base'], cause: 'written' }])
    const { component } = next(change, live([], { inherits: [{ id: 'id-base', name: 'base' }] }))
    assert.deepEqual(component?.['inheritedParameterContexts'], [])
  })

  it('names the inherited context that is missing', () => {
    const change = changeOf({}, [{ path: 'inherits', after: ['nowhere'], cause: 'written' }])
    assert.throws(
      () => next(change, live([])),
      new ReconcileError(
        'DependencyMissing',
        'parameter context "orders" inherits "nowhere", which NiFi does not have: write it, or correct the name',
      ),
    )
  })

  it('gives a renamed context its name back', () => {
    const { component } = next(changeOf({}), live([], { name: 'renamed' }))
    assert.equal(component?.['name'], 'orders')
  })

  it('changes nothing where a Secret was not read', () => {
    const change = changeOf({ a: '2', pw: { reveal: 'x' } })
    const desired = change.desired && { ...change.desired, secrets: new SecretValues(new Map()) }
    assert.throws(
      () => next({ ...change, ...(desired && { desired }) }, live([plain('a', '1')])),
      /parameter "pw" of context "orders" is sensitive, and its Secret was not read/,
    )
  })
})

describe('words of NiFi', () => {
  it('never hold a value from a Secret', () => {
    const change = changeOf({
      pw: { reveal: 'hunter2' },
      longer: { reveal: 'hunter2-and-more' },
      a: { reveal: 'ab' },
    })
    assert.equal(
      redacted('cannot set hunter2-and-more nor hunter2 (about)', change),
      'cannot set [secret] nor [secret] (about)',
    )
  })
})
