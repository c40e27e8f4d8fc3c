import { setTimeout as sleep } from 'node:timers/promises'

export interface Wait {
  readonly what: string
  readonly deadlineMs: number
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** Asks again and again until there is an answer. Throws at the deadline, and the signal's reason. */
export async function waitFor<T>(ask: () => Promise<T | undefined>, wait: Wait): Promise<T> {
  const end = performance.now() + wait.deadlineMs
  for (;;) {
    wait.signal.throwIfAborted()
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${wait.deadlineMs / 1_000} s for ${wait.what}`)
    if (wait.everyMs > 0) await sleep(wait.everyMs, undefined, { signal: wait.signal })
  }
}

/** Each of them first in turn: a server gets slower with what it has seen. */
export async function inTurn(
  run: number,
  bare: () => Promise<unknown>,
  ours: () => Promise<unknown>,
): Promise<void> {
  for (const each of run % 2 === 0 ? [bare, ours] : [ours, bare]) await each()
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
