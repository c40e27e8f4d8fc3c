import type { Tools } from '../tools.ts'

/** How long one call waits for something that is mostly quick; after that it is pending and looked at in the next pass. */
export const patienceMs = 5_000

/** True as soon as `look` says so; false once `ms` are over. Looks at least once. */
export async function until(
  tools: Tools,
  ms: number,
  look: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  const end = tools.now() + ms
  while (!(await look())) {
    const left = end - tools.now()
    if (left <= 0) return false
    await tools.pause(Math.min(tools.limits.pollMs, left), signal)
  }
  return true
}
