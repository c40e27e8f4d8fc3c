import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Controls } from '../../../../src/reconcile/written.ts'
import {
  type Part,
  connection,
  counter,
  definition,
  funnel,
  group,
  identifierOf,
  port,
  processor,
  sink,
} from '../../../../test/support/nifi-definitions.ts'
import { type Death, type Documents, Stage } from '../../../../test/support/nifi-stage.ts'
import { FakeNifi } from '../../fake.ts'
import { wordOf } from '../../fake-state.ts'

type Entries = Readonly<Record<string, unknown>>

/** A change as it is to be killed. */
interface Kind {
  readonly label: string
  readonly before: Documents
  /** Somebody does something between the two. */
  readonly meanwhile?: (nifi: FakeNifi) => void
  readonly after: Documents
  readonly controls?: Partial<Controls>
  /** FlowFiles are dropped, for that was approved. */
  readonly drops?: boolean
  /** NiFi refuses it halfway, until somebody clears away what is in its way. */
  readonly refused?: (nifi: FakeNifi) => void
  /** What does not run at the end; default: nothing. */
  readonly standing?: readonly string[]
  /** What can stand still besides, because the process died before it had started it again, and nobody else knows that it ran. */
  readonly mayStand?: readonly string[]
  /** The parts that are there at the end. One group bears a marker then. */
  readonly parts: readonly Part[]
  /** What NiFi had stopped when it died stands, and nobody knows that it ran: so NiFi does not die here. */
  readonly withoutNifi?: true
  /** Of the kind alone. */
  readonly prove?: (nifi: FakeNifi, where: string) => void
}

const allowed = { allow: new Set(['DropsFlowFiles', 'DeletesFlowFiles', 'MostIdentifiersGone']) }

const make = processor('make', 'GenerateFlowFile', {}, { schedulingPeriod: '1 ms' })
const [a, b, c, end] = [counter('a'), counter('b'), counter('c'), sink('end')]
const line = [make, a, b, end, ...chain(make, a, b, end)]
const shorter = [make, a, end, ...chain(make, a, end)]

function chain(...parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part, index) => {
    const next = parts[index + 1]
    return next === undefined ? [] : [connection(part, next)]
  })
}

function orders(parts: readonly Part[], more: Entries = {}): Documents {
  return { flows: { orders: { definition: definition(parts), ...more } } }
}

/** FlowFiles that wait where the change is made. */
const waiting = 20

