import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReconcileError } from '../errors.ts'
import type { Reason } from '../errors.ts'
import type { Result } from '../reconcile/result.ts'
import type { State } from '../reconcile/state.ts'
import type { Written } from '../reconcile/written.ts'
import type { Reconcile } from './controller.ts'
import { Controller } from './controller.ts'
import { createLogger } from './logger.ts'
import { ManualClock, settled } from '../../test/support/manual-clock.ts'
import { Metrics } from './metrics.ts'
import { WorkQueue } from './work-queue.ts'

interface Stage {
  readonly clock: ManualClock
  readonly controller: Controller
  readonly metrics: Metrics
  readonly lines: string[]
  /** `key @ time` of every reconcile begun. */
  readonly runs: string[]
  readonly written: Map<string, Written>
  readonly states: Map<string, State>
}

interface Play {
  readonly keys?: readonly string[]
  readonly gone?: readonly string[]
  readonly interval?: number
  readonly workers?: number
  readonly reconcile?: Reconcile
}

const done: Result = { kind: 'done' }

function failed(kind: 'retryable' | 'terminal', reason: Reason): Result {
  return { kind, error: new ReconcileError(reason, 'in its words') }
}

function stage(play: Play): Stage {
  const clock = new ManualClock(0.5)
  const metrics = new Metrics('kafka', '0')
  const lines: string[] = []
  const runs: string[] = []
  const written = new Map((play.keys ?? []).map((key) => [key, document(key)]))
  const states = new Map((play.gone ?? []).map((key) => [key, {} as State]))
  const queue = new WorkQueue(clock, metrics.queueMeter)
  const reconcile = play.reconcile ?? (async () => done)
  const controller = new Controller(
    {
      queue,
      clock,
      metrics,
      log: createLogger({ level: 'debug', pretty: false }, (line) => lines.push(line)),
      source: { read: (key) => written.get(key), keys: () => [...written.keys()] },
      store: { read: (key) => states.get(key), keys: () => [...states.keys()] },
      reconcile: (key, signal, log) => {
        runs.push(`${key} @ ${clock.now()}`)
        return reconcile(key, signal, log)
      },
    },
    { workers: play.workers ?? 4, interval: play.interval ?? 30_000, deadline: 120_000 },
  )
  return { clock, controller, metrics, lines, runs, written, states }
}

function document(key: string, interval?: number): Written {
  return { key, controls: { interval } } as unknown as Written
}

/** The series of a metric that are not 0. */
async function series(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'))
}

test('every key of the source and every key that only has state is reconciled at the start and then at each interval', async () => {
  const { clock, controller, runs } = stage({ keys: ['n/a'], gone: ['n/gone'] })
  controller.start()
  await clock.advance(60_000)
  assert.deepEqual(runs, [
    'n/a @ 0',
    'n/gone @ 0',
    'n/a @ 28500',
    'n/gone @ 28500',
    'n/a @ 57000',
    'n/gone @ 57000',
  ])
  await controller.stop(0)
})

test('the interval of a ConfigMap counts from the end of its last reconcile', async () => {
  const reconcile: Reconcile = async () => {
    const { promise, resolve } = Promise.withResolvers<Result>()
    clock.setTimeout(() => resolve(done), 4_000)
    return promise
  }
  const { clock, controller, runs, written } = stage({ reconcile })
  written.set('n/a', document('n/a', 10_000))
  controller.start()
  await clock.advance(14_000)
  assert.deepEqual(runs, ['n/a @ 0', 'n/a @ 13500'])
  await clock.advance(4_000)
  await controller.stop(0)
})

test('a ConfigMap that is gone and has no state left is not looked at again', async () => {
  const { clock, controller, runs, states } = stage({ gone: ['n/gone'] })
  controller.start()
  states.clear()
  await clock.advance(600_000)
  assert.deepEqual(runs, ['n/gone @ 0'])
  await controller.stop(0)
})

const outcomes: readonly {
  readonly says: string
  readonly result: Result
  readonly again: number
  readonly counted: string
}[] = [
  { says: 'done: at the resync', result: done, again: 28_500, counted: 'success' },
  {
    says: 'requeueAfter: at that time',
    result: { kind: 'requeueAfter', ms: 700 },
    again: 700,
    counted: 'requeue_after',
  },
  {
    says: 'retryable: after the backoff',
    result: failed('retryable', 'ServiceBusy'),
    again: 500,
    counted: 'error',
  },
  {
    says: 'terminal: at the resync',
    result: failed('terminal', 'ChangesRefused'),
    again: 28_500,
    counted: 'error',
  },
]

for (const { says, result, again, counted } of outcomes) {
  test(`the next reconcile after ${says}`, async () => {
    const { clock, controller, runs, metrics } = stage({ keys: ['n/a'], reconcile: async () => result })
    controller.start()
    await clock.advance(again - 1)
    assert.deepEqual(runs, ['n/a @ 0'])
    await clock.advance(1)
    assert.deepEqual(runs, ['n/a @ 0', `n/a @ ${again}`])
    const total = await series(metrics, 'controller_runtime_reconcile_total')
    assert.deepEqual(total, [`controller_runtime_reconcile_total{controller="kafka",result="${counted}"} 2`])
    await controller.stop(0)
  })
}

const ceilings: readonly { readonly reason: Reason; readonly longest: number }[] = [
  { reason: 'ServiceUnreachable', longest: 15_000 },
  { reason: 'ChangesFailed', longest: 14_250 },
  { reason: 'ServiceBusy', longest: 300_000 },
]

