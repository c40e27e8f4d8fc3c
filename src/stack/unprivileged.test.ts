import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startChild } from './child.ts'
import { runCommand, type CommandResult } from './command.ts'
import { waitUntil } from './deadline.ts'
import { identify, isRunning } from './process-identity.ts'
import { unprivileged, type Unprivileged } from './unprivileged.ts'

const path = '/usr/local/bin:/usr/bin:/bin'
const isRoot = process.getuid?.() === 0

describe('a program that must not run as the superuser', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-user-'))
  })
  after(async () => rm(directory, { recursive: true }))

  const as = async (user: Unprivileged, ...words: readonly string[]): Promise<CommandResult> => {
    const [command = '', ...args] = [...user.prefix, ...words]
    return runCommand(command, args, { env: { PATH: path }, deadlineMs: 10_000 })
  }

  if (!isRoot)
    it('runs as who runs this, where that is not the superuser', async () =>
      assert.equal(await unprivileged(path), undefined))

  if (isRoot) {
    const nobody = async (): Promise<Unprivileged> => {
      const user = await unprivileged(path)
      assert.ok(user)
      return user
    }

    it('runs as nobody, who reads what the superuser has installed and writes only what it owns', async () => {
      const user = await nobody()
      const [own, foreign] = [join(directory, 'own'), join(directory, 'foreign')]
      for (const file of [own, foreign]) await writeFile(file, 'x', { mode: 0o600 })
      await chmod(directory, 0o700)
      await user.own(own)
      assert.notEqual((await as(user, 'id', '-u')).stdout.trim(), '0')
      await user.assertReads(foreign)
      assert.equal((await as(user, 'sh', '-c', `echo y > ${own}`)).code, 0)
      assert.notEqual((await as(user, 'sh', '-c', `echo y > ${foreign}`)).code, 0)
      assert.notEqual((await stat(own)).uid, 0)
    })

    it('says what to do where it cannot read', async () => {
      const user = await nobody()
      await assert.rejects(
        user.assertReads(join(directory, 'nowhere')),
        /the user nobody cannot read \S+nowhere: set INFOMETIS_CACHE and INFOMETIS_STACK_DIR/,
      )
    })

    it('dies with who started it, as another user too', async () => {
      const script = `
        import { startChild } from ${JSON.stringify(import.meta.resolve('./child.ts'))}
        import { unprivileged } from ${JSON.stringify(import.meta.resolve('./unprivileged.ts'))}
        const spec = { name: 'sleeper', command: 'sleep', args: ['600'], cwd: '/', logFile: '/dev/null' }
        const launch = { env: { PATH: '${path}' }, diesWithParent: true }
        const child = await startChild({ ...spec, user: await unprivileged('${path}') }, launch)
        process.stdout.write(String(child.identity.pid))
        setInterval(() => undefined, 1_000)`
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
      const child = await identify('sleeper', Number(pid.toString()))
      assert.ok(child && (await isRunning(child)))
      // Only once it is sleep, and no longer setpriv, has it asked to die.
      const asleep = async (): Promise<boolean> =>
        (await runCommand('cat', [`/proc/${child.pid}/comm`], { env: { PATH: path }, deadlineMs: 5_000 }))
          .stdout === 'sleep\n'
      await waitUntil(asleep, { what: 'sleep', deadlineMs: 5_000 })
      parent.kill('SIGKILL')
      await waitUntil(async () => !(await isRunning(child)), { what: 'the end of sleep', deadlineMs: 5_000 })
    })
  }

  it('is started by a command that says who it is to be', async () => {
    const logFile = join(directory, 'log')
    const user = await unprivileged(path)
    const spec = { name: 'tester', command: 'id', args: ['-u'], cwd: '/', logFile, user }
    const child = await startChild(spec, { env: { PATH: path } })
    assert.equal(await child.exited, 'exit code 0')
    assert.match(await readFile(logFile, 'utf8'), /^[1-9]\d*\n$/)
  })
})
