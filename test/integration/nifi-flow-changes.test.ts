import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AxiosWire } from '../../reconcilers/nifi/client/axios-wire.ts'
import type { Wire } from '../../reconcilers/nifi/client/wire.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import type { Outcome } from '../../src/reconcile/service-client.ts'
import type { Flow } from '../../reconcilers/nifi/resource.ts'
import {
  type Part,
  connection,
  counter,
  definition,
  group,
  identifierOf,
  port,
  processor,
  sink,
} from '../support/nifi-definitions.ts'
import { type Entry, FlowDriver } from '../support/nifi-flow-driver.ts'
import { MortalWire } from '../support/nifi-mortal-wire.ts'
import { NifiOracle, at } from '../support/nifi-oracle.ts'
import { type TestNifi, startNifi } from '../support/nifi.ts'

let nifi: TestNifi
let oracle: NifiOracle
let driver: FlowDriver

before(async () => {
  nifi = await startNifi()
  oracle = new NifiOracle(async (method, path, body) => nifi.ask(method, path, body))
  driver = new FlowDriver(wire)
})

after(async () => {
  await driver.close()
  await nifi.stop()
})

function wire(): Wire {
  return new AxiosWire(nifiSettings.parse({ NIFI_URL: nifi.url }))
}

function flowOf(parts: readonly Part[], more: Entry = {}): Entry {
  return { definition: definition(parts), ...more }
}

async function madeAs(name: string, entry: Entry, by = driver): Promise<string> {
  const made = await by.make(name, entry)
  if (made.state !== 'done') return assert.fail(JSON.stringify(made))
  const now = await by.look(name)
  return now?.id ?? assert.fail('it does not show')
}

/** Ids of the groups right below the root that are called so. */
async function groupsCalled(name: string): Promise<readonly string[]> {
  const body = await oracle.ask('GET', '/process-groups/root/process-groups')
  const groups = at(body, 'processGroups') as readonly unknown[]
  return groups.filter((each) => at(each, 'component', 'name') === name).map((each) => String(at(each, 'id')))
}

async function commentsOf(groupId: string): Promise<string> {
  return String(at(await oracle.ask('GET', `/process-groups/${groupId}`), 'component', 'comments'))
}

/** Somebody starts, stops or disables a processor on the canvas. */
async function schedule(groupId: string, name: string, state: string): Promise<void> {
  const body = await oracle.ask('GET', `/process-groups/${groupId}/processors`)
  const found = (at(body, 'processors') as readonly unknown[]).find(
    (each) => at(each, 'component', 'name') === name,
  )
  const id = String(at(found, 'id'))
  await oracle.ask('PUT', `/processors/${id}/run-status`, { revision: at(found, 'revision'), state })
}

function failureOf(outcome: Outcome<Flow>): string {
  return outcome.state === 'failed' ? `${outcome.reason}: ${outcome.message}` : assert.fail(outcome.state)
}

const generator = (name: string, more: Entry = {}) =>
  processor(name, 'GenerateFlowFile', { 'File Size': '0B' }, { schedulingPeriod: '100 ms', ...more })

describe('making a flow', () => {
  test('an answer that was lost makes no second one', async () => {
    const [source, end] = [generator('lost source'), sink('lost end')]
    const entry = flowOf([source, end, connection(source, end)])
    const cut = new FlowDriver(
      () =>
        new MortalWire(
          wire(),
          (moment, _, { path }) => moment === 'after' && path.endsWith('/process-groups/import'),
        ),
    )
    await assert.rejects(cut.make('lost', entry), /killed after/)
    const [only] = await groupsCalled('lost')
    assert.equal(await madeAs('lost', entry), only)
    assert.deepEqual(await groupsCalled('lost'), [only])
    assert.equal((await oracle.states(only ?? '')).get('lost source'), 'RUNNING')
    await cut.close()
  })

  test('what NiFi refuses half way leaves nothing behind', async () => {
    const [source, end] = [generator('refused source', { penaltyDuration: 'soon' }), sink('refused end')]
    const outcome = await driver.make('refused', flowOf([source, end, connection(source, end)]))
    assert.match(
      failureOf(outcome),
      /^RejectedByServer: making the flow: .*'soon' is not a valid time duration/,
    )
    assert.deepEqual(await groupsCalled('refused'), [])
  })

  test('a parent that is not there is waited for, and nothing is made elsewhere', async () => {
    const entry = flowOf([generator('orphan source', { autoTerminatedRelationships: ['success'] })], {
      parent: 'root/No such team',
    })
    await assert.rejects(driver.make('orphan', entry), /there is no process group root\/No such team/)
    assert.deepEqual(await groupsCalled('orphan'), [])
  })

  test('two flows of one definition stand beside each other, each in its place', async () => {
    const source = generator('twin source', { autoTerminatedRelationships: ['success'] })
    const entry = flowOf([source], { identifiers: 'own' })
    const ids = [await madeAs('twin one', entry), await madeAs('twin two', entry)]
    const places = await Promise.all(
      ids.map(async (id) => JSON.stringify(at(await oracle.ask('GET', `/process-groups/${id}`), 'position'))),
    )
    assert.notEqual(places[0], places[1])
  })
})

