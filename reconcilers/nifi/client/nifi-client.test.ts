import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ReconcileError } from '../../../src/errors.ts'
import type { Change } from '../../../src/core/resource.ts'
import { creationOf, removalOf } from '../../../test/support/changes.ts'
import { failure } from '../../../test/support/failure.ts'
import { connection, definition, processor, sink } from '../../../test/support/nifi-definitions.ts'
import { FakeNifi } from '../fake.ts'
import { normalizeContext, normalizeFlow } from '../normalize.ts'
import { type Flow, type NifiResource, type ParameterContext, isFlow } from '../resource.ts'
import { contextSchema, flowSchema } from '../schema.ts'
import { NifiClient, type NifiClientOptions } from './nifi-client.ts'

const soon = () => AbortSignal.timeout(20_000)

const generate = processor('Generate', 'GenerateFlowFile', {}, { schedulingPeriod: '1 hour' })
const log = sink('Count')
const simple = definition([generate, log, connection(generate, log)])

/** Of its own identifiers, so that many can stand side by side. */
function flow(name: string, more: Readonly<Record<string, unknown>> = {}): Flow {
  return normalizeFlow(name, flowSchema.parse({ definition: simple, identifiers: 'own', ...more }))
}

function context(name: string, inherits: readonly string[] = []): ParameterContext {
  return normalizeContext(
    name,
    contextSchema.parse({ inherits, parameters: { [`p-${name}`]: { value: 'x' } } }),
  )
}

