import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { AxiosWire } from '../../reconcilers/nifi/client/axios-wire.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import { CountingSink } from '../support/counting-sink.ts'
import { type Part, connection, counter, definition, port, processor } from '../support/nifi-definitions.ts'
import { type Feed, NifiOracle, at } from '../support/nifi-oracle.ts'
import { type Documents, Stage } from '../support/nifi-stage.ts'
import { type TestNifi, startNifi } from '../support/nifi.ts'

let nifi: TestNifi
let oracle: NifiOracle
let sink: CountingSink
let stage: Stage

before(async () => {
  nifi = await startNifi()
  oracle = new NifiOracle(async (method, path, body) => nifi.ask(method, path, body))
})

after(async () => nifi.stop())

beforeEach(async () => {
  sink = await CountingSink.start()
})

afterEach(async () => {
  await stage.close()
  await sink.close()
})

const flowFiles = 10_000

/** in → a → b → send, where `send` asks the sink for a path that is the FlowFile’s own: a copy has another. */
function flowOf(name: string, ...between: readonly Part[]): Documents {
  const entry = port('in')
  const send = processor(
    'send',
    'InvokeHTTP',
    { 'HTTP Method': 'POST', 'HTTP URL': `${sink.url}/\${uuid}` },
    {
      autoTerminatedRelationships: ['Original', 'Response'],
      concurrentlySchedulableTaskCount: 4,
    },
  )
  const parts = [entry, ...between, send]
  const unsent = connection(send, send, { selectedRelationships: ['Failure', 'No Retry', 'Retry'] })
  return { flows: { [name]: { definition: definition([...parts, ...chain(...parts), unsent]) } } }
}

/** So many milliseconds for each FlowFile, so that there are some for as long as a test needs. */
const paced = (ms: number) => counter('a', { schedulingPeriod: `${ms} ms` })
const b = counter('b')

function chain(...parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part, index) => {
    const next = parts[index + 1]
    return next === undefined ? [] : [connection(part, next)]
  })
}

/** The flow with 10,000 FlowFiles ahead of it, the first of them on their way. */
async function flowing(
  name: string,
  flow: Documents,
): Promise<{ readonly feed: Feed; readonly groupId: string }> {
  const settings = nifiSettings.parse({ NIFI_URL: nifi.url })
  stage = new Stage(() => new AxiosWire(settings))
  stage.live()
  stage.write(flow)
  await stage.settle('at first')
  const groupId = await oneMarked(name)
  const feed = await oracle.feed(groupId, 'in', flowFiles)
  // A port runs only once something leads to it.
  await nifi.ask('PUT', `/flow/process-groups/${groupId}`, { id: groupId, state: 'RUNNING' })
  await oracle.until('the first ones arrive', async () => Promise.resolve(sink.arrived > 0))
  return { feed, groupId }
}

/** The id of the only group that bears the marker. */
async function oneMarked(name: string): Promise<string> {
  const groups = at(await oracle.ask('GET', '/process-groups/root/process-groups'), 'processGroups')
  assert.ok(Array.isArray(groups))
  const marked = groups.filter((each) =>
    String(at(each, 'component', 'comments')).includes(`[infometis flows/${name}]`),
  )
  assert.equal(marked.length, 1, 'groups with the marker')
  return String(at(marked[0], 'id'))
}

/** Enough was seen: nothing waits for its pace any more. */
async function hurried(flow: Documents): Promise<void> {
  stage.write(flow)
  stage.live()
  await stage.settle('hurried')
}

/** Waits for the last one, and looks whether all came. */
async function allArrive({
  feed,
  groupId,
}: {
  readonly feed: Feed
  readonly groupId: string
}): Promise<void> {
  const left = async () => (await feed.waiting()) + (await oracle.queued(groupId))
  await oracle.until('all have gone their way', async () => (await left()) === 0)
  await oracle.until('nothing is at work', async () => (await oracle.activeThreads(groupId)) === 0)
  assert.equal(sink.arrived, flowFiles)
  await feed.remove()
}

/** How many wait ahead of `send`. */
async function waitingAhead(groupId: string): Promise<number> {
  const status = await oracle.ask('GET', `/flow/process-groups/${groupId}/status?recursive=true`)
  const connections = at(status, 'processGroupStatus', 'aggregateSnapshot', 'connectionStatusSnapshots')
  assert.ok(Array.isArray(connections))
  return connections
    .map((each) => at(each, 'connectionStatusSnapshot'))
    .filter((each) => at(each, 'destinationName') === 'send' && at(each, 'sourceName') !== 'send')
    .reduce<number>((sum, each) => sum + Number(at(each, 'flowFilesQueued')), 0)
}

/** What is there, and runs. */
async function assertShape(groupId: string, names: readonly string[]): Promise<void> {
  const states = await oracle.states(groupId)
  assert.deepEqual([...states].sort(), names.map((name) => [name, 'RUNNING']).sort())
  const listed = at(await oracle.ask('GET', `/process-groups/${groupId}/connections`), 'connections')
  assert.ok(Array.isArray(listed))
  const lines = listed.map((each) => {
    const [from, to] = [at(each, 'component', 'source', 'name'), at(each, 'component', 'destination', 'name')]
    return `${String(from)} → ${String(to)}`
  })
  const expected = names.flatMap((name, index) => {
    const next = names[index + 1]
    return next === undefined ? [] : [`${name} → ${next}`]
  })
  assert.deepEqual(lines.sort(), [...expected, 'send → send'].sort())
}