describe('changing a flow', () => {
  test('what fails half way is put back, with the run states from before', async () => {
    const [source, b, end] = [generator('half source'), counter('half b'), sink('half end')]
    const before = flowOf([source, b, end, connection(source, b), connection(b, end)], {
      'run-state': 'as-is',
    })
    const groupId = await madeAs('half', before)
    await schedule(groupId, 'half source', 'RUNNING')
    await schedule(groupId, 'half b', 'RUNNING')
    const states = await oracle.states(groupId)
    const slower = { ...source, schedulingPeriod: '7 s' }
    // Connections come after processors.
    const bad = connection(b, end, { flowFileExpiration: 'soon' })
    const after = flowOf([slower, b, end, connection(source, b), bad], { 'run-state': 'as-is' })
    const words = failureOf(await driver.make('half', after))
    assert.match(words, /^RejectedByServer: .*'soon' is not a valid time duration; the flow was put back/)
    assert.equal(await driver.plan('half', before), undefined, 'it is not as it was before')
    assert.deepEqual(await oracle.states(groupId), states)
  })

  test('what somebody stopped stays so, what is disabled too, and the rest runs', async () => {
    const [source, a, b] = [generator('held source'), counter('held a'), counter('held b')]
    const off = generator('held off', {
      scheduledState: 'DISABLED',
      autoTerminatedRelationships: ['success'],
    })
    const end = sink('held end')
    const parts = (second: Part) =>
      [
        source,
        a,
        second,
        off,
        end,
        connection(source, a),
        connection(a, second),
        connection(second, end),
      ] as const
    const groupId = await madeAs('held', flowOf(parts(b)))
    await schedule(groupId, 'held a', 'STOPPED')
    const states = await oracle.states(groupId)
    assert.deepEqual([...states].toSorted(), [
      ['held a', 'STOPPED'],
      ['held b', 'RUNNING'],
      ['held end', 'RUNNING'],
      ['held off', 'DISABLED'],
      ['held source', 'RUNNING'],
    ])
    await madeAs('held', flowOf(parts({ ...b, comments: 'new' }), { 'run-state': 'as-is' }))
    assert.deepEqual(await oracle.states(groupId), states)
    await madeAs('held', flowOf(parts({ ...b, comments: 'newer' })))
    assert.equal((await oracle.states(groupId)).get('held a'), 'RUNNING')
    assert.equal((await oracle.states(groupId)).get('held off'), 'DISABLED')
    await madeAs('held', flowOf(parts({ ...b, comments: 'newer' }), { 'run-state': 'stopped' }))
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['STOPPED', 'DISABLED']))
    assert.equal(await oracle.activeThreads(groupId), 0)
  })

  test('another name and another parent while it runs: the same group with the same FlowFiles', async () => {
    const root = String(at(await oracle.ask('GET', '/process-groups/root'), 'id'))
    await oracle.ask('POST', `/process-groups/${root}/process-groups`, {
      revision: { version: 0, clientId: 'oracle' },
      component: { name: 'Team A', position: { x: 0, y: 2000 } },
    })
    const [source, end] = [generator('moved source'), sink('moved end')]
    const parts = [source, end, connection(source, end)]
    const groupId = await madeAs('moved', flowOf(parts, { 'run-state': 'as-is' }))
    await schedule(groupId, 'moved source', 'RUNNING')
    await oracle.until('some wait', async () => (await oracle.queued(groupId)) > 3)
    await schedule(groupId, 'moved source', 'STOPPED')
    const queued = await oracle.queued(groupId)
    const there = flowOf(parts, { 'run-state': 'as-is', name: 'Moved', parent: 'root/Team A' })
    assert.equal(await madeAs('moved', there), groupId)
    const now = await oracle.ask('GET', `/process-groups/${groupId}`)
    assert.notEqual(at(now, 'component', 'parentGroupId'), root)
    assert.equal(at(now, 'component', 'name'), 'Moved')
    assert.equal(await oracle.queued(groupId), queued)
  })

  test('a flow whose ports are used outside is not moved', async () => {
    const [entry, end] = [port('in'), sink('rooted end')]
    const parts = [entry, end, connection(entry, end)]
    const groupId = await madeAs('rooted', flowOf(parts))
    const feed = await oracle.feed(groupId, 'in', 1)
    const outcome = await driver.make('rooted', flowOf(parts, { parent: 'root/Team A' }))
    assert.match(failureOf(outcome), /^RejectedByServer: .*connections outside of it lead to its ports/)
    await madeAs('rooted', flowOf(parts))
    await oracle.until('it is through', async () => (await feed.waiting()) === 0)
    await feed.remove()
  })

  test('another parameter context while what uses it runs', async () => {
    for (const name of ['one', 'two']) {
      await oracle.ask('POST', '/parameter-contexts', {
        revision: { version: 0, clientId: 'oracle' },
        component: { name, parameters: [{ parameter: { name: 'size', sensitive: false, value: '1 B' } }] },
      })
    }
    const source = generator('bound source', { properties: { 'File Size': '#{size}' } })
    const end = sink('bound end')
    const inside = generator('bound inside', {
      properties: { 'File Size': '#{size}' },
      autoTerminatedRelationships: ['success'],
    })
    const parts = [source, end, connection(source, end), group('bound inner', [inside])]
    const to = (contexts: Entry) => flowOf(parts, { 'parameter-contexts': contexts })
    const groupId = await madeAs('bound', to({ '/': 'one' }))
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    await madeAs('bound', to({ '/': 'two', '/bound inner': 'one' }))
    const download = await oracle.download(groupId)
    assert.equal(at(download, 'flowContents', 'parameterContextName'), 'two')
    const [inner] = at(download, 'flowContents', 'processGroups') as readonly unknown[]
    assert.equal(at(inner, 'parameterContextName'), 'one')
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    const outcome = await driver.make('bound', to({ '/': 'three' }))
    assert.match(failureOf(outcome), /^DependencyMissing: there is no parameter context "three"/)
  })

  test('services come with what uses them, and a changed one is changed', async () => {
    const service = (identifier: string, name: string, type: string, properties: Entry = {}): Part => ({
      ...{
        identifier,
        name,
        type: `org.apache.nifi.${type}`,
        properties,
        componentType: 'CONTROLLER_SERVICE',
      },
      bundle: {
        group: 'org.apache.nifi',
        artifact: 'nifi-record-serialization-services-nar',
        version: '2.3.0',
      },
      ...{
        propertyDescriptors: {},
        controllerServiceApis: [],
        bulletinLevel: 'WARN',
        scheduledState: 'DISABLED',
      },
    })
    const [readerId, writerId] = [identifierOf('served reader'), identifierOf('served writer')]
    const source = generator('served source')
    const convert = processor(
      'served convert',
      'ConvertRecord',
      { 'record-reader': readerId, 'record-writer': writerId },
      {
        autoTerminatedRelationships: ['success', 'failure'],
        // By these NiFi knows that a value is a service’s identifier.
        propertyDescriptors: {
          'record-reader': { name: 'record-reader', identifiesControllerService: true, sensitive: false },
          'record-writer': { name: 'record-writer', identifiesControllerService: true, sensitive: false },
        },
      },
    )
    const parts = (length: string) => [
      ...[source, convert, connection(source, convert)],
      service(readerId, 'served reader', 'json.JsonTreeReader', { 'Max String Length': length }),
      service(writerId, 'served writer', 'json.JsonRecordSetWriter'),
    ]
    const groupId = await madeAs('served', flowOf(parts('20 MB')))
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    await madeAs('served', flowOf(parts('10 MB')))
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    const body = await oracle.ask('GET', `/flow/process-groups/${groupId}/controller-services`)
    const services = at(body, 'controllerServices') as readonly unknown[]
    assert.deepEqual(new Set(services.map((each) => at(each, 'component', 'state'))), new Set(['ENABLED']))
    assert.deepEqual(await driver.remove('served', 'delete'), { state: 'done' })
    assert.deepEqual(await groupsCalled('served'), [])
  })

  test('queues that do not become empty: after the time limit it runs as before and nothing is lost', async () => {
    const [source, off, end] = [generator('late source'), counter('late off'), sink('late end')]
    const disabled = { ...off, scheduledState: 'DISABLED' }
    const before = flowOf([source, disabled, end, connection(source, disabled), connection(disabled, end)])
    const groupId = await madeAs('late', before)
    await oracle.until('some wait', async () => (await oracle.queued(groupId)) > 5)
    for (const queues of ['keep', 'drain']) {
      const waiting = await oracle.queued(groupId)
      const to = flowOf([source, end, connection(source, end)], { queues, 'drain-timeout': '2s' })
      const words = failureOf(await driver.make('late', to))
      assert.match(words, /^TimeLimitReached: \d+ FlowFiles \(0 bytes\) still wait after 2 seconds/)
      assert.match(words, /late source → late off/)
      assert.ok((await oracle.queued(groupId)) >= waiting, 'FlowFiles are gone')
      assert.equal((await oracle.states(groupId)).get('late source'), 'RUNNING')
    }
  })

  test('nothing runs that could empty a queue: it is said, and nothing is touched', async () => {
    const [source, end] = [generator('still source'), sink('still end')]
    const groupId = await madeAs(
      'still',
      flowOf([source, end, connection(source, end)], { 'run-state': 'as-is' }),
    )
    await schedule(groupId, 'still source', 'RUNNING')
    await oracle.until('some wait', async () => (await oracle.queued(groupId)) > 3)
    await schedule(groupId, 'still source', 'STOPPED')
    const before = await oracle.download(groupId)
    const to = flowOf([{ ...source, autoTerminatedRelationships: ['success'] }, end], {
      'run-state': 'as-is',
    })
    assert.match(failureOf(await driver.make('still', to)), /^ChangesFailed: FlowFiles wait .* nothing runs/)
    assert.deepEqual(
      at(await oracle.download(groupId), 'flowContents', 'connections'),
      at(before, 'flowContents', 'connections'),
    )
  })

  test('a processor in the middle of its work is waited for, within the time limit', async () => {
    const source = generator('busy source', { schedulingPeriod: '1 s' })
    const sleep = (more: Entry) =>
      processor(
        'busy sleeper',
        'ExecuteStreamCommand',
        {
          'Command Arguments Strategy': 'Command Arguments Property',
          'Command Path': 'sleep',
          'Command Arguments': '12',
        },
        { autoTerminatedRelationships: ['original', 'output stream', 'nonzero status'], ...more },
      )
    const parts = (more: Entry) => {
      const sleeper = sleep(more)
      return [source, sleeper, connection(source, sleeper)]
    }
    const groupId = await madeAs('busy', flowOf(parts({})))
    await oracle.until('it is at work', async () => (await oracle.activeThreads(groupId)) > 0)
    const soon = flowOf(parts({ comments: 'a' }), { 'drain-timeout': '1s' })
    const words = failureOf(await driver.make('busy', soon))
    assert.match(words, /^TimeLimitReached: "busy sleeper" did not end their work within 1 seconds/)
    await oracle.until(
      'it runs again',
      async () => (await oracle.states(groupId)).get('busy sleeper') === 'RUNNING',
    )
    driver.waited.length = 0
    await madeAs('busy', flowOf(parts({ comments: 'a' })))
    assert.match(driver.waited.join('\n'), /Stopping Affected Processors \(0 %\), waits for "busy sleeper"/)
    assert.equal((await oracle.states(groupId)).get('busy sleeper'), 'RUNNING')
  })

  test('two at once: the flow is one of the two wishes, and runs', async () => {
    const [source, a, end] = [generator('both source'), counter('both a'), sink('both end')]
    const parts = (comments: string) => {
      const told = { ...a, comments }
      return flowOf([source, told, end, connection(source, told), connection(told, end)])
    }
    const groupId = await madeAs('both', parts('none'))
    const other = new FlowDriver(wire)
    await Promise.allSettled([driver.make('both', parts('ours')), other.make('both', parts('theirs'))])
    await madeAs('both', parts('ours'))
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    await other.close()
  })

  test('NiFi dies while old connections run empty: it starts again, and no FlowFile is lost', async () => {
    const [entry, a, end] = [port('in'), counter('died a'), sink('died end')]
    const [off, b] = [{ ...end, scheduledState: 'DISABLED' }, counter('died b')]
    const line = (...parts: readonly Part[]) => [...parts, ...chain(...parts)]
    const groupId = await madeAs('died', flowOf(line(entry, a, off)))
    const feed = await oracle.feed(groupId, 'in', 2_000)
    await madeAs('died', flowOf(line(entry, a, off)))
    await oracle.until('all wait for the end', async () => (await oracle.queued(groupId)) === 2_000)
    const mortal = new FlowDriver(wire)
    const changing = mortal.make('died', flowOf(line(entry, a, b, off)))
    await oracle.until('the old one is to run empty', async () => mortal.waited.length > 0)
    // NiFi writes its flow down half a second after a change of it.
    await pause(2_000)
    await nifi.kill()
    await assert.rejects(changing)
    await mortal.close()
    await nifi.start()
    assert.equal(await oracle.queued(groupId), 2_000)
    await driver.restart()
    await madeAs('died', flowOf(line(entry, a, b, end)))
    await oracle.until('all are gone', async () => (await oracle.queued(groupId)) === 0)
    assert.equal(await oracle.counted('died end'), 2_000)
    assert.equal(await feed.waiting(), 0)
  })
})

