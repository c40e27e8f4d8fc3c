import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { FakeApiServer, answer, refuse } from '../../test/support/fake-api-server.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { Reflector } from './reflector.ts'
import { KubeClient, type KubeClientOptions } from './rest.ts'
import type { Selector } from './selector.ts'

interface Bench {
  readonly server: FakeApiServer
  readonly clock: ManualClock
  readonly reflector: Reflector
  /** Keys told, in order. */
  readonly told: string[]
  readonly stop: AbortController
}

interface BenchOptions {
  readonly selector?: Partial<Selector>
  readonly client?: KubeClientOptions
  readonly before?: (server: FakeApiServer) => void
  readonly token?: () => string
}

async function bench(t: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const server = await FakeApiServer.start()
  options.before?.(server)
  const clock = new ManualClock()
  const client = new KubeClient(server.connection(options.token), options.client)
  const reflector = new Reflector(client, { namespace: 'team', ...options.selector }, { clock })
  const told: string[] = []
  const stop = new AbortController()
  reflector.onChange((key) => told.push(key))
  reflector.start(stop.signal)
  t.after(async () => {
    stop.abort()
    await reflector.done
    client.close()
    await server.stop()
  })
  return { server, clock, reflector, told, stop }
}

/** A bench whose first watch is open. */
async function following(t: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const made = await bench(t, options)
  await until('a watch is open', () => made.server.openWatches === 1 && made.reflector.problem === undefined)
  return made
}

