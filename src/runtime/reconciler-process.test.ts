import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import { ReconcileError } from '../errors.ts'
import type { Result } from '../reconcile/result.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { StateStore } from '../reconcile/state.ts'
import type { World } from '../reconcile/world.ts'
import type { Written } from '../reconcile/written.ts'
import { LeaseBoard } from '../../test/support/lease-board.ts'
import { MemorySecrets } from '../../test/support/secrets.ts'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { systemClock } from '../reconcile/clock.ts'
import { LeaderElection } from './leader-election.ts'
import { createLogger } from './logger.ts'
import { Metrics } from './metrics.ts'
import type { Surroundings } from './reconciler-process.ts'
import { ReconcilerProcess } from './reconciler-process.ts'

type Run = (key: string, world: World<Resource>, signal: AbortSignal) => Promise<Result>

/** A service whose reconcile is the test's own. */
class OwnService extends ServiceReconciler {
  readonly kind = 'own'
  readonly types = []
  readonly settings = z.object({})
  readonly #run: Run

  constructor(run: Run) {
    super()
    this.#run = run
  }

  connect(): ServiceClient<Resource> {
    throw new Error('connected by the test')
  }

  override reconcile(key: string, world: World<Resource>, signal: AbortSignal): Promise<Result> {
    return this.#run(key, world, signal)
  }
}

const noStore: StateStore = {
  read: () => undefined,
  keys: () => [],
  save: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  summarize: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(undefined),
  announce: () => undefined,
}

/** Desired state in memory; what the process was told to listen with is kept for the test. */
class Memory implements Surroundings {
  readonly written = new Map<string, Written>()
  readonly store = noStore
  readonly secrets = new MemorySecrets()
  readonly source = {
    read: (key: string) => this.written.get(key),
    keys: () => [...this.written.keys()],
    synced: () => this.isSynced,
  }
  isSynced = false
  isSuspended = false
  stopped = false
  listeners: Parameters<Surroundings['start']>[0] | undefined
  readonly ready = Promise.withResolvers<undefined>()

  suspended(): boolean {
    return this.isSuspended
  }

  async start(listeners: Parameters<Surroundings['start']>[0]): Promise<void> {
    this.listeners = listeners
    await this.ready.promise
    this.isSynced = true
  }

  watch() {
    return { synced: this.isSynced, age: 1_000, restarts: new Map<string, number>(), missedEvents: 0 }
  }

  async stop(): Promise<void> {
    this.stopped = true
  }
}

function document(key: string): Written {
  const controls = { suspend: false, interval: undefined }
  return { key, type: 'things', entries: new Map(), controls, createdAt: 0 } as unknown as Written
}

/** With an election: the process has a clock that stands still, so that a test decides what takes too long. */
interface Election {
  readonly board: LeaseBoard
  readonly clock: ManualClock
}

async function stage(t: TestContext, run: Run, among?: Election) {
  const surroundings = new Memory()
  surroundings.written.set('n/a', document('n/a'))
  const stage = { up: true, closed: false, lines: [] as string[] }
  const client: ServiceClient<Resource> = {
    ping: async () => {
      if (stage.up) return { version: '1', clusterId: 'c' }
      throw new ReconcileError('ServiceUnreachable', 'refused')
    },
    list: () => Promise.resolve([]),
    observe: () => Promise.resolve([]),
    apply: () => Promise.resolve([]),
    close: async () => {
      stage.closed = true
    },
  }
  const metrics = new Metrics('own', '0')
  const log = createLogger({ level: 'debug', pretty: false }, (line) => stage.lines.push(line))
  const clock = among?.clock ?? systemClock
  const told = (leading: boolean): void => metrics.leader('infometis-own', leading)
  const election = among && new LeaderElection({ lease: among.board.lease('me'), clock, log, told })
  const process = new ReconcilerProcess({
    service: new OwnService(run),
    client,
    surroundings,
    election,
    metrics,
    log,
    clock,
    settings: {
      CONCURRENCY: 2,
      RECONCILE_INTERVAL: 600_000,
      RECONCILE_TIMEOUT: 60_000,
      EXPECTED_CLUSTER_ID: undefined,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
    },
  })
  const started = process.start()
  t.after(async () => {
    const stopped = process.stop()
    await among?.clock.advance(30_000)
    await stopped
  })
  return { surroundings, process, started, stage }
}

