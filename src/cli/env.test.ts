import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../stack/command.ts'
import { identify } from '../stack/process-identity.ts'
import { freshRunDirectory, StackRecorder, type StackRecord } from '../stack/stack-record.ts'
import { env, shellQuoted } from './env.ts'
import { wrongPlatform } from './up.ts'

describe('infometis env', () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'infometis-env-'))
  })
  after(async () => rm(root, { recursive: true }))

  const run = async (
    directory: string,
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
    let [out, err] = ['', '']
    const code = await env({
      out: { write: (text) => (out += text) },
      err: { write: (text) => (err += text) },
      env: { INFOMETIS_STACK_DIR: directory },
    })
    return { code, out, err }
  }
  const stack = async (change: Partial<StackRecord>): Promise<string> => {
    const directory = join(root, crypto.randomUUID())
    await freshRunDirectory(directory)
    const up = await identify('up', process.pid)
    assert.ok(up)
    await new StackRecorder(directory, { up, startedAt: '', mark: 'A=b', children: [], ...change }).write()
    return directory
  }

  it('says on stderr, with exit code 2, that no stack runs', async () => {
    assert.deepEqual(await run(join(root, 'none')), {
      code: 2,
      out: '',
      err: 'No stack runs: start one with `infometis up --detach`.\n',
    })
  })

  it('says that the stack is still starting', async () => {
    const { code, out, err } = await run(await stack({}))
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, /still starting/)
  })

  it('prints lines that a shell takes, whatever is in the values', async () => {
    const value = `it's $HOME "x" \\ \`y\`\nz`
    const directory = await stack({ environment: { TRICKY: value }, kubectl: "/a'b/kubectl" })
    const { code, out } = await run(directory)
    assert.equal(code, 0)
    const script = `${out}\nprintf '%s|%s' "$TRICKY" "$PATH"`
    const { stdout } = await runCommand('sh', ['-c', script], {
      env: { PATH: '/usr/bin:/bin' },
      deadlineMs: 10_000,
    })
    assert.equal(stdout, `${value}|/a'b:/usr/bin:/bin`)
    assert.equal(shellQuoted("'"), "''\\'''")
  })

  it('is for Linux, and up says what to do elsewhere', () => {
    assert.match(
      wrongPlatform('darwin').message,
      /runs on Linux and this is darwin: use Linux .*, or set KUBECONFIG/,
    )
  })
})