const kinds: readonly Kind[] = [
  { label: 'making a flow', before: {}, after: orders(line), parts: line },
  {
    label: 'name and comments',
    before: orders(line),
    after: {
      flows: {
        orders: { name: 'orders anew', definition: definition(line, { comments: 'told anew' }) },
      },
    },
    parts: line,
    prove: (nifi, where) => {
      assert.match(wordOf(nifi.group('orders anew'), 'comments'), /^told anew\n/, where)
    },
  },
  {
    label: 'to another group',
    before: orders(line),
    meanwhile: (nifi) => addGroup(nifi, 'Team'),
    after: orders(line, { parent: 'root/Team' }),
    parts: line,
    prove: (nifi, where) => {
      assert.equal(nifi.group('orders').groupId, nifi.group('Team').id, where)
    },
  },
  {
    label: 'stopping it',
    before: orders(line),
    after: orders(line, { 'run-state': 'stopped' }),
    parts: line,
    standing: ['make', 'a', 'b', 'end'],
  },
  {
    label: 'starting it',
    before: orders(line, { 'run-state': 'stopped' }),
    after: orders(line),
    parts: line,
  },
  {
    label: 'a processor and a connection',
    before: orders(line),
    after: orders([
      ...[make, a, { ...b, schedulingPeriod: '2 ms', comments: 'slower' }, end],
      ...[connection(make, a), connection(a, b, { backPressureObjectThreshold: 500 }), connection(b, end)],
    ]),
    parts: line,
    prove: (nifi, where) => {
      assert.equal(nifi.component('b').members['comments'], 'slower', where)
      assert.equal(nifi.connection('a', 'b').members['backPressureObjectThreshold'], 500, where)
    },
  },
  {
    label: 'a place on the canvas',
    before: orders(line, { layout: 'git' }),
    after: orders([make, { ...a, position: { x: 400, y: 200 } }, b, end, ...chain(make, a, b, end)], {
      layout: 'git',
    }),
    parts: line,
    prove: (nifi, where) => {
      assert.deepEqual({ ...(nifi.component('a').members['position'] as object) }, { x: 400, y: 200 }, where)
    },
  },
  {
    label: 'a processor put in between',
    before: orders(line),
    meanwhile: (nifi) => nifi.fill('a', 'b', waiting),
    after: orders([make, a, b, c, end, ...chain(make, a, c, b, end)]),
    parts: [make, a, b, c, end, ...chain(make, a, c, b, end)],
  },
  ...(['keep', 'drain', 'drop'] as const).map((queues): Kind => {
    return {
      label: `a processor taken out, queues: ${queues}`,
      before: orders(line),
      meanwhile: (nifi) => {
        nifi.fill('a', 'b', waiting)
        nifi.fill('b', 'end', waiting)
      },
      after: orders(shorter, { queues }),
      controls: allowed,
      drops: queues === 'drop',
      parts: shorter,
    }
  }),
  {
    label: 'a connection that comes from somewhere else',
    before: orders(line),
    meanwhile: (nifi) => nifi.fill('b', 'end', waiting),
    after: orders([
      ...[make, a, b, end],
      ...[connection(make, b), connection(b, a), connection(a, end, { name: 'b to end' })],
    ]),
    parts: [...[make, a, b, end], ...chain(make, b, a, end)],
  },
  (() => {
    const [one, other] = [funnel('one'), counter('other')]
    return {
      label: 'a way out of a funnel',
      before: orders([make, a, one, b, end, ...chain(make, a, one, b, end)]),
      meanwhile: (nifi: FakeNifi) => nifi.fill('b', 'end', waiting),
      after: orders([make, a, one, other, end, ...chain(make, a, one, other, end)]),
      parts: [make, a, one, other, end, ...chain(make, a, one, other, end)],
    }
  })(),
  (() => {
    const [into, inside, out] = [port('into'), counter('inside'), port('out', 'OUTPUT_PORT')]
    const inner = group('inner', [into, inside, out, ...chain(into, inside, out)])
    return {
      label: 'a group with what is in it taken out',
      before: orders([make, a, inner, end, ...chain(make, a, into), connection(out, end)]),
      meanwhile: (nifi: FakeNifi) => {
        nifi.fill('a', 'into', waiting)
        nifi.fill('inside', 'out', waiting)
      },
      after: orders(shorter),
      controls: allowed,
      parts: shorter,
    }
  })(),
  (() => {
    const [into, inside, out] = [port('into'), counter('inside'), port('out', 'OUTPUT_PORT')]
    const inner = (more: readonly Part[], ...way: readonly Part[]) =>
      group('inner', [into, inside, out, ...more, ...chain(...way)])
    const [from, to] = [inner([], into, inside, out), inner([b], into, inside, b, out)]
    const outside = connection(out, end)
    return {
      label: 'a processor moved into a group',
      before: orders([make, a, b, from, end, ...chain(make, a, b, into), outside]),
      meanwhile: (nifi: FakeNifi) => nifi.fill('b', 'into', waiting),
      after: orders([make, a, to, end, ...chain(make, a, into), outside]),
      parts: [make, a, end, into, inside, out, b, ...chain(make, a, into, inside, b, out, end)],
    }
  })(),
  {
    label: 'everything between source and sink made anew',
    before: orders(line),
    meanwhile: (nifi) => nifi.fill('a', 'b', waiting),
    after: orders([make, c, end, ...chain(make, c, end)]),
    controls: allowed,
    parts: [make, c, end, ...chain(make, c, end)],
  },
  {
    label: 'what NiFi refuses halfway, and what is put back then',
    before: orders(line),
    meanwhile: obstruct,
    after: orders(shorter),
    refused: (nifi) => nifi.state.connections.delete('obstacle'),
    // Cut off on the way back: it has no connections then, and is invalid.
    mayStand: ['b'],
    parts: shorter,
  },
  {
    label: 'a value of a parameter context',
    before: { contexts: shop('one'), flows: bound('shop') },
    after: { contexts: shop('two'), flows: bound('shop') },
    parts: line,
    prove: (nifi, where) => {
      const [context] = [...nifi.state.contexts.values()]
      assert.equal(context?.parameters.get('text')?.value, 'two', where)
    },
  },
  {
    label: 'another parameter context',
    before: { contexts: { ...shop('one'), ...shop('two', 'other') }, flows: bound('shop') },
    after: { contexts: { ...shop('one'), ...shop('two', 'other') }, flows: bound('other') },
    parts: line,
    prove: (nifi, where) => {
      const { contextId = '' } = nifi.group('orders')
      assert.equal(nifi.state.contexts.get(contextId)?.name, 'other', where)
    },
  },
  {
    label: 'a context and a flow, made and bound',
    before: {},
    after: { contexts: shop('one'), flows: bound('shop') },
    parts: line,
    prove: (nifi, where) => {
      assert.equal(nifi.state.contexts.size, 1, where)
      assert.equal(nifi.group('orders').contextId, [...nifi.state.contexts.keys()][0], where)
    },
  },
  ...(['stop', 'delete', 'keep'] as const).map((removal): Kind => {
    const other = { users: { definition: definition([]), identifiers: 'own' } }
    const flows = { ...orders(line, { 'on-removal': removal }).flows, ...other }
    return {
      label: `a flow no longer written, on-removal: ${removal}`,
      before: { flows },
      meanwhile: (nifi) => nifi.fill('a', 'b', waiting),
      after: { flows: other },
      controls: { ...allowed, policy: 'sync' },
      parts: removal === 'delete' ? [] : line,
      standing: removal === 'stop' ? ['make', 'a', 'b', 'end'] : [],
    }
  }),
  ...(['safe', 'keep', 'drain', 'drop'] as const).map((how): Kind => {
    const idle = { ...make, identifier: identifierOf('idle'), name: 'idle' }
    const beside = [idle, connection(idle, end)]
    const slower = [make, { ...a, comments: 'slower' }, b, end, ...chain(make, a, b, end)]
    const asIs = (parts: readonly Part[], queues = 'keep') =>
      orders([...parts, ...beside], { queues, 'run-state': 'as-is' })
    return {
      label: `${how === 'safe' ? 'a processor' : `a processor taken out, queues: ${how}`}, run-state: as-is`,
      before: asIs(line),
      meanwhile: (nifi) => {
        const { id } = nifi.group('orders')
        nifi.ask('PUT', `/flow/process-groups/${id}`, { id, state: 'RUNNING' })
        nifi.stop('idle')
        nifi.fill('a', 'b', waiting)
      },
      after: how === 'safe' ? asIs(slower) : asIs(shorter, how),
      controls: allowed,
      drops: how === 'drop',
      mayStand: ['make', 'a', 'b', 'end'],
      withoutNifi: true,
      parts: [...(how === 'safe' ? line : shorter), ...beside],
      standing: ['idle'],
    }
  }),
]