describe('a flow that is no longer written', () => {
  const entryOf = (name: string): Entry => {
    const [source, end] = [generator(`${name} source`), sink(`${name} end`)]
    return flowOf([source, end, connection(source, end)])
  }

  test('stop: it stands still and is nobody’s', async () => {
    const groupId = await madeAs('let go', entryOf('let go'))
    assert.match(await commentsOf(groupId), /\[infometis flows\/let go\]$/)
    assert.deepEqual(await driver.remove('let go', 'stop'), { state: 'done' })
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['STOPPED']))
    assert.equal(await commentsOf(groupId), '')
    assert.equal(await driver.look('let go'), undefined, 'it is still looked at')
    assert.deepEqual(await driver.remove('let go', 'stop'), { state: 'done' })
  })

  test('keep: it goes on and is nobody’s', async () => {
    const groupId = await madeAs('kept', entryOf('kept'))
    assert.deepEqual(await driver.remove('kept', 'keep'), { state: 'done' })
    assert.deepEqual(new Set((await oracle.states(groupId)).values()), new Set(['RUNNING']))
    assert.equal(await commentsOf(groupId), '')
  })

  test('delete: what is in it arrives first', async () => {
    const [source, a] = [
      generator('gone source', { schedulingPeriod: '1 ms' }),
      counter('gone a', { schedulingPeriod: '5 ms' }),
    ]
    const end = sink('gone end')
    const groupId = await madeAs('gone', flowOf([source, a, end, connection(source, a), connection(a, end)]))
    await oracle.until('many wait', async () => (await oracle.queued(groupId)) > 200)
    assert.deepEqual(await driver.remove('gone', 'delete'), { state: 'done' })
    assert.deepEqual(await groupsCalled('gone'), [])
    assert.ok((await oracle.counted('gone end')) >= 200)
    assert.equal(await oracle.counted('gone end'), await oracle.counted('gone a'))
  })

  test('delete: FlowFiles that nothing takes keep it there', async () => {
    const [source, end] = [generator('full source'), sink('full end')]
    const off = { ...end, scheduledState: 'DISABLED' }
    const groupId = await madeAs('full', flowOf([source, off, connection(source, off)]))
    await oracle.until('some wait', async () => (await oracle.queued(groupId)) > 3)
    await schedule(groupId, 'full source', 'STOPPED')
    const queued = await oracle.queued(groupId)
    assert.match(
      failureOf(await driver.remove('full', 'delete')),
      /^ChangesFailed: \d+ FlowFiles .* nothing of it runs/,
    )
    assert.equal(await oracle.queued(groupId), queued)
  })

  test('delete: connections of others keep it there', async () => {
    const [entry, end] = [port('in'), sink('used end')]
    const groupId = await madeAs('used', flowOf([entry, end, connection(entry, end)]))
    const feed = await oracle.feed(groupId, 'in', 1)
    assert.match(
      failureOf(await driver.remove('used', 'delete')),
      /connections outside of the flow lead to its ports/,
    )
    await madeAs('used', flowOf([entry, end, connection(entry, end)]))
    await oracle.until('it is through', async () => (await feed.waiting()) === 0)
    await feed.remove()
    assert.deepEqual(await driver.remove('used', 'delete'), { state: 'done' })
  })
})

function chain(...parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part, index) => {
    const next = parts[index + 1]
    return next === undefined ? [] : [connection(part, next)]
  })
}
