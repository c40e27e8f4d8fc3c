import { setTimeout as sleep } from 'node:timers/promises'
import type { Say } from './cache.ts'
import type { Server } from './server.ts'

const firstDelayMs = 500
const longestDelayMs = 30_000
/** A process that lived this long starts again without delay added. */
const steadyMs = 60_000

/** Starts a server again whenever it ends by itself, after a delay that doubles. Resolves when the signal fires. */
export async function supervise(server: Server, signal: AbortSignal, say: Say): Promise<void> {
  let delayMs = firstDelayMs
  for (;;) {
    const since = Date.now()
    const how = await untilEnd(server, signal)
    if (how === undefined) return
    if (Date.now() - since > steadyMs) delayMs = firstDelayMs
    say(`${server.name} ended with ${how}; it starts again in ${delayMs / 1000} s (log: ${server.logFile})`)
    await sleep(delayMs, undefined, { signal }).catch(() => undefined)
    delayMs = Math.min(delayMs * 2, longestDelayMs)
    if (signal.aborted) return
    await startAgain(server, signal, say)
  }
}

/** How the server ended; undefined when the signal fired before. */
async function untilEnd(server: Server, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return undefined
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const stop = (): void => resolve(undefined)
  signal.addEventListener('abort', stop, { once: true })
  const how = await Promise.race([server.exited(), promise])
  signal.removeEventListener('abort', stop)
  return how
}

async function startAgain(server: Server, signal: AbortSignal, say: Say): Promise<void> {
  try {
    await server.start(signal)
    say(`${server.name} runs again`)
  } catch (error) {
    if (!signal.aborted) say(error instanceof Error ? error.message : String(error))
  }
}
