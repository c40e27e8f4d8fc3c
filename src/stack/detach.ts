import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ReconcileError } from '../errors.ts'
import { startChild } from './child.ts'
import { waitUntil } from './deadline.ts'
import { readFrom } from './log-tail.ts'
import { readRecord, type StackRecord } from './stack-record.ts'
import type { Out } from './steps.ts'

export interface Detached {
  /** Node with its options, the program's file and the arguments of an `up` in the foreground. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runDirectory: string
  /** What it says; beside the run directory, so that it outlives it. */
  readonly logFile: string
  readonly out: Out
  readonly signal: AbortSignal
}

/** A first start builds kube-apiserver, which takes its time on a small machine. */
const deadlineMs = 60 * 60_000

/** Starts `up` in the background and shows what it says until its stack is ready. Throws StackFailed with the log's path when it ends before. */
export async function detach(options: Detached): Promise<StackRecord> {
  const { logFile, runDirectory, out } = options
  const [command = 'node', ...args] = options.command
  await mkdir(dirname(logFile), { recursive: true })
  await rm(logFile, { force: true })
  const child = await startChild(
    { name: 'up', command, args, cwd: process.cwd(), logFile },
    { env: options.env },
  )
  let shown = 0
  const show = async (): Promise<void> => {
    const text = await readFrom(logFile, shown, 'start')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    shown += Buffer.byteLength(whole)
    if (whole !== '') out.write(whole)
  }
  let record: StackRecord | undefined
  const isReady = async (): Promise<boolean> => {
    await show()
    if (!child.running()) {
      await show()
      throw new ReconcileError(
        'StackFailed',
        `the stack did not start (${await child.exited}); what it said is above and in ${logFile}`,
      )
    }
    record = await readRecord(runDirectory)
    return record?.up.pid === child.identity.pid && record.environment !== undefined
  }
  try {
    await waitUntil(isReady, { what: 'the stack', deadlineMs, everyMs: 100, signal: options.signal })
  } catch (error) {
    if (child.running()) await child.stop(45_000)
    throw error
  }
  if (record === undefined) throw new ReconcileError('StackFailed', 'the stack is ready but not on record')
  return record
}
