import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type CommandResult, runCommand } from './stack/command.ts'

/** What npm leaves behind: node_modules with the lock of what is in it. It takes its time, so that two can meet. */
const workingNpm = `#!/bin/sh
echo "$@" >> npm-calls
sleep 0.3
mkdir -p node_modules/.bin
cp package-lock.json node_modules/.package-lock.json
`

describe('the bootstrap', () => {
  let root: string
  let project: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'infometis-bootstrap-'))
  })
  after(async () => rm(root, { recursive: true }))
  beforeEach(async () => {
    project = await mkdtemp(join(root, 'project-'))
    await mkdir(join(project, 'src'))
    await mkdir(join(project, 'bin'))
    await copyFile(join(import.meta.dirname, 'bootstrap.mjs'), join(project, 'src', 'bootstrap.mjs'))
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
    await writeFile(join(project, 'package-lock.json'), '{"packages":{"":{}}}')
    await npm(workingNpm)
  })

  const npm = async (script: string): Promise<void> => {
    await writeFile(join(project, 'bin', 'npm'), script)
    await chmod(join(project, 'bin', 'npm'), 0o755)
  }
  const path = (): string => [join(project, 'bin'), dirname(process.execPath), '/usr/bin:/bin'].join(':')
  const args = (...more: readonly string[]): readonly string[] => [
    join(project, 'src', 'bootstrap.mjs'),
    ...more,
  ]
  const run = async (...more: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, args(...more), { env: { PATH: path() }, cwd: project, deadlineMs: 30_000 })
  const script = async (text: string): Promise<string> => {
    const file = join(project, 'script.ts')
    await writeFile(file, text)
    return file
  }
  const npmCalls = async (): Promise<number> => {
    const text = await readFile(join(project, 'npm-calls'), 'utf8').catch(() => '')
    return text.split('\n').length - 1
  }

  it('installs what is missing, once, and runs the script with its arguments and exit code', async () => {
    const file = await script('console.log(process.argv.slice(2).join()); process.exitCode = 7')
    const first = await run('--script', file, 'a', 'b')
    assert.deepEqual([first.code, first.stdout], [7, 'a,b\n'])
    assert.match(first.stderr, /Installing dependencies \(npm ci\)/)
    assert.equal((await run('--script', file)).stderr, '')
    assert.equal(await npmCalls(), 1)
  })

  it('installs once for two first runs at the same time', async () => {
    const file = await script('console.log("ran")')
    const both = await Promise.all([run('--script', file), run('--script', file)])
    assert.deepEqual(
      both.map((each) => each.stdout),
      ['ran\n', 'ran\n'],
    )
    assert.equal(await npmCalls(), 1)
    assert.match(both.map((each) => each.stderr).join(''), /Waiting for pid \d+, which is at npm ci/)
  })

  it('takes over from an installation that was killed', async () => {
    await mkdir(join(project, 'dist'))
    await writeFile(join(project, 'dist', '.install.lock'), JSON.stringify({ pid: 2 ** 22 + 1, start: '1' }))
    assert.equal((await run('--script', await script(''))).code, 0)
    assert.equal(await npmCalls(), 1)
  })

  it('installs again when package-lock.json has changed', async () => {
    const file = await script('')
    await run('--script', file)
    const changed = '{"packages":{"":{},"node_modules/x":{"version":"1.0.0"}}}'
    await writeFile(join(project, 'package-lock.json'), changed)
    await run('--script', file)
    assert.equal(await npmCalls(), 2)
  })

  it('leaves alone what somebody installed with npm', async () => {
    await mkdir(join(project, 'node_modules'))
    await copyFile(join(project, 'package-lock.json'), join(project, 'node_modules', '.package-lock.json'))
    assert.equal((await run('--script', await script(''))).code, 0)
    assert.equal(await npmCalls(), 0)
  })

  it('links the command, so that npx finds it', async () => {
    await run('--script', await script(''))
    const linked = await readFile(join(project, 'node_modules', '.bin', 'infometis'), 'utf8')
    assert.ok(linked.startsWith('#!/usr/bin/env node\n'))
  })

  it('says what to do when npm fails', async () => {
    await npm('#!/bin/sh\necho "npm error network" >&2\nexit 1\n')
    const { code, stderr } = await run('--script', await script(''))
    assert.equal(code, 1)
    assert.match(
      stderr,
      /npm error network\nerror: npm ci failed .*: check the network and the registry or proxy/,
    )
  })

  it('says what to do when there is no npm', async () => {
    const alone = await mkdtemp(join(root, 'alone-'))
    const options = { env: { PATH: alone }, cwd: project, deadlineMs: 30_000 }
    const { code, stderr } = await runCommand(process.execPath, args('--script', await script('')), options)
    assert.equal(code, 1)
    assert.match(stderr, /cannot run npm .*: install npm/)
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`hands on ${signal} and ends as what it runs ends`, async () => {
      const file = await script(
        `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1000); console.log('ready')`,
      )
      const child = spawn(process.execPath, args('--script', file), {
        env: { PATH: path() },
        cwd: project,
        // A session of its own: without a terminal nobody but us sends the signal on.
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      await once(child.stdout, 'data')
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [5, null])
    })
  }
})
