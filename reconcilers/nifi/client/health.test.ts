import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { componentsOf } from '../definition/components.ts'
import type { Flow, FlowOptions, Snapshot } from '../resource.ts'
import type { Bulletins } from './bulletins.ts'
import { type GroupStatus, readCanvasStatus } from './canvas-status.ts'
import { type Fault, reasonsOf } from './faults.ts'
import { flowState, runningOf, stoppedOf } from './flow-facts.ts'
import { type Health, healthOf } from './health.ts'
import type { ServiceStatus } from './services.ts'
import { texts } from './services.ts'

const bundle = { group: 'org.example', artifact: 'orders-nar', version: '1.0' }

const definition: Snapshot = {
  flowContents: {
    identifier: 'top',
    instanceIdentifier: 'top-1',
    name: 'orders',
    processors: [
      { identifier: 'p1', instanceIdentifier: 'i1', name: 'Generate', type: 'org.example.Generate', bundle },
      { identifier: 'p2', instanceIdentifier: 'i2', name: 'Send', type: 'org.example.Send', bundle },
    ],
    inputPorts: [{ identifier: 'in', instanceIdentifier: 'i3', name: 'in' }],
    remoteProcessGroups: [
      {
        identifier: 'r1',
        instanceIdentifier: 'i7',
        name: 'far',
        inputPorts: [{ identifier: 'rp' }],
        outputPorts: [],
      },
      { identifier: 'r2', instanceIdentifier: 'i8', name: 'empty', inputPorts: [], outputPorts: [] },
    ],
    connections: [
      {
        identifier: 'c1',
        instanceIdentifier: 'i4',
        name: '',
        source: { id: 'p1', name: 'Generate', type: 'PROCESSOR', groupId: 'top' },
        destination: { id: 'p2', name: 'Send', type: 'PROCESSOR', groupId: 'top' },
        selectedRelationships: ['success'],
      },
    ],
    processGroups: [
      {
        identifier: 'inner',
        instanceIdentifier: 'i5',
        name: 'ingest',
        controllerServices: [
          { identifier: 's1', instanceIdentifier: 'i6', name: 'reader', type: 'org.example.Reader', bundle },
        ],
      },
    ],
  },
}

/** What the status of the canvas says of the flow, by the ids of its components. */
async function statusOf(
  states: Readonly<Record<string, string>>,
  queue: { readonly flowFiles: number; readonly percent: number },
): Promise<GroupStatus> {
  const processor = (id: string) => ({ processorStatusSnapshot: { id, runStatus: states[id] ?? 'Running' } })
  const remote = (id: string) => ({
    remoteProcessGroupStatusSnapshot: { id, transmissionStatus: states[id] ?? 'Transmitting' },
  })
  const connection = {
    id: 'i4',
    flowFilesQueued: queue.flowFiles,
    bytesQueued: queue.flowFiles * 10,
    percentUseCount: queue.percent,
    percentUseBytes: 0,
  }
  const aggregateSnapshot = {
    id: 'top-1',
    activeThreadCount: 2,
    processorStatusSnapshots: [processor('i1'), processor('i2'), { id: 'hidden', canRead: false }],
    inputPortStatusSnapshots: [{ portStatusSnapshot: { id: 'i3', runStatus: states['i3'] ?? 'Running' } }],
    remoteProcessGroupStatusSnapshots: [remote('i7'), remote('i8')],
    connectionStatusSnapshots: [{ connectionStatusSnapshot: connection }],
    processGroupStatusSnapshots: [{ processGroupStatusSnapshot: { id: 'i5' } }],
  }
  const wire = {
    send: async () => Promise.resolve({ status: 200, body: { processGroupStatus: { aggregateSnapshot } } }),
    close: async () => Promise.resolve(),
  }
  return (await readCanvasStatus(wire, AbortSignal.timeout(1_000))).root
}

interface Case {
  readonly states?: Readonly<Record<string, string>>
  readonly queue?: { readonly flowFiles: number; readonly percent: number }
  readonly service?: Partial<ServiceStatus>
  readonly faults?: Readonly<Record<string, Partial<Fault>>>
  readonly bulletins?: Readonly<Record<string, Bulletins>>
  readonly runState?: FlowOptions['runState']
}

async function examine(given: Case) {
  const { states = {}, queue = { flowFiles: 0, percent: 0 }, faults = {}, bulletins = {} } = given
  const services = [
    { id: 'i6', state: 'ENABLED', validation: 'VALID', errors: [], ghost: false, ...given.service },
  ]
  const state = flowState(definition, await statusOf(states, queue), services)
  const running = runningOf(state)
  const stopped = stoppedOf(state, services)
  const { runState = 'running' } = given
  const desired = { options: { runState } as FlowOptions } as Flow
  const health: Health = healthOf({
    state,
    faults: new Map(
      Object.entries(faults).map(([id, fault]) => [id, { errors: [], ghost: false, ...fault }]),
    ),
    bulletins: new Map(Object.entries(bulletins)),
    running,
    stopped,
    activeThreads: 2,
    desired,
  })
  return { state, running, stopped, ...health }
}

describe('the state of a flow', () => {
  it('joins what the definition calls its components with what runs under which id', async () => {
    const { state, running, stopped } = await examine({
      states: { i1: 'Stopped', i3: 'Disabled', i7: 'NotTransmitting', i8: 'NotTransmitting' },
      queue: { flowFiles: 4, percent: 40 },
      service: { state: 'DISABLED' },
    })
    assert.deepEqual(running, new Set(['p2']))
    assert.deepEqual(stopped, new Set(['p1', 'r1', 's1']))
    assert.deepEqual(state.queues, new Map([['c1', { flowFiles: 4, bytes: 40 }]]))
    assert.deepEqual(state.instances.get('s1'), { id: 'i6', kind: 'controller-service', groupId: 'i5' })
    assert.deepEqual(state.instances.get('p1'), { id: 'i1', kind: 'processor', groupId: 'top-1' })
  })

  it('takes no service for stopped that could not be enabled', async () => {
    const { stopped } = await examine({ service: { state: 'DISABLED', validation: 'INVALID' } })
    assert.deepEqual(stopped, new Set())
  })
})

