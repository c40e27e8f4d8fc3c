import { dirname } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { ReconcileError } from '../errors.ts'
import type { Say } from './cache.ts'
import { withLock } from './file-lock.ts'
import { identify, isRunning } from './process-identity.ts'
import { freshRunDirectory, readRecord, StackRecorder, type StackRecord } from './stack-record.ts'
import { stopStack } from './stop-stack.ts'

/** Either the run directory is ours now, or a stack runs in it. */
export type Claim =
  | { readonly kind: 'ours'; readonly recorder: StackRecorder; readonly mark: string }
  | { readonly kind: 'running'; readonly record: StackRecord }

/** Takes the run directory for this process, ending first what a dead `up` left behind. */
export async function claimStack(
  directory: string,
  startedAt: string,
  say: Say,
  signal: AbortSignal,
): Promise<Claim> {
  await mkdir(dirname(directory), { recursive: true })
  return withLock(
    `${directory}.lock`,
    async () => {
      const record = await readRecord(directory)
      if (record !== undefined && (await isRunning(record.up))) return { kind: 'running', record }
      const ended = await stopStack(directory)
      if (ended !== undefined && ended.length > 0)
        say(`Ended what an earlier stack had left: ${ended.join(', ')}`)
      const up = await identify('up', process.pid)
      if (up === undefined)
        throw new ReconcileError('StackFailed', 'cannot read /proc, where processes are told apart')
      await freshRunDirectory(directory)
      const mark = `INFOMETIS_STACK_MARK=${crypto.randomUUID()}`
      const recorder = new StackRecorder(directory, { up, startedAt, mark, children: [] })
      await recorder.write()
      return { kind: 'ours', recorder, mark }
    },
    { signal },
  )
}

/** What is wrong with a stack that has not ended; undefined when it is ready and all of it runs. */
export async function unhealthy(record: StackRecord): Promise<string | undefined> {
  if (record.environment === undefined) return 'it is still starting'
  const running = await Promise.all(record.children.map(isRunning))
  const dead = record.children.filter((_, index) => running[index] !== true).map((each) => each.name)
  return dead.length === 0 ? undefined : `not running: ${dead.join(', ')}`
}

/** True while the `up` on record runs. */
export async function isHeld(record: StackRecord): Promise<boolean> {
  return isRunning(record.up)
}
