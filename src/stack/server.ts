import { startChild, waitForChild, type Child, type ChildSpec, type Launch } from './child.ts'
import { waitUntil } from './deadline.ts'
import { isFree } from './port.ts'

/** A component's process that can be stopped and started again on the same ports and the same data. */
export interface Server {
  readonly name: string
  readonly logFile: string
  running(): boolean
  /** Resolves with a sentence's end such as `exit code 1` when the process last started has ended. */
  exited(): Promise<string>
  /** Resolves when it serves. */
  start(signal?: AbortSignal): Promise<void>
  /** SIGTERM, SIGKILL after the grace. */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** Freezes and thaws it (SIGSTOP, SIGCONT): connections stay open and nothing answers. */
  pause(): void
  resume(): void
}

export interface ServerSpec {
  readonly process: ChildSpec
  /** Loopback ports that must be free before a start: those of a killed process are, a moment after its end. */
  readonly ports: readonly number[]
  readonly launch: Launch
  readonly startDeadlineMs: number
  readonly graceMs: number
  /** Makes the question "does it serve?" for a process just started. */
  readonly ready: (child: Child) => (signal: AbortSignal) => Promise<boolean>
}

export function server(spec: ServerSpec): Server {
  const { name, logFile } = spec.process
  let child: Child | undefined
  const start = async (signal?: AbortSignal): Promise<void> => {
    if (child?.running() === true) return
    await waitUntil(async () => (await Promise.all(spec.ports.map(isFree))).every(Boolean), {
      what: `the ports of ${name} to be free`,
      deadlineMs: 10_000,
      signal,
    })
    child = await startChild(spec.process, spec.launch)
    await waitForChild(child, spec.ready(child), { deadlineMs: spec.startDeadlineMs, signal })
  }
  return {
    name,
    logFile,
    running: () => child?.running() === true,
    exited: async () => child?.exited ?? 'no start',
    start,
    stop: async (graceMs = spec.graceMs) => {
      child?.signal('SIGCONT')
      await child?.stop(graceMs)
    },
    kill: async () => {
      child?.signal('SIGKILL')
      await child?.exited
    },
    pause: () => child?.signal('SIGSTOP'),
    resume: () => child?.signal('SIGCONT'),
  }
}
