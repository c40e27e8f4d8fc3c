import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { own } from '../../src/core/json.ts'
import { ReconcileError } from '../../src/errors.ts'
import { connection, definitionOf, processor, service } from '../../test/support/nifi-definition.ts'
import type { WireAnswer, WireRequest } from './client/wire.ts'
import { FakeNifi } from './fake.ts'

type Members = Readonly<Record<string, unknown>>

const standard = 'org.apache.nifi.processors.standard.'
const ended = { autoTerminatedRelationships: ['success'] }
const source = processor('gen', { type: `${standard}GenerateFlowFile` })
const middle = processor('count', {
  type: `${standard}UpdateCounter`,
  properties: { 'counter-name': 'seen' },
})
const sink = processor('log', { type: `${standard}LogAttribute`, ...ended })

const line = {
  processors: [source, middle, sink],
  connections: [connection('c1', 'gen', 'count'), connection('c2', 'count', 'log')],
}

const signal = new AbortController().signal

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => own(found, name), value)
}

function imported(nifi: FakeNifi, contents: Members, more: Members = {}): string {
  const { status, body } = nifi.ask('POST', '/process-groups/root/process-groups/import', {
    ...{ groupId: nifi.rootId, groupName: 'flow', positionDTO: { x: 0, y: 0 } },
    ...{ revisionDTO: { version: 0, clientId: 'me' }, flowSnapshot: definitionOf(contents, more) },
  })
  assert.equal(status, 201)
  return String(at(body, 'id'))
}

/** A definition as it is live, with other lists. */
function liveWith(nifi: FakeNifi, id: string, change: Members): Members {
  const live = nifi.ask('GET', `/process-groups/${id}/download`).body as Members
  return { ...live, flowContents: { ...(live['flowContents'] as Members), ...change } }
}

function replace(nifi: FakeNifi, id: string, versionedFlowSnapshot: unknown): string {
  const processGroupRevision = at(nifi.ask('GET', `/process-groups/${id}`).body, 'revision')
  const body = { processGroupRevision, versionedFlowSnapshot }
  const answer = nifi.ask('POST', `/process-groups/${id}/replace-requests`, body)
  assert.equal(answer.status, 200, String(answer.body))
  return `/process-groups/replace-requests/${String(at(answer.body, 'request', 'requestId'))}`
}

function run(nifi: FakeNifi, id: string, state = 'RUNNING'): void {
  assert.equal(nifi.ask('PUT', `/flow/process-groups/${id}`, { id, state }).status, 200)
}

/** Everything runs, and a changed definition of it is ready. */
function running(): { readonly nifi: FakeNifi; readonly id: string; readonly changed: Members } {
  const nifi = new FakeNifi()
  const id = imported(nifi, line)
  run(nifi, id)
  nifi.manual = true
  const changed = liveWith(nifi, id, { processors: [source, { ...middle, comments: 'changed' }, sink] })
  return { nifi, id, changed }
}

function stateOf(answer: WireAnswer): unknown[] {
  const request = at(answer.body, 'request')
  return ['state', 'percentCompleted', 'complete', 'failureReason'].map((name) => at(request, name))
}

