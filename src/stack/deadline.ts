import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors.ts'

/** A signal that fires with `signal` or after `ms`, whichever is first. */
export function within(ms: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ms)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}

export interface Wait {
  /** For the sentence: `kube-apiserver to be ready`. */
  readonly what: string
  readonly deadlineMs: number
  readonly everyMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Asks until the answer is true. Throws StackFailed at the deadline, and whatever `probe` throws. */
export async function waitUntil(probe: (signal: AbortSignal) => Promise<boolean>, wait: Wait): Promise<void> {
  const deadline = AbortSignal.timeout(wait.deadlineMs)
  const signal = wait.signal === undefined ? deadline : AbortSignal.any([wait.signal, deadline])
  while (!(await answer(probe, signal))) {
    wait.signal?.throwIfAborted()
    if (deadline.aborted)
      throw new ReconcileError('StackFailed', `waited ${wait.deadlineMs / 1000} s for ${wait.what}`)
    await sleep(wait.everyMs ?? 50, undefined, { signal }).catch(() => undefined)
  }
}

async function answer(
  probe: (signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await probe(signal)
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}