/** Waits for sockets, not for time; 5 s is only there to end a failing test. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    assert.ok(performance.now() < deadline, `did not happen within 5 s: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const text = (bench: Bench, name: string): string | undefined =>
  bench.reflector.get(`team/${name}`)?.data['x']

test('the first list and later changes are told by key and read from the cache', async (t) => {
  const made = await following(t, { before: (server) => server.put('a', { data: { x: '1' } }) })
  assert.equal(made.reflector.synced, true)
  assert.deepEqual(made.told, ['team/a'])
  made.server.put('a', { data: { x: '2' } })
  made.server.put('b')
  made.server.remove('a')
  await until('three events', () => made.told.length === 4)
  assert.deepEqual(made.told.slice(1), ['team/a', 'team/b', 'team/a'])
  assert.deepEqual(made.reflector.keys(), ['team/b'])
  const watch = made.server.last('watch')
  assert.equal(watch?.query.get('allowWatchBookmarks'), 'true')
  const timeout = Number(watch.query.get('timeoutSeconds'))
  assert.ok(timeout >= 240 && timeout <= 300)
})

test('F1: a watch that falls silent is given up after 70 s and what it missed is there within 75 s', async (t) => {
  const made = await following(t)
  made.server.put('a', {}, true)
  made.server.version += 5
  made.server.put('late', {}, true)
  await made.clock.advance(69_000)
  assert.equal(made.server.count('watch'), 1)
  made.server.fail('watch', (response) => refuse(response, 410, 'too old resource version'))
  await made.clock.advance(1_000)
  await until('a relist', () => made.server.count('list') === 2 || made.clock.timers > 1)
  await made.clock.advance(4_000)
  await until('both are there', () => made.reflector.keys().length === 2)
  assert.equal(made.reflector.counters.restarts.get('inactive'), 1)
})

test('F1: a server that takes the connection and never answers is given up after 10 s', async (t) => {
  const made = await bench(t, { before: (server) => server.fail('watch', () => undefined) })
  await until('the watch was asked for', () => made.server.count('watch') === 1)
  await made.clock.advance(10_000)
  await until('the end is counted', () => made.reflector.counters.restarts.get('connect-timeout') === 1)
  assert.match(made.reflector.problem?.message ?? '', /silent for 10 s/)
  await made.clock.advance(800)
  await until('the next watch is open', () => made.server.openWatches === 1)
})

test('F2: a connection reset in the middle of a line loses nothing', async (t) => {
  const made = await following(t)
  made.server.send('{"type":"ADDED","object":{"met')
  made.server.resetWatches()
  await until('the end is counted', () => made.reflector.counters.restarts.get('network') === 1)
  made.server.put('a')
  await made.clock.advance(800)
  await until('the event came on the next watch', () => made.told.length === 1)
  assert.equal(made.server.count('list'), 1)
})

test('F3: a server that ends every watch at once gets fewer than one request a second', async (t) => {
  const made = await bench(t, {
    before: (server) => server.fail('watch', (response) => response.writeHead(200).end(), 1_000),
  })
  for (let second = 0; second < 60; second += 1) {
    await until(
      'every watch has ended',
      () =>
        made.reflector.counters.restarts.get('eof') === made.server.count('watch') &&
        made.server.count('watch') > 0,
    )
    await made.clock.advance(1_000)
  }
  const watches = made.server.count('watch')
  assert.ok(watches >= 4 && watches <= 20, `${watches} watches in 60 s`)
})

test('an end after a healthy while reconnects at once, from where it stood', async (t) => {
  const made = await following(t)
  made.server.put('a')
  await until('the event', () => made.told.length === 1)
  await made.clock.advance(60_000)
  const from = String(made.server.version)
  made.server.endWatches()
  await until(
    'the next watch is open',
    () => made.server.count('watch') === 2 && made.server.openWatches === 1,
  )
  assert.equal(made.server.last('watch')?.query.get('resourceVersion'), from)
  assert.equal(made.server.count('list'), 1)
})

for (const [what, gone] of [
  [
    'as an HTTP status',
    (server: FakeApiServer) => {
      server.fail('watch', (response) => refuse(response, 410, 'too old resource version'))
      server.endWatches()
    },
  ],
  [
    'as an event in the stream',
    (server: FakeApiServer) =>
      server.send({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } }),
  ],
] as const) {
  test(`F4: 410 ${what} lists again`, async (t) => {
    const made = await following(t)
    made.server.put('a', {}, true)
    await made.clock.advance(60_000)
    gone(made.server)
    await until('the end is counted', () => made.reflector.counters.restarts.get('gone') === 1)
    await made.clock.advance(1_600)
    await until('the list repaired it', () => made.told.length === 1)
    assert.equal(made.server.count('list'), 2)
  })
}

test('F5: an error event other than 410 waits and goes on from where it stood, without a list', async (t) => {
  const made = await following(t)
  made.server.send({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is away' } })
  await until('the end is counted', () => made.reflector.counters.restarts.get('error-event') === 1)
  assert.match(made.reflector.problem?.message ?? '', /etcd is away/)
  await made.clock.advance(800)
  await until('the next watch is open', () => made.server.openWatches === 1)
  assert.equal(made.server.count('list'), 1)
})

for (const kind of ['list', 'watch'] as const) {
  test(`F6: 429 on a ${kind} waits as long as the server asks, and a little more`, async (t) => {
    const made = await bench(t, {
      before: (server) =>
        server.fail(kind, (response) => refuse(response, 429, 'slow down', { 'retry-after': '7' })),
    })
    await until('the end is counted', () => made.reflector.counters.restarts.get('throttled') === 1)
    await made.clock.advance(6_900)
    assert.equal(made.server.count(kind), 1)
    await made.clock.advance(1_100)
    await until('it tries again', () => made.server.count(kind) === 2)
  })

  test(`F6: 429 on a ${kind} without Retry-After backs off by itself`, async (t) => {
    const made = await bench(t, {
      before: (server) => server.fail(kind, (response) => refuse(response, 429, 'slow down')),
    })
    await until('the end is counted', () => made.reflector.counters.restarts.get('throttled') === 1)
    await made.clock.advance(800)
    await until('it tries again', () => made.server.count(kind) === 2)
  })
}

test('F7: ten minutes of 503 cost few requests, and then it goes on by itself', async (t) => {
  const made = await following(t)
  made.server.fail('watch', (response) => refuse(response, 503, 'shutting down'), 1_000)
  made.server.fail('list', (response) => refuse(response, 503, 'shutting down'), 1_000)
  made.server.endWatches()
  const settled = (): boolean =>
    made.server.openWatches === 0 &&
    (made.reflector.counters.restarts.get('throttled') ?? 0) >= made.server.count('watch') - 1
  for (let second = 0; second < 600; second += 5) {
    await until('every try has ended', settled)
    await made.clock.advance(5_000)
  }
  assert.ok(made.server.count('watch') <= 60, `${made.server.count('watch')} watches in 10 min`)
  made.server.heal()
  made.server.put('a')
  for (let second = 0; second < 30 && made.server.openWatches === 0; second += 1) {
    await made.clock.advance(1_000)
    await until('requests are answered', () => made.server.unanswered === 0)
  }
  await until('the event', () => made.told.length === 1)
})

test('F8: a rotated token is read again at once, and nothing is lost', async (t) => {
  let token = 'old'
  const made = await following(t, { before: (server) => (server.token = 'old'), token: () => token })
  await made.clock.advance(60_000)
  made.server.token = 'new'
  token = 'new'
  made.server.put('a')
  made.server.endWatches()
  await until('the event', () => made.told.length === 1 && made.server.openWatches === 1)
  assert.equal(made.reflector.problem, undefined)
})

test('F9: a watch that is forbidden is a visible problem, and lists still repair', async (t) => {
  const made = await bench(t, {
    before: (server) => server.fail('watch', (response) => refuse(response, 403, 'no watch for you'), 10_000),
  })
  await until('the problem is seen', () => made.reflector.problem !== undefined)
  assert.equal(made.reflector.synced, true)
  assert.equal(made.reflector.problem?.reason, 'ApiServerForbidden')
  assert.match(made.reflector.problem.message, /may not watch configmaps in namespace team: no watch for you/)
  made.server.put('a')
  for (let passed = 0; passed < 330_000 && made.told.length === 0; passed += 5_000)
    await made.clock.advance(5_000)
  await until('the list repaired it', () => made.told.length === 1)
  assert.equal(made.server.openWatches, 0)
})

for (const [what, line] of [
  ['not JSON', '{"type": nonsense}\n'],
  ['JSON of another shape', '{"type":"ADDED","object":{"kind":"ConfigMap"}}\n'],
  [
    'an unknown type of event',
    '{"type":"EXPLODED","object":{"metadata":{"name":"a","namespace":"team","uid":"u","resourceVersion":"9"}}}\n',
  ],
  ['a line beyond the bound', 'x'.repeat(5_000)],
] as const) {
  test(`F10: a line that is garbled (${what}) is counted, and a list makes up for it`, async (t) => {
    const made = await following(t, { client: { maxLineBytes: 4_096 } })
    made.server.put('a', {}, true)
    made.server.send(line)
    await until('the end is counted', () => made.reflector.counters.restarts.get('garbled') === 1)
    await made.clock.advance(800)
    await until('the list made up for it', () => made.told.length === 1)
  })
}

test('F10: a character split over two chunks stays whole', async (t) => {
  const made = await following(t)
  const object = {
    metadata: { name: 'a', namespace: 'team', uid: 'u', resourceVersion: '500' },
    data: { x: '😀' },
  }
  const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`)
  const cut = bytes.indexOf(0xf0) + 2
  made.server.sendBytes(bytes.subarray(0, cut))
  await new Promise((resolve) => setImmediate(resolve))
  made.server.sendBytes(bytes.subarray(cut))
  await until('the event', () => made.told.length === 1)
  assert.equal(text(made, 'a'), '😀')
})

test('F11: doubled, reordered and replayed events change nothing', async (t) => {
  const made = await following(t)
  const old = made.server.put('a', { data: { x: '1' } })
  const now = made.server.put('a', { data: { x: '2' } })
  made.server.put('b')
  made.server.remove('b')
  await until('the four events', () => made.told.length === 4)
  made.server.send({ type: 'MODIFIED', object: now })
  made.server.send({ type: 'MODIFIED', object: old })
  made.server.send({ type: 'DELETED', object: old })
  made.server.send({ type: 'ADDED', object: { ...old, metadata: { ...old.metadata, name: 'b' } } })
  made.server.put('end')
  await until('the last event', () => made.told.includes('team/end'))
  assert.equal(made.told.length, 5)
  assert.equal(text(made, 'a'), '2')
  assert.deepEqual(made.reflector.keys(), ['team/a', 'team/end'])
  const resumed = String(made.server.version)
  await made.clock.advance(10_000)
  made.server.endWatches()
  await until('the next watch', () => made.server.count('watch') === 2)
  assert.equal(made.server.last('watch')?.query.get('resourceVersion'), resumed)
})

test('F12: what the watch did not say is repaired by the next list and counted, and the watch stays open', async (t) => {
  const made = await following(t, { before: (server) => server.put('gone') })
  made.server.remove('gone', true)
  made.server.put('new', {}, true)
  for (let passed = 0; passed < 330_000 && made.told.length === 1; passed += 30_000) {
    await made.clock.advance(30_000)
    made.server.bookmark()
    await until('the bookmark', () => made.reflector.lastActivityAge() === 0)
  }
  await until('both keys are told', () => made.told.length === 3)
  assert.deepEqual(made.reflector.keys(), ['team/new'])
  await made.clock.advance(5_000)
  assert.equal(made.reflector.counters.missedEvents, 2)
  assert.equal(made.server.count('watch'), 1)
})

test('an event that overtakes no list but only comes late is not counted as missed', async (t) => {
  const made = await following(t)
  const object = made.server.put('a', {}, true)
  for (let passed = 0; passed < 330_000 && made.told.length === 0; passed += 30_000) {
    await made.clock.advance(30_000)
    made.server.bookmark()
    await until('the bookmark', () => made.reflector.lastActivityAge() === 0)
  }
  await until('the list told it', () => made.told.length === 1)
  made.server.send({ type: 'ADDED', object })
  made.server.put('end')
  await until('the late event is read', () => made.told.includes('team/end'))
  await made.clock.advance(5_000)
  assert.equal(made.reflector.counters.missedEvents, 0)
})

test('F13: an empty list by mistake is corrected soon', async (t) => {
  const made = await following(t, { before: (server) => server.put('a') })
  const { version } = made.server
  made.server.fail('list', (response) =>
    answer(response, { metadata: { resourceVersion: String(version) }, items: [] }),
  )
  for (let passed = 0; passed < 330_000 && made.told.length === 1; passed += 30_000) {
    await made.clock.advance(30_000)
    made.server.bookmark()
    await until('the bookmark', () => made.reflector.lastActivityAge() === 0)
  }
  await until('the object seems gone', () => made.told.length === 2)
  await made.clock.advance(5_000)
  await made.clock.advance(10_000)
  await until('it is there again', () => made.told.length === 3)
  assert.deepEqual(made.reflector.keys(), ['team/a'])
})

test('F14: a list from the past takes nothing back', async (t) => {
  const made = await following(t)
  const past = made.server.put('a', { data: { x: '1' } })
  made.server.put('a', { data: { x: '2' } })
  made.server.put('b')
  await until('the events', () => made.told.length === 3)
  const stale = { metadata: { resourceVersion: past.metadata.resourceVersion }, items: [past] }
  made.server.fail('list', (response) => answer(response, stale))
  made.server.send({ type: 'ERROR', object: { code: 410, message: 'too old' } })
  await until('the end is counted', () => made.reflector.counters.restarts.get('gone') === 1)
  await made.clock.advance(800)
  await until(
    'the next watch is open',
    () => made.server.openWatches === 1 && made.server.count('list') === 2,
  )
  assert.equal(text(made, 'a'), '2')
  assert.deepEqual(made.reflector.keys(), ['team/a', 'team/b'])
})

test('F15: a continue token that expires half way is followed by one whole list', async (t) => {
  const made = await following(t, {
    before: (server) => {
      for (let i = 0; i < 1_200; i += 1) server.put(`cm-${i}`)
      server.fail('list', (response) =>
        answer(response, { metadata: { resourceVersion: '100', continue: '1' }, items: [] }),
      )
      server.fail('list', (response) => refuse(response, 410, 'continue token expired'))
    },
  })
  assert.equal(made.reflector.keys().length, 1_200)
  const lists = made.server.requests
    .filter(({ kind }) => kind === 'list')
    .map(({ query }) => [query.get('limit'), query.get('continue')])
  assert.deepEqual(lists, [
    ['500', null],
    ['500', '1'],
    [null, null],
  ])
})

test('a list is read in pages of 500', async (t) => {
  const made = await following(t, {
    before: (server) => Array.from({ length: 1_200 }, (_, i) => server.put(`cm-${i}`)),
  })
  assert.equal(made.reflector.keys().length, 1_200)
  assert.equal(made.server.count('list'), 3)
})

test('a page that is too large is asked for again in smaller ones', async (t) => {
  const made = await following(t, {
    client: { maxBodyBytes: 20_000 },
    before: (server) =>
      Array.from({ length: 20 }, (_, i) => server.put(`cm-${i}`, { data: { x: 'x'.repeat(2_000) } })),
  })
  assert.equal(made.reflector.keys().length, 20)
})

test('F16: a day of nothing but bookmarks is one watch, never silent, and advances the version', async (t) => {
  const made = await following(t)
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    await made.clock.advance(60_000)
    made.server.bookmark()
    await until('the bookmark', () => made.reflector.lastActivityAge() === 0)
  }
  assert.equal(made.server.count('watch'), 1)
  assert.equal(made.reflector.counters.restarts.size, 0)
  assert.equal(made.reflector.counters.missedEvents, 0)
  const lists = made.server.count('list')
  assert.ok(lists > (24 * 60) / 5.5 && lists < (24 * 60) / 4.4, `${lists} lists`)
  const { version } = made.server
  made.server.endWatches()
  await until('the next watch', () => made.server.count('watch') === 2)
  assert.equal(made.server.last('watch')?.query.get('resourceVersion'), String(version))
})

test('F17: ten thousand events are taken in without waiting for anybody', async (t) => {
  const made = await following(t)
  for (let i = 0; i < 10_000; i += 1) made.server.put(`cm-${i % 100}`, { data: { x: String(i) } })
  await until('the last event', () => text(made, 'cm-99') === '9999')
  assert.equal(made.reflector.keys().length, 100)
})

test('F18: a label taken off and put on again is gone and there again, at once', async (t) => {
  const made = await following(t, { selector: { labelSelector: 'wanted=yes' } })
  for (const labels of [{ wanted: 'yes' }, {}, { wanted: 'no' }, { wanted: 'yes' }])
    made.server.put('a', { labels })
  await until('three events', () => made.told.length === 3)
  assert.deepEqual(made.reflector.keys(), ['team/a'])
  assert.equal(
    made.server.last('watch')?.query.get('labelSelector'),
    made.server.last('list')?.query.get('labelSelector'),
  )
})

test('F19: an object deleted and made again under its name is another object', async (t) => {
  const made = await following(t, { before: (server) => server.put('a') })
  const before = made.reflector.get('team/a')?.metadata.uid
  made.server.remove('a')
  made.server.put('a')
  await until('both events', () => made.told.length === 3)
  assert.notEqual(made.reflector.get('team/a')?.metadata.uid, before)
})

test('F20: a listener that throws stops neither the others nor the watch', async (t) => {
  const made = await following(t)
  made.reflector.onChange(() => {
    throw new Error('a bug')
  })
  const after: string[] = []
  made.reflector.onChange((key) => after.push(key))
  made.server.put('a')
  made.server.put('b')
  await until('both events reach the others', () => after.length === 2)
  assert.equal(made.reflector.counters.restarts.size, 0)
})

test('F22: a host that cannot be found is a visible problem, tried again with growing waits', async (t) => {
  const client = new KubeClient({
    server: new URL('http://no-such-host.invalid'),
    namespace: 'team',
    token: async () => undefined,
  })
  const clock = new ManualClock()
  const reflector = new Reflector(client, { namespace: 'team' }, { clock })
  const stop = new AbortController()
  t.after(async () => {
    stop.abort()
    await reflector.done
  })
  reflector.start(stop.signal)
  await until('the problem is seen', () => reflector.problem !== undefined)
  assert.equal(reflector.problem?.reason, 'ApiServerUnreachable')
  await clock.advance(800)
  await until('it tries again', () => reflector.counters.lists === 2)
})

test('a restored etcd, whose versions start lower, is believed after three lists', async (t) => {
  const made = await following(t, { before: (server) => server.put('old') })
  made.server.remove('old', true)
  made.server.version = 10
  made.server.put('new', {}, true)
  for (let passed = 0; passed < 1_200_000 && made.reflector.keys().includes('team/old'); passed += 30_000) {
    await made.clock.advance(30_000)
    made.server.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '11' } } })
    await until('the bookmark', () => made.reflector.lastActivityAge() === 0)
  }
  await until('the past is believed', () => !made.reflector.keys().includes('team/old'))
  assert.deepEqual(made.reflector.keys(), ['team/new'])
})

test('an abort ends it at once, whatever it is doing', async (t) => {
  const made = await following(t)
  made.stop.abort()
  await made.reflector.done
  await until('the watch is closed', () => made.server.openWatches === 0)
  assert.equal(made.clock.timers, 0)
})

test('our own write is in the cache before its event, and the event is then no news', async (t) => {
  const made = await following(t)
  const object = made.server.put('a', {}, true)
  const { metadata, data } = object
  made.reflector.accept({
    metadata: { ...metadata, creationTimestamp: undefined, annotations: {}, managedFields: [] },
    data,
    binaryData: {},
  })
  assert.deepEqual(made.told, ['team/a'])
  made.server.send({ type: 'ADDED', object })
  made.server.put('end')
  await until('the last event', () => made.told.includes('team/end'))
  assert.deepEqual(made.told, ['team/a', 'team/end'])
})
