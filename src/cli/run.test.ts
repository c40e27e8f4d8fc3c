import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { run } from './run.ts'
import type { RunOptions } from './run.ts'

interface Line {
  readonly msg: string
  readonly reason?: string
  readonly port?: number
}

/** A run without any API: documents on a volume, and a Kafka address where nothing listens. */
async function stage(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-run-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  await writeFile(join(directory, 'topics.yaml'), 'orders: {partitions: 3, replication-factor: 1}\n')
  const lines: Line[] = []
  const waiting: { readonly msg: string; readonly resolve: (line: Line) => void }[] = []
  const abort = new AbortController()
  const options: RunOptions = {
    service: 'kafka',
    out: {
      write: (text) => {
        const line = JSON.parse(text) as Line
        lines.push(line)
        for (const each of waiting) if (each.msg === line.msg) each.resolve(line)
      },
    },
    err: { write: () => undefined },
    input: process.stdin,
    cwd: directory,
    signal: abort.signal,
    now: () => 0,
    env: {
      DESIRED_DIR: directory,
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      ...more,
    },
  }
  const said = (msg: string): Promise<Line> => {
    const { promise, resolve } = Promise.withResolvers<Line>()
    waiting.push({ msg, resolve })
    return promise
  }
  return { options, lines, abort, said }
}

test('it runs on a volume without any API, says what it meets, and ends with 0 when it is asked to', async (t) => {
  const { options, lines, abort, said } = await stage(t)
  const synced = said('synced')
  const status = said('status')
  const ended = run(options)
  const { port = 0 } = await synced
  assert.equal((await status).reason, 'ServiceUnreachable')
  const ready = await fetch(`http://127.0.0.1:${port}/ready`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), /"name":"sources","ok":true.*"name":"service","ok":false/)
  abort.abort(new DOMException('stopped by SIGTERM', 'AbortError'))
  assert.equal(await ended, 0)
  assert.equal(lines[0]?.msg, 'starting')
  assert.equal(lines.at(-1)?.msg, 'stopped')
})

const wrong: readonly (readonly [says: string, env: Readonly<Record<string, string>>, message: RegExp])[] = [
  [
    'a setting of every reconciler',
    { RECONCILE_INTERVAL: 'soon' },
    /RECONCILE_INTERVAL: "soon" is not a duration/,
  ],
  [
    'a setting of the service',
    { KAFKA_BOOTSTRAP_SERVERS: 'kafka' },
    /KAFKA_BOOTSTRAP_SERVERS: "kafka" is not an address/,
  ],
]

test('an election on a volume is refused: there is no API that could keep a lease', async (t) => {
  const { options, lines } = await stage(t, { LEADER_ELECTION: 'true' })
  await assert.rejects(run(options), {
    reason: 'InvalidConfiguration',
    message: /LEADER_ELECTION=true needs the Kubernetes API.*set it to false and run one replica/,
  })
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['starting'],
  )
})

for (const [says, env, message] of wrong) {
  test(`${says} that is wrong is named before anything begins`, async (t) => {
    const { options, lines } = await stage(t, env)
    await assert.rejects(run(options), { reason: 'InvalidConfiguration', message })
    assert.deepEqual(lines, [])
  })
}

test('a port that is taken ends it with a sentence, and nothing is left running', async (t) => {
  const other = createServer()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  other.listen(0, '127.0.0.1', () => resolve(undefined))
  await promise
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const { options, lines } = await stage(t, { HTTP_PORT: String(port) })
  await assert.rejects(run(options), {
    reason: 'InvalidConfiguration',
    message: /HTTP_PORT .* cannot be used/,
  })
  assert.equal(lines.at(-1)?.msg, 'stopped')
})

test('a service nobody knows is refused with the ones there are', async (t) => {
  const { options } = await stage(t)
  await assert.rejects(run({ ...options, service: 'kafak' }), {
    code: 1,
    message: /unknown service "kafak".*kafka/,
  })
})