for (const { reason, longest } of ceilings) {
  test(`${reason} is tried again after ${longest / 1_000} s at the most (jitter 0.5), however often it failed`, async () => {
    const { clock, controller, runs } = stage({
      keys: ['n/a'],
      reconcile: async () => failed('retryable', reason),
    })
    controller.start()
    await clock.advance(3_600_000)
    const times = runs.map((run) => Number(run.split(' @ ')[1]))
    const gaps = times.map((time, i) => time - (times[i - 1] ?? time))
    assert.equal(Math.max(...gaps), longest)
    await controller.stop(0)
  })
}

test('when the service is back, what failed because it was away is tried at once, and nothing else is', async () => {
  let away = true
  const reconcile: Reconcile = async (key) => {
    if (key === 'n/busy') return failed('retryable', 'ServiceBusy')
    return away ? failed('retryable', 'ServiceUnreachable') : done
  }
  const { clock, controller, runs } = stage({ keys: ['n/a', 'n/busy'], reconcile, interval: 3_600_000 })
  controller.start()
  await clock.advance(100_000)
  away = false
  runs.length = 0
  controller.retryOutages()
  await settled()
  assert.deepEqual(runs, ['n/a @ 100000'])
  await controller.stop(0)
})

test('a reconcile that throws is an internal error, counted as a panic, told with its stack and tried again', async () => {
  const reconcile: Reconcile = async () => {
    throw new TypeError('undefined is not a topic')
  }
  const { clock, controller, runs, metrics, lines } = stage({ keys: ['n/a'], reconcile })
  controller.start()
  await clock.advance(500)
  assert.equal(runs.length, 2)
  const panics = await series(metrics, 'controller_runtime_reconcile_panics_total')
  assert.deepEqual(panics, ['controller_runtime_reconcile_panics_total{controller="kafka"} 2'])
  const errors = lines.filter((line) => line.includes('"level":"error"'))
  assert.equal(errors.length, 1)
  assert.match(errors[0] ?? '', /undefined is not a topic.*controller\.test\.ts/)
  await controller.stop(0)
})

test('a reconcile past its deadline is told so by its signal and not started a second time beside itself', async () => {
  const told: unknown[] = []
  const reconcile: Reconcile = async (_key, signal) => {
    const { promise, resolve } = Promise.withResolvers<Result>()
    signal.addEventListener('abort', () => {
      told.push((signal.reason as ReconcileError).reason)
      clock.setTimeout(() => resolve(done), 5_000)
    })
    return promise
  }
  const { clock, controller, runs, metrics } = stage({ keys: ['n/a'], reconcile })
  controller.start()
  await clock.advance(119_999)
  controller.enqueue('n/a')
  assert.deepEqual(told, [])
  await clock.advance(1)
  assert.deepEqual(told, ['DeadlineExceeded'])
  assert.equal(runs.length, 1)
  await clock.advance(5_000)
  assert.deepEqual(runs, ['n/a @ 0', 'n/a @ 125000'])
  assert.match((await series(metrics, 'controller_runtime_reconcile_timeouts_total'))[0] ?? '', / 1$/)
  const stopped = controller.stop(0)
  await clock.advance(5_000)
  await stopped
})

test('no more than the allowed number of reconciles runs at once, and a change overtakes the first pass', async () => {
  const running: (() => void)[] = []
  const reconcile: Reconcile = async () => {
    const { promise, resolve } = Promise.withResolvers<Result>()
    running.push(() => resolve(done))
    return promise
  }
  const { controller, runs } = stage({ keys: ['n/a', 'n/b', 'n/c', 'n/d'], workers: 2, reconcile })
  controller.start()
  await settled()
  assert.deepEqual(runs, ['n/a @ 0', 'n/b @ 0'])
  controller.enqueue('n/d')
  running.shift()?.()
  await settled()
  assert.deepEqual(runs.slice(2), ['n/d @ 0'])
  for (const end of running) end()
  await controller.stop(0)
})

test('stopping lets what is in flight finish, and aborts it when the grace is over', async () => {
  const events: string[] = []
  const reconcile: Reconcile = async (key, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    if (key === 'n/quick') clock.setTimeout(() => resolve(done), 10_000)
    signal.addEventListener('abort', () => reject(signal.reason as Error))
    return promise.finally(() => events.push(`${key} ended @ ${clock.now()}`))
  }
  const { clock, controller, runs, metrics } = stage({ keys: ['n/quick', 'n/slow'], reconcile })
  controller.start()
  await settled()
  const stopped = controller.stop(20_000).then(() => events.push('stopped'))
  controller.enqueue('n/new')
  await clock.advance(20_000)
  await stopped
  assert.deepEqual(events, ['n/quick ended @ 10000', 'n/slow ended @ 20000', 'stopped'])
  assert.deepEqual(runs, ['n/quick @ 0', 'n/slow @ 0'])
  assert.deepEqual(await series(metrics, 'controller_runtime_reconcile_panics_total'), [])
  assert.equal(clock.timers, 0)
})

test('a failure is a warning once, its repetitions and all successes are debug', async () => {
  let result = failed('retryable', 'ServiceBusy')
  const { clock, controller, lines } = stage({ keys: ['n/a'], reconcile: async () => result })
  controller.start()
  await clock.advance(5_000)
  result = done
  await clock.advance(60_000)
  const warnings = lines.filter((line) => !line.includes('"level":"debug"'))
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /"key":"n\/a".*"reason":"ServiceBusy".*in its words/)
  assert.doesNotMatch(warnings[0] ?? '', /stack/)
  await controller.stop(0)
})