describe('the health of a flow', () => {
  it('is not spoken of where nothing is wrong, except in figures', async () => {
    const { unavailable, unhealthy, warnings, figures } = await examine({
      queue: { flowFiles: 4, percent: 40 },
    })
    assert.deepEqual([unavailable, unhealthy, warnings], [undefined, undefined, undefined])
    assert.deepEqual(Object.fromEntries(figures ?? []), {
      queued_flowfiles: 4,
      queued_bytes: 40,
      running_components: 5,
      stopped_components: 0,
      invalid_components: 0,
      active_threads: 2,
      bulletins: 0,
      backpressured_connections: 0,
    })
  })

  it('is bad where something is invalid, with the reasons, the first few', async () => {
    const { unhealthy } = await examine({ faults: { p2: { errors: ['a', 'b', 'c'] } } })
    assert.equal(unhealthy, 'processor "Send" is invalid: a, b, and more')
  })

  it('is bad where a bundle is missing, even in a flow that is to stand', async () => {
    const { unhealthy, warnings } = await examine({
      faults: { p1: { ghost: true }, p2: { errors: ['a'] } },
      runState: 'stopped',
    })
    assert.equal(
      unhealthy,
      'processor "Generate": missing bundle org.example:orders-nar:1.0 with org.example.Generate',
    )
    assert.deepEqual(warnings, ['processor "Send" is invalid: a'])
  })

  it('is a warning where only a port to the outside is invalid: whoever wires it may come later', async () => {
    const { unhealthy, warnings } = await examine({ faults: { in: { errors: ['no connection'] } } })
    assert.equal(unhealthy, undefined)
    assert.deepEqual(warnings, ['input port "in" is invalid: no connection'])
  })

  it('is not known yet while something is validated or enabled', async () => {
    const { unavailable } = await examine({ states: { i1: 'Validating' }, service: { state: 'ENABLING' } })
    assert.equal(
      unavailable,
      'processor "Generate" is being validated; controller service "reader" in /ingest is being enabled',
    )
  })

  it('is bad, not unknown, where NiFi goes on enabling what is invalid', async () => {
    const { unavailable, unhealthy } = await examine({
      service: { state: 'ENABLING', validation: 'INVALID' },
      faults: { s1: { errors: ['no schema'] } },
    })
    assert.equal(unavailable, undefined)
    assert.equal(unhealthy, 'controller service "reader" in /ingest is invalid: no schema')
  })

  it('warns of back-pressure and of what components report, without numbers and words that change', async () => {
    const first = await examine({
      queue: { flowFiles: 10_000, percent: 100 },
      bulletins: {
        i2: { count: 1, errors: true },
        i1: { count: 1, errors: false },
        other: { count: 9, errors: true },
      },
    })
    const second = await examine({
      queue: { flowFiles: 10_017, percent: 101 },
      bulletins: { i2: { count: 7, errors: true }, i1: { count: 2, errors: false } },
    })
    assert.deepEqual(first.warnings, [
      'connection "Generate → Send (success)" is full, so that what feeds it waits',
      'processor "Generate" reports warnings: see its bulletins',
      'processor "Send" reports errors: see its bulletins',
    ])
    assert.deepEqual(second.warnings, first.warnings)
    assert.deepEqual([first.figures?.get('bulletins'), second.figures?.get('bulletins')], [2, 9])
  })

  it('tells once what is invalid and complains of it', async () => {
    const { warnings } = await examine({
      faults: { p2: { errors: ['a'] } },
      bulletins: { i2: { count: 1, errors: true } },
    })
    assert.equal(warnings, undefined)
  })
})

describe('the reasons of NiFi for what is invalid', () => {
  const [component] = componentsOf({
    flowContents: {
      processors: [
        {
          identifier: 'p',
          name: 'Send',
          propertyDescriptors: {
            url: { name: 'url', displayName: 'HTTP URL', sensitive: false },
            pass: { name: 'pass', displayName: 'Request Password', sensitive: true },
          },
        },
      ],
    },
  }).values()
  assert.ok(component !== undefined)

  const cases: readonly (readonly [string, string])[] = [
    [
      "'HTTP URL' validated against 'nowhere' is invalid because Not a valid URL",
      "'HTTP URL' validated against 'nowhere' is invalid because Not a valid URL",
    ],
    ["'url' is invalid because\n HTTP URL is required", "'url' is invalid because HTTP URL is required"],
    [
      "'Request Password' validated against 'hunter2' is invalid because 'hunter2' is weak",
      "'Request Password' is invalid",
    ],
    ["'pass' is invalid because hunter2 is weak", "'pass' is invalid"],
    ["'Login' validated against 'hunter2' is invalid because weak", "'Login' is invalid"],
    [
      "'Relationship success' is invalid because it is not connected",
      "'Relationship success' is invalid because it is not connected",
    ],
  ]
  for (const [said, told] of cases) {
    it(`${JSON.stringify(said)} is told as ${JSON.stringify(told)}`, () => {
      assert.deepEqual(reasonsOf([said], component), [told])
    })
  }

  it('are told once each, in an order that does not change', () => {
    assert.deepEqual(reasonsOf(texts(['b', 'a', 'b', 7]), component), ['a', 'b'])
    assert.deepEqual(texts(undefined), [])
  })
})
