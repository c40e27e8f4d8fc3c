import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxiosWire } from '../../reconcilers/nifi/client/axios-wire.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import { connection, counter, definition, funnel, group, port, sink } from '../support/nifi-definitions.ts'
import type { Part } from '../support/nifi-definitions.ts'
import { type Entry, FlowDriver } from '../support/nifi-flow-driver.ts'
import { NifiOracle } from '../support/nifi-oracle.ts'
import { type TestNifi, startNifi } from '../support/nifi.ts'

let nifi: TestNifi
let oracle: NifiOracle
let driver: FlowDriver

before(async () => {
  nifi = await startNifi()
  oracle = new NifiOracle(async (method, path, body) => nifi.ask(method, path, body))
  const settings = nifiSettings.parse({ NIFI_URL: nifi.url })
  driver = new FlowDriver(() => new AxiosWire(settings))
})

after(async () => {
  await driver.close()
  await nifi.stop()
})

const flowFiles = 10_000

/** One a millisecond at most: what it feeds on lasts for ten seconds and more. */
const slowly = { schedulingPeriod: '1 ms' }

function flowOf(parts: readonly Part[], more: Entry = {}): Entry {
  return { definition: definition(parts), ...more }
}

/** Makes the flow, lets 10,000 FlowFiles in, changes it while they are on their way, and counts what arrives. */
async function changedOnTheWay(
  name: string,
  from: Entry,
  to: Entry,
  { dropped = async () => Promise.resolve(0) }: { readonly dropped?: () => Promise<number> } = {},
): Promise<{ readonly note: string | undefined; readonly groupId: string }> {
  const groupId = await madeAs(name, from)
  const feed = await oracle.feed(groupId, 'in', flowFiles)
  const left = async () => (await feed.waiting()) + (await oracle.queued(groupId))
  // A port runs only once something leads to it.
  assert.equal((await driver.make(name, from)).state, 'done')
  await oracle.until('the first ones arrive', async () => (await oracle.counted(`${name} end`)) > 0)
  const ahead = await left()
  assert.ok(ahead > flowFiles / 2, `only ${ahead} FlowFiles are on their way when the change begins`)
  driver.waited.length = 0
  const changed = await driver.make(name, to)
  if (changed.state !== 'done') return assert.fail(JSON.stringify(changed))
  assert.equal(await driver.plan(name, to), undefined, 'something is left to be changed')
  await oracle.until('all have gone their way', async () => (await left()) === 0)
  await oracle.until('nothing is at work', async () => (await oracle.activeThreads(groupId)) === 0)
  assert.equal((await oracle.counted(`${name} end`)) + (await dropped()), flowFiles)
  await feed.remove()
  assert.deepEqual(await driver.remove(name, 'delete'), { state: 'done' })
  return { note: changed.note, groupId }
}

/** The id of the group that the flow is. */
async function madeAs(name: string, entry: Entry): Promise<string> {
  const made = await driver.make(name, entry)
  if (made.state !== 'done') return assert.fail(JSON.stringify(made))
  return made.id ?? assert.fail('no id')
}

/** in → a → b → end, all of them named after the flow. */
function line(name: string) {
  const entry = port('in')
  const a = counter(`${name} a`, slowly)
  const b = counter(`${name} b`, slowly)
  const end = sink(`${name} end`)
  return {
    entry,
    a,
    b,
    end,
    parts: [entry, a, b, end, connection(entry, a), connection(a, b), connection(b, end)],
  }
}