describe('the client of NiFi', () => {
  let nifi: FakeNifi
  let client: NifiClient
  const connect = (options: Partial<NifiClientOptions> = {}) =>
    new NifiClient(nifi.wire(), { pause: async () => Promise.resolve(), ...options })
  beforeEach(() => {
    nifi = new FakeNifi()
    client = connect()
  })

  async function make(...desired: readonly NifiResource[]): Promise<void> {
    const outcomes = await client.apply(
      desired.map((each) => creationOf(each)),
      soon(),
    )
    assert.deepEqual(
      outcomes.map(({ state }) => state),
      desired.map(() => 'done'),
      JSON.stringify(outcomes),
    )
  }

  it('says which NiFi it speaks to', async () => {
    assert.deepEqual(await client.ping(soon()), { version: '2.3.0', clusterId: nifi.rootId })
  })

  it('sees what it made, and makes nothing of names and types that are not there', async () => {
    await make(context('orders'), flow('first'))
    const [seen] = await client.observe('flows', ['first', 'second'], soon())
    assert.ok(seen !== undefined && isFlow(seen))
    assert.deepEqual([seen.name, seen.facts?.marked, seen.spelledBy], ['first', true, '2.3.0'])
    const [other] = await client.observe('parameter-contexts', ['orders', 'nothing'], soon())
    assert.equal(other?.name, 'orders')
    assert.deepEqual(await client.observe('topics', ['first'], soon()), [])
    assert.deepEqual(await client.observe('flows', [], soon()), [])
    assert.deepEqual(await client.list('flows', soon()), ['first'])
    assert.deepEqual(await client.list('parameter-contexts', soon()), ['orders'])
    assert.deepEqual(await client.list('topics', soon()), [])
  })

  it('costs 50 flows that are as they are to be three requests and one for each, and writes nothing', async () => {
    const desired = Array.from({ length: 50 }, (_, index) => flow(`flow-${index}`))
    await make(...desired)
    const ids = new Map(
      (
        await client.observe(
          'flows',
          desired.map(({ name }) => name),
          soon(),
        )
      ).map(({ name, id = '' }) => [name, id]),
    )
    const sought = new Map(
      desired.map((each) => [each.name, { desired: each, id: ids.get(each.name) ?? '' }]),
    )
    await client.canonical(desired, soon())
    nifi.requests.length = 0
    await client.ping(soon())
    const verdicts = await client.canonical(desired, soon())
    const seen = await client.observe('flows', [...sought.keys()], soon(), sought)
    assert.ok(verdicts.every(({ ok }) => ok))
    assert.equal(seen.length, 50)
    const paths = nifi.requests.map(({ path }) => path)
    assert.deepEqual(paths.filter((path) => !path.endsWith('/download')).sort(), [
      '/flow/about',
      '/flow/bulletin-board',
      '/flow/cluster/summary',
      '/flow/process-groups/root/status',
      `/process-groups/${nifi.rootId}/process-groups`,
      '/process-groups/root',
    ])
    assert.equal(paths.length, 56)
    assert.deepEqual(nifi.writes(), [])
  })

  it('asks for services and reasons only where there are some', async () => {
    const reader = {
      ...processor('reader', '', {}),
      componentType: 'CONTROLLER_SERVICE',
      type: 'org.apache.nifi.json.JsonTreeReader',
      bundle: {
        group: 'org.apache.nifi',
        artifact: 'nifi-record-serialization-services-nar',
        version: '2.3.0',
      },
    }
    const broken = processor('Send', 'InvokeHTTP', {}, {})
    const more = definition([generate, log, connection(generate, log), reader, broken])
    const desired = flow('rich', { definition: more })
    await client.apply([creationOf(desired)], soon())
    nifi.requests.length = 0
    const [seen] = await client.observe('flows', ['rich'], soon(), new Map([['rich', { desired }]]))
    const paths = nifi.requests.map(({ path }) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID'))
    assert.equal(paths.filter((path) => path === '/flow/process-groups/ID/controller-services').length, 1)
    assert.equal(paths.filter((path) => path === '/processors/ID').length, 1)
    assert.match(seen?.unhealthy ?? '', /^processor "Send" is invalid: /)
  })

  it('makes contexts before flows that need them, and what is inherited before what inherits it', async () => {
    const bound = flow('orders', { 'parameter-contexts': { '/': 'child' } })
    await make(bound, context('child', ['base']), context('base'))
    const made = nifi
      .writes()
      .filter(({ method, path }) => method === 'POST' && /contexts$|import$/.test(path))
    assert.deepEqual(
      made.map(({ path }) => path.replace(/.*\//, '')),
      ['parameter-contexts', 'parameter-contexts', 'import'],
    )
    const [seen] = await client.observe('flows', ['orders'], soon())
    assert.equal(seen?.fields.get('parameter-context./'), 'child')
  })

  it('leaves to the next call what does not fit into a turn, and does at least one', async () => {
    let now = 0
    client = connect({ now: () => (now += 1_000), limits: { pollMs: 0, turnMs: 0 } })
    const desired = [context('a'), context('b'), context('c')]
    for (const most of [1, 2, 3]) {
      const outcomes = await client.apply(
        desired.map((each) => creationOf(each)),
        soon(),
      )
      const [left] = outcomes.filter(({ state }) => state === 'pending')
      assert.equal(outcomes.filter(({ state }) => state === 'done').length, 1)
      assert.deepEqual(left, { state: 'pending', message: 'waits for its turn: 1 of 3 were looked at' })
      desired.push(desired.shift() ?? context('none'))
      assert.equal((await client.list('parameter-contexts', soon())).length, most)
    }
  })

  it('tells each change what kept it, and throws where nothing answers at all', async () => {
    nifi.inject({
      method: 'POST',
      path: '/parameter-contexts',
      kind: 'answer',
      answer: { status: 403, body: 'No.' },
    })
    const [refused, done] = await client.apply(
      [context('a'), context('b')].map((each) => creationOf(each)),
      soon(),
    )
    assert.ok(refused?.state === 'failed')
    assert.equal(refused.reason, 'AuthorizationFailed')
    assert.equal(done?.state, 'done')
    nifi.down = true
    const error = await failure(client.apply([creationOf(context('c'))], soon()))
    assert.equal(error.reason, 'ServiceUnreachable')
  })

  it('tells what was done before nothing answered any more, and tries none of the rest', async () => {
    const changes: readonly Change<NifiResource>[] = ['a', 'b', 'c'].map((name) => creationOf(context(name)))
    nifi.inject({
      method: 'POST',
      path: '/parameter-contexts',
      kind: 'fail',
      nth: 2,
      times: Infinity,
      error: new ReconcileError('ServiceUnreachable', 'nothing listens there'),
    })
    const outcomes = await client.apply(changes, soon())
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.state === 'failed' ? outcome.reason : outcome.state)),
      ['done', 'ServiceUnreachable', 'ServiceUnreachable'],
    )
    assert.equal(nifi.writes().filter(({ path }) => path === '/parameter-contexts').length, 2)
  })

  it('ends with its signal, whatever it is at', async () => {
    nifi.inject({ path: '/flow/process-groups/root/status', kind: 'hang' })
    const controller = new AbortController()
    const looking = client.observe('flows', ['orders'], controller.signal)
    controller.abort(new Error('stop now'))
    await assert.rejects(looking, { message: 'stop now' })
    nifi.inject({ method: 'POST', kind: 'hang' })
    const other = new AbortController()
    const applying = client.apply([creationOf(context('a'))], other.signal)
    other.abort(new Error('stop that, too'))
    await assert.rejects(applying, { message: 'stop that, too' })
  })

  it('looks anew each time: another person’s edit between two looks is seen', async () => {
    await make(flow('orders'))
    const [before] = await client.observe('flows', ['orders'], soon())
    nifi.fill('Generate', 'Count', 7)
    nifi.bulletin('Count', 'a secret stands in these words')
    const [after] = await client.observe('flows', ['orders'], soon())
    assert.equal(before?.figures?.get('queued_flowfiles'), 0)
    assert.equal(after?.figures?.get('queued_flowfiles'), 7)
    assert.deepEqual(after.warnings, ['processor "Count" reports errors: see its bulletins'])
  })

  it('has deleted what it is told to delete', async () => {
    await make(flow('orders'))
    const [seen] = await client.observe('flows', ['orders'], soon())
    assert.ok(seen !== undefined)
    const remembered = new Map([['on-removal', 'delete']])
    const [outcome] = await client.apply([{ ...removalOf(seen), remembered }], soon())
    assert.equal(outcome?.state, 'done', JSON.stringify(outcome))
    assert.deepEqual(await client.list('flows', soon()), [])
  })
})
