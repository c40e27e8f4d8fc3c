import { mkdir } from 'node:fs/promises'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { buildEnvironment } from '../../../src/stack/cache.ts'
import { runOrThrow } from '../../../src/stack/command.ts'
import { superuserPath } from '../cluster/packages.ts'

/** What building an image needs to know of where it is built. */
export interface Work {
  readonly options: InstallOptions
  /** For what is thrown away at the end. */
  readonly temporary: string
}

/** Runs a command to its end and gives its output. */
export async function run(
  command: string,
  args: readonly string[],
  { options, temporary }: Work,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  await mkdir(temporary, { recursive: true })
  const own = { PATH: superuserPath(options.places.path), TMPDIR: temporary }
  const env = { ...buildEnvironment(options), ...own, ...more }
  return runOrThrow(command, args, { env, deadlineMs: 15 * 60_000, signal: options.signal })
}

/**
 * The same in namespaces of its own: what it mounts is seen by nobody else, and when this process is killed, the kernel ends all that
 * it started and undoes its mounts.
 */
export async function runIsolated(command: string, args: readonly string[], work: Work): Promise<string> {
  return run('setpriv', [...isolation, command, ...args], work)
}

export const isolation = [
  ...['--pdeathsig', 'KILL'],
  ...['unshare', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
]