async function page(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`)
  return { status: answer.status, text: await answer.text() }
}

test('nothing is reconciled before the first list is read, then everything is, and it serves its pages', async (t) => {
  const runs: string[] = []
  const first = Promise.withResolvers<undefined>()
  const { surroundings, started } = await stage(t, async (key) => {
    runs.push(key)
    first.resolve(undefined)
    return { kind: 'done' }
  })
  surroundings.listeners?.changed('n/a')
  assert.deepEqual(runs, [])
  surroundings.ready.resolve(undefined)
  const port = await started
  await first.promise
  assert.deepEqual(runs, ['n/a'])
  assert.equal((await page(port, '/health')).status, 200)
  assert.equal((await page(port, '/ready')).status, 200)
  const { text } = await page(port, '/metrics')
  assert.match(text, /infometis_config_maps\{ready="Unknown"\} 1/)
  assert.match(text, /infometis_service_up 1/)
})

test('a change is reconciled soon, and a reconcile can ask for another key', async (t) => {
  const runs: string[] = []
  const asked = Promise.withResolvers<undefined>()
  const { surroundings, started } = await stage(t, async (key, world) => {
    runs.push(key)
    if (key === 'n/changed') world.requeue('n/asked-for')
    if (key === 'n/asked-for') asked.resolve(undefined)
    return { kind: 'done' }
  })
  surroundings.ready.resolve(undefined)
  await started
  surroundings.written.set('n/changed', document('n/changed'))
  surroundings.listeners?.changed('n/changed')
  await asked.promise
  assert.deepEqual(runs.toSorted(), ['n/a', 'n/asked-for', 'n/changed'])
})

test('the time from a change to Ready is measured once, and only for a change', async (t) => {
  const { surroundings, started } = await stage(t, async (key, world) => {
    world.meter.converged(key)
    world.meter.converged(key)
    return { kind: 'done' }
  })
  surroundings.ready.resolve(undefined)
  const port = await started
  surroundings.written.set('n/changed', document('n/changed'))
  surroundings.listeners?.changed('n/changed')
  let text = ''
  while (!text.includes('infometis_change_to_ready_seconds_count 1')) {
    t.signal.throwIfAborted()
    text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    assert.doesNotMatch(text, /infometis_change_to_ready_seconds_count [2-9]/)
  }
})

test('suspending everything reaches a reconcile in flight at once, and every key is looked at again', async (t) => {
  const runs: string[] = []
  const began = Promise.withResolvers<undefined>()
  const again = Promise.withResolvers<undefined>()
  const { surroundings, started } = await stage(t, async (_key, world, signal) => {
    runs.push(world.suspended() ? 'suspended' : 'working')
    if (world.suspended()) {
      again.resolve(undefined)
      return { kind: 'done' }
    }
    began.resolve(undefined)
    const { promise, reject } = Promise.withResolvers<Result>()
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    return promise
  })
  surroundings.ready.resolve(undefined)
  await started
  await began.promise
  surroundings.isSuspended = true
  surroundings.listeners?.controlled()
  await again.promise
  assert.deepEqual(runs, ['working', 'suspended'])
})

test('stopping ends what is in flight in order: reconciles, then client and watches, then the pages', async (t) => {
  const events: string[] = []
  const began = Promise.withResolvers<undefined>()
  const work = Promise.withResolvers<Result>()
  const {
    surroundings,
    started,
    process,
    stage: state,
  } = await stage(t, async () => {
    began.resolve(undefined)
    return work.promise.finally(() => events.push(`ended, client closed: ${state.closed}`))
  })
  surroundings.ready.resolve(undefined)
  const port = await started
  await began.promise
  const stopped = process.stop()
  surroundings.listeners?.changed('n/a')
  work.resolve({ kind: 'done' })
  await stopped
  assert.deepEqual(events, ['ended, client closed: false'])
  assert.deepEqual([state.closed, surroundings.stopped], [true, true])
  await assert.rejects(page(port, '/health'))
  assert.match(state.lines.at(-1) ?? '', /"msg":"stopped"/)
})

test('a service that does not answer makes it not ready, and it says why', async (t) => {
  const { surroundings, started, stage: state } = await stage(t, async () => ({ kind: 'done' }))
  state.up = false
  surroundings.ready.resolve(undefined)
  const port = await started
  const { status, text } = await page(port, '/ready')
  assert.equal(status, 503)
  assert.match(text, /"name":"service","ok":false/)
})

/** Among replicas: `me` is this process, and time passes when the test lets it. */
async function among(t: TestContext, run: Run, holder?: string) {
  const board = new LeaseBoard()
  if (holder !== undefined) board.put(holder, 0, 3_600_000)
  const clock = new ManualClock()
  const staged = await stage(t, run, { board, clock })
  const said = (message: string): string | undefined =>
    staged.stage.lines.find((line) => line.includes(`"msg":"${message}"`))
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) {
      t.signal.throwIfAborted()
      await settled()
    }
  }
  await until(() => said('listening') !== undefined)
  const { port } = JSON.parse(said('listening') ?? '') as { readonly port: number }
  return { ...staged, board, clock, port, said, until }
}

const soon = { timeout: 10_000 }

test(
  'a standby reads and reconciles nothing, is ready, says who leads, and begins when it leads',
  soon,
  async (t) => {
    const first = Promise.withResolvers<undefined>()
    const run: Run = async () => {
      first.resolve(undefined)
      return { kind: 'done' }
    }
    const { surroundings, started, board, clock, port, until } = await among(t, run, 'other')
    await until(() => board.asked.length > 0)
    await clock.advance(60_000)
    assert.equal(surroundings.listeners, undefined)
    const [health, ready] = [await page(port, '/health'), await page(port, '/ready')]
    assert.deepEqual([health.status, ready.status], [200, 200], ready.text)
    assert.match(
      ready.text,
      /"name":"lease","ok":true,"says":"other leads: it holds the lease infometis-kafka/,
    )
    const { text: standby } = await page(port, '/metrics')
    assert.match(standby, /leader_election_master_status\{name="infometis-own"\} 0/)
    assert.doesNotMatch(standby, /infometis_config_maps\{/)

    board.put('', 0)
    await clock.advance(2_000)
    assert.ok(surroundings.listeners)
    assert.match((await page(port, '/ready')).text, /"name":"sources","ok":false/)
    surroundings.ready.resolve(undefined)
    await started
    await first.promise
    assert.equal((await page(port, '/ready')).status, 200)
    const { text: leader } = await page(port, '/metrics')
    assert.match(leader, /leader_election_master_status\{name="infometis-own"\} 1/)
    assert.match(leader, /infometis_config_maps\{ready="Unknown"\} 1/)
  },
)

test('a standby that is asked to end leaves the lease alone and never begins', soon, async (t) => {
  const { surroundings, process, board, until } = await among(t, async () => ({ kind: 'done' }), 'other')
  await until(() => board.asked.length > 0)
  await process.stop()
  assert.deepEqual([board.asked, board.record?.holder], [['read me'], 'other'])
  assert.deepEqual([surroundings.listeners, surroundings.stopped], [undefined, true])
})

test(
  'the lease is given back when nothing is in flight any more, and renewed until then',
  soon,
  async (t) => {
    const work = Promise.withResolvers<Result>()
    const began = Promise.withResolvers<undefined>()
    const { surroundings, process, board, clock, until } = await among(t, () => {
      began.resolve(undefined)
      return work.promise
    })
    await until(() => board.record !== undefined)
    surroundings.ready.resolve(undefined)
    await began.promise
    const stopped = process.stop()
    board.asked.length = 0
    await clock.advance(12_000)
    assert.equal(board.record?.holder, 'me')
    assert.ok(board.asked.filter((each) => each === 'renew me').length >= 6, board.asked.join(', '))
    work.resolve({ kind: 'done' })
    await stopped
    assert.equal(board.record.holder, '')
  },
)

test(
  'a reconcile that does not end keeps the lease: it runs out before another replica begins',
  soon,
  async (t) => {
    const began = Promise.withResolvers<undefined>()
    const {
      surroundings,
      process,
      board,
      clock,
      stage: state,
      until,
    } = await among(t, () => {
      began.resolve(undefined)
      return new Promise(() => undefined)
    })
    await until(() => board.record !== undefined)
    surroundings.ready.resolve(undefined)
    await began.promise
    const stopped = process.stop()
    await clock.advance(25_000)
    await stopped
    assert.equal(board.record?.holder, 'me')
    assert.ok(!board.asked.includes('release me'))
    assert.match(state.lines.join(''), /reconciles did not end within 21.5 s/)
  },
)

test(
  'a lease that is lost ends what is in flight at once, takes up nothing more, and is told',
  soon,
  async (t) => {
    const runs: string[] = []
    const ends: unknown[] = []
    const began = Promise.withResolvers<undefined>()
    const {
      surroundings,
      process,
      board,
      clock,
      said,
      stage: state,
      until,
    } = await among(t, (key, _world, signal) => {
      runs.push(key)
      began.resolve(undefined)
      const { promise, reject } = Promise.withResolvers<Result>()
      signal.addEventListener('abort', () => {
        ends.push(signal.reason)
        reject(signal.reason as Error)
      })
      return promise
    })
    await until(() => board.record !== undefined)
    surroundings.ready.resolve(undefined)
    await began.promise
    const lost = assert.rejects(process.lost, {
      reason: 'LeadershipLost',
      message: /was not renewed for 10 s/,
    })
    board.fault = () => {
      throw new ReconcileError('ApiServerUnreachable', 'no answer')
    }
    await clock.advance(10_000)
    await lost
    surroundings.written.set('n/new', document('n/new'))
    surroundings.listeners?.changed('n/new')
    await clock.advance(60_000)
    assert.deepEqual(
      [runs, ends.map((reason) => (reason as ReconcileError).reason)],
      [['n/a'], ['LeadershipLost']],
    )
    board.asked.length = 0
    await process.stop()
    assert.deepEqual([board.asked, state.closed, surroundings.stopped], [[], true, true])
    assert.match(said('leadership lost') ?? '', /"level":"error".*"reason":"LeadershipLost"/)
    assert.deepEqual(
      state.lines.filter((line) => line.includes('will be tried again') && !line.includes('"level":"debug"')),
      [],
    )
  },
)
