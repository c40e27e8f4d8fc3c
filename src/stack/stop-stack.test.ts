import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { startChild } from './child.ts'
import { claimStack, unhealthy } from './claim.ts'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'
import { freshRunDirectory, readRecord, removeRunDirectory, StackRecorder } from './stack-record.ts'
import { stopStack } from './stop-stack.ts'

describe('the record of a stack, and its end', () => {
  let root: string
  let directory: string
  const started: ChildProcess[] = []
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'infometis-record-'))
  })
  beforeEach(async () => {
    directory = join(await mkdtemp(join(root, 'run-')), 'stack')
  })
  after(async () => {
    for (const child of started) child.kill('SIGKILL')
    await rm(root, { recursive: true })
  })

  /** A process that ignores SIGTERM when told to. */
  const sleeper = async (name: string, mark = '', stubborn = false): Promise<ProcessIdentity> => {
    const script = stubborn ? 'trap "" TERM; while :; do sleep 0.1; done' : 'exec sleep 600'
    const [key = '', value = ''] = mark.split('=')
    const child = spawn('sh', ['-c', script], {
      env: { PATH: '/usr/bin:/bin', [key || 'X']: value },
      stdio: 'ignore',
    })
    started.push(child)
    await once(child, 'spawn')
    const identity = await identify(name, child.pid ?? 0)
    assert.ok(identity)
    return identity
  }
  const record = async (
    change: Partial<Parameters<StackRecorder['write']>[0]> & { mark?: string } = {},
  ): Promise<void> => {
    await freshRunDirectory(directory)
    const gone = { name: 'up', pid: 2 ** 22 + 1, startTicks: '1' }
    const base = {
      up: gone,
      startedAt: '2026-01-01T00:00:00.000Z',
      mark: `M=${crypto.randomUUID()}`,
      children: [],
    }
    await new StackRecorder(directory, { ...base, ...change }).write()
  }

  it('ends the children of a killed up, stubborn ones too, and removes the run directory', async () => {
    const children = [await sleeper('etcd'), await sleeper('reconciler-kafka')]
    await record({ children })
    assert.deepEqual(await stopStack(directory), ['etcd', 'reconciler-kafka'])
    assert.deepEqual(await Promise.all(children.map(isRunning)), [false, false])
    assert.equal(existsSync(directory), false)
  })

  it('ends a child that was started but never recorded', async () => {
    const mark = `INFOMETIS_TEST_MARK=${crypto.randomUUID()}`
    const stray = await sleeper('stray', mark, true)
    await record({ mark })
    await stopStack(directory)
    assert.equal(await isRunning(stray), false)
  })

  it('leaves a process alone that only has the pid of a child', async () => {
    const other = await sleeper('other')
    await record({ children: [{ ...other, startTicks: '1' }] })
    assert.deepEqual(await stopStack(directory), [])
    assert.equal(await isRunning(other), true)
  })

  it('says that there is no stack where none is on record', async () => {
    assert.equal(await stopStack(directory), undefined)
  })

  it('never removes a directory that is not a run directory', async () => {
    const file = join(root, 'mine', 'precious')
    await freshRunDirectory(join(root, 'mine'))
    await rm(join(root, 'mine', '.infometis-stack'))
    await writeFile(file, 'x')
    await assert.rejects(
      removeRunDirectory(join(root, 'mine')),
      /holds something else than a stack: set INFOMETIS_STACK_DIR/,
    )
    await assert.rejects(freshRunDirectory(join(root, 'mine')), /holds something else/)
    assert.equal(existsSync(file), true)
  })

  it('records a child before anything else is done with it, once for each name', async () => {
    await record()
    const base = await readRecord(directory)
    assert.ok(base)
    const recorder = new StackRecorder(directory, base)
    const spec = { name: 'etcd', command: 'sleep', args: ['600'], cwd: root, logFile: join(root, 'etcd.log') }
    const launch = {
      env: { PATH: '/usr/bin:/bin' },
      onSpawn: async (identity: ProcessIdentity) => recorder.add(identity),
    }
    const [one, two] = [await startChild(spec, launch), await startChild(spec, launch)]
    assert.deepEqual((await readRecord(directory))?.children, [two.identity])
    await Promise.all([one.stop(1_000), two.stop(1_000)])
  })

  it('lets one of two claims have the run directory', async () => {
    const signal = AbortSignal.timeout(10_000)
    const claim = async (): Promise<string> =>
      (await claimStack(directory, '2026-01-01T00:00:00.000Z', () => undefined, signal)).kind
    assert.deepEqual((await Promise.all([claim(), claim()])).sort(), ['ours', 'running'])
  })

  it('calls a stack healthy only when it is ready and every child runs', async () => {
    const child = await sleeper('etcd')
    await record({ children: [child] })
    const starting = await readRecord(directory)
    assert.ok(starting)
    assert.equal(await unhealthy(starting), 'it is still starting')
    const ready = { ...starting, environment: {} }
    assert.equal(await unhealthy(ready), undefined)
    assert.equal(
      await unhealthy({ ...ready, children: [{ ...child, startTicks: '1' }] }),
      'not running: etcd',
    )
  })
})
