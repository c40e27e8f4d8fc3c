import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, type FileHandle } from 'node:fs/promises'
import { ReconcileError } from '../errors.ts'
import { identify, isRunning, sendSignal, type ProcessIdentity } from './process-identity.ts'
import { waitUntil } from './deadline.ts'
import { tail } from './log-tail.ts'
import type { Unprivileged } from './unprivileged.ts'

/** How the stack's owner starts processes: what they inherit, and who is told before anything else happens. */
export interface Launch {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Called as soon as a process exists; resolves when it is on record. */
  readonly onSpawn?: (identity: ProcessIdentity) => Promise<void>
  /** True: the kernel kills the process when the thread that started it ends (util-linux setpriv). For tests, which may be killed themselves. */
  readonly diesWithParent?: boolean
}

export interface ChildSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Added to `Launch.env`. */
  readonly env?: Readonly<Record<string, string>>
  /** A file to read from; default: nothing to read. */
  readonly stdin?: string
  /** The user to run it as; default: this process's own. */
  readonly user?: Pick<Unprivileged, 'prefix'> | undefined
  /** Both streams are appended to it: no pipe that could fill, no reader that must live. */
  readonly logFile: string
}

/** A long-running process in a process group of its own, so that Ctrl-C in a terminal reaches only its owner. */
export interface Child {
  readonly identity: ProcessIdentity
  readonly logFile: string
  /** Bytes that were in the log before this start. */
  readonly logStart: number
  /** Resolves with a sentence's end such as `exit code 1` when the process has ended. */
  readonly exited: Promise<string>
  running(): boolean
  signal(name: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL after the grace; resolves when it has ended. */
  stop(graceMs: number): Promise<void>
}

export async function startChild(spec: ChildSpec, launch: Launch): Promise<Child> {
  const log = await open(spec.logFile, 'a')
  let input: FileHandle | undefined
  try {
    if (spec.stdin !== undefined) input = await open(spec.stdin)
    const logStart = (await log.stat()).size
    // The kernel forgets the parent-death signal when a process becomes another user: the user comes first.
    const bound = launch.diesWithParent === true ? ['setpriv', '--pdeathsig', 'KILL'] : []
    const words = [...(spec.user?.prefix ?? []), ...bound, spec.command, ...spec.args]
    const [command = spec.command, ...args] = words
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...launch.env, ...spec.env },
      detached: true,
      stdio: [input?.fd ?? 'ignore', log.fd, log.fd],
    })
    const ended = Promise.withResolvers<string>()
    child.once('exit', (code, signal) =>
      ended.resolve(signal === null ? `exit code ${code ?? 1}` : `signal ${signal}`),
    )
    await once(child, 'spawn').catch((error: unknown) => {
      throw new ReconcileError('MissingPrerequisite', `cannot run ${spec.command}: ${String(error)}`, {
        cause: error,
      })
    })
    const pid = child.pid ?? 0
    const identity = (await identify(spec.name, pid)) ?? { name: spec.name, pid, startTicks: '' }
    await launch.onSpawn?.(identity).catch((error: unknown) => {
      // What is not on record would never be found again.
      child.kill('SIGKILL')
      throw error
    })
    const running = (): boolean => child.exitCode === null && child.signalCode === null
    const signal = (name: NodeJS.Signals): void => {
      if (running()) child.kill(name)
    }
    return {
      identity,
      logFile: spec.logFile,
      logStart,
      exited: ended.promise,
      running,
      signal,
      stop: stopper(signal, ended.promise),
    }
  } finally {
    await log.close()
    await input?.close()
  }
}

function stopper(
  signal: (name: NodeJS.Signals) => void,
  exited: Promise<string>,
): (graceMs: number) => Promise<void> {
  return async (graceMs) => {
    signal('SIGTERM')
    const timer = setTimeout(() => signal('SIGKILL'), graceMs)
    await exited
    clearTimeout(timer)
  }
}

/** Waits for `probe`, but not for a process that has ended. Throws StackFailed with the log's path and last lines. */
export async function waitForChild(
  child: Child,
  probe: (signal: AbortSignal) => Promise<boolean>,
  wait: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { name } = child.identity
  const failed = async (what: string): Promise<ReconcileError> =>
    new ReconcileError(
      'StackFailed',
      `${name} ${what}; its log ${child.logFile} ends:\n${await tail(child.logFile, 15, child.logStart)}`,
    )
  let ready = false
  await waitUntil(
    async (signal) => {
      if (!child.running()) throw await failed(`ended with ${await child.exited} while starting`)
      ready = await probe(signal)
      return ready
    },
    { ...wait, what: `${name} to be ready` },
  ).catch(async (error: unknown) => {
    if (ready || !child.running() || wait.signal?.aborted === true) throw error
    throw await failed(`was not ready within ${wait.deadlineMs / 1000} s`)
  })
}

/** Ends processes of which only the record is left: SIGTERM, SIGKILL after the grace. Returns those still running after that. */
export async function endProcesses(
  identities: readonly ProcessIdentity[],
  graceMs: number,
): Promise<readonly ProcessIdentity[]> {
  const left = async (): Promise<readonly ProcessIdentity[]> => {
    const running = await Promise.all(identities.map(isRunning))
    return identities.filter((_, index) => running[index] === true)
  }
  for (const [name, deadlineMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    for (const { pid } of await left()) {
      sendSignal(pid, name)
      // A frozen process hears SIGTERM only when it is thawed.
      sendSignal(pid, 'SIGCONT')
    }
    await waitUntil(async () => (await left()).length === 0, { what: 'processes to end', deadlineMs }).catch(
      () => undefined,
    )
  }
  return left()
}