describe('what the fake NiFi does by itself', () => {
  void it('goes on a step with each request, or when it is told to', () => {
    const { nifi, id, changed } = running()
    const path = replace(nifi, id, changed)
    const states: unknown[] = []
    for (let steps = 0; steps < 6; steps += 1) {
      states.push(stateOf(nifi.ask('GET', path)).slice(0, 2))
      nifi.step()
    }
    assert.deepEqual(states, [
      ['Stopping Affected Processors', 0],
      ['Disabling Affected Controller Services', 20],
      ['Updating Flow', 40],
      ['Re-Enabling Controller Services', 60],
      ['Restarting Affected Processors', 80],
      ['Complete', 100],
    ])
    nifi.manual = false
    const again = replace(nifi, id, changed)
    const looks = Array.from({ length: 6 }, () => stateOf(nifi.ask('GET', again))[2])
    assert.deepEqual(looks, [false, false, false, false, true, true])
  })

  void it('stops only what a replacement changes, and starts it again', () => {
    const { nifi, id, changed } = running()
    const states = (): unknown[] => ['GEN', 'COUNT', 'LOG'].map((name) => nifi.component(name).state)
    replace(nifi, id, changed)
    nifi.step()
    assert.deepEqual(states(), ['RUNNING', 'STOPPED', 'RUNNING'])
    for (let steps = 0; steps < 4; steps += 1) nifi.step()
    assert.deepEqual(states(), ['RUNNING', 'RUNNING', 'RUNNING'])
    assert.equal(nifi.component('COUNT').members['comments'], 'changed')
  })

  void it('takes every connection for changed whose group has another identifier', () => {
    const { nifi, id } = running()
    replace(nifi, id, definitionOf(line))
    nifi.step()
    assert.deepEqual(
      ['GEN', 'COUNT', 'LOG'].map((name) => nifi.component(name).state),
      ['STOPPED', 'STOPPED', 'STOPPED'],
    )
  })

  void it('leaves stopped what it had stopped when a request is deleted on its way', () => {
    const { nifi, id, changed } = running()
    const path = replace(nifi, id, changed)
    nifi.step()
    assert.deepEqual(stateOf(nifi.ask('DELETE', path)), ['Complete', 20, true, 'Request cancelled by user'])
    nifi.step()
    assert.equal(nifi.component('COUNT').state, 'STOPPED')
    assert.equal(nifi.component('COUNT').members['comments'], '')
    assert.equal(nifi.ask('GET', path).status, 404)
  })

  void it('waits for a thread that does not end', () => {
    const { nifi, id, changed } = running()
    nifi.hold('COUNT')
    const path = replace(nifi, id, changed)
    for (let steps = 0; steps < 9; steps += 1) nifi.step()
    assert.deepEqual(stateOf(nifi.ask('GET', path)).slice(0, 2), ['Stopping Affected Processors', 0])
    const status = nifi.ask('GET', `/flow/process-groups/${id}/status?recursive=true`).body
    assert.equal(at(status, 'processGroupStatus', 'aggregateSnapshot', 'activeThreadCount'), 1)
    nifi.release('COUNT')
    for (let steps = 0; steps < 5; steps += 1) nifi.step()
    assert.equal(stateOf(nifi.ask('GET', path))[2], true)
  })

  void it('keeps a request for its user, until it is purged or NiFi restarts', async () => {
    const { nifi, id, changed } = running()
    const path = replace(nifi, id, changed)
    const other = await nifi.wire('another').send({ method: 'GET', path }, signal)
    assert.equal(other.status, 400)
    assert.match(String(other.body), /^Only the user that submitted/)
    nifi.purge()
    assert.equal(nifi.ask('GET', path).status, 200)
    for (let steps = 0; steps < 5; steps += 1) nifi.step()
    nifi.purge()
    assert.equal(nifi.ask('GET', path).status, 404)
    const second = replace(nifi, id, changed)
    nifi.restart()
    assert.equal(nifi.ask('GET', second).status, 404)
    assert.deepEqual(at(nifi.ask('GET', `/process-groups/${id}`).body, 'revision'), { version: 0 })
    assert.equal(nifi.component('GEN').state, 'RUNNING')
  })

  void it('updates one parameter context after the other', () => {
    const nifi = new FakeNifi()
    const make = (name: string): string => {
      const body = { revision: { version: 0 }, component: { name, parameters: [] } }
      return String(at(nifi.ask('POST', '/parameter-contexts', body).body, 'id'))
    }
    const update = (id: string): string => {
      const body = { revision: { version: 1 }, component: { id, parameters: [] } }
      const answer = nifi.ask('POST', `/parameter-contexts/${id}/update-requests`, body)
      return `/parameter-contexts/${id}/update-requests/${String(at(answer.body, 'request', 'requestId'))}`
    }
    const ids = [make('a'), make('b')]
    nifi.manual = true
    const [first = '', second = ''] = ids.map(update)
    for (let steps = 0; steps < 5; steps += 1) nifi.step()
    assert.deepEqual(stateOf(nifi.ask('GET', first)).slice(0, 3), ['Complete', 100, true])
    assert.deepEqual(stateOf(nifi.ask('GET', second)).slice(1, 3), [0, false])
    for (let steps = 0; steps < 5; steps += 1) nifi.step()
    assert.equal(stateOf(nifi.ask('GET', second))[2], true)
  })

  void it('looks whether something is valid, and may take its time', () => {
    const nifi = new FakeNifi()
    const id = imported(nifi, { ...line, controllerServices: [reader()] })
    nifi.validating('COUNT', 2)
    const look = (): unknown =>
      at(nifi.ask('GET', `/processors/${nifi.component('COUNT').id}`).body, 'component', 'validationStatus')
    assert.deepEqual([look(), look(), look()], ['VALIDATING', 'VALIDATING', 'VALID'])
    nifi.delay('RD')
    nifi.ask('PUT', `/flow/process-groups/${id}/controller-services`, { id, state: 'ENABLED' })
    nifi.step()
    assert.equal(nifi.component('RD').state, 'ENABLING')
  })
})

