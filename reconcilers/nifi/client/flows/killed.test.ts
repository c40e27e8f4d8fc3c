import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Controls } from '../../../../src/reconcile/written.ts'
import { Crash, Desk } from '../../../../test/support/desk.ts'
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
import { type Moment, MortalWire } from '../../../../test/support/nifi-mortal-wire.ts'
import { FakeNifi } from '../../fake.ts'
import { NifiReconciler } from '../../reconciler.ts'
import type { NifiResource } from '../../resource.ts'
import { NifiClient } from '../nifi-client.ts'

type Entries = Readonly<Record<string, unknown>>

interface Documents {
  readonly contexts?: Entries
  readonly flows?: Entries
}

/** A change as it is to be killed. */
interface Kind {
  readonly label: string
  readonly before: Documents
  /** Somebody does something between the two. */
  readonly meanwhile?: (nifi: FakeNifi) => void
  readonly after: Documents
  readonly controls?: Partial<Controls>
  /** FlowFiles that were dropped because that was approved. */
  readonly drops?: boolean
  /** What does not run at the end; default: nothing. */
  readonly standing?: readonly string[]
  /** The parts that are there at the end. */
  readonly parts: readonly Part[]
  /** How many groups bear the marker; default: one. */
  readonly marked?: number
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
      assert.match(String(nifi.group('orders anew').members['comments']), /^told anew\n/, where)
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
      assert.deepEqual(nifi.component('a').members['position'], { x: 400, y: 200 }, where)
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
      // That of `users`.
      marked: 1,
    }
  }),
  ...(['safe', 'keep', 'drain', 'drop'] as const).map((how): Kind => {
    const idle = { ...make, identifier: identifierOf('idle'), name: 'idle' }
    const beside = [idle, connection(idle, end)]
    const slower = [make, { ...a, comments: 'slower' }, b, end, ...chain(make, a, b, end)]
    const asIs = (parts: readonly Part[], queues = 'keep') =>
      orders([...parts, ...beside], { queues, 'run-state': 'as-is' })
    return {
      label: `as-is, ${how}`,
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

/** When the process dies: at which of its requests, or of its writes of the state that it keeps. */
interface Death {
  readonly at: number
  readonly moment: Moment
}

/** A reconciler, its NiFi and its documents; it dies once. */
class Stage {
  readonly nifi = new FakeNifi()
  readonly #reconciler = new NifiReconciler()
  readonly #documents: string[] = []
  readonly desk: Desk<NifiResource>
  death: Death | undefined
  dead = false
  moments = 0

  constructor() {
    this.nifi.flowing = { make: 1, move: 5 }
    this.desk = new Desk(this.#reconciler, () => this.#newClient())
  }

  #newClient(): NifiClient {
    const wire = new MortalWire(this.nifi.wire(), (moment) => this.#dies(moment))
    return new NifiClient(wire, {
      now: () => Date.now() + this.desk.elapsed,
      pause: async (ms) => {
        this.desk.elapsed += ms
        return Promise.resolve()
      },
    })
  }

  #dies(moment: Moment): boolean {
    if (moment === 'before') this.moments += 1
    this.dead ||= this.death?.at === this.moments && this.death.moment === moment
    return this.dead
  }

  write({ contexts, flows }: Documents, controls: Partial<Controls> = {}): void {
    this.#documents.length = 0
    for (const [type, entries] of [
      ['parameter-contexts', contexts],
      ['flows', flows],
    ] as const) {
      if (entries === undefined) continue
      this.desk.write(type, type, entries, { controls })
      this.#documents.push(type)
    }
  }

  live(death?: Death): void {
    this.death = death
    this.moments = 0
    this.desk.tap = ({ what }, moment) => {
      if (what === 'save' && this.#dies(moment)) throw new Crash()
    }
  }

  /** Passes until nothing is left to be done, or the process is dead. */
  async settle(where: string): Promise<void> {
    for (let pass = 0; pass < 150; pass += 1) {
      const open: string[] = []
      for (const name of this.#documents) {
        const result = await this.desk.reconcile(name)
        if (this.dead) return
        if (result.kind !== 'done') open.push(`${name}: ${JSON.stringify(result)}`)
        if (result.kind === 'terminal') assert.fail(`${where}: ${result.error.message}`)
      }
      if (open.length === 0) return
      this.desk.elapsed += 1_000
    }
    assert.fail(`${where}: no end: ${this.#documents.map((name) => this.desk.unready(name).join()).join()}`)
  }

  async restart(): Promise<void> {
    this.dead = false
    await this.desk.restart()
    this.live()
  }
}

async function run(kind: Kind, death: Death | undefined, restarts: boolean): Promise<number> {
  const stage = new Stage()
  const { nifi, desk } = stage
  const where = `${kind.label}${death === undefined ? '' : `, killed ${death.moment} moment ${death.at}`}`
  stage.write(kind.before, kind.controls)
  stage.live()
  await stage.settle(`${where}, at first`)
  kind.meanwhile?.(nifi)
  const sink = [...nifi.state.components.values()].find(({ members }) => members['name'] === 'end')?.id
  stage.write(kind.after, kind.controls)
  stage.live(death)
  await stage.settle(where)
  const { moments, dead } = stage
  if (dead) {
    if (restarts) nifi.restart()
    await stage.restart()
    await stage.settle(`${where}, afterwards`)
  }
  await prove(stage, kind, where, sink)
  await desk.close()
  return dead ? moments : 0
}

async function prove(stage: Stage, kind: Kind, where: string, sink: string | undefined): Promise<void> {
  const { nifi, desk } = stage
  const writes = nifi.writes().length
  await stage.settle(`${where}, once more`)
  assert.deepEqual(
    nifi
      .writes()
      .slice(writes)
      .map(({ method, path }) => `${method} ${path}`),
    [],
    `${where}: something was still to be done`,
  )
  const live = [...nifi.state.components.values()].filter(({ kind: of }) => of !== 'label')
  const standing = live.filter(({ state, kind: of }) => of !== 'funnel' && state !== 'RUNNING')
  assert.deepEqual(
    standing.map(({ members }) => members['name']).sort(),
    [...(kind.standing ?? [])].sort(),
    `${where}: stand still`,
  )
  assert.deepEqual(shapeOf(nifi), shapeOfParts(kind.parts), where)
  const marks = [...nifi.state.groups.values()].filter(({ members }) =>
    String(members['comments']).includes('[infometis flows/'),
  )
  assert.equal(marks.length, kind.marked ?? 1, `${where}: groups with a marker`)
  assert.ok(
    [...nifi.state.jobs.values()].every(({ complete }) => complete),
    where,
  )
  // Nothing was lost, nothing came twice, and nothing ended anywhere but in the sink.
  if (kind.drops === true) assert.ok(nifi.lost() > 0, `${where}: nothing was dropped`)
  else assert.equal(nifi.lost(), 0, `${where}: lost`)
  const copies = [...nifi.state.made].filter(([id, count]) => id.startsWith('copies') && count > 0)
  assert.deepEqual(copies, [], `${where}: copied`)
  const now = [...nifi.state.components.values()].find(({ members }) => members['name'] === 'end')?.id
  const ends = [...nifi.state.ended].filter(([, count]) => count > 0).map(([id]) => id)
  assert.deepEqual(
    ends.filter((id) => id !== sink && id !== now),
    [],
    `${where}: ended elsewhere`,
  )
  kind.prove?.(nifi, where)
  void desk
}

/** Names, and which connection leads from where to where. */
function shapeOf({ state }: FakeNifi): readonly string[] {
  const name = (id: string) => String(state.component(id)?.members['name'] ?? '')
  const components = [...state.components.values()].map(({ id }) => name(id))
  const connections = [...state.connections.values()].map(
    ({ source, destination }) => `${name(source.id)} → ${name(destination.id)}`,
  )
  return [...components, ...connections].sort()
}

function shapeOfParts(parts: readonly Part[]): readonly string[] {
  const names = new Map(parts.map((part) => [part.identifier, String(part['name'] ?? '')]))
  const of = (end: unknown) => names.get((end as { readonly id: string }).id) ?? '?'
  return parts
    .map((part) =>
      part['componentType'] === 'CONNECTION'
        ? `${of(part['source'])} → ${of(part['destination'])}`
        : (names.get(part.identifier) ?? ''),
    )
    .sort()
}

describe('a reconciler killed at any request, while FlowFiles flow', () => {
  for (const kind of kinds) {
    it(`${kind.label}`, async () => {
      await run(kind, undefined, false)
      const begun = performance.now()
      const faults: string[] = []
      let at = 1
      for (let killed = true; killed; at += 1) {
        killed = false
        for (const moment of ['before'] as const) {
          for (const restarts of [false, true]) {
            try {
              killed = (await run(kind, { at, moment }, restarts)) > 0 || killed
            } catch (error) {
              killed = true
              faults.push(`${restarts ? 'NiFi too: ' : ''}${(error as Error).message.slice(0, 700)}`)
            }
          }
        }
        assert.ok(at < 300)
      }
      console.log(
        `${kind.label}: ${at} moments, ${Math.round(performance.now() - begun)} ms, ${faults.length} faults`,
      )
      assert.equal(faults.length, 0, [...faults.slice(0, 6)].join('\n'))
    })
  }
})
void identifierOf