describe(
  '10,000 FlowFiles are on their way while the flow changes, and as many arrive',
  { concurrency: 4 },
  () => {
    test('a place on the canvas', async () => {
      const { entry, a, b, end, parts } = line('place')
      const moved = [
        ...[entry, { ...a, position: { x: 400, y: 200 } }, b, end],
        ...[connection(entry, a), connection(a, b), connection(b, end)],
      ]
      await changedOnTheWay('place', flowOf(parts, { layout: 'git' }), flowOf(moved, { layout: 'git' }))
    })

    test('name and comments of the group', async () => {
      const { parts } = line('words')
      const told = { definition: definition(parts, { comments: 'told anew' }), name: 'words, told anew' }
      await changedOnTheWay('words', flowOf(parts), told)
    })

    test('a processor and a connection', async () => {
      const { entry, a, b, end, parts } = line('safe')
      const other = [
        ...[entry, a, { ...b, schedulingPeriod: '2 ms', comments: 'slower' }, end],
        ...[connection(entry, a), connection(a, b, { backPressureObjectThreshold: 500 }), connection(b, end)],
      ]
      await changedOnTheWay('safe', flowOf(parts), flowOf(other))
    })

    test('a processor put in between', async () => {
      const { entry, a, b, end, parts } = line('between')
      const c = counter('between c')
      const other = [entry, a, b, c, end, ...chain(entry, a, c, b, end)]
      await changedOnTheWay('between', flowOf(parts), flowOf(other))
      assert.ok((await oracle.counted('between c')) > 0, 'the new processor got nothing')
    })

    test('a processor taken out of the middle', async () => {
      const { entry, a, end, parts } = line('without')
      await changedOnTheWay('without', flowOf(parts), flowOf([entry, a, end, ...chain(entry, a, end)]))
    })

    test('everything between port and end made anew', async () => {
      const { entry, end, parts } = line('anew')
      const other = [counter('anew c', slowly), counter('anew d', slowly)] as const
      await changedOnTheWay(
        'anew',
        flowOf(parts),
        flowOf([entry, ...other, end, ...chain(entry, ...other, end)]),
      )
    })

    test('a connection that comes from somewhere else', async () => {
      const { entry, a, b, end, parts } = line('source')
      const other = [
        ...[entry, a, b, end],
        ...[connection(entry, b), connection(b, a), connection(a, end, { name: 'source b to source end' })],
      ]
      await changedOnTheWay('source', flowOf(parts), flowOf(other))
    })

    test('a connection that leads somewhere else', async () => {
      const { entry, a, end, parts } = line('goal')
      const other = [
        ...[entry, a, end],
        ...[connection(entry, a), connection(a, end, { name: 'goal a to goal b' })],
      ]
      await changedOnTheWay('goal', flowOf(parts), flowOf(other))
    })

    test('a way out of a funnel', async () => {
      const { entry, a, b, end } = line('funnel')
      const one = funnel('funnel one')
      const from = [entry, a, one, b, end, ...chain(entry, a, one, b, end)]
      const c = counter('funnel c', slowly)
      const to = [entry, a, one, c, end, ...chain(entry, a, one, c, end)]
      await changedOnTheWay('funnel', flowOf(from), flowOf(to))
    })

    test('a group with what is in it', async () => {
      const { entry, a, end } = line('group')
      const [into, out] = [port('group into'), port('group out', 'OUTPUT_PORT')]
      const inside = counter('group inside', slowly)
      const inner = group('group inner', [into, inside, out, ...chain(into, inside, out)])
      const from = [entry, a, inner, end, ...chain(entry, a, into), connection(out, end)]
      await changedOnTheWay('group', flowOf(from), flowOf([entry, a, end, ...chain(entry, a, end)]))
    })

    test('with its sources standing still meanwhile, where that is written', async () => {
      const { entry, a, end, parts } = line('drain')
      const to = flowOf([entry, a, end, ...chain(entry, a, end)], { queues: 'drain' })
      await changedOnTheWay('drain', flowOf(parts), to)
    })

    test('dropped ones counted, where that is written and approved', async () => {
      const { entry, a, end, parts } = line('drop')
      const to = flowOf([entry, a, end, ...chain(entry, a, end)], { queues: 'drop' })
      let told = 0
      const { note } = await changedOnTheWay('drop', flowOf(parts), to, {
        dropped: async () => {
          told = flowFiles - (await oracle.counted('drop end'))
          return told
        },
      })
      assert.match(note ?? '', new RegExp(`^dropped ${told} FlowFiles? \\(`))
    })
  },
)

function chain(...parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part, index) => {
    const next = parts[index + 1]
    return next === undefined ? [] : [connection(part, next)]
  })
}
