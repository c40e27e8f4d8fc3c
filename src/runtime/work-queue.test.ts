import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../test/support/manual-clock.ts'
import type { QueueMeter } from './work-queue.ts'
import { WorkQueue } from './work-queue.ts'

const silent: QueueMeter = { added: () => {}, retried: () => {}, waited: () => {}, worked: () => {} }

function start(random = 0.5): { readonly clock: ManualClock; readonly queue: WorkQueue } {
  const clock = new ManualClock(random)
  return { clock, queue: new WorkQueue(clock, silent) }
}

/** Everything that is ready now, in the order given out, each ended at once. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = []
  while (ready(queue) > 0) {
    const key = await queue.take()
    if (key === undefined) break
    keys.push(key)
    queue.done(key)
  }
  return keys
}

function ready(queue: WorkQueue): number {
  return queue.depth('change') + queue.depth('retry') + queue.depth('resync')
}

test('a thousand additions of one key are one piece of work', async () => {
  const { queue } = start()
  for (let i = 0; i < 1_000; i++) queue.add('a/one', 'change')
  assert.deepEqual(await drain(queue), ['a/one'])
})

test('a key added while it is in flight waits for its end and then runs once more', async () => {
  const { queue } = start()
  queue.add('a', 'change')
  assert.equal(await queue.take(), 'a')
  queue.add('a', 'resync')
  queue.add('a', 'change')
  queue.add('a', 'retry')
  assert.equal(ready(queue), 0)
  queue.done('a')
  assert.equal(queue.depth('change'), 1)
  assert.deepEqual(await drain(queue), ['a'])
})

test('a change is served before a retry, a retry before a resync, and equals in the order of arrival', async () => {
  const { queue } = start()
  queue.add('resync-1', 'resync')
  queue.add('retry', 'retry')
  queue.add('resync-2', 'resync')
  queue.add('change', 'change')
  assert.deepEqual(await drain(queue), ['change', 'retry', 'resync-1', 'resync-2'])
})

test('a waiting key keeps the best priority asked for', async () => {
  const { queue } = start()
  queue.add('a', 'resync')
  queue.add('b', 'resync')
  queue.add('b', 'change')
  queue.add('b', 'resync')
  assert.deepEqual(await drain(queue), ['b', 'a'])
})

test('whoever takes from an empty queue gets the next key that is added', async () => {
  const { queue } = start()
  const taken = Promise.all([queue.take(), queue.take()])
  queue.add('a', 'change')
  queue.add('b', 'change')
  assert.deepEqual(await taken, ['a', 'b'])
})

test('a delayed key is ready at its time and not before, and of two times the earlier counts', async () => {
  const { clock, queue } = start()
  queue.addAfter('a', 5_000, 'resync')
  queue.addAfter('a', 2_000, 'retry')
  queue.addAfter('a', 9_000, 'change')
  await clock.advance(1_999)
  assert.equal(ready(queue), 0)
  await clock.advance(1)
  assert.equal(queue.depth('retry'), 1)
  assert.equal(queue.waiting, 0)
})

test('any number of delayed keys needs one timer, and each comes in its turn', async () => {
  const { clock, queue } = start()
  for (let i = 0; i < 500; i++) queue.addAfter(`k${i}`, ((i * 7919) % 500) + 1, 'resync')
  assert.equal(clock.timers, 1)
  const due: number[] = []
  for (let now = 1; now <= 500; now++) {
    await clock.advance(1)
    for (const key of await drain(queue)) {
      due.push(((Number(key.slice(1)) * 7919) % 500) + 1)
      assert.equal(due.at(-1), now)
    }
  }
  assert.equal(due.length, 500)
})

test('a delay longer than a timer can hold still ends at its time', async () => {
  const { clock, queue } = start()
  const forty = 40 * 86_400_000
  queue.addAfter('a', forty, 'resync')
  await clock.advance(forty - 1)
  assert.equal(ready(queue), 0)
  await clock.advance(1)
  assert.equal(ready(queue), 1)
})

test('taking a key forgets its later date: whoever ends the work sets the next one', async () => {
  const { clock, queue } = start()
  queue.addAfter('a', 1_000, 'resync')
  queue.add('a', 'change')
  await drain(queue)
  await clock.advance(5_000)
  assert.equal(ready(queue), 0)
})

test('backoff doubles from one second to ten minutes, is jittered over its whole length and starts anew after forget', () => {
  const { queue } = start(0.5)
  const waits = Array.from({ length: 14 }, () => queue.retry('a'))
  assert.deepEqual(waits.slice(0, 5), [500, 1_000, 2_000, 4_000, 8_000])
  assert.equal(waits.at(-1), 300_000)
  assert.equal(queue.retry('a', 30_000), 15_000)
  assert.equal(queue.retry('other'), 500)
  queue.forget('a')
  assert.equal(queue.retry('a'), 500)
  assert.equal(start(0).queue.retry('a'), 0)
})

test('what is held is bounded by the number of keys, however many events and retries there are', async () => {
  const { clock, queue } = start()
  for (let round = 0; round < 200; round++) {
    for (const key of ['a', 'b', 'c']) {
      queue.add(key, 'change')
      queue.addAfter(key, round, 'resync')
      queue.retry(key)
    }
  }
  assert.ok(ready(queue) <= 3)
  assert.ok(queue.waiting <= 3)
  await drain(queue)
  assert.equal(clock.timers, 1)
})

test('a queue that is shut gives out nothing more, ends every wait and leaves no timer', async () => {
  const { clock, queue } = start()
  queue.addAfter('later', 1_000, 'resync')
  queue.add('flying', 'change')
  await queue.take()
  const waiting = queue.take()
  queue.add('flying', 'change')
  queue.shut()
  queue.add('after', 'change')
  queue.done('flying')
  assert.equal(await waiting, undefined)
  assert.equal(await queue.take(), undefined)
  assert.equal(clock.timers, 0)
})

test('the meter hears of additions, waits and work, and in-flight ages are in seconds', async () => {
  const clock = new ManualClock()
  const heard: string[] = []
  const queue = new WorkQueue(clock, {
    added: () => heard.push('added'),
    retried: () => heard.push('retried'),
    waited: (seconds) => heard.push(`waited ${seconds}`),
    worked: (seconds) => heard.push(`worked ${seconds}`),
  })
  queue.add('a', 'change')
  queue.add('a', 'change')
  await clock.advance(2_000)
  await queue.take()
  await clock.advance(3_000)
  assert.deepEqual(queue.inFlight(), [3])
  queue.done('a')
  queue.retry('a')
  assert.deepEqual(heard, ['added', 'waited 2', 'worked 3', 'retried'])
})
