import { readdir, readFile } from 'node:fs/promises'
import { z } from 'zod'

/** A process as the kernel knows it: a pid alone is soon another process, together with its start time it is one for good. */
export const processIdentity = z.object({
  name: z.string(),
  pid: z.number().int(),
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  startTicks: z.string(),
})

export type ProcessIdentity = Readonly<z.output<typeof processIdentity>>

interface Stat {
  readonly state: string
  readonly startTicks: string
}

async function stat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The command name stands in brackets and may itself hold spaces and brackets: fields count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks }
}

/** The identity of a live process; undefined when there is none. */
export async function identify(name: string, pid: number): Promise<ProcessIdentity | undefined> {
  const found = await stat(pid)
  return found === undefined ? undefined : { name, pid, startTicks: found.startTicks }
}

/** True while this very process runs; a zombie has ended. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const found = await stat(identity.pid)
  return found?.startTicks === identity.startTicks && found.state !== 'Z' && found.state !== 'X'
}

/** Processes whose environment holds exactly `NAME=value`: finds even a child that died before it could be recorded. */
export async function processesMarked(mark: string): Promise<readonly ProcessIdentity[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      if (!environ.split('\0').includes(mark)) return undefined
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
      return identify(name, pid)
    }),
  )
  return found.filter((identity) => identity !== undefined)
}

/** Sends a signal to a process, or to the process group of a negative number. One that has ended gets none. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
