import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Conversation, converse } from './conversation.ts'

describe('the owner and the program inside', () => {
  let directory: string
  const children: ChildProcess[] = []
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-talk-'))
    await writeFile(join(directory, 'log'), 'cannot open /run\n')
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await rm(directory, { recursive: true })
  })

  const talkTo = (script: string): Conversation => {
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    children.push(child)
    return converse(child, join(directory, 'log'))
  }
  const says = (report: object): string => `process.send(${JSON.stringify(report)});`
  const stays = 'setInterval(() => undefined, 1_000);'

  it('understand each other', async () => {
    const answers = `process.on('message', ({ kind }) => { if (kind === 'restartApiServer') ${says({ kind: 'restarted', ms: 7 })} })`
    const ready = says({ kind: 'ready', timings: { etcd: 5 }, snapshotter: 'native' })
    const conversation = talkTo(says({ kind: 'ended', message: 'kubelet ended' }) + ready + answers)
    assert.deepEqual((await conversation.next('ready')).timings, { etcd: 5 })
    assert.deepEqual(conversation.ended, ['kubelet ended'])
    const answer = conversation.next('restarted')
    conversation.send({ kind: 'restartApiServer' })
    assert.equal((await answer).ms, 7)
  })

  it('hear of a failure in its own words', async () => {
    const conversation = talkTo(says({ kind: 'failed', message: 'etcd was not ready' }) + stays)
    await assert.rejects(conversation.next('ready'), { reason: 'StackFailed', message: 'etcd was not ready' })
  })

  it('hear the last words of a program that ended without any', async () => {
    const conversation = talkTo('')
    await assert.rejects(
      conversation.next('ready'),
      /the cluster has ended; its log \S+ ends:\ncannot open \/run/,
    )
    // Also when it is asked only then.
    await assert.rejects(conversation.next('restarted'), /the cluster has ended/)
  })

  it('stop waiting when told to', async () => {
    const conversation = talkTo(stays)
    await assert.rejects(conversation.next('ready', AbortSignal.timeout(50)), { name: 'TimeoutError' })
    await assert.rejects(conversation.next('ready', AbortSignal.abort(new Error('given up'))), /given up/)
  })
})