function reader(): Members {
  const artifact = 'nifi-record-serialization-services-nar'
  const bundle = { group: 'org.apache.nifi', artifact, version: '2.3.0' }
  return service('rd', { type: 'org.apache.nifi.json.JsonTreeReader', bundle })
}

describe('FlowFiles in the fake NiFi', () => {
  void it('move by one hop a round, and none is lost', () => {
    const nifi = new FakeNifi()
    const id = imported(nifi, line)
    nifi.flow(5)
    assert.equal(nifi.queued(), 0)
    run(nifi, id)
    nifi.flow(5)
    assert.deepEqual([nifi.queued('GEN', 'COUNT'), nifi.queued('COUNT', 'LOG'), nifi.ended('LOG')], [5, 0, 0])
    nifi.flow({ make: 5, move: 3 })
    assert.deepEqual([nifi.queued('GEN', 'COUNT'), nifi.queued('COUNT', 'LOG'), nifi.ended('LOG')], [7, 3, 0])
    nifi.stop('GEN')
    nifi.flow(5, 9)
    assert.deepEqual([nifi.queued(), nifi.ended('LOG'), nifi.lost()], [0, 10, 0])
  })

  void it('are copied for a second connection, and wait behind one that is full', () => {
    const nifi = new FakeNifi()
    const narrow = connection('c3', 'gen', 'log', { backPressureObjectThreshold: 4 })
    const id = imported(nifi, { ...line, connections: [...line.connections, narrow] })
    run(nifi, id)
    nifi.stop('LOG')
    nifi.flow(2, 5)
    assert.deepEqual([nifi.queued('GEN', 'LOG'), nifi.lost()], [4, 0])
    const path = `/connections/${nifi.connection('GEN', 'LOG').id}`
    const status = at(nifi.ask('GET', path).body, 'status', 'aggregateSnapshot')
    assert.equal(at(status, 'percentUseCount'), 100)
  })

  void it('move while a client asks, where a test wants that', async () => {
    const nifi = new FakeNifi()
    const id = imported(nifi, line)
    run(nifi, id)
    nifi.stop('GEN')
    nifi.fill('GEN', 'COUNT', 25)
    nifi.flowing = { move: 10 }
    const wire = nifi.wire()
    for (let looks = 0; looks < 4; looks += 1) await wire.send({ method: 'GET', path: '/flow/about' }, signal)
    assert.deepEqual([nifi.queued(), nifi.ended('LOG'), nifi.lost()], [0, 25, 0])
  })

  void it('keep a connection from being removed, and their own count from being changed', () => {
    const nifi = new FakeNifi()
    const id = imported(nifi, line)
    nifi.fill('COUNT', 'LOG', 3)
    const path = replace(nifi, id, liveWith(nifi, id, { connections: [connection('c1', 'gen', 'count')] }))
    for (let looks = 0; looks < 5; looks += 1) nifi.ask('GET', path)
    const [state, percent, complete, why] = stateOf(nifi.ask('GET', path))
    assert.deepEqual([state, percent, complete], ['Complete', 80, true])
    assert.match(
      String(why),
      /does not contain a match for Connection\[.*\] and the connection currently has data/,
    )
    assert.deepEqual([nifi.queued(), nifi.lost()], [3, 0])
  })
})