function shop(text: string, name = 'shop'): Entries {
  return { [name]: { parameters: { text: { value: text } } } }
}

function bound(context: string): Entries {
  const uses = { ...make, properties: { 'generate-ff-custom-text': '#{text}' } }
  const parts = [uses, a, b, end, ...chain(make, a, b, end)]
  return { orders: { definition: definition(parts), 'parameter-contexts': { '/': context } } }
}

function addGroup(nifi: FakeNifi, name: string): void {
  const { status } = nifi.ask('POST', '/process-groups/root/process-groups', {
    revision: { version: 0 },
    component: { name, position: { x: 0, y: 900 } },
  })
  assert.equal(status, 201)
}

/** A connection that stands elsewhere and leads to `b`: NiFi takes `b` away last, and finds that it cannot. */
function obstruct(nifi: FakeNifi): void {
  const { destination, ...others } = nifi.connection('a', 'b')
  const source = { id: 'elsewhere', type: 'PROCESSOR', groupId: nifi.rootId }
  nifi.state.connections.set('obstacle', {
    ...others,
    ...{ id: 'obstacle', groupId: nifi.rootId, versionedId: undefined, flowFiles: 0, bytes: 0 },
    ...{ source, destination },
  })
}

interface Round {
  readonly death?: Death
  /** NiFi dies with the reconciler. */
  readonly nifiToo?: boolean
}

