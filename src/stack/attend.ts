import { setTimeout as sleep } from 'node:timers/promises'
import type { Say } from './cache.ts'
import { readDesiredStatus, statusLine } from './desired-status.ts'
import type { RunningStack } from './start-stack.ts'
import { supervise } from './supervisor.ts'

const statusEveryMs = 2_000
/** Tokens are good for twelve hours. */
const renewEveryMs = 4 * 3_600_000
const renewAgainMs = 60_000

/** Keeps a stack going until the signal fires: starts again what ends, renews tokens, and says each change of status. */
export async function attend(
  stack: RunningStack,
  namespace: string,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    ...stack.servers.map(async (server) => supervise(server, signal, say)),
    renewTokens(stack, say, signal),
    tellStatus(stack, namespace, say, signal),
  ])
}

async function renewTokens(stack: RunningStack, say: Say, signal: AbortSignal): Promise<void> {
  let waitMs = renewEveryMs
  while (await pause(waitMs, signal)) {
    waitMs = await stack.renewTokens().then(
      () => renewEveryMs,
      (error: unknown) => {
        say(`service account tokens could not be renewed and will be tried again: ${String(error)}`)
        return renewAgainMs
      },
    )
  }
}

/** A line for each desired ConfigMap whenever what is said of it changes. What cannot be read now is read at the next turn. */
async function tellStatus(
  stack: RunningStack,
  namespace: string,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>()
  do {
    const all = await readDesiredStatus(stack.api.kubectl, namespace, signal).catch(() => [])
    for (const status of all) {
      const text = statusLine(status)
      if (told.get(status.name) !== text) say(text)
      told.set(status.name, text)
    }
  } while (await pause(statusEveryMs, signal))
}

/** False when the signal fired meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