describe('the wire of the fake NiFi', () => {
  const about: WireRequest = { method: 'GET', path: '/flow/about' }
  const making: WireRequest = {
    method: 'POST',
    path: '/process-groups/root/process-groups',
    body: { revision: { version: 0 }, component: { name: 'made' } },
  }

  const groups = (nifi: FakeNifi): number =>
    (at(nifi.ask('GET', '/process-groups/root/process-groups').body, 'processGroups') as readonly unknown[])
      .length

  async function failure(asked: Promise<unknown>): Promise<string> {
    return asked.then(
      () => 'nothing',
      (error: unknown) => (error instanceof ReconcileError ? error.reason : String(error)),
    )
  }

  void it('records what clients ask, and nobody else', async () => {
    const nifi = new FakeNifi()
    nifi.ask('POST', making.path, making.body)
    await nifi.wire().send(about, signal)
    await nifi.wire().send(making, signal)
    assert.deepEqual(
      nifi.requests.map(({ path, reads, status }) => [path, reads, status]),
      [
        ['/flow/about', true, 200],
        [making.path, false, 201],
      ],
    )
    assert.deepEqual([nifi.reads().length, nifi.writes().length], [1, 1])
  })

  void it('fails before, or after it was carried out', async () => {
    const nifi = new FakeNifi()
    const wire = nifi.wire()
    nifi.inject({ kind: 'fail', method: 'POST' })
    assert.equal(await failure(wire.send(making, signal)), 'ServiceUnreachable')
    assert.equal(groups(nifi), 0)
    nifi.inject({ kind: 'fail', method: 'POST', moment: 'after' })
    assert.equal(await failure(wire.send(making, signal)), 'ServiceTimeout')
    assert.equal(groups(nifi), 1)
    nifi.inject({ kind: 'fail', path: /about/, nth: 2, error: new ReconcileError('TlsFailed', 'no') })
    assert.equal((await wire.send(about, signal)).status, 200)
    assert.equal(await failure(wire.send(about, signal)), 'TlsFailed')
  })

  void it('says what it is told to, hangs, and is away', async () => {
    const nifi = new FakeNifi()
    const wire = nifi.wire()
    nifi.inject({ kind: 'answer', answer: { status: 503, body: 'starting' }, times: Infinity })
    assert.deepEqual(await wire.send(about, signal), { status: 503, body: 'starting' })
    nifi.heal()
    nifi.inject({ kind: 'answer', answer: { status: 401, body: 'who?' } })
    assert.equal(await failure(wire.send(about, signal)), 'AuthenticationFailed')
    nifi.inject({ kind: 'hang' })
    const controller = new AbortController()
    const hanging = failure(wire.send(about, controller.signal))
    controller.abort(new ReconcileError('ServiceTimeout', 'enough'))
    assert.equal(await hanging, 'ServiceTimeout')
    nifi.down = true
    assert.equal(await failure(wire.send(about, signal)), 'ServiceUnreachable')
    nifi.down = false
    assert.equal((await wire.send(about, signal)).status, 200)
  })

  void it('lets a client crash at any moment', async () => {
    const nifi = new FakeNifi()
    nifi.tap = (_, moment) => {
      if (moment === 'after') throw new Error('killed')
    }
    await assert.rejects(nifi.wire().send(making, signal), /killed/)
    assert.equal(groups(nifi), 1)
  })
})