/** One change, cut off once or not at all: whether it was, and at which moment NiFi was to be changed first. */
async function run(
  kind: Kind,
  { death, nifiToo = false }: Round,
): Promise<{ readonly dead: boolean; readonly firstWrite: number }> {
  const nifi = new FakeNifi()
  nifi.flowing = { make: 1, move: 5 }
  const stage = new Stage(() => nifi.wire(), { hurry: true })
  const who = nifiToo ? 'killed together with NiFi' : 'killed'
  const where = `${kind.label}${death === undefined ? '' : `, ${who} ${death.moment} moment ${death.at}`}`
  stage.write(kind.before, kind.controls)
  stage.live()
  await stage.settle(`${where}, at first`)
  kind.meanwhile?.(nifi)
  const ends = endsOf(nifi)
  stage.write(kind.after, kind.controls)
  stage.live(death)
  await settled(stage, kind, where)
  const { dead, firstWrite = 0 } = stage
  stage.live()
  if (dead) {
    if (nifiToo) nifi.restart()
    await stage.restart()
    await settled(stage, kind, `${where}, afterwards`)
  }
  if (kind.refused !== undefined) {
    assertRuns(nifi, kind, `${where}, refused`)
    kind.refused(nifi)
    // The refusal is remembered for ten minutes.
    stage.desk.elapsed += 700_000
    await stage.settle(`${where}, and nothing in the way any more`)
  }
  await prove(nifi, stage, kind, where)
  assertCounts(nifi, kind, new Set([...ends, ...endsOf(nifi)]), where)
  await stage.close()
  return { dead, firstWrite }
}

async function settled(stage: Stage, kind: Kind, where: string): Promise<void> {
  if (kind.refused === undefined) return stage.settle(where)
  await assert.rejects(async () => {
    await stage.settle(where)
    if (stage.dead) throw new Error('cannot be removed: killed before')
  }, /cannot be removed/)
}

function endsOf({ state }: FakeNifi): readonly string[] {
  return [...state.components.values()].filter(({ members }) => members['name'] === 'end').map(({ id }) => id)
}

async function prove(nifi: FakeNifi, stage: Stage, kind: Kind, where: string): Promise<void> {
  const before = nifi.writes().length
  await stage.settle(`${where}, once more`)
  const writes = nifi.writes().slice(before)
  assert.deepEqual(
    writes.map(({ method, path }) => `${method} ${path}`),
    [],
    `${where}: something was still to be done`,
  )
  assertRuns(nifi, kind, where)
  assert.deepEqual(shapeOf(nifi), shapeOfParts(kind.parts), where)
  const marks = [...nifi.state.groups.values()].filter((each) =>
    wordOf(each, 'comments').includes('[infometis flows/'),
  )
  assert.equal(marks.length, 1, `${where}: groups with a marker`)
  kind.prove?.(nifi, where)
}

function assertRuns({ state }: FakeNifi, { standing = [], mayStand = [] }: Kind, where: string): void {
  const still = [...state.components.values()]
    .filter(({ kind, state: now }) => kind !== 'label' && kind !== 'funnel' && now !== 'RUNNING')
    .map((each) => wordOf(each, 'name'))
  const excused = where.includes('killed') ? mayStand : []
  assert.deepEqual(
    still.filter((name) => !excused.includes(name)).sort(),
    [...standing].sort(),
    `${where}: what stands still`,
  )
}

