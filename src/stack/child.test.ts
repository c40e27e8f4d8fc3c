import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startChild, waitForChild, type Child, type ChildSpec } from './child.ts'
import { runCommand } from './command.ts'
import { waitUntil } from './deadline.ts'
import { identify, isRunning } from './process-identity.ts'

const path = '/usr/local/bin:/usr/bin:/bin'

describe('processes', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-child-'))
  })
  after(async () => rm(directory, { recursive: true }))

  const spec = (script: string): ChildSpec => ({
    name: 'tester',
    command: 'sh',
    args: ['-c', script],
    cwd: directory,
    logFile: join(directory, `${crypto.randomUUID()}.log`),
  })
  const start = async (script: string): Promise<Child> => startChild(spec(script), { env: { PATH: path } })

  it('writes both streams to the log', async () => {
    const child = await start('echo out; echo err >&2')
    assert.equal(await child.exited, 'exit code 0')
    assert.equal(await readFile(child.logFile, 'utf8'), 'out\nerr\n')
  })

  it('reads from the file it is given', async () => {
    const stdin = join(directory, 'input')
    await writeFile(stdin, 'from the file')
    const child = await startChild({ ...spec('cat'), stdin }, { env: { PATH: path } })
    assert.equal(await child.exited, 'exit code 0')
    assert.equal(await readFile(child.logFile, 'utf8'), 'from the file')
  })

  it('kills what does not end in its grace', async () => {
    const child = await start('trap "" TERM; echo ready; while :; do sleep 0.1; done')
    await waitForChild(child, async () => (await readFile(child.logFile, 'utf8')).includes('ready'), {
      deadlineMs: 5_000,
    })
    await child.stop(100)
    assert.equal(await child.exited, 'signal SIGKILL')
    assert.equal(child.running(), false)
  })

  it('says at once, with the log’s last lines, that a process ended while starting', async () => {
    const child = await start('echo "flag provided but not defined"; exit 3')
    await assert.rejects(
      waitForChild(child, async () => false, { deadlineMs: 20_000 }),
      /tester ended with exit code 3 while starting; its log \S+ ends:\nflag provided but not defined/,
    )
  })

  it('says that a process was not ready in time', async () => {
    const child = await start('echo working; exec sleep 600')
    await assert.rejects(
      waitForChild(child, async () => false, { deadlineMs: 200 }),
      /tester was not ready within 0\.2 s; .*ends:\nworking/,
    )
    await child.stop(1_000)
  })

  it('says that a program is not there', async () => {
    const missing = { ...spec(''), command: 'no-such-program' }
    await assert.rejects(startChild(missing, { env: { PATH: path } }), /cannot run no-such-program/)
  })

  it('knows a process from a later one of the same pid', async () => {
    const self = await identify('test', process.pid)
    assert.ok(self)
    assert.equal(await isRunning(self), true)
    assert.equal(await isRunning({ ...self, startTicks: '1' }), false)
  })

  it('ends a command at its deadline together with what it started', async () => {
    const pidFile = join(directory, 'pid')
    const run = runCommand('sh', ['-c', `sleep 600 & echo $! > ${pidFile}; wait`], {
      env: { PATH: path },
      deadlineMs: 300,
    })
    await assert.rejects(run, /sh did not end in 0\.3 s/)
    const left = await identify('sleep', Number(await readFile(pidFile, 'utf8')))
    const gone = async (): Promise<boolean> => left === undefined || !(await isRunning(left))
    await waitUntil(gone, { what: 'the end of sleep', deadlineMs: 5_000 })
    assert.equal(await gone(), true)
  })

  it('ends a command when it is aborted', async () => {
    const signal = AbortSignal.timeout(100)
    await assert.rejects(runCommand('sleep', ['600'], { env: { PATH: path }, deadlineMs: 60_000, signal }), {
      name: 'TimeoutError',
    })
  })
})
