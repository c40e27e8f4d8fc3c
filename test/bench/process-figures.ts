import { readFile } from 'node:fs/promises'

/** USER_HZ, which Linux has fixed at 100 for user space. */
const ticksPerSecond = 100

/** Bytes of a process's resident memory now, and the most it ever was. */
export async function memoryOf(pid: number): Promise<{ readonly resident: number; readonly peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const field = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
    if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${name}`)
    return Number(kilobytes) * 1_024
  }
  return { resident: field('VmRSS'), peak: field('VmHWM') }
}

/** Milliseconds of CPU that a process has used: utime + stime, by ticks of 10 ms. */
export async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000
}
