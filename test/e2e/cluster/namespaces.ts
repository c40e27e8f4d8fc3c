import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../../../src/stack/child.ts'
import { identify } from '../../../src/stack/process-identity.ts'
import { markName, paths, type Plan } from './plan.ts'

/** The first process of the cluster’s namespaces waits for the program inside and for whatever is orphaned there. */
const first = '"$@" & wait $!'

/** Starts the program inside in a network, mount and process namespace that end with it. */
export async function startInside(plan: Plan, launch: Launch): Promise<ChildProcess> {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc']
  const program = [process.execPath, join(import.meta.dirname, 'inside.ts'), paths.plan(plan.directory)]
  const words = ['unshare', ...namespaces, 'sh', '-c', first, 'sh', ...program]
  const bound = launch.diesWithParent === true ? ['setpriv', '--pdeathsig', 'KILL', ...words] : words
  const [command = 'unshare', ...args] = bound
  const log = await open(paths.log(plan.directory), 'a')
  const child = spawn(command, args, {
    cwd: plan.directory,
    env: { ...launch.env, PATH: plan.path, [markName]: plan.id },
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  })
  await once(child, 'spawn')
  await log.close()
  const identity = await identify('cluster', child.pid ?? 0)
  if (identity !== undefined) await launch.onSpawn?.(identity)
  return child
}
