import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PlanStep } from './plan.ts'
import { runPlan } from './run-plan.ts'

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'infometis-plan-'))
})
after(async () => rm(directory, { recursive: true }))

const step = (script: string, more: Partial<PlanStep> = {}): PlanStep => ({
  title: 'Do it',
  command: ['sh', '-c', script],
  deadlineMs: 20_000,
  wayOut: 'Do otherwise.',
  ...more,
})

/** What was written while it ran, and what it threw. */
async function run(
  groups: readonly (readonly PlanStep[])[],
  signal = new AbortController().signal,
): Promise<{ readonly said: string; readonly error: unknown }> {
  let said = ''
  const out = { write: (text: string) => (said += text) }
  const env = { PATH: '/usr/bin:/bin', DIRECTORY: directory }
  const error: unknown = await runPlan(groups, { out, env, signal }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { said, error }
}

describe('running a plan', () => {
  it('tells each step and the lines of its command, and hands on stdin', async () => {
    const { said, error } = await run([[step('cat; echo two >&2', { stdin: 'one\n' })]])
    assert.equal(error, undefined)
    assert.deepEqual(said.split('\n').sort(), ['', '  one', '  two', 'Do it …', 'Do it: done'].sort())
  })

  it('writes a file before its command reads it, and the output for its owner only, told to nobody', async () => {
    const [file, output] = [join(directory, 'a', 'in'), join(directory, 'b', 'out')]
    const { said, error } = await run([[step(`cat ${file}`, { write: { file, text: 'secret' }, output })]])
    assert.equal(error, undefined)
    assert.equal(await readFile(output, 'utf8'), 'secret')
    assert.equal((await stat(output)).mode & 0o777, 0o600)
    assert.doesNotMatch(said, /secret/)
  })

  it('names the step that failed, the command’s words, the command and the way out, and goes no further', async () => {
    const { said, error } = await run([[step('echo it is full >&2; exit 3')], [step('echo later')]])
    assert.ok(error instanceof Error)
    assert.deepEqual(error.message.split('\n'), [
      'Do it: it is full',
      '  command: sh -c echo it is full >&2; exit 3',
      '  → Do otherwise.',
    ])
    assert.doesNotMatch(said, /later/)
  })

  it('says why the pods of a failed step do not run', async () => {
    const status = { containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ErrImagePull' } } }] }
    const pods = JSON.stringify({ items: [{ metadata: { name: 'kafka-0' }, status }] })
    const { error } = await run([[step('exit 1', { pods: ['echo', pods] })]])
    assert.match(String(error), /\n {2}kafka-0: container c: ErrImagePull\n/)
  })

  it('asks again until the answer is good, and says each bad one once', async () => {
    const script = 'test -e $DIRECTORY/there && exit 0; touch $DIRECTORY/there; echo not yet >&2; exit 1'
    const { said, error } = await run([[step(script, { retry: true })]])
    assert.equal(error, undefined)
    assert.equal(said.match(/not yet/g)?.length, 1)
  })

  it('ends asking with the last answer', async () => {
    const { error } = await run([[step('echo never >&2; exit 1', { retry: true, deadlineMs: 300 })]])
    assert.match(String(error), /Do it: never\n/)
  })

  it('kills a command at its deadline and says so', async () => {
    const { error } = await run([[step('exec sleep 60', { deadlineMs: 200 })]])
    assert.match(String(error), /Do it: sh did not end in 0\.2 s\n[^]*→ Do otherwise/)
  })

  it('takes back what failed or was stopped half way, and passes on why it stopped', async () => {
    const mark = join(directory, 'undone')
    const undo = ['touch', mark]
    await run([[step('exit 1', { undo })]])
    assert.ok((await stat(mark)).isFile())
    await rm(mark)
    const stopper = new AbortController()
    const stop = step('echo running; exec sleep 60', { undo })
    let said = ''
    const out = {
      write: (text: string) => {
        said += text
        if (text.includes('running')) stopper.abort(new DOMException('stopped', 'AbortError'))
      },
    }
    const options = { out, env: { PATH: '/usr/bin:/bin' }, signal: stopper.signal }
    await assert.rejects(runPlan([[stop]], options), { name: 'AbortError' })
    assert.ok((await stat(mark)).isFile())
    assert.match(said, /taking back: touch/)
  })

  it('leaves what was there before', async () => {
    const mark = join(directory, 'theirs')
    await run([[step('echo a cluster of that name already exists >&2; exit 1', { undo: ['touch', mark] })]])
    await assert.rejects(stat(mark), { code: 'ENOENT' })
  })
})
