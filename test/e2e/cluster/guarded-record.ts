import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { ReconcileError } from '../../../src/errors.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { identify } from '../../../src/stack/process-identity.ts'
import type { Plan } from './plan.ts'
import { janitorLog, tearDown, writeClusterRecord } from './record.ts'

/** A cluster that is on record, with a janitor beside its owner. */
export interface OpenRecord {
  /** Removes the cluster and lets the janitor go. */
  close(): Promise<void>
}

/** Puts a cluster on record and starts its janitor. */
export async function openRecord(plan: Plan, options: InstallOptions): Promise<OpenRecord> {
  const owner = await identify('owner', process.pid)
  if (owner === undefined)
    throw new ReconcileError('StackFailed', 'cannot read /proc, where processes are told apart')
  const { id, directory, cgroup } = plan
  const file = await writeClusterRecord(options.places.cache, { id, owner, directory, cgroup })
  const log = await open(janitorLog(file), 'a')
  const janitor = spawn(process.execPath, [join(import.meta.dirname, 'janitor.ts'), file], {
    cwd: '/',
    env: { PATH: plan.path },
    detached: true,
    stdio: ['pipe', 'ignore', log.fd],
  })
  await once(janitor, 'spawn')
  await log.close()
  const { stdin } = janitor
  if (stdin === null) throw new ReconcileError('StackFailed', 'the janitor cannot be spoken to')
  stdin.on('error', () => undefined)
  // It waits for its owner’s end and must not put it off.
  janitor.unref()
  if (stdin instanceof Socket) stdin.unref()
  return {
    close: async () => {
      await tearDown(file)
      janitor.ref()
      const gone =
        janitor.exitCode === null && janitor.signalCode === null ? once(janitor, 'exit') : undefined
      stdin.end('goodbye')
      await gone
    },
  }
}
