import type { ChildProcess } from 'node:child_process'
import { ReconcileError } from '../../../src/errors.ts'
import { tail } from '../../../src/stack/log-tail.ts'
import { type Order, report, type Report } from './messages.ts'

/** What the owner of a cluster and the program inside it say to each other. A cluster that is silent keeps no process running. */
export interface Conversation {
  /** What was said of parts that ended by themselves. */
  readonly ended: readonly string[]
  /** Resolves with the next report of the kind. Throws StackFailed with what failed, or with the last words of a program that ended. */
  next<Kind extends Report['kind']>(kind: Kind, signal?: AbortSignal): Promise<Of<Kind>>
  send(order: Order): void
}

type Of<Kind extends Report['kind']> = Extract<Report, { readonly kind: Kind }>

export function converse(child: ChildProcess, logFile: string): Conversation {
  const ended: string[] = []
  child.on('message', (message) => {
    const told = report.parse(message)
    if (told.kind === 'ended') ended.push(told.message)
  })
  rest(child)
  return {
    ended,
    next: async (kind, signal) => {
      wake(child)
      try {
        return await hear(child, logFile, kind, signal)
      } finally {
        rest(child)
      }
    },
    send: (order) => {
      child.send(order)
    },
  }
}

async function hear<Kind extends Report['kind']>(
  child: ChildProcess,
  logFile: string,
  kind: Kind,
  signal: AbortSignal | undefined,
): Promise<Of<Kind>> {
  const { promise, resolve, reject } = Promise.withResolvers<Of<Kind>>()
  const listen = (message: unknown): void => {
    const told = report.parse(message)
    if (told.kind === 'failed') reject(new ReconcileError('StackFailed', told.message))
    if (isOf(told, kind)) resolve(told)
  }
  const end = (): void => {
    void tail(logFile, 15).then((words) =>
      reject(new ReconcileError('StackFailed', `the cluster has ended; its log ${logFile} ends:\n${words}`)),
    )
  }
  const abort = (): void => {
    reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)))
  }
  child.on('message', listen)
  child.once('exit', end)
  signal?.addEventListener('abort', abort, { once: true })
  if (child.exitCode !== null || child.signalCode !== null) end()
  if (signal?.aborted === true) abort()
  try {
    return await promise
  } finally {
    child.off('message', listen)
    child.off('exit', end)
    signal?.removeEventListener('abort', abort)
  }
}

function isOf<Kind extends Report['kind']>(told: Report, kind: Kind): told is Of<Kind> {
  return told.kind === kind
}

function rest(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

function wake(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}