/** Nothing was lost, nothing came twice, and nothing ended anywhere but at the end. */
function assertCounts(nifi: FakeNifi, kind: Kind, ends: ReadonlySet<string>, where: string): void {
  const { made, ended } = nifi.state
  if (kind.drops === true) assert.ok(nifi.lost() > 0, `${where}: nothing was dropped`)
  else assert.equal(nifi.lost(), 0, `${where}: lost`)
  const copied = [...made].filter(([id, count]) => id.startsWith('copies') && count > 0)
  assert.deepEqual(copied, [], `${where}: copied`)
  const elsewhere = [...ended].filter(([id, count]) => count > 0 && !ends.has(id))
  assert.deepEqual(elsewhere, [], `${where}: ended elsewhere`)
}

/** Names, and which connection leads from where to where. */
function shapeOf({ state }: FakeNifi): readonly string[] {
  const name = (id: string) => wordOf({ members: state.component(id)?.members ?? {} }, 'name')
  const components = [...state.components.values()].map(({ id }) => name(id))
  const connections = [...state.connections.values()].map(
    ({ source, destination }) => `${name(source.id)} → ${name(destination.id)}`,
  )
  return [...components, ...connections].sort()
}

function shapeOfParts(parts: readonly Part[]): readonly string[] {
  const names = new Map(
    parts.map((part) => [part.identifier, typeof part['name'] === 'string' ? part['name'] : '']),
  )
  const nameOf = (side: unknown) => names.get((side as { readonly id: string }).id) ?? '?'
  return parts
    .map((part) =>
      part['componentType'] === 'CONNECTION'
        ? `${nameOf(part['source'])} → ${nameOf(part['destination'])}`
        : (names.get(part.identifier) ?? ''),
    )
    .sort()
}

/** Until the first write nothing is changed: of the moments before that some will do. */
const strideOfReading = 5

describe('a reconciler killed at any request, while FlowFiles flow, and NiFi with it at every second one', () => {
  for (const kind of kinds) {
    it(kind.label, async () => {
      const { firstWrite } = await run(kind, {})
      assert.ok(firstWrite > 0, 'nothing was written')
      let at = 1
      for (let ended = false; !ended; at += at + strideOfReading < firstWrite ? strideOfReading : 1) {
        assert.ok(at < 300, 'it never ends')
        // Right after a request is right before the next one, but after the last.
        const death: Death = { at, moment: 'before' }
        ended = !(await run(kind, { death })).dead
        if (at % 2 === 0 && kind.withoutNifi !== true) await run(kind, { death, nifiToo: true })
        if (ended) await run(kind, { death: { at: at - 1, moment: 'after' } })
      }
      assert.ok(at > firstWrite, `${at} moments`)
    })
  }
})

describe('two replaces at once', () => {
  it('are no reason to go back, where the other one made what was wished', async () => {
    const nifi = new FakeNifi()
    const stage = new Stage(() => nifi.wire(), { hurry: true })
    stage.write(orders(line))
    await stage.settle('at first')
    stage.write(orders([make, a, b, c, end, ...chain(make, a, c, b, end)]))
    const words =
      'Failed to perform update flow request due to Cannot set Comments on UpdateCounter while processor is running'
    let told = 0
    nifi.tap = ({ method, path }, moment) => {
      const [job] = [...nifi.state.jobs.values()].filter(({ kind }) => kind === 'replace')
      if (told > 0 || method !== 'GET' || moment !== 'before' || job === undefined) return
      if (!path.includes('/replace-requests/')) return
      while (!job.complete) nifi.step()
      const shown = job.show() as { readonly request: object }
      const body = { ...shown, request: { ...shown.request, failureReason: words, percentCompleted: 80 } }
      nifi.inject({ kind: 'answer', answer: { status: 200, body } })
      told += 1
    }
    await stage.settle('the other one')
    assert.equal(told, 1)
    assert.deepEqual(shapeOf(nifi), shapeOfParts([make, a, b, c, end, ...chain(make, a, c, b, end)]))
    await stage.close()
  })
})