/** The change again and again, there and back, each time with the process killed `step` moments later than the last time. */
async function killedAgainAndAgain(
  name: string,
  there: Documents,
  back: Documents,
  {
    step,
    prove,
    fill = async () => Promise.resolve(),
  }: {
    readonly step: number
    readonly prove: (isThere: boolean) => Promise<void>
    readonly fill?: () => Promise<void>
  },
): Promise<number> {
  let isThere = false
  for (let delay = 0, kills = 0; ; delay += step, kills += 1) {
    assert.ok(kills < 60, 'it never ends')
    isThere = !isThere
    stage.write(isThere ? there : back)
    const moment = kills % 2 === 0 ? 'after' : 'before'
    await fill()
    // Until something is written, nothing is changed: the first moment of interest is that of the first write.
    stage.live(undefined, () => {
      sink.release()
      stage.doom({ at: stage.moments + delay, moment })
    })
    const where = `${name}, killed ${moment} moment ${delay} after the first write`
    await stage.settle(where)
    const { dead } = stage
    if (dead) {
      await stage.restart()
      await stage.settle(`${where}, afterwards`)
    }
    await prove(isThere)
    if (!dead) return kills
  }
}

describe('10,000 FlowFiles are on their way through a real NiFi, and each arrives once', () => {
  it('while a processor is changed, with the reconciler killed at each moment of it', async () => {
    const from = flowOf('orders', paced(3), b)
    const flow = await flowing('orders', from)
    const kills = await killedAgainAndAgain(
      'safe',
      flowOf('orders', paced(3), { ...b, comments: 'anew' }),
      from,
      {
        step: 1,
        prove: async () => assertShape(flow.groupId, ['in', 'a', 'b', 'send']),
      },
    )
    assert.ok(kills > 8, `killed only ${kills} times`)
    assert.ok(sink.arrived < flowFiles, 'all had arrived before the last change')
    await hurried(flowOf('orders', paced(0), b))
    await allArrive(flow)
    assert.deepEqual(sink.again, [])
  })

  it('while a processor is taken out and put back, with the reconciler killed at each second moment of it', async () => {
    const [from, to] = [flowOf('keep', paced(4), b), flowOf('keep', paced(4))]
    const flow = await flowing('keep', from)
    const kills = await killedAgainAndAgain('keep', to, from, {
      step: 2,
      // What goes is filled: nothing leaves it until the change has begun.
      fill: async () => {
        sink.hold()
        await oracle.until('they wait', async () => (await waitingAhead(flow.groupId)) > 50)
      },
      prove: async (isThere) =>
        assertShape(flow.groupId, isThere ? ['in', 'a', 'send'] : ['in', 'a', 'b', 'send']),
    })
    assert.ok(kills > 8, `killed only ${kills} times`)
    assert.ok(sink.arrived < flowFiles, 'all had arrived before the last change')
    await hurried(flowOf('keep', paced(0)))
    await allArrive(flow)
    assert.deepEqual(sink.again, [])
  })

  it('while a processor is taken out, with the reconciler killed while NiFi replaces, and the next one replacing beside it', async () => {
    const [from, to] = [flowOf('twice', paced(0), b), flowOf('twice', paced(0))]
    const flow = await flowing('twice', from)
    sink.hold()
    await oracle.until('they wait', async () => (await waitingAhead(flow.groupId)) > 500)
    stage.write(to)
    // `send` does not end its work, so NiFi waits for it.
    stage.live(undefined, () => stage.doom({ at: stage.moments, moment: 'after' }))
    await stage.settle('killed in the replace')
    assert.ok(stage.dead)
    await stage.restart()
    let released: Promise<void> | undefined
    stage.live(undefined, () => {
      const { moments } = stage
      released = (async () => {
        await oracle.until('its replace waits, too', async () => Promise.resolve(stage.moments > moments + 1))
        sink.release()
      })()
    })
    await stage.settle('the next one')
    await released
    await assertShape(flow.groupId, ['in', 'a', 'send'])
    await allArrive(flow)
    assert.deepEqual(sink.again, [])
  })

  it('while a processor is taken out, with NiFi itself killed in the middle of the replace; one on its way can arrive twice', async () => {
    const flow = await flowing('nifi', flowOf('nifi', paced(0), b))
    sink.hold()
    await oracle.until('they wait', async () => (await waitingAhead(flow.groupId)) > 500)
    stage.write(flowOf('nifi', paced(0)))
    let killed: Promise<void> | undefined
    stage.live(undefined, () => {
      killed = (async () => {
        await oracle.until(
          'the replace waits',
          async () => (await oracle.states(flow.groupId)).get('b') === 'STOPPED',
        )
        await nifi.kill()
        sink.release()
        await nifi.start()
      })()
    })
    await stage.settle('NiFi killed', 120_000)
    await killed
    await assertShape(flow.groupId, ['in', 'a', 'send'])
    await allArrive(flow)
    assert.ok(sink.again.length <= 4, `${sink.again.length} came again`)
  })
})
