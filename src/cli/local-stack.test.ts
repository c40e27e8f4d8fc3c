import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { identify } from '../stack/process-identity.ts'
import { freshRunDirectory, StackRecorder } from '../stack/stack-record.ts'
import type { Context } from './context.ts'
import { withLocalStack } from './local-stack.ts'

const notice = 'Something is simulated.'

describe('what a command finds of the local stack', () => {
  let home: string
  const stack = (): string => join(home, 'stack')
  const gives = (): Readonly<Record<string, string>> => ({
    KUBECONFIG: join(stack(), 'kubeconfig'),
    DEPOT_URL: 'http://127.0.0.1:1234',
    DEPOT_TOKEN_FILE: resolve('token'),
  })

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'infometis-local-'))
    await freshRunDirectory(stack())
    const up = await identify('up', process.pid)
    assert.ok(up)
    const begun = { up, startedAt: '', mark: 'A=b', children: [] }
    await new StackRecorder(stack(), { ...begun, environment: gives(), notices: [notice] }).write()
  })
  after(async () => rm(home, { recursive: true }))

  const found = async (own: Readonly<Record<string, string>> = {}) => {
    let err = ''
    const given: Context['env'] = { HOME: home, INFOMETIS_STACK_DIR: stack(), ...own }
    const { env } = await withLocalStack({ env: given, err: { write: (text) => (err += text) } })
    return { env, err: err.trimEnd().split('\n') }
  }
  const using = 'Using the local stack of `infometis up`.'

  it('is all of it where nothing points elsewhere, and what is to be known of it', async () => {
    const { env, err } = await found()
    assert.equal(env['DEPOT_URL'], gives()['DEPOT_URL'])
    assert.deepEqual(err, [using, notice])
  })

  it('is all of it where the user’s settings are those that the stack was given', async () => {
    const { env, err } = await found({ DEPOT_URL: 'http://127.0.0.1:1234', DEPOT_TOKEN_FILE: './token' })
    assert.equal(env['KUBECONFIG'], gives()['KUBECONFIG'])
    assert.deepEqual(err, [using, notice])
  })

  it('is nothing where a setting of the user’s points elsewhere', async () => {
    const { env, err } = await found({ DEPOT_URL: 'http://elsewhere:1234' })
    assert.deepEqual([env['KUBECONFIG'], err], [undefined, ['']])
  })

  it('is what is to be known of it where the shell has its settings', async () => {
    const { err } = await found(gives())
    assert.deepEqual(err, [notice])
  })

  it('is nothing, said nothing of, where the shell has the kubeconfig of another cluster', async () => {
    const { env, err } = await found({ KUBECONFIG: '/elsewhere' })
    assert.deepEqual([env['DEPOT_URL'], err], [undefined, ['']])
  })
  it('stops nobody who points elsewhere where what is left of it cannot be read', async (t) => {
    const left = join(home, 'left')
    t.after(() => rm(left, { recursive: true }))
    await freshRunDirectory(left)
    await writeFile(join(left, 'stack.json'), '{')
    const { err } = await found({ INFOMETIS_STACK_DIR: left, KUBECONFIG: '/elsewhere' })
    assert.deepEqual(err, [''])
    await assert.rejects(found({ INFOMETIS_STACK_DIR: left }), /stack\.json cannot be read/)
  })
})