describe('what the fake NiFi keeps to itself, and what it refuses', () => {
  void it('gives no secret away, in properties or in parameters', () => {
    const nifi = new FakeNifi()
    const created = nifi.ask('POST', '/parameter-contexts', {
      revision: { version: 0 },
      component: {
        name: 'base',
        parameters: [{ parameter: { name: 's', sensitive: true, value: 'geheim' } }],
      },
    })
    const http = processor('http', { type: `${standard}InvokeHTTP` })
    const contexts = { parameterContexts: { base: { name: 'base', parameters: [] } } }
    const id = imported(nifi, { processors: [http], parameterContextName: 'base' }, contexts)
    const path = `/processors/${nifi.component('HTTP').id}`
    const edit = (value: string): WireAnswer => {
      const revision = at(nifi.ask('GET', path).body, 'revision')
      const config = { properties: { 'Request Password': value } }
      return nifi.ask('PUT', path, { revision, component: { id: nifi.component('HTTP').id, config } })
    }
    const edited = edit('geheim')
    assert.equal(at(edited.body, 'component', 'config', 'properties', 'Request Password'), '********')
    const download = (): string => JSON.stringify(nifi.ask('GET', `/process-groups/${id}/download`).body)
    const said = [
      created,
      edited,
      nifi.ask('GET', '/flow/parameter-contexts'),
      nifi.ask('GET', '/flow/history?offset=0&count=99'),
    ]
    assert.doesNotMatch(JSON.stringify(said) + download(), /geheim/)
    assert.doesNotMatch(download(), /"Request Password":"/)
    // What no definition has it keeps.
    const looks = replace(nifi, id, definitionOf({ processors: [http] }))
    for (let steps = 0; steps < 6; steps += 1) nifi.ask('GET', looks)
    assert.equal(at(nifi.component('HTTP').members['properties'], 'Request Password'), 'geheim')
    edit('#{s}')
    assert.match(download(), /"Request Password":"#\{s\}"/)
  })

  void it('replaces nothing that somebody put under version control, or in what stands under it', () => {
    const { nifi, id, changed } = running()
    nifi.putUnderVersionControl('flow')
    const { body } = nifi.ask('GET', `/process-groups/${id}`)
    assert.equal(at(body, 'component', 'versionControlInformation', 'version'), '3')
    const answer = nifi.ask('POST', `/process-groups/${id}/replace-requests`, {
      processGroupRevision: at(body, 'revision'),
      versionedFlowSnapshot: changed,
    })
    assert.equal(answer.status, 409)
    assert.match(String(answer.body), /under Version Control/)
  })

  void it('shows bulletins by group, after the last one that was seen', () => {
    const nifi = new FakeNifi()
    const id = imported(nifi, line)
    for (const message of ['one', 'two', 'three']) nifi.bulletin('COUNT', message)
    const shown = (query: string): unknown[] => {
      const board = at(nifi.ask('GET', `/flow/bulletin-board?${query}`).body, 'bulletinBoard', 'bulletins')
      return (board as readonly unknown[]).map((each) => at(each, 'bulletin', 'message'))
    }
    assert.deepEqual(shown(`groupId=${id}`), ['one', 'two', 'three'])
    assert.deepEqual(shown('groupId=other'), [])
    assert.deepEqual(shown(`groupId=x|${id}&after=0&limit=1`), ['three'])
    assert.equal(nifi.ask('GET', '/flow/bulletin-board?groupId=%5B').status, 404)
  })

  void it('fails in the middle of an import, and leaves what it had made', () => {
    const nifi = new FakeNifi()
    const processors = [source, { ...middle, bulletinLevel: null }, sink]
    const answer = nifi.ask('POST', '/process-groups/root/process-groups/import', {
      ...{ groupName: 'half', positionDTO: { x: 0, y: 0 }, revisionDTO: { version: 0 } },
      flowSnapshot: definitionOf({ ...line, processors }),
    })
    assert.equal(answer.status, 500)
    assert.equal(nifi.state.componentsIn(nifi.group('half').id).length, 2)
  })
})
